"""A SendGrid account in tests: its stand-in behind real https, a secret store, faults, and plan and apply over it."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self

import esp_worlds
from https_peers import Peer, serving

from sendspec.esp.interface import load_stand_in
from sendspec.esp.managing import Desk
from sendspec.esp.sendgrid.manage import manager
from sendspec.model.credential_use import credentials_of
from sendspec.model.live import Failure, LiveAccount, Outcome
from sendspec.model.plan import Action, Change, Stage
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.net.http import Reply, Trouble
from sendspec.plan.found import Found
from sendspec.plan.ownership import ADOPTED, BEGUN, MADE, OwnedResource
from sendspec.plan.resources import compare_account

ACCOUNT = "sendgrid-eu"
MANAGE = "op://mail/sendgrid/manage"
SEND = "aws-sm://prod/mail/sendgrid#api_key"
MANAGED = ("streams:\n", f'    managed: apply\n    manage: {{api_key: {{from: "{MANAGE}"}}}}\nstreams:\n')
INPUTS = {
    "subuser_email": "mail@northwind.example",
    "subuser_password": "correct-horse-battery-staple",
    "subuser_ip": "192.0.2.25",
}


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class Vault:
    """A secret store, and what a person gave. Every secret it met is hidden."""

    values: dict[str, str]
    inputs: dict[str, str]
    refuses: str = ""
    cannot_read: bool = False

    async def value(self, reference: str) -> Secret | Unresolved:
        if self.cannot_read and reference != MANAGE:
            return Unresolved("the store does not answer", "sign in")
        if reference in self.values:
            return Secret(self.values[reference])
        return Unresolved(f"nothing is kept at {reference}", "put it there")

    async def input(self, name: str) -> Secret | Unresolved:
        if name in self.inputs:
            return Secret(self.inputs[name])
        return Unresolved("nobody gave it", f"--input {name}=REFERENCE")

    async def keep(self, reference: str, secret: Secret) -> Unresolved | None:
        if self.refuses:
            return Unresolved(self.refuses, "allow writing")
        self.values[reference] = secret.reveal()
        return None

    def hide(self, text: str) -> str:
        for value in (*self.values.values(), *self.inputs.values()):
            text = text.replace(value, "…")
        return text


@dataclass
class Estate:
    """The account, what sendspec remembers of it, and the way there. Open it as a context.

    Attributes:
        faults: Number of a call, from 0, -> what happens to it; `fault_on` decides for every call.
        kill_after: Number of the call after whose answer the process ends.
    """

    setup: Setup
    owned: dict[str, OwnedResource] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    fault_on: Callable[[ApiCall], str] = lambda _call: ""
    kill_after: int | None = None
    pauses: list[float] = field(default_factory=list)
    calls: list[ApiCall] = field(default_factory=list)
    said: list[object] = field(default_factory=list)
    clock: timedelta = timedelta()
    is_direct: bool = False
    """Without the way through TLS: for what is repeated many times."""

    def __post_init__(self) -> None:
        maker = load_stand_in("sendgrid")
        account = self.setup.account(ACCOUNT)
        values = {each.id: maker.value(each) for each in credentials_of(self.setup, account)}
        self.stand_in = maker.make(self.setup, values, self.now)
        [self.user] = self.stand_in._users
        references = {each.id: each.reference for each in credentials_of(self.setup, account)}
        self.vault = Vault({references[name]: value for name, value in values.items()}, dict(INPUTS))
        self.manager = manager(self._pause)
        self._timed_out = False

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock

    def emptied(self) -> "Estate":
        """Take away all that the account holds, but the key that manages it."""
        user = self.user
        for held in (user.domains, user.links, user.webhooks, user.signing, user.tracking, user.senders):
            held.clear()
        for secret in set(user.keys) - user.managing:
            del user.keys[secret], user.names[secret]
        user.profile = None
        self.vault.values = {MANAGE: self.vault.values[MANAGE]}
        return self

    def remembered(self) -> "Estate":
        """Let sendspec remember all that is there as what it made."""
        found = self.read().found
        self.owned = {key: OwnedResource(live.native_id, MADE) for key, live in found.items()}
        self.calls.clear()
        return self

    def with_setup(self, setup: Setup) -> "Estate":
        """Let the spec change."""
        self.setup = setup
        return self

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock += timedelta(seconds=seconds)

    # The way there

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        if not self.is_direct:
            sites = dict.fromkeys(self.stand_in.hosts, self._answer)
            self.peer: Peer = self._runner.run(self._stack.enter_async_context(serving(sites, deadline_seconds=300)))
        return self

    def __exit__(self, *exception: object) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()
        told = repr(self.said)
        for secret in (*self.user.keys, *self.vault.values.values(), *INPUTS.values()):
            assert secret not in told or secret == INPUTS["subuser_ip"]

    def _answer(self, call: ApiCall) -> ApiAnswer:
        number = len(self.calls)
        self.calls.append(call)
        fault = self.faults.get(number) or self.fault_on(call)
        moment, _, kind = fault.partition(":")
        answer = self.stand_in.answer(call) if moment in {"", "after"} else None
        if kind == "reset":
            raise ConnectionResetError
        if kind == "timeout":
            self._timed_out = True
            raise ConnectionResetError
        if kind == "404":
            return ApiAnswer(404, (("Content-Type", "application/json"),), b'{"errors": [{"message": "Not Found"}]}')
        if kind.isdecimal() and len(kind) == 3:
            return self.stand_in.fault(int(kind))
        if kind:
            return ApiAnswer(200, (("Content-Type", "application/json"),), kind.encode())
        assert answer is not None
        return answer

    async def call(self, method: str, url: str, **options: object) -> Reply:
        """Call as the real client does; then end the process, where that is asked for."""
        number = len(self.calls)
        reply = await (self._direct if self.is_direct else self.peer.client.call)(method, url, **options)
        if self.kill_after is not None and number >= self.kill_after:
            raise KilledError
        if self._timed_out:
            self._timed_out = False
            return replace(reply, trouble=Trouble.TIMEOUT, detail="waiting for the answer")
        return reply

    async def _direct(self, method: str, url: str, *, headers=(), body=b"") -> Reply:
        asked = esp_worlds.call(method, url, dict(headers), body)
        try:
            answer = self._answer(asked)
        except ConnectionResetError:
            return Reply(None, Trouble.RESET, was_sent=True)
        named = {name.lower(): value for name, value in answer.headers}
        return Reply(answer.status, headers=named, body=answer.body, was_sent=True)

    # What sendspec does

    def desk(self) -> Desk:
        native = {key: each.native_id for key, each in self.owned.items() if each.native_id}
        begun = frozenset(key for key, each in self.owned.items() if each.by == BEGUN)
        account = self.setup.account(ACCOUNT)
        return Desk(self.setup, account, self.vault, self, lambda *_: None, self.now, native, begun)

    def read(self, keys: Iterable[str] = ()) -> LiveAccount:
        wanted = set(keys) or {*self.owned, *(each.key for each in self.resources())}
        live = self._runner.run(self.manager.read(self.desk(), wanted))
        self.said.append(live)
        return live

    def resources(self):
        return [each for each in self.setup.resources if each.account == ACCOUNT]

    def plan(self, adopt: Callable[[str], bool] = lambda _key: False) -> Found:
        account = self.setup.account(ACCOUNT)
        live = self.read()
        found = compare_account(
            account, self.resources(), self.manager.kinds, live, self.owned, adopt, frozenset(self.vault.inputs)
        )
        for key in found.gone:
            self.owned.pop(key.split("/", 2)[2])
        return found

    def differences(self) -> dict[str, list[str]]:
        """Give the paths that differ, by `kind/id`; `(missing)` for what is not there."""
        found = self.plan()
        both = [*found.changes, *(held.change for held in found.held)]
        return {
            change.subject: [each.path for each in change.differences]
            or ["(missing)" if change.action is Action.CREATE else f"({change.action})"]
            for change in both
        }

    def apply(self, change: Change) -> Outcome:
        """Carry out one change as the core does: noted before, and after."""
        desk, key = self.desk(), change.subject
        before = self.owned.get(key)
        if change.action not in {Action.DELETE, Action.VERIFY} and (before is None or change.action is Action.CREATE):
            by = ADOPTED if change.before is not None else BEGUN
            self.owned[key] = OwnedResource(change.native_id, by, streams=change.streams)
        outcome = self._runner.run(self.manager.apply(desk, change))
        self.said.append(outcome)
        if outcome.failure in {Failure.REFUSED, Failure.LATER, Failure.NEEDS}:
            self.owned.pop(key, None)
            if before is not None:
                self.owned[key] = before
        elif outcome.failure is None and change.action is Action.DELETE:
            self.owned.pop(key, None)
        elif outcome.failure is None and key in self.owned:
            known = self.owned[key]
            by = MADE if known.by == BEGUN else known.by
            self.owned[key] = OwnedResource(outcome.native_id or known.native_id, by, streams=known.streams)
        return outcome

    def work(self, adopt: Callable[[str], bool] = lambda _key: False) -> list[tuple[Change, Outcome]]:
        """Plan and apply, stage by stage, until nothing new is to do; give what was done."""
        done: list[tuple[Change, Outcome]] = []
        tried: set[tuple[str, Action]] = set()
        while True:
            found = self.plan(adopt)
            todo = [change for change in found.changes if (change.key, change.action) not in tried]
            first = next((stage for stage in Stage if any(change.stage is stage for change in todo)), None)
            if first is None:
                return done
            failed = {change.key for change, outcome in done if outcome.failure is not None}
            for change in todo:
                if change.stage is first:
                    tried.add((change.key, change.action))
                    if not failed.intersection(change.needs):
                        done.append((change, self.apply(change)))
                        failed |= {change.key} if done[-1][1].failure is not None else set()

    def changing(self) -> list[str]:
        """Give the calls that changed something, as `METHOD /path`."""
        return [f"{call.method} {call.path}" for call in self.calls if call.method != "GET"]


def tracking(key: str) -> bool:
    """Adopt the account's switches: they are there whoever made the account."""
    return "/tracking/" in key


def everything(_key: str) -> bool:
    """Adopt all."""
    return True


def body_of(call: ApiCall) -> object:
    return json.loads(call.body) if call.body else None


def by_path(call: ApiCall) -> str:
    """Give the path of a call with ids left out: what kind of call it is."""
    return re.sub(r"/(\d+|[0-9a-f-]{36}|[A-Za-z0-9_-]{22})(?=/|$)", "/{id}", call.path)
