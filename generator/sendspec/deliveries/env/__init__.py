"""Variables of the environment, set by whatever starts the app: the targets' files name them."""

from sendspec.deliveries.interface import EVERY_SCHEME, Delivery, Proof
from sendspec.model.app import App
from sendspec.model.output_file import OutputFile


def render(_app: App) -> tuple[OutputFile, ...]:
    """Give nothing: each target's file names the variables it reads and where their values are kept."""
    return ()


DELIVERY = Delivery(
    id="env",
    title="environment variables that you set yourself",
    render=render,
    source="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html",
    schemes=EVERY_SCHEME,
    proof=Proof.RUN,
    proved_with="every target whose files are run",
)
