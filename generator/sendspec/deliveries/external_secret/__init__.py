"""An ExternalSecret: the External Secrets Operator reads the stores and keeps a Kubernetes Secret up to date."""

from sendspec.deliveries.external_secret.render import STORES, render
from sendspec.deliveries.interface import Delivery, Proof

DELIVERY = Delivery(
    id="external-secret",
    title="Kubernetes Secret by the External Secrets Operator",
    render=render,
    source="https://external-secrets.io/latest/api/externalsecret/",
    schemes=frozenset(STORES),
    proof=Proof.PARSED,
    proved_with="the schema of external-secrets.io/v1 by @kubernetes-models/external-secrets 2.0.0",
)
