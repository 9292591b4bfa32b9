"""Exim as the relay of an app that speaks only SMTP or sendmail: one transport a stream, failover included."""

from sendspec.targets.exim.render import render
from sendspec.targets.exim.streams import leaves_out
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="exim",
    title="Exim relay",
    layer=Layer.APP,
    render=render,
    source="https://www.exim.org/exim-html-current/doc/html/spec_html/ (chapters 20, 30, 32, 34; read 2026-11-26)",
    proof=Proof.RUN,
    proved_with="Exim 4.96",
    # It queues, so it retries by itself; it limits connections, never messages a second; it speaks no ESP's API.
    expresses=frozenset(
        {
            Feature.FAILOVER,
            Feature.RETRY,
            Feature.POOL,
            Feature.HEADERS,
            Feature.ENVELOPE_SENDER,
            Feature.STARTTLS,
            Feature.IMPLICIT_TLS,
            Feature.RELAY,
        }
    ),
    is_system=True,
    leaves_out=leaves_out,
)
