"""An env file of 1Password references, which `op run` resolves when it starts the app."""

from sendspec.deliveries.interface import Delivery, Proof
from sendspec.deliveries.onepassword.render import SCHEME, render

DELIVERY = Delivery(
    id="onepassword",
    title="1Password env file for `op run`",
    render=render,
    source="https://developer.1password.com/docs/cli/secrets-environment-variables/",
    schemes=frozenset({SCHEME}),
    proof=Proof.NOT_RUN,  # `op` cannot be had without an account; tests read the file with python-dotenv
)
