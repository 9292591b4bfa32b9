"""Self-hosted Sentry: lines for sentry.conf.py, one file a route."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.sentry.render import leaves_out, render

TARGET = Target(
    id="sentry",
    title="Sentry",
    layer=Layer.APP,
    render=render,
    # Read on 2026-11-26: getsentry/sentry src/sentry/utils/email/send.py (commit 2fc468f), src/sentry/options/defaults.py,
    # src/sentry/runner/initializer.py; getsentry/self-hosted sentry/config.example.yml (commit 02b971a).
    source="https://develop.sentry.dev/self-hosted/configuration/mail/",
    proof=Proof.PARSED,
    proved_with="Python 3.11, which runs sentry.conf.py, and the SMTP backend of Django 5.2.19, which Sentry sends with",
    expresses=frozenset({Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
