"""An account at an ESP."""

from dataclasses import dataclass

from pydantic import BaseModel

from sendspec.model.credential import Credential
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.origin import Origin
from sendspec.model.vocabulary import Capability


@dataclass(frozen=True, slots=True)
class Region:
    """Where an account lives, if its ESP has regions. `known` is False for a name the ESP does not list."""

    id: str
    known: bool
    choices: tuple[str, ...]
    origin: Origin
    source: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account at an ESP. `settings` is the ESP's own validated model: only that ESP's code looks inside.

    What stands in an ESP's place for an app, a relay or a catcher, is one with `is_esp` False and an empty `kind`.
    """

    id: str
    kind: str
    title: str
    settings: BaseModel
    region: Region | None
    credentials: tuple[Credential, ...]
    manage: tuple[Credential, ...]
    capabilities: frozenset[Capability]
    limits: Limits
    retry: RetryFacts
    managed: str
    streams: tuple[str, ...]
    origin: Origin
    dedicated_ips: bool = False
    is_esp: bool = True

    def credential(self, name: str) -> Credential | None:
        """Give the credential of that name, or None when the spec does not declare it."""
        return next((credential for credential in self.credentials if credential.name == name), None)
