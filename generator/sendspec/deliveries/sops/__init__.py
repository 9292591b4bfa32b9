"""A file that SOPS keeps encrypted beside the code: its names without values, and the rule that encrypts it."""

from sendspec.deliveries.interface import EVERY_SCHEME, Delivery, Proof
from sendspec.deliveries.sops.render import render

DELIVERY = Delivery(
    id="sops",
    title="file encrypted with SOPS, which you fill",
    render=render,
    source="https://getsops.io/docs/",
    # A person moves each value once, from wherever it is kept.
    schemes=EVERY_SCHEME,
    proof=Proof.RUN,
    proved_with="sops 3.11.0 with age 1.1.1",
)
