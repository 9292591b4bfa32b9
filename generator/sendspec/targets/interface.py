"""What a target is to the rest of sendspec, and how to find one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import cast

import sendspec.targets
from sendspec.model.app import App, Binding
from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.plugins import load_plugin, plugin_ids


class Layer(StrEnum):
    """Where a spec asks for a target: `domains.X.dns.formats` or `apps.X.targets`."""

    DNS = "dns"
    APP = "app"


class Feature(StrEnum):
    """What an application target can express. What it cannot, its files say, with the way out."""

    API = "api"
    FAILOVER = "failover"
    RETRY = "retry"
    POOL = "pool"
    RATE = "rate"
    HEADERS = "headers"
    ENVELOPE_SENDER = "envelope-sender"
    STARTTLS = "starttls"
    IMPLICIT_TLS = "implicit-tls"
    RELAY = "relay"
    """Takes mail of other apps (`through:`) and hands it on."""


class Proof(StrEnum):
    """How it is known that the files are right; the value completes "its files are"."""

    RUN = "loaded and run by the real system in the tests"
    PARSED = "read by the system's own parser or schema in the tests"
    NOT_RUN = "not run: no test has loaded them into the real system"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A route, a stream or a value of an app that a target's files do not have, though the spec is complete.

    What is pending, and a route over an API that the target does not speak, other rules say.

    Attributes:
        bindings: The route, or the routes of the stream or value; never empty.
        reason: A clause for the files and for the finding: `receipts.fallback (ses) is left out: ...`.
        fix: What to write in the spec instead.
        is_whole: The routes are not in the files at all; False for a value of theirs.
        at: Where the spec says the value, for a value that the format cannot hold.
        is_left_to_app: The files say it, and the app or whoever runs the system can see to it: to be known, no fault.
    """

    bindings: tuple[Binding, ...]
    reason: str
    fix: str = ""
    is_whole: bool = True
    at: Origin | None = None
    is_left_to_app: bool = False


def nothing(_: App) -> Iterable[LeftOut]:
    """Give nothing: for a target that writes all that it is given."""
    return ()


@dataclass(frozen=True, slots=True)
class Target:
    """One output format.

    Attributes:
        id: Folder name (`_` written as `-`) and the word in the spec.
        render: Pure; gives the files of every zone or app that asks for this target, sorted by path.
        expresses: Application targets only.
        api_library: For a target that speaks to APIs through a library only: its key in `Esp.clients`. It writes an API
            route where the ESP has that entry.
        is_system: A finished system loads these files and nothing else of the app: what they lack, no other target of the
            app makes good. Else code of the app's own does, which can load the files of several.
        leaves_out: What of an app its files leave out; `apps-target-leaves-out` reports it.
        source: Where the format is described.
        proof: How its files are proved. Those of NOT_RUN say so in the first line behind the header
            (`app_notes.NOT_RUN`).
        proved_with: With what: `nodemailer 10.6.0`; empty for NOT_RUN.
    """

    id: str
    title: str
    layer: Layer
    render: Callable[[Setup], Iterable[OutputFile]]
    source: str
    proof: Proof
    proved_with: str = ""
    expresses: frozenset[Feature] = field(default_factory=frozenset)
    api_library: str = ""
    is_system: bool = False
    leaves_out: Callable[[App], Iterable[LeftOut]] = nothing


@cache
def target_ids() -> tuple[str, ...]:
    """Give the ids of all targets, sorted, without importing them."""
    return plugin_ids(sendspec.targets)


@cache
def load_target(target_id: str) -> Target:
    """Import one target. Raises KeyError for an id that no folder has."""
    if target_id not in target_ids():
        raise KeyError(target_id)
    return cast("Target", load_plugin(sendspec.targets, target_id, "TARGET"))
