"""Calls to Postmark's API that manage an account: what they need, how often they are made, what a lost answer means."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal

from sendspec.esp.managing import Desk
from sendspec.esp.postmark.facts import API_HOST, DOCS
from sendspec.model.fact import Fact
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.trouble import Trouble
from sendspec.net.account_call import retry_after
from sendspec.net.http import Reply
from sendspec.net.json_reply import read_json

M = TypeVar("M", bound=BaseModel)
PAGE, MOST_PAGES = 500, 100
MOST_OCTETS = 8_000_000
"""A page of 500 servers with everything that is told of each is below 1 MB."""
SAID_LENGTH = 160
OK, UNAUTHORIZED, NOT_FOUND, UNPROCESSABLE, TOO_MANY, BROKEN, MAINTENANCE = 200, 401, 404, 422, 429, 500, 503
TRIES = 4
"""Of a call that found nobody or a broken server. One that is told to wait is made again for as long as is sensible."""
PASSING = frozenset({Trouble.UNREACHABLE, Trouble.TIMEOUT, Trouble.RESET, Trouble.UNRESOLVED})


class Code:
    """ErrorCodes. All come with status 422."""

    DKIM_IN_RENEWAL = 505
    DOMAIN_NOT_FOUND = 510
    DOMAIN_EXISTS = 512
    SERVER_EXISTS = 603
    MAY_NOT_DELETE_SERVERS = 604
    STREAM_NOT_FOUND = 1226
    STREAM_STAYS = 1229
    STREAM_EXISTS = 1230
    STREAM_PURGED = 1232
    NO_CUSTOM_UNSUBSCRIBE = 1238
    WEBHOOK_NOT_FOUND = 1352
    WEBHOOK_UNVERIFIED = 1364


ERROR_CODES = Fact(
    Code,
    f"{DOCS}/api/overview",
    date(2026, 11, 26),
    note="section API error codes, as public libraries and an emulator quote it row by row: the page itself could be read "
    "in parts only. Copies before 2026 lack 614 and 1350 to 1364. How a missing server is answered stands nowhere",
)


class Level(StrEnum):
    """Which token a call takes: its name in the spec."""

    ACCOUNT = "account_token"
    SERVER = "server_token"


HEADERS = {Level.ACCOUNT: "X-Postmark-Account-Token", Level.SERVER: "X-Postmark-Server-Token"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long Postmark is waited for. The total bounds the pauses between tries of one call."""

    call_seconds: float = 20.0
    first_pause_seconds: float = 0.5
    total_seconds: float = 60.0


class CallError(Exception):
    """A call that did not bring what it was made for. No text of it holds a secret."""

    def __init__(self, failure: Failure, said: str, fix: str = "", *, code: int = 0, status: int | None = None) -> None:
        super().__init__(said)
        self.failure, self.said, self.fix, self.code, self.status = failure, said, fix, code, status

    def is_about(self, *codes: int) -> bool:
        """Tell whether Postmark answered with one of these ErrorCodes."""
        return self.code in codes

    def says_missing(self, *codes: int) -> bool:
        """Tell whether what was asked for does not exist."""
        return self.status == NOT_FOUND or self.code in codes

    def outcome(self, native_id: str = "") -> Outcome:
        """Give it as what came of a change."""
        return Outcome(self.failure, self.said, self.fix, native_id)

    def unread(self, where: str) -> Unread:
        """Give it as what could not be looked at."""
        return Unread(where, self.said, self.fix)


