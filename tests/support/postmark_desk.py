"""Managing a Postmark account in tests: a desk over a stand-in, calls that fail where a test says, and a small plan.

The plan is what any user of a Manager does: read, compare the paths that are stated, note what is begun, change.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from https_peers import serving
from postmark_estate import ACCOUNT_TOKEN, HOST, Estate

from sendspec.esp.managing import Desk, Removal
from sendspec.esp.postmark.manage import make_manager
from sendspec.esp.postmark.manage_calls import Patience
from sendspec.model.live import LiveAccount, Outcome
from sendspec.model.origin import Origin
from sendspec.model.plan import Action, Change, PropertyChange, Stage
from sendspec.model.resource import Resource
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.model.trouble import Trouble
from sendspec.net.http import Http, Reply

ACCOUNT = "postmark-main"
ACCOUNT_REFERENCE = "op://mail/postmark/account-token"
TOKEN_REFERENCE = "op://mail/postmark/server-token"
WEBHOOK_REFERENCE = "op://mail/postmark/webhook"
WEBHOOK_PASSWORD = "correct-horse-battery"
QUICK = Patience(call_seconds=5.0, first_pause_seconds=0.001, total_seconds=1.0)
MANAGER = make_manager(QUICK)
JSON = (("Content-Type", "application/json"),)


class Killed(BaseException):
    """The process ends here."""


class Fault(StrEnum):
    TOO_MANY = "429"
    MAINTENANCE = "503"
    BROKEN_BEFORE = "500, and nothing was done"
    BROKEN_AFTER = "500, and it was done"
    RESET_BEFORE = "reset, and nothing was done"
    RESET_AFTER = "reset, and it was done"
    TIMEOUT_BEFORE = "no answer, and nothing was done"
    TIMEOUT_AFTER = "no answer, and it was done"
    HTML = "a page in place of the answer"
    KILL_BEFORE = "killed before"
    KILL_AFTER = "killed after"


STATUSES = {Fault.TOO_MANY: 429, Fault.MAINTENANCE: 503, Fault.BROKEN_BEFORE: 500, Fault.BROKEN_AFTER: 500}
UNDONE = {
    Fault.TOO_MANY,
    Fault.MAINTENANCE,
    Fault.BROKEN_BEFORE,
    Fault.RESET_BEFORE,
    Fault.TIMEOUT_BEFORE,
    Fault.KILL_BEFORE,
}
TROUBLES = {
    Fault.RESET_BEFORE: Trouble.RESET,
    Fault.RESET_AFTER: Trouble.RESET,
    Fault.TIMEOUT_BEFORE: Trouble.TIMEOUT,
    Fault.TIMEOUT_AFTER: Trouble.TIMEOUT,
}


@dataclass
class Store:
    """Secrets of a test by reference, and what a person gives."""

    values: dict[str, str]
    inputs: dict[str, str] = field(default_factory=dict)
    is_read_only: bool = False
    met: set[str] = field(default_factory=set)

    async def value(self, reference: str) -> Secret | Unresolved:
        return self._secret(self.values.get(reference), f"nothing is at {reference}")

    async def input(self, name: str) -> Secret | Unresolved:
        return self._secret(self.inputs.get(name), f"nobody has said what `{name}` is")

    async def keep(self, reference: str, secret: Secret) -> Unresolved | None:
        if self.is_read_only:
            return Unresolved(f"{reference} cannot be written", "sign in with a right to write")
        self.values[reference] = secret.reveal()
        self.met.add(secret.reveal())
        return None

    def hide(self, text: str) -> str:
        for value in sorted(self.met, key=len, reverse=True):
            text = text.replace(value, "…")
        return text

    def _secret(self, value: str | None, reason: str) -> Secret | Unresolved:
        if value is None:
            return Unresolved(reason, "put it there")
        self.met.add(value)
        return Secret(value)


@dataclass
class Direct:
    """Postmark without a wire between: for tests that call it thousands of times."""

    site: Callable[[ApiCall], ApiAnswer]

    async def call(self, method, url, *, headers=(), body=b"", timeout_seconds=15.0, max_octets=1_000_000) -> Reply:
        path, _, query = url.removeprefix(f"https://{HOST}").partition("?")
        pairs = tuple((key, value) for key, _, value in (part.partition("=") for part in query.split("&")) if key)
        named = {name.lower(): value for name, value in headers}
        answer = self.site(ApiCall(method, HOST, path, pairs, named, body))
        if len(answer.body) > max_octets:
            return Reply(None, Trouble.TOO_LARGE, was_sent=True)
        named = {name.lower(): value for name, value in answer.headers}
        return Reply(answer.status, headers=named, body=answer.body, was_sent=True)


@dataclass
class Faulty:
    """Lets the calls of these numbers fail, counted from 1."""

    inner: Http
    faults: Mapping[int, Fault]
    count: int = 0

    async def call(self, method, url, **options) -> Reply:
        self.count += 1
        fault = self.faults.get(self.count)
        if fault is Fault.KILL_BEFORE:
            raise Killed
        reply = Reply(None) if fault in UNDONE else await self.inner.call(method, url, **options)
        if fault is None:
            return reply
        if fault is Fault.KILL_AFTER:
            raise Killed
        if fault in TROUBLES:
            return Reply(None, TROUBLES[fault], detail="the line is dead", was_sent=True)
        status = STATUSES.get(fault, 200)
        return Reply(status, headers={"retry-after": "0"}, body=b"<html>An error occurred</html>", was_sent=True)


@dataclass
class Desktop:
    """One account of a setup, with everything around it."""

    setup: Setup
    estate: Estate = field(default_factory=Estate)
    store: Store = field(
        default_factory=lambda: Store({ACCOUNT_REFERENCE: ACCOUNT_TOKEN, WEBHOOK_REFERENCE: WEBHOOK_PASSWORD})
    )
    owned: dict[str, str] = field(default_factory=dict)
    is_on_the_wire: bool = False
    site: Callable[[ApiCall], ApiAnswer] | None = None
    count: int = 0
    """How many calls the last run made."""

    @property
    def wanted(self) -> dict[str, Resource]:
        return {each.key: each for each in self.setup.resources if each.account == ACCOUNT}

    def run(self, work, faults: Mapping[int, Fault] | None = None):
        """Run `work(desk)` to its end."""

        async def with_desk():
            site = self.site or self.estate.answer
            async with AsyncExitStack() as stack:
                http: Http = Direct(site)
                if self.is_on_the_wire:
                    http = (await stack.enter_async_context(serving({HOST: site}))).client
                faulty = Faulty(http, faults or {})
                try:
                    return await work(self._desk(faulty))
                finally:
                    self.count = faulty.count

        return asyncio.run(with_desk())

    def _desk(self, http: Http) -> Desk:
        def no_aws(service: str, region: str) -> object:
            raise AssertionError(f"{service} in {region}")

        return Desk(
            self.setup, self.setup.account(ACCOUNT), self.store, http, no_aws, lambda: datetime.now(UTC), self.owned
        )

    def read(self, keys: Collection[str] | None = None, faults: Mapping[int, Fault] | None = None) -> LiveAccount:
        asked = set(keys) if keys is not None else {*self.wanted, *self.owned}
        live = self.run(lambda desk: MANAGER.read(desk, asked), faults)
        self.check_hidden(live)
        return live

    def apply(self, faults: Mapping[int, Fault] | None = None) -> list[Outcome]:
        """Read, compare, change: once through, as `apply` does."""
        outcomes: list[Outcome] = []

        async def work(desk: Desk) -> None:
            live = await MANAGER.read(desk, {*self.wanted, *self.owned})
            self.check_hidden(live)
            # What hangs below a server that is made now was not there to be read.
            for change in list(changes(self, live)):
                if change.action is Action.CREATE:
                    self.owned.setdefault(change.subject, "")
                outcome = await MANAGER.apply(desk, change)
                self.check_hidden(outcome)
                outcomes.append(outcome)
                if outcome.native_id:
                    self.owned[change.subject] = outcome.native_id
                if change.action is Action.DELETE and outcome.failure is None:
                    self.owned.pop(change.subject, None)

        self.run(work, faults)
        return outcomes

    def change(self, action: Action, key: str, native_id: str = "", **options) -> Outcome:
        """Carry out one change alone."""
        resource = self.wanted.get(key)
        after = None if action is Action.DELETE or resource is None else resource.properties
        change = change_of(key, action, None, after, native_id=native_id)
        outcome = self.run(lambda desk: MANAGER.apply(desk, change), **options)
        self.check_hidden(outcome)
        return outcome

    def differences(self, key: str) -> list[str]:
        """Give the paths of a resource that are not as the spec says; `*` for one that is absent."""
        live = self.read({key})
        assert live.unread == {}
        seen = live.found.get(key)
        return ["*"] if seen is None else [each.path for each in compare(self.wanted[key].properties, seen.properties)]

    def all_differences(self) -> dict[str, list[str]]:
        live = self.read()
        assert live.unread == {}
        found = {}
        for key, resource in self.wanted.items():
            seen = live.found.get(key)
            paths = ["*"] if seen is None else [each.path for each in compare(resource.properties, seen.properties)]
            if paths:
                found[key] = paths
        return found

    def secrets(self) -> set[str]:
        tokens = {token for server in self.estate.servers.values() for token in server["ApiTokens"]}
        return tokens | set(self.store.values.values()) | set(self.store.inputs.values())

    def check_hidden(self, shown: object) -> None:
        text = repr(shown)
        assert not [value for value in self.secrets() if value in text]

    def server(self) -> dict:
        """Give the one server of the estate."""
        (server,) = self.estate.servers.values()
        return server


def change_of(key: str, action: Action, before, after, *, native_id: str = "", differences=()) -> Change:
    return Change(
        key=f"esp/{ACCOUNT}/{key}",
        place=ACCOUNT,
        subject=key,
        action=action,
        stage=Stage.ISSUE,
        before=before,
        after=after,
        origin=Origin(),
        differences=tuple(differences),
        native_id=native_id,
    )


def changes(world: Desktop, live: LiveAccount) -> Iterator[Change]:
    """Give what differs, in order; nothing for a kind that could not be read."""
    for key, resource in world.wanted.items():
        kind = MANAGER.kinds[resource.kind]
        if resource.kind in live.unread:
            continue
        seen = live.found.get(key)
        if seen is None:
            yield change_of(key, Action.CREATE, None, resource.properties)
            continue
        found = [each for each in compare(resource.properties, seen.properties) if each.path not in kind.unreadable]
        if found:
            fixed = any(each.path in kind.create_only for each in found)
            action = Action.REPLACE if fixed else Action.UPDATE
            yield change_of(
                key, action, seen.properties, resource.properties, native_id=seen.native_id, differences=found
            )
    for key in sorted(set(world.owned) - set(world.wanted), reverse=True):
        seen = live.found.get(key)
        if seen is not None and MANAGER.kinds[seen.kind].removal is not Removal.BY_HAND:
            yield change_of(key, Action.DELETE, seen.properties, None, native_id=seen.native_id)


def compare(wanted: Mapping[str, object], live: Mapping[str, object]) -> list[PropertyChange]:
    """Compare the paths that are stated, and no others."""
    before, after = dict(_flat(live)), dict(_flat(wanted))
    return [PropertyChange(path, before.get(path), value) for path, value in after.items() if before.get(path) != value]


def _flat(value: object, start: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _flat(part, f"{start}.{name}" if start else name)
    else:
        yield start, value


def recorded(estate: Estate) -> list[dict[str, object]]:
    """Give the calls that were made, as `requests.json` writes them."""
    return [
        {
            "method": call.method,
            "url": f"https://{HOST}{call.path}",
            "headers": {name: "x" for name in call.headers if name.startswith("x-postmark")},
            **({"body": json.loads(call.body)} if call.body else {}),
        }
        for call in estate.calls
    ]
