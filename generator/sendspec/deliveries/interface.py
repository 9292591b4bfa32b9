"""What a delivery of credentials is to the rest of sendspec, and how to find one.

An app says `secrets: NAME`. The delivery writes what brings each credential, from where its value is kept, into the
variable that the app's other files read (`Credential.env`). References only: no value ever passes here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import cast

import sendspec.deliveries
from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.plugins import load_plugin, plugin_ids
from sendspec.spec.syntax import REFERENCE_SCHEMES
from sendspec.targets.interface import Proof

__all__ = ["EVERY_SCHEME", "Delivery", "Proof", "delivery_ids", "load_delivery"]

EVERY_SCHEME = frozenset(REFERENCE_SCHEMES)
"""For a delivery that does not mind where a value is kept."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way in which credentials reach an app.

    Attributes:
        id: Folder name (`_` written as `-`) and the word of `apps.X.secrets`.
        render: Pure; gives the files of one app in one environment, below `app.folder`, sorted by path. It goes through
            `app.credentials()`, writes those whose scheme it carries, and names the others in a comment with where they
            are kept: a rule reports them. None when there is nothing to write, for an app without credentials say.
        source: Where the format is described.
        schemes: Schemes of the references that it can carry: `op`, `aws-sm`.
        proof, proved_with: As those of a target.
    """

    id: str
    title: str
    render: Callable[[App], Iterable[OutputFile]]
    source: str
    schemes: frozenset[str]
    proof: Proof
    proved_with: str = ""


@cache
def delivery_ids() -> tuple[str, ...]:
    """Give the ids of all deliveries, sorted, without importing them."""
    return plugin_ids(sendspec.deliveries)


@cache
def load_delivery(delivery_id: str) -> Delivery:
    """Import one delivery. Raises KeyError for an id that no folder has."""
    if delivery_id not in delivery_ids():
        raise KeyError(delivery_id)
    return cast("Delivery", load_plugin(sendspec.deliveries, delivery_id, "DELIVERY"))
