"""Postfix as the relay of an app that speaks only SMTP or sendmail: one transport a stream, failover included."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.postfix.render import render
from sendspec.targets.postfix.services import leaves_out

TARGET = Target(
    id="postfix",
    title="Postfix relay",
    layer=Layer.APP,
    render=render,
    source="https://www.postfix.org/postconf.5.html, https://www.postfix.org/SASL_README.html",
    proof=Proof.RUN,
    proved_with="Postfix 3.7.11",
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
