"""HTTPS as live checks use it: no redirects followed, small answers, every trouble a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sendspec.model.trouble import Trouble

__all__ = ["NO_HEADERS", "Http", "Reply", "Trouble"]

NO_HEADERS: Mapping[str, str] = {}
LONGEST_SECONDS = 60.0
"""What no call may exceed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a call: an answer (`status` is set), or a trouble.

    Attributes:
        headers: Names lowercase.
        body: At most as much as was allowed.
        detail: The trouble in the words of whoever met it, without any secret.
        seconds: From the first packet to the last.
        address: Who answered: IP address; empty when nobody was reached.
        certificate_days: How long the certificate is still valid; None without one.
        was_sent: The call had begun to leave when it ended: without an answer nobody knows what became of it.
    """

    status: int | None
    trouble: Trouble | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    body: bytes = b""
    detail: str = ""
    seconds: float = 0.0
    address: str = ""
    certificate_days: int | None = None
    was_sent: bool = False


class Http(Protocol):
    """Calls over https. Never raises for what the world does."""

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        timeout_seconds: float = 15.0,
        max_octets: int = 1_000_000,
    ) -> Reply:
        """Make one call. Follows no redirect, keeps no cookie, and sends `headers` to this host alone."""
