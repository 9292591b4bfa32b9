"""Mattermost: `MM_EMAILSETTINGS_*` of its service in a Compose file, one file a route."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.mattermost.render import leaves_out, render

TARGET = Target(
    id="mattermost",
    title="Mattermost",
    layer=Layer.APP,
    render=render,
    # Read on 2026-11-26: mattermost/mattermost server/platform/shared/mail/mail.go (commit 1fcd1cb).
    source="https://docs.mattermost.com/configure/environment-configuration-settings.html#smtp",
    proof=Proof.NOT_RUN,
    # It goes on where STARTTLS fails, but then refuses to log in: net/smtp of Go wants TLS for PLAIN, its own code for LOGIN.
    expresses=frozenset({Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
