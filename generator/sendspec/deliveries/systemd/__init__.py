"""Credentials of a systemd unit: a file that this service alone can read, and a variable that names it."""

from sendspec.deliveries.interface import EVERY_SCHEME, Delivery, Proof
from sendspec.deliveries.systemd.render import render

DELIVERY = Delivery(
    id="systemd",
    title="credentials of a systemd unit",
    render=render,
    source="https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Credentials,"
    " https://systemd.io/CREDENTIALS/",
    # A file is read where it is; a person encrypts any other value once, from wherever it is kept.
    schemes=EVERY_SCHEME,
    proof=Proof.PARSED,
    proved_with="systemd-analyze verify and systemd-creds of systemd 252",
)
