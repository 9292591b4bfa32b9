"""Calls to SendGrid with the key that manages an account: patient as SendGrid asks, and within a minute.

What may be repeated without harm is repeated. What makes something is sent again only when SendGrid said that it was not
done; where its answer is lost, a look tells.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from sendspec.esp.managing import Desk
from sendspec.esp.sendgrid.account import RESET
from sendspec.esp.sendgrid.calling import MANAGEMENT_KEY, base_url, call_headers
from sendspec.model.live import Failure
from sendspec.model.request import PLACEHOLDER
from sendspec.model.secret import Secret, Unresolved
from sendspec.net.http import Reply, Trouble
from sendspec.net.json_reply import read_json

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]
ATTEMPTS = 5
LONGEST_SECONDS = 60.0
"""What one call may take with all its repetitions, waiting included."""
FIRST_SECONDS = 0.5
JITTER_SECONDS = 0.5
SAID_LENGTH = 160
OK, CREATED, NO_CONTENT = 200, 201, 204
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY = 400, 401, 403, 404, 409, 429
FIRST_SERVER_ERROR = 500
PASSING = frozenset({Trouble.TIMEOUT, Trouble.RESET, Trouble.UNREACHABLE, Trouble.UNRESOLVED, Trouble.MALFORMED})
"""What may be otherwise a moment later."""


class CallError(Exception):
    """A call that did not lead to what it was made for. `said` is short, and holds no secret."""

    def __init__(self, failure: Failure, said: str, fix: str = "", status: int | None = None) -> None:
        super().__init__(said)
        self.failure = failure
        self.said = said
        self.fix = fix
        self.status = status


class _Error(BaseModel):
    message: str = ""


class _Errors(BaseModel):
    errors: list[_Error]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `scope` is what the key needs for it; `is_repeatable`: twice does what once does.

    A body may hold a secret that a person gave, so no repr shows it.
    """

    method: str
    path: str
    scope: str
    body: object = field(default=None, repr=False)
    as_parent: bool = False
    is_repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls for one account. `pause` waits."""

    desk: Desk
    reference: str
    key: Secret = field(repr=False)
    pause: Pause = asyncio.sleep

    async def read(self, path: str, model: type[M], scope: str, *, as_parent: bool = False) -> M:
        """Read something. Raises CallError for anything but the answer that SendGrid documents."""
        found = await self.read_if_there(path, model, scope, as_parent=as_parent)
        if found is None:
            raise CallError(Failure.REFUSED, f"SendGrid does not know {path}", status=NOT_FOUND)
        return found

    async def read_if_there(self, path: str, model: type[M], scope: str, *, as_parent: bool = False) -> M | None:
        """Read something that may not exist. Raises CallError."""
        call = Call("GET", path, scope, as_parent=as_parent)
        reply = await self._exchange(call)
        if reply.status == NOT_FOUND:
            return None
        if reply.status != OK:
            raise self._error(call, reply)
        found = read_json(reply.body, model)
        if found is None:
            raise CallError(
                Failure.REFUSED, f"GET {_bare(path)} is answered with something else than SendGrid documents"
            )
        return found

    async def change(self, call: Call) -> Reply:
        """Make a call that may be repeated: it sets something, or takes it away. What is gone already is gone.

        Raises CallError.
        """
        reply = await self._exchange(call)
        if _is_good(reply) or (call.method == "DELETE" and reply.status == NOT_FOUND):
            return reply
        raise self._error(call, reply)

    async def make(
        self, call: Call, read: Callable[[bytes], T | None], find: Callable[[], Awaitable[T | None]]
    ) -> tuple[T, bool]:
        """Make something that `find` would find; give it, and whether it is new.

        Raises CallError. UNKNOWN means: no answer came, and it is not there, or not there yet.
        """
        for attempt in range(ATTEMPTS):
            reply = await self._exchange(call)
            made = read(reply.body) if _is_good(reply) else None
            if made is not None:
                return made, True
            if reply.status in {UNAUTHORIZED, FORBIDDEN, TOO_MANY} or not (reply.was_sent or reply.status):
                break
            existing = await find()
            if existing is not None:
                return existing, False
            if reply.status is None or reply.status < FIRST_SERVER_ERROR:
                break
            await self.pause(_backoff(attempt))
        raise self._error(call, reply, was_looked_for=True)

    async def fill(self, value: object) -> object:
        """Put in what placeholders stand for: `${secret:REF}`, `${input:NAME}`. For a wire only. Raises CallError."""
        if isinstance(value, Mapping):
            return {name: await self.fill(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [await self.fill(each) for each in value]
        if isinstance(value, str):
            for name in PLACEHOLDER.findall(value):
                value = value.replace(f"${{{name}}}", (await self._stands_for(name)).reveal())
        return value

    async def _stands_for(self, name: str) -> Secret:
        kind, _, rest = name.partition(":")
        keeper = self.desk.keeper
        found = await (keeper.value(rest) if kind == "secret" else keeper.input(rest))
        if isinstance(found, Unresolved):
            raise CallError(Failure.NEEDS, f"{rest}: {found.reason}", found.fix)
        return found

    async def _exchange(self, call: Call) -> Reply:
        account = self.desk.account
        headers = call_headers(account, self.key.reveal(), as_parent=call.as_parent, has_body=call.body is not None)
        url = base_url(account, as_parent=call.as_parent) + call.path
        body = b"" if call.body is None else json.dumps(call.body).encode()
        spent = 0.0
        for attempt in range(ATTEMPTS):
            reply = await self.desk.http.call(
                call.method, url, headers=(("Accept", "application/json"), *headers), body=body
            )
            wait = self._wait(call, reply, attempt)
            spent += reply.seconds + (wait or 0)
            if wait is None or spent > LONGEST_SECONDS or attempt + 1 == ATTEMPTS:
                break
            await self.pause(wait)
        return reply

    def _wait(self, call: Call, reply: Reply, attempt: int) -> float | None:
        """Give after how many seconds the call is worth repeating; None where it is not."""
        if reply.status == TOO_MANY:
            return self._until_reset(reply) or _backoff(attempt)
        if reply.status is not None:
            is_passing = reply.status >= FIRST_SERVER_ERROR and call.is_repeatable
        else:
            is_passing = reply.trouble in PASSING and (call.is_repeatable or not reply.was_sent)
        return _backoff(attempt) if is_passing else None

    def _until_reset(self, reply: Reply) -> float | None:
        """Give the seconds until SendGrid takes calls again: its header is a point in time."""
        text = reply.headers.get(RESET.value, "")
        if not (text.isascii() and text.isdecimal()):
            return None
        return max(0.0, int(text[:12]) - self.desk.now().timestamp()) + _jitter(JITTER_SECONDS)

    def _error(self, call: Call, reply: Reply, *, was_looked_for: bool = False) -> CallError:
        """Say why a call came to nothing. `was_looked_for`: what it should make is not there."""
        said, status = self._said(call, reply), reply.status
        if status is None or _is_good(reply):
            is_lost = call.method != "GET" and reply.was_sent
            return CallError(Failure.UNKNOWN if is_lost else Failure.LATER, said, "run the same again")
        if status == UNAUTHORIZED:
            fix = f"put a key that SendGrid takes there at {self.reference}; hosts of other regions do not know it"
            return CallError(Failure.NEEDS, said, fix, status)
        if status == FORBIDDEN:
            fix = f"give the key at {self.reference} (`manage.{MANAGEMENT_KEY}`) the scope {call.scope}"
            return CallError(Failure.NEEDS, f"{said}; the key may lack the scope {call.scope}", fix, status)
        if status == TOO_MANY:
            return CallError(Failure.LATER, said, "run the same again in some minutes", status)
        if status >= FIRST_SERVER_ERROR:
            is_open = call.method != "GET" and not was_looked_for
            return CallError(Failure.UNKNOWN if is_open else Failure.LATER, said, "run the same again", status)
        return CallError(Failure.REFUSED, said, status=status)

    def _said(self, call: Call, reply: Reply) -> str:
        """Give the call and SendGrid's words, cut short."""
        what = f"{call.method} {_bare(call.path)}"
        if reply.status is None:
            return _short(self.desk.keeper.hide(f"{what}: {reply.trouble}: {reply.detail}"))
        errors = read_json(reply.body, _Errors)
        words = "; ".join(each.message for each in errors.errors if each.message) if errors else ""
        text = f"{what} is answered {reply.status}: {words or 'not in the way SendGrid documents'}"
        return _short(self.desk.keeper.hide(text))


def _is_good(reply: Reply) -> bool:
    return reply.status in {OK, CREATED, NO_CONTENT}


def _bare(path: str) -> str:
    return path.partition("?")[0]


def _short(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:SAID_LENGTH]


def _jitter(seconds: float) -> float:
    return random.uniform(0, seconds)  # noqa: S311 - spreads callers over time, guards nothing


def _backoff(attempt: int) -> float:
    """Give a random wait below a bound that doubles."""
    return _jitter(FIRST_SECONDS * 2**attempt)
