"""Symfony Mailer: a DSN for each stream with its failover, and what goes with every message."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.php import names_left_out
from sendspec.targets.symfony.render import render
from sendspec.targets.symfony.transports import LIBRARY

TARGET = Target(
    id="symfony",
    title="Symfony Mailer",
    layer=Layer.APP,
    render=render,
    source="https://symfony.com/doc/current/mailer.html, symfony/symfony src/Symfony/Component/Mailer (7.2, read 2026-11-26)",
    proof=Proof.RUN,
    proved_with="Symfony FrameworkBundle and Mailer 5.4.53, with the processor `urlencode:` of 6.4 added by the test; 5.4 does"
    " not know `require_tls` (7.3), `auto_tls` (7.1) and `max_per_second` (6.2) and passes over them",
    # Messenger tries again after every error, a refused recipient too, so trying again is left to the app.
    expresses=frozenset(
        {
            Feature.API,
            Feature.FAILOVER,
            Feature.RATE,
            Feature.HEADERS,
            Feature.ENVELOPE_SENDER,
            Feature.STARTTLS,
            Feature.IMPLICIT_TLS,
        }
    ),
    api_library=LIBRARY,
    leaves_out=names_left_out,
)
