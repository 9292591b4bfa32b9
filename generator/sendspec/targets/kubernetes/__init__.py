"""A ConfigMap with everything that is no secret, and a patch that brings it and the Secret into a Deployment."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.kubernetes.render import render

TARGET = Target(
    id="kubernetes",
    title="Kubernetes ConfigMap and Deployment",
    layer=Layer.APP,
    render=render,
    source="https://kubernetes.io/docs/concepts/configuration/configmap/,"
    " https://kubernetes.io/docs/tasks/inject-data-application/distribute-credentials-secure/",
    proof=Proof.PARSED,
    proved_with="kubectl 1.32 (create --dry-run=client, patch --local), the schema of Kubernetes 1.34 by kubernetes-validate",
    # It names what a client is given for each route. What a client does over time, with the numbers it names, is the app's.
    expresses=frozenset(
        {Feature.API, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
)
