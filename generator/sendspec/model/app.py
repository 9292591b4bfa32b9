"""A system that sends, and what it reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Via


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable of an app.

    Exactly one of `value` (not secret, set in the files) and `credential` (named in a comment, never set) is given.
    `because` says what the number or the name comes from.
    """

    name: str
    value: str | None
    credential: Credential | None
    because: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Binding:
    """One route of one stream as an app uses it. `prefix` starts its variables: `MAIL_RECEIPTS_PRIMARY`."""

    stream: Stream
    route: Route
    account: Account
    prefix: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class App:
    """A system that sends. `bindings` are sorted by stream as declared, primary first.

    `rtt_ms` is the round trip to the ESP, `is_cold` whether each send starts a new process; None where unsaid.
    """

    id: str
    speaks: tuple[Via, ...]
    targets: tuple[str, ...]
    bindings: tuple[Binding, ...]
    through: str
    smoke_test: tuple[str, ...]
    origin: Origin
    rtt_ms: int | None = None
    is_cold: bool | None = None
    blocked_ports: tuple[int, ...] = ()
    environments: tuple[str, ...] = ()

    def variables(self) -> Iterator[Variable]:
        """Give every variable once, in the order of the bindings."""
        seen: set[str] = set()
        for binding in self.bindings:
            for variable in binding.variables:
                if variable.name not in seen:
                    seen.add(variable.name)
                    yield variable
