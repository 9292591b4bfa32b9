"""Grafana's `[smtp]` section and static headers, one file a route."""

from sendspec.targets.grafana.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="grafana",
    title="Grafana",
    layer=Layer.APP,
    render=render,
    # Read on 2026-11-26: grafana/grafana pkg/setting/setting_smtp.go, pkg/setting/expanders.go,
    # pkg/services/notifications/smtp.go.
    source="https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#smtp",
    proof=Proof.PARSED,
    proved_with="gopkg.in/ini.v1 1.66.2, with which Grafana reads, and gopkg.in/mail.v2 2.3.1, with which it sends",
    expresses=frozenset({Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
