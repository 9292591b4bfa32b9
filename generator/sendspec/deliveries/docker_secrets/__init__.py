"""Secrets of a Compose file: a file in the container for each credential, and a variable that names it."""

from sendspec.deliveries.docker_secrets.render import SCHEMES, render
from sendspec.deliveries.interface import Delivery, Proof

DELIVERY = Delivery(
    id="docker-secrets",
    title="secrets of Docker Compose",
    render=render,
    source="https://docs.docker.com/reference/compose-file/secrets/",
    schemes=frozenset(SCHEMES),
    proof=Proof.PARSED,
    proved_with="the Compose specification's schema, as check-jsonschema 0.39.0 has it, and docker-compose 1.29",
)