class _Error(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)
    error_code: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """Postmark's API with the tokens of one account."""

    desk: Desk
    patience: Patience
    tokens: Mapping[Level, Secret | Unresolved]

    async def read(self, level: Level, path: str, model: type[M]) -> M:
        """Read something. Raises CallError."""
        return self._good(await self._make("GET", path, level, b"", is_change=False), model, level, is_change=False)

    async def change(self, level: Level, method: str, path: str, model: type[M], body: object = None) -> M:
        """Change something. Raises CallError; UNKNOWN where nobody knows whether it was done."""
        octets = b"" if body is None else json.dumps(body).encode()
        return self._good(await self._make(method, path, level, octets, is_change=True), model, level, is_change=True)

    def with_token(self, level: Level, token: Secret) -> "Api":
        """Give the API with another token."""
        return replace(self, tokens={**self.tokens, level: token})

    def has(self, level: Level) -> bool:
        """Tell whether there is a token."""
        return isinstance(self.tokens[level], Secret)

    async def _make(self, method: str, path: str, level: Level, body: bytes, *, is_change: bool) -> Reply:
        """Make a call as often as is sensible."""
        token = self.tokens[level]
        if isinstance(token, Unresolved):
            raise CallError(Failure.NEEDS, token.reason, token.fix)
        headers = [("Accept", "application/json"), (HEADERS[level], token.reveal())]
        if body:
            headers.insert(1, ("Content-Type", "application/json"))
        waited, tries = 0.0, 0
        while True:
            reply = await self.desk.http.call(
                method,
                f"https://{API_HOST.value}{path}",
                headers=headers,
                body=body,
                timeout_seconds=self.patience.call_seconds,
                max_octets=MOST_OCTETS,
            )
            tries += 1
            pause = self._pause(reply, tries, is_change=is_change)
            if pause is None or waited + pause > self.patience.total_seconds:
                return reply
            waited += pause
            await asyncio.sleep(pause)

    def _pause(self, reply: Reply, tries: int, *, is_change: bool) -> float | None:
        """Give the seconds to wait before the next try; None: there is none.

        What may have been done already is not sent again: a broken server, and an answer that was lost.
        """
        pause = self.patience.first_pause_seconds * float(2 ** min(tries - 1, 5))
        pause *= random.uniform(0.75, 1.25)  # noqa: S311 - so that many do not come back at once
        if reply.status in {TOO_MANY, MAINTENANCE}:
            told = retry_after(reply, self.desk.now())
            return pause if told is None else max((told - self.desk.now()).total_seconds(), pause)
        may_be_done = is_change and reply.was_sent
        return None if tries >= TRIES or may_be_done or not _is_passing(reply) else pause

    def _good(self, reply: Reply, model: type[M], level: Level, *, is_change: bool) -> M:
        lost = Failure.UNKNOWN if is_change and reply.was_sent else Failure.LATER
        if reply.trouble is Trouble.UNSENDABLE:
            raise CallError(Failure.NEEDS, f"{level} cannot be sent: {reply.detail}", f"renew what is kept as {level}")
        if reply.status is None:
            said = ": ".join(filter(None, (str(reply.trouble or ""), reply.detail)))
            raise CallError(lost, self._shown(f"api.postmarkapp.com: {said}"), "run it again")
        if reply.status == OK:
            found = read_json(reply.body, model)
            if found is None:
                fix = "see whether it is Postmark that answers, then run it again"
                raise CallError(lost, "an answer that is none of Postmark's", fix, status=OK)
            return found
        raise self._refusal(reply, level, lost)

    def _refusal(self, reply: Reply, level: Level, lost: Failure) -> CallError:
        status = reply.status or 0
        error = read_json(reply.body, _Error) or _Error()
        code = error.error_code
        words = f"{error.message} (ErrorCode {code})" if code else f"status {status}"
        said = self._shown(f"Postmark says: {words}")
        if status == UNAUTHORIZED:
            fix = f"{level} is not a token that Postmark knows: renew what is kept there, or name the right place"
            return CallError(Failure.NEEDS, said, fix, code=code, status=status)
        if status in {TOO_MANY, MAINTENANCE}:
            return CallError(Failure.LATER, said, "run it again in a few minutes", code=code, status=status)
        if status >= BROKEN:
            return CallError(lost, said, "run it again", code=code, status=status)
        return CallError(Failure.REFUSED, said, FIXES.get(code, ""), code=code, status=status)

    def _shown(self, text: str) -> str:
        return " ".join(self.desk.keeper.hide(text).split())[:SAID_LENGTH]


def _is_passing(reply: Reply) -> bool:
    """Tell whether another try may find what this one did not."""
    return reply.trouble in PASSING if reply.status is None else reply.status >= BROKEN


FIXES: Mapping[int, str] = {
    504: "a sender signature or domain like it exists in the account: look in Sender Signatures",
    Code.DOMAIN_EXISTS: "Postmark has the domain and does not list it: look in Sender Signatures, or ask its support",
    513: "the domain is in another Postmark account: remove it there, or name that account",
    602: "another server receives for that inbound domain: choose another, or take it off there",
    610: "publish the MX of the inbound domain first",
    614: "the plan of the Postmark account allows no more: raise it, or remove what is not used",
    1220: "ask Postmark's support to enable the Message Streams API for the account",
    1225: "a server may have 10 message streams, archived ones included until they are purged: use a second server",
    Code.STREAM_PURGED: "give the stream another id: `settings: {message_stream: ...}` on its routes",
    Code.NO_CUSTOM_UNSUBSCRIBE: "ask Postmark's support to allow custom unsubscribe handling for the account, or leave "
    "`unsubscribe:` to Postmark",
    1241: "try again later: Postmark does not archive the stream at this time",
    1350: "the message stream is archived: apply its own change first",
    1359: "remove webhooks of this message stream that nobody needs",
    Code.WEBHOOK_UNVERIFIED: "nothing was saved: Postmark posts a test event for each trigger that is on, with the basic "
    "auth, and each must be answered 200; let the receiver run, then apply again",
}
"""What to do about an ErrorCode, by code."""


async def open_api(desk: Desk, patience: Patience) -> Api:
    """Give the API with the tokens that the spec names; one that cannot be had is told when a call needs it."""
    account = desk.account
    named = {each.name: each for each in (*account.credentials, *account.manage)}
    tokens: dict[Level, Secret | Unresolved] = {}
    for level, section in ((Level.ACCOUNT, "manage"), (Level.SERVER, "credentials")):
        if level in named:
            tokens[level] = await desk.keeper.value(named[level].reference)
        else:
            reason = f"the spec names no {level} of {account.id}"
            tokens[level] = Unresolved(reason, f"say where it is kept: esps.{account.id}.{section}.{level}.from")
    return Api(desk, patience, tokens)


async def or_look(change: Awaitable[M], look: Callable[[], Awaitable[M | None]], taken: Collection[int] = ()) -> M:
    """Make a change; where its answer is lost, or where it was made before (`taken`), give what there is now.

    Raises CallError: that of the change, where nothing is seen of it.
    """
    try:
        return await change
    except CallError as error:
        if error.failure is not Failure.UNKNOWN and error.code not in taken:
            raise
        try:
            found = await look()
        except CallError:
            raise error from None
        if found is None:
            raise
        return found
