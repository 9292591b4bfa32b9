"""The order of the stages that look at the world, and nothing else.

setup + world -> what is seen -> findings. Loads event loop, DNS, TLS: only commands that need them import this module.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.check.run import CheckRun, Watcher, run_checks, to_finding
from sendspec.check.scope import Scope, narrow
from sendspec.model.finding import Finding, Severity
from sendspec.model.observation import Subject
from sendspec.model.origin import Origin
from sendspec.model.secret import Secrets
from sendspec.model.setup import Setup
from sendspec.net.deadline import Deadline
from sendspec.net.open import NetSettings, open_net
from sendspec.pipeline import Compiled
from sendspec.rules.acceptances import Acceptances
from sendspec.stores.interface import Surroundings
from sendspec.stores.resolve import StoreSecrets

if TYPE_CHECKING:
    from sendspec.model.smoke import SmokePlan, SmokeRun

INTERRUPTED = "interrupted"


def check(
    compiled: Compiled,
    subjects: Collection[Subject],
    scope: Scope,
    settings: NetSettings,
    today: date,
    watcher: Watcher,
) -> CheckRun:
    """Look at the world, with the secrets of the stores that the spec names."""
    return asyncio.run(look(compiled, subjects, scope, settings, today, watcher, stored_secrets))


async def look(
    compiled: Compiled,
    subjects: Collection[Subject],
    scope: Scope,
    settings: NetSettings,
    today: date,
    watcher: Watcher,
    secrets: Callable[[Deadline], Secrets],
) -> CheckRun:
    """Look at a world. Findings are told to the watcher as they come; Ctrl-C ends the run and keeps what was seen."""
    async with open_net(settings, secrets) as net:
        setup = narrow(compiled.setup, scope)
        with interruptible(lambda: net.deadline.stop(INTERRUPTED)):
            run = await run_checks(setup, net, subjects, compiled.positions, _accepting(setup, today), watcher)
        run.is_interrupted = run.stopped == INTERRUPTED
        return run


@dataclass(frozen=True, slots=True)
class Smoked:
    """What came of a smoke test. `findings` are in the order in which they happened; `ended` is when, in UTC."""

    run: "SmokeRun"
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    ended: datetime

    @property
    def is_interrupted(self) -> bool:
        """Tell whether a person ended it."""
        return self.run.stopped == INTERRUPTED

    @property
    def is_unknown(self) -> bool:
        """Tell whether something could not be told."""
        return any(finding.severity is Severity.UNKNOWN for finding in self.findings)


def smoke(
    compiled: Compiled, plan: "SmokePlan", settings: NetSettings, today: date, tell: Callable[[str], None]
) -> Smoked:
    """Carry out the plan of a smoke test, with the secrets of the stores that the spec names.

    Raises:
        SendspecError: nobody can listen where the receiver should.
    """
    return asyncio.run(send(compiled, plan, settings, today, tell, stored_secrets))


async def send(
    compiled: Compiled,
    plan: "SmokePlan",
    settings: NetSettings,
    today: date,
    tell: Callable[[str], None],
    secrets: Callable[[Deadline], Secrets],
) -> Smoked:
    """Carry out the plan of a smoke test in a world. Ctrl-C ends it and keeps what was seen."""
    from sendspec.smoke.findings import observations  # a check needs neither
    from sendspec.smoke.run import run_smoke

    async with open_net(settings, secrets) as net:
        with interruptible(lambda: net.deadline.stop(INTERRUPTED)):
            run = await run_smoke(plan, net, os.environ, tell)
        accepting = _accepting(compiled.setup, today)
        findings: list[Finding] = []
        accepted: list[Finding] = []
        for seen in observations(run):
            because = None if seen.is_unknown else accepting(seen.kind.id, seen.at)
            (findings if because is None else accepted).append(to_finding(seen, compiled.positions, because or ""))
        return Smoked(run, tuple(findings), tuple(accepted), net.now())


def stored_secrets(deadline: Deadline) -> Secrets:
    """Give the secrets of the stores, read as this process may read them."""
    return StoreSecrets(deadline, Surroundings(os.environ, Path.cwd()))


@dataclass(slots=True)
class _Interrupt:
    """What Ctrl-C stops: the block that waits for it, and every block inside that one."""

    stops: list[Callable[[], None]] = field(default_factory=list)
    is_asked: bool = False


_INTERRUPT: ContextVar[_Interrupt | None] = ContextVar("_INTERRUPT", default=None)
"""Of the outermost block: a loop has one handler for a signal."""


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[None]:
    """Make the first Ctrl-C in the block stop the run; the second one ends the program, as ever.

    Blocks may stand in one another: Ctrl-C stops all that are open, and those that are opened later.
    """
    if threading.current_thread() is not threading.main_thread():  # a worker's share: signals are not for it
        yield
        return
    outer = _INTERRUPT.get()
    if outer is None:
        with _handled(stop):
            yield
        return
    outer.stops.append(stop)
    if outer.is_asked:
        stop()
    try:
        yield
    finally:
        outer.stops.remove(stop)


@contextmanager
def _handled(stop: Callable[[], None]) -> Iterator[None]:
    loop, interrupt = asyncio.get_running_loop(), _Interrupt([stop])

    def once() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        interrupt.is_asked = True
        for each in interrupt.stops:
            each()

    token = _INTERRUPT.set(interrupt)
    loop.add_signal_handler(signal.SIGINT, once)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        _INTERRUPT.reset(token)


def _accepting(setup: Setup, today: date) -> Callable[[str, Origin], str | None]:
    """Give what says why the team lives with a live finding. An acceptance that has expired accepts nothing."""
    acceptances = Acceptances(
        acceptance
        for acceptance in setup.acceptances
        if not acceptance.until or date.fromisoformat(acceptance.until) >= today
    )

    def because(kind_id: str, at: Origin) -> str | None:
        covering = acceptances.covering(kind_id, at)
        return covering[0].because if covering else None

    return because
