"""An ESP's API as rehearsals and tests meet it: calls in, answers out, state in between, no socket."""

import hashlib
import json
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol
from urllib.parse import unquote

from sendspec.model.credential import Credential
from sendspec.model.setup import Setup

NOTHING: Mapping[str, str] = MappingProxyType({})
LETTERS = string.ascii_letters + string.digits


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


@dataclass(frozen=True, slots=True)
class TakenMail:
    """A message as an SMTP server took it: envelope, and the header fields it came with (names lowercase)."""

    sender: str
    recipients: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)


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

    def take_mail(self, login: tuple[str, str], message: TakenMail) -> str:
        """Take a message that came by SMTP from `login` (user name, password), and give what is said after `250 `."""


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


JSON = (("Content-Type", "application/json"),)


def json_answer(status: int, value: object, *headers: tuple[str, str]) -> ApiAnswer:
    """Give an answer whose body is JSON."""
    return ApiAnswer(status, (*JSON, *headers), json.dumps(value).encode())


def parts_of(path: str, pattern: str) -> tuple[str, ...] | None:
    """Give what stands where `pattern` (`/messages/{id}/details`) has braces, decoded; None for another path."""
    expression = "([^/]+)".join(re.escape(part) for part in re.split(r"\{[^}]+\}", pattern))
    match = re.fullmatch(expression, path)
    return tuple(unquote(part) for part in match.groups()) if match else None


def made_up(length: int, *seed: str, letters: str = LETTERS) -> str:
    """Give letters that look random and are the same for the same seed."""
    number = int.from_bytes(hashlib.shake_256("\0".join(seed).encode()).digest(length))
    found = []
    for _ in range(length):
        number, place = divmod(number, len(letters))
        found.append(letters[place])
    return "".join(found)
