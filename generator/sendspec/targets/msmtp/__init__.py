"""msmtp for cron, scripts and PHP's `mail()`: an account a route, chosen by name, by envelope sender or by a variable."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.msmtp.accounts import leaves_out
from sendspec.targets.msmtp.render import render

TARGET = Target(
    id="msmtp",
    title="msmtp",
    layer=Layer.APP,
    render=render,
    source="https://marlam.de/msmtp/msmtp.html; msmtp(1) of Debian 12 (1.8.23, read 2026-11-26)",
    proof=Proof.RUN,
    proved_with="msmtp 1.8.23",
    # It sends once, over one connection a message: no queue, no second try, no fallback; headers are the message's own.
    expresses=frozenset({Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
