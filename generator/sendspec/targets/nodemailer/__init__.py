"""Transport options for nodemailer, as an ES module that reads secrets from the environment."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.nodemailer.render import render
from sendspec.targets.nodemailer.transports import LIBRARY

TARGET = Target(
    id="nodemailer",
    title="nodemailer transports",
    layer=Layer.APP,
    render=render,
    source="https://nodemailer.com/smtp/, https://nodemailer.com/smtp/pooled, https://nodemailer.com/transports/ses",
    proof=Proof.RUN,
    proved_with="nodemailer 10.6.0",
    # It neither retries a message nor fails over: the module carries order and numbers as data.
    expresses=frozenset(
        {
            Feature.API,
            Feature.POOL,
            Feature.RATE,
            Feature.HEADERS,
            Feature.ENVELOPE_SENDER,
            Feature.STARTTLS,
            Feature.IMPLICIT_TLS,
        }
    ),
    api_library=LIBRARY,
)
