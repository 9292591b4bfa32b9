"""A call before it is made: its URL read, its headers in octets."""

from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from sendspec import __version__
from sendspec.model.trouble import Trouble
from sendspec.net.http import Reply


@dataclass(frozen=True, slots=True)
class Request:
    """A call that can be sent."""

    method: str
    url: httpx.URL
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def host(self) -> str:
        """Give the host in ASCII (RFC 5891)."""
        return self.url.raw_host.decode("ascii")

    @property
    def port(self) -> int:
        """Give the port, 443 where the URL names none."""
        return self.url.port or 443


def read_request(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Request | Reply:
    """Encode a call. What cannot be sent is said without showing it: it may be a key."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return Reply(None, Trouble.UNSENDABLE, detail="the address is no URL")
    if parsed.scheme != "https" or not parsed.raw_host:
        return Reply(None, Trouble.UNSENDABLE, detail="the address is not https://host/...")
    ours = {"host": parsed.netloc.decode("ascii"), "user-agent": f"sendspec/{__version__}"}
    if body or method not in {"GET", "HEAD"}:
        ours["content-length"] = str(len(body))
    given = dict(headers)
    named = {name.lower() for name in given}
    lines = [(name, value) for name, value in ours.items() if name not in named] + list(given.items())
    try:
        encoded = tuple((name.encode("ascii"), value.encode("ascii")) for name, value in lines)
    except UnicodeEncodeError:
        return Reply(None, Trouble.UNSENDABLE, detail="a header holds a character that HTTP does not allow")
    return Request(method, parsed, encoded, body)
