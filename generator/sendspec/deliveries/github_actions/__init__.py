"""Secrets of GitHub Actions: what a job's environment takes from the secrets of a deployment environment."""

from sendspec.deliveries.github_actions.render import render
from sendspec.deliveries.interface import EVERY_SCHEME, Delivery, Proof

DELIVERY = Delivery(
    id="github-actions",
    title="secrets of GitHub Actions, which you fill",
    render=render,
    source="https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-secrets",
    # A person moves each value once, from wherever it is kept.
    schemes=EVERY_SCHEME,
    proof=Proof.PARSED,
    proved_with="the schema of workflows of SchemaStore, as check-jsonschema 0.39.0 has it",
)
