"""An ESP's API as rehearsals and tests meet it: calls in, answers out, state in between, no socket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from sendspec.model.credential import Credential
from sendspec.model.setup import Setup

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call as a server reads it. `path` is as it came, `query` decoded; header names are lowercase."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    body: bytes = b""

    def parameter(self, name: str) -> str | None:
        """Give the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """An answer to write. The length of the body is the server's to say."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class EventPost:
    """What an ESP posts to a webhook, as it authenticates itself there."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class StandIn(Protocol):
    """The API of one ESP, for all accounts of a setup there. Not for several threads."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Give the names it answers for, sorted."""

    def answer(self, call: ApiCall) -> ApiAnswer:
        """Answer a call as the ESP does, refusals included. Never raises."""

    def fault(self, status: int) -> ApiAnswer:
        """Give the ESP's own answer for a status: 401, 403, 422, 429, 500. Raises KeyError for others."""

    def take_events(self) -> tuple[EventPost, ...]:
        """Give the posts that mail sent since the last time leads to, and forget them."""

    def take_mail(self, credential_id: str, sender: str, recipient: str, headers: Mapping[str, str]) -> None:
        """Hear of a message that came by SMTP, so that its events follow as if it had come here."""


@dataclass(frozen=True, slots=True)
class StandInMaker:
    """How to set up the stand-in of an ESP.

    Attributes:
        value: A value of the shape this ESP gives out, for a credential: made up, the same every time.
        make: Takes the setup, the values by credential id, and the time of day; the accounts are as the setup
            declares them.
    """

    id: str
    value: Callable[[Credential], str]
    make: Callable[[Setup, Mapping[str, str], Callable[[], datetime]], StandIn]
