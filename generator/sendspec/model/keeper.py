"""What managing an account needs of secrets and of AWS, as protocols: the edges come in as arguments."""

from collections.abc import Sequence
from typing import Protocol

from sendspec.model.secret import Secret, Unresolved


class Keeper(Protocol):
    """Fills in and keeps secrets while an account is managed. Never raises; no text of it holds a value."""

    async def value(self, reference: str) -> Secret | Unresolved:
        """Give the secret at a reference (`aws-sm://prod/mail/ses#password`)."""

    async def input(self, name: str) -> Secret | Unresolved:
        """Give what a person gave for `${input:NAME}`."""

    async def keep(self, reference: str, secret: Secret) -> Unresolved | None:
        """Write a secret to its store; None when it is there."""

    async def keep_all(self, secrets: Sequence[tuple[str, Secret]]) -> Unresolved | None:
        """Write several secrets, (reference, secret) in this order; those of one place in one step where its store can.

        None when all are there. Otherwise some may be: ask for them again.
        """

    def cover(self, secret: Secret) -> None:
        """Hide a secret from now on, as one that was met: it was made just now, and is kept nowhere yet."""

    def hide(self, text: str) -> str:
        """Give text with every secret met so far replaced."""


class MissingKeyError(Exception):
    """The key that the spec names could not be had. The core catches it: what it was for is not looked at."""

    def __init__(self, name: str, unresolved: Unresolved) -> None:
        """Take the credential's name, and why it could not be had."""
        super().__init__(name)
        self.name, self.unresolved = name, unresolved


class Aws(Protocol):
    """Makes boto3 clients with the account's managing credentials, or the machine's own."""

    def __call__(self, service: str, region: str) -> object:
        """Give the client of a service, as boto3 makes it. Blocking: call it, and its methods, in a thread.

        Raises:
            MissingKeyError: the spec names a key that could not be had.
        """
