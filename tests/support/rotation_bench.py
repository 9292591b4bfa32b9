"""Credentials that are rotated in tests: a spec in a folder, a store in memory, a clock, and a process that dies at any call.

The calls that count are all that leave the process: to the ESP, to the store, and trials.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from https_peers import KnownHosts, server_context
from smtp_peers import stand_in, world

from sendspec import manage
from sendspec.esp.managing import Desk
from sendspec.lock.book import JOURNAL, LockBook, open_book
from sendspec.lock.load import LOCK_FILE
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.plan import ESP
from sendspec.model.rotation import Rotated, RotationRun, Trial
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.net.net import Net
from sendspec.pipeline import compile_files
from sendspec.plan.ownership import BEGUN, OWNED, read_owned
from sendspec.rotate.run import Run
from sendspec.rotate.workshop import Wish, Workshop
from sendspec.spec.files import read_files
from sendspec.stores.hiding import Veil
from sendspec.trial import try_out

TODAY = datetime(2026, 11, 26, tzinfo=UTC).date()


class KilledError(BaseException):
    """The process ends here: nothing catches this, as nothing catches SIGKILL."""


@dataclass
class Deadly:
    """Counts calls, and ends the process at one of them, from 1: before it is made, or when it was."""

    at: int = 0
    is_after: bool = False
    calls: list[str] = field(default_factory=list)

    def before(self, what: str) -> int:
        """Note a call that is about to be made, and give its number: calls may stand in one another."""
        self.calls.append(what)
        number = len(self.calls)
        if number == self.at and not self.is_after:
            raise KilledError
        return number

    def after(self, number: int) -> None:
        if number == self.at and self.is_after:
            raise KilledError


@dataclass
class Shelf:
    """A store: values by reference. It remembers everything that it ever held, for a search of all texts.

    Attributes:
        refuses: What it says to whoever writes; `refuses_after` so many writes.
        is_atomic: Several values of one place are written in one step.
        dies_after: The write after which the process ends, once.
    """

    held: dict[str, str]
    refuses: str = ""
    refuses_after: int = 0
    is_atomic: bool = True
    dies_after: str = ""
    deadly: Deadly = field(default_factory=Deadly)
    met: set[str] = field(default_factory=set)
    writes: int = 0
    veil: Veil = field(default_factory=Veil)

    async def value(self, reference: str) -> Secret | Unresolved:
        found = self.held.get(reference)
        if found is None:
            return Unresolved(f"nothing is at {reference}", "put it there")
        self.met.add(found)
        self.veil.add(found)
        return Secret(found)

    async def input(self, name: str) -> Secret | Unresolved:
        return Unresolved(f"nobody gave {name}")

    async def keep(self, reference: str, secret: Secret) -> Unresolved | None:
        return await self.keep_all([(reference, secret)])

    async def keep_all(self, secrets: Sequence[tuple[str, Secret]]) -> Unresolved | None:
        groups: dict[str, list[tuple[str, Secret]]] = {}
        for reference, secret in secrets:
            place = reference.partition("#")[0] if self.is_atomic else reference
            groups.setdefault(place, []).append((reference, secret))
        for place, values in groups.items():
            number = self.deadly.before(f"write {place}")
            self.met |= {secret.reveal() for _, secret in values}
            for _, secret in values:
                self.veil.add(secret.reveal())
            if self.refuses and self.writes >= self.refuses_after:
                return Unresolved(self.refuses, "allow writing")
            self.writes += 1
            self.held |= {reference: secret.reveal() for reference, secret in values}
            self.deadly.after(number)
            if self.dies_after == f"write {place}":
                self.dies_after = ""
                raise KilledError
        return None

    def cover(self, secret: Secret) -> None:
        self.met.add(secret.reveal())
        self.veil.add(secret.reveal())

    def hide(self, text: str) -> str:
        return self.veil.hide(text)


class DeadlyAws:
    """Clients that count their calls, and end the process at one."""

    def __init__(self, inner: Any, deadly: Deadly) -> None:
        self.inner, self.deadly = inner, deadly

    def __call__(self, service: str, region: str) -> Any:
        client, deadly = self.inner(service, region), self.deadly

        class Client:
            def __getattr__(self, name: str) -> Any:
                def call(**parameters: object) -> object:
                    number = deadly.before(f"{service}.{name}")
                    answer = getattr(client, name)(**parameters)
                    deadly.after(number)
                    return answer

                return call

        return Client()


class DeadlyHttp:
    """A client over https that counts its calls, and ends the process at one."""

    def __init__(self, inner: Any, deadly: Deadly) -> None:
        self.inner, self.deadly = inner, deadly

    async def call(self, method: str, url: str, **options: Any) -> Any:
        number = self.deadly.before(f"{method} {url}")
        reply = await self.inner.call(method, url, **options)
        self.deadly.after(number)
        return reply


@dataclass
class Bench:
    """One spec between runs.

    Attributes:
        logins: Has `(user, password)` in it for whoever may log in at the submission endpoint.
        accepts: In place of trials by real connections: takes values by credential id as they would be used.
        passed: How much later than really it is.
    """

    folder: Path
    shelf: Shelf
    aws: Any = None
    http: Any = None
    logins: Any = frozenset()
    smtp_hosts: tuple[str, ...] = ()
    accepts: Callable[[Mapping[str, str]], bool] | None = None
    try_really: bool = False
    passed: timedelta = timedelta()
    overlap: int | None = None
    told: list[str] = field(default_factory=list)
    said: list[object] = field(default_factory=list)
    agrees: bool = True
    deadly: Deadly = field(default_factory=Deadly)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def setup(self) -> Setup:
        return compile_files(read_files(self.folder)).setup

    @property
    def lock(self) -> str:
        path = self.folder / LOCK_FILE
        return path.read_text() if path.exists() else ""

    def entry(self, key_id: str) -> dict[str, Any]:

        files = read_files(self.folder)
        with open_book(files.folder, files.lock) as book:
            found = book.get("rotations", key_id)
        return found or {}

    def rotate(self, wish: Wish, **deadly: Any) -> RotationRun:
        """Run `rotate` as the command does; a killed one leaves its journal."""
        self.deadly = self.shelf.deadly = Deadly(**deadly)
        files = read_files(self.folder)
        with open_book(files.folder, files.lock) as book:
            try:
                run = asyncio.run(self._run(book, wish))
            except KilledError:
                book.path = None  # a process that is killed saves nothing
                raise
        self.said.append(run)
        return run

    def killed(self, wish: Wish, at: int, *, is_after: bool) -> bool:
        """Run and be killed at a call; tell whether it came so far."""
        try:
            self.rotate(wish, at=at, is_after=is_after)
        except KilledError:
            return True
        return False

    async def _run(self, book: LockBook, wish: Wish) -> RotationRun:
        async with AsyncExitStack() as stack:
            port = 9
            if self.smtp_hosts:
                context = server_context(*self.smtp_hosts)
                _server, port = await stack.enter_async_context(stand_in(context=context, logins=self.logins))
            net = replace(
                world(
                    dial=lambda _there, _at: ("127.0.0.1", port),
                    hosts=KnownHosts(dict.fromkeys(self.smtp_hosts, ("192.0.2.25",))),
                ),
                http=cast("Any", DeadlyHttp(self.http, self.deadly) if self.http else None),
                now=self.now,
            )
            return await Run(self._shop(book, net), wish, lambda _run: self.agrees, self._seen).run()

    def _seen(self, rotated: Rotated) -> None:
        self.said.append(rotated)

    def _shop(self, book: LockBook, net: Net) -> Workshop:
        files = read_files(self.folder)

        def setup() -> Setup:
            return compile_files(replace(files, lock=book.text.encode())).setup

        def desk(current: Setup, account: Account) -> Desk:
            mine = read_owned(book.get(OWNED)).of_account(account.id)
            native = {key: each.native_id for key, each in mine.items() if each.native_id}
            begun = frozenset(key for key, each in mine.items() if each.by == BEGUN)
            aws = cast("Any", DeadlyAws(self.aws, self.deadly) if self.aws else None)
            return Desk(current, account, self.shelf, net.http, aws, net.now, native, begun)

        async def tried(credentials: Sequence[Credential], values: Mapping[str, Secret]) -> Trial:
            number = self.deadly.before("trial")
            trial = await self._trial(setup(), net, credentials, values)
            self.deadly.after(number)
            return trial

        async def pause(_seconds: float) -> None:
            return

        noting = manage._noting(TODAY)
        return Workshop(book, setup, desk, self.shelf, net, tried, noting, lambda: "", self.told.append, pause)

    async def _trial(
        self, setup: Setup, net: Net, credentials: Sequence[Credential], values: Mapping[str, Secret]
    ) -> Trial:
        if self.accepts is None:
            return await try_out(setup, net, self.shelf, credentials, values)
        known = {each.id: values.get(each.id) or await self.shelf.value(each.reference) for each in credentials}
        plain = {name: value.reveal() for name, value in known.items() if isinstance(value, Secret)}
        return Trial(1) if self.accepts(plain) else Trial(1, refused=("535 no",))

    def assert_no_secret_was_told(self, *more: str) -> None:
        """Search everything that was said and everything that was written for every value that the store ever held."""
        told = "\n".join((repr(self.said), "\n".join(self.told), self.lock, self._journal(), *self.deadly.calls))
        for secret in {*self.shelf.met, *more}:
            assert secret not in told

    def _journal(self) -> str:
        path = self.folder / JOURNAL
        return path.read_text() if path.exists() else ""


__all__ = ["ESP", "Bench", "Deadly", "KilledError", "Shelf", "Wish"]
