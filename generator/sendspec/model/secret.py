"""The value of a credential, in memory for as long as a live command needs it, and shown nowhere."""

from dataclasses import dataclass
from typing import Protocol

from sendspec.model.credential import Credential


class Secret:
    """A value that no text, comparison, traceback or pickle shows by accident. `reveal` gives it to whoever must send it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value: for a wire, never for a message."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        raise TypeError("a secret stays in the process that read it")


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A credential whose value could not be had. `reason` is a clause without any part of the value; `fix` says what to do."""

    reason: str
    fix: str = ""


class Secrets(Protocol):
    """Resolves references to values, each reference once."""

    async def get(self, credential: Credential) -> Secret | Unresolved:
        """Give the value that a credential's reference leads to. Never raises."""

    def hide(self, text: str) -> str:
        """Give text with every value resolved so far replaced: for what servers send back."""
