"""Calls to Cloudflare's API v4: every trouble is a value, and what it asks to wait is waited.

Source: https://developers.cloudflare.com/fundamentals/api/reference/limits/ (1,200 calls in five minutes a token, then
429 with Retry-After in seconds) and https://developers.cloudflare.com/api/, read 2026-11-26. Its error codes are
documented nowhere as a whole; those below are as clients of it have met them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlencode

from pydantic import BaseModel, Field, JsonValue

from sendspec.hosts.interface import HostDesk
from sendspec.hosts.patience import Patience
from sendspec.model.live import Failure
from sendspec.model.secret import Secret, Unresolved
from sendspec.net.http import Reply
from sendspec.net.json_reply import read_json

BASE = "https://api.cloudflare.com/client/v4"
TOKEN, TOKEN_REFERENCE = "api_token", "env://CLOUDFLARE_API_TOKEN"
MAX_OCTETS = 8_000_000
"""A page of 100 records, each as long as Cloudflare lets one be, is an eighth of it."""
SAID_LENGTH = 200
OK, UNAUTHORIZED, FORBIDDEN, TOO_MANY, FIRST_SERVER_ERROR = 200, 401, 403, 429, 500
AUTHENTICATION = frozenset({6003, 6111, 9103, 9106, 9109, 10000, 10001})
"""Headers that are none, a token that is none, or one without the right."""
RIGHTS = "give the API token the permissions Zone > Zone > Read and Zone > DNS > Edit for this zone"


class Trouble(Enum):
    """What kept an answer away, as far as it matters what is done next."""

    REFUSED = auto()
    FORBIDDEN = auto()
    NO_CREDENTIAL = auto()
    BUSY = auto()
    NOT_SENT = auto()
    LOST = auto()
    """It was asked, and nobody knows what became of it."""


class ApiError(BaseModel):
    """One reason of a refusal."""

    code: int = 0
    message: str = ""


class PageInfo(BaseModel):
    """Which page of a list an answer is."""

    page: int = 1
    per_page: int = 0
    count: int = 0
    total_pages: int | None = None
    total_count: int | None = None


class Envelope(BaseModel):
    """What every answer is wrapped in."""

    success: bool
    errors: list[ApiError] = Field(default_factory=list)
    result: JsonValue = None
    result_info: PageInfo | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a call."""

    trouble: Trouble | None = None
    envelope: Envelope | None = None
    words: str = ""
    cure: str = ""

    @property
    def codes(self) -> frozenset[int]:
        """Give the codes of the errors."""
        return frozenset(error.code for error in self.envelope.errors) if self.envelope else frozenset()

    @property
    def failure(self) -> Failure:
        """Give why a change did not come about."""
        return {
            Trouble.REFUSED: Failure.REFUSED,
            Trouble.LOST: Failure.UNKNOWN,
            Trouble.FORBIDDEN: Failure.NEEDS,
            Trouble.NO_CREDENTIAL: Failure.NEEDS,
        }.get(self.trouble or Trouble.BUSY, Failure.LATER)

    @property
    def fix(self) -> str:
        """Say what to do about it."""
        return self.cure or {
            Trouble.FORBIDDEN: RIGHTS,
            Trouble.BUSY: "run it again in five minutes",
            Trouble.NOT_SENT: "see that this machine reaches api.cloudflare.com, and run it again",
            Trouble.LOST: "run `sendspec plan`: it reads what is there",
        }.get(self.trouble or Trouble.REFUSED, "run `sendspec plan` again")


async def ask(
    desk: HostDesk,
    patience: Patience,
    method: str,
    path: str,
    query: Mapping[str, str | int] | None = None,
    body: Mapping[str, object] | None = None,
) -> Told:
    """Make a call, again while Cloudflare has too much to do. A change that was lost is not sent again."""
    token = await _token(desk)
    if isinstance(token, Unresolved):
        cure = token.fix or f"put an API token where `dns.manage.{TOKEN}` says; default {TOKEN_REFERENCE}"
        return Told(Trouble.NO_CREDENTIAL, words=f"no API token: {token.reason}", cure=cure)
    headers = [("Authorization", f"Bearer {token.reveal()}"), ("Accept", "application/json")]
    if body is not None:
        headers.append(("Content-Type", "application/json"))
    url = f"{BASE}{path}{f'?{urlencode(query)}' if query else ''}"
    content = b"" if body is None else json.dumps(body).encode()
    waits = patience.start()
    while True:
        reply = await desk.http.call(method, url, headers=headers, body=content, max_octets=MAX_OCTETS)
        told = _told(desk, reply, is_read=method == "GET")
        is_again = told.trouble in {Trouble.BUSY, Trouble.NOT_SENT} or (
            told.trouble is Trouble.LOST and method == "GET"
        )
        if not is_again or not await waits.before_next(_asked_seconds(reply)):
            return told


async def _token(desk: HostDesk) -> Secret | Unresolved:
    said = (credential.reference for credential in desk.zone.manage if credential.name == TOKEN)
    return await desk.keeper.value(next(said, TOKEN_REFERENCE))


def _told(desk: HostDesk, reply: Reply, *, is_read: bool) -> Told:
    envelope = read_json(reply.body, Envelope)
    if reply.status is None:
        is_lost = reply.was_sent
        return Told(
            Trouble.LOST if is_lost else Trouble.NOT_SENT, words=_short(desk, f"{reply.trouble}: {reply.detail}")
        )
    if reply.status == OK and envelope is not None and envelope.success:
        return Told(envelope=envelope)
    words = _short(desk, _words(envelope.errors if envelope else ()) or f"status {reply.status}")
    codes = {error.code for error in envelope.errors} if envelope else set()
    if reply.status == TOO_MANY:
        trouble = Trouble.BUSY
    elif reply.status in {UNAUTHORIZED, FORBIDDEN} or codes & AUTHENTICATION:
        trouble = Trouble.FORBIDDEN
    elif reply.status >= FIRST_SERVER_ERROR or (reply.status == OK and envelope is None and not is_read):
        trouble = Trouble.LOST
    else:
        trouble = Trouble.REFUSED
    return Told(trouble, envelope, words)


def _words(errors: Sequence[ApiError]) -> str:
    return "; ".join(f"{error.message} ({error.code})" for error in errors)


def _asked_seconds(reply: Reply) -> float:
    text = reply.headers.get("retry-after", "")
    return float(text[:9]) if text.isascii() and text.isdecimal() else 0.0


def _short(desk: HostDesk, text: str) -> str:
    return " ".join(desk.keeper.hide(text).split())[:SAID_LENGTH]
