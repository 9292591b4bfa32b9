"""Alertmanager's mail receivers: one for each stream and route, and the script that completes them with secrets."""

from sendspec.targets.alertmanager.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="alertmanager",
    title="Prometheus Alertmanager",
    layer=Layer.APP,
    render=render,
    source="https://prometheus.io/docs/alerting/latest/configuration/, prometheus/alertmanager notify/email/email.go",
    proof=Proof.RUN,
    proved_with="Alertmanager 0.25.0",
    # It tries again after every error, a refused recipient too; each message opens a connection of its own.
    expresses=frozenset(
        {Feature.RETRY, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
    is_system=True,
    leaves_out=leaves_out,
)
