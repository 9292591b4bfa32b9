"""HTTPS as live checks use it: no redirects followed, small answers, every trouble a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

NO_HEADERS: Mapping[str, str] = {}


class Trouble(StrEnum):
    """What kept an answer away."""

    NO_ADDRESS = "its name has no address"
    NOT_PUBLIC = "its address is not public"
    UNREACHABLE = "it cannot be reached"
    TIMEOUT = "no answer in time"
    RESET = "the connection was closed without an answer"
    CERTIFICATE_EXPIRED = "its certificate has expired"
    CERTIFICATE_NAME = "its certificate is for another name"
    CERTIFICATE_CHAIN = "its certificate comes from nobody we trust"
    TLS = "TLS cannot be agreed on"
    MALFORMED = "something that is no HTTP answer"
    TOO_LARGE = "an answer without end"
    STOPPED = "not asked"


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
    """

    status: int | None
    trouble: Trouble | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    body: bytes = b""
    detail: str = ""
    seconds: float = 0.0
    address: str = ""
    certificate_days: int | None = None


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
