"""Rehearse: put the stage up, look at it with the real checks, and try what fails over."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sendspec import live
from sendspec.check.run import CheckRun, Watcher
from sendspec.check.scope import Scope
from sendspec.model.finding import Finding
from sendspec.model.observation import Subject
from sendspec.model.rehearsal import FaultRun
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.net.address import Server
from sendspec.net.open import NetSettings
from sendspec.net.smtp.exchange import Patience
from sendspec.pipeline import Compiled, Issued, compile_folder
from sendspec.rehearse.fault import Fault
from sendspec.rehearse.stage import Cast, Playing, Stage, cast_of, play
from sendspec.rehearse.values import fill_issued, public_key
from sendspec.rehearse.victims import primaries
from sendspec.rehearse.world import RESOLVER
from sendspec.smoke.plan import Choices, plan_smoke

DEADLINE_SECONDS = 60.0
FAULT_SECONDS = 8.0
"""What a check of one fault may take: servers that hang are waited for no longer."""
DNS_TIMEOUTS = (0.25, 0.5)
IMPATIENT = Patience(connect=2.0, reply=2.0, message=2.0, slow=1.0)
"""Loopback answers at once; a rehearsal need not wait as long as the real world deserves."""
SEND_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A spec with everything filled in, and the sound world it leads to."""

    compiled: Compiled
    cast: Cast
    stage: Stage


def prepare(folder: Path, today: date) -> Rehearsal:
    """Compile a spec, with made-up values for what is pending. Raises SpecError."""

    def fill(setup: Setup, issued: Issued) -> Issued:
        return fill_issued(setup, issued, today)

    compiled = compile_folder(folder, fill)
    cast, stage = cast_of(compiled.setup, public_key())
    return Rehearsal(compiled, cast, stage)


def rehearse(rehearsal: Rehearsal, subjects: Collection[Subject], today: date, watcher: Watcher) -> CheckRun:
    """Run the checks against the sound world."""

    async def run() -> CheckRun:
        async with play(rehearsal.cast, rehearsal.stage) as playing:
            return await _look(rehearsal, subjects, _settings(playing, DEADLINE_SECONDS), today, watcher)

    return asyncio.run(run())


def rehearse_faults(
    rehearsal: Rehearsal, faults: Sequence[Fault], today: date, tell: Callable[[FaultRun], None]
) -> tuple[FaultRun, ...]:
    """Inject faults one by one. `tell` hears of each as soon as it is done.

    Ctrl-C ends it: those that were done by then are given, fewer than were asked for.
    """

    async def run() -> tuple[FaultRun, ...]:
        runs: list[FaultRun] = []
        interrupted = asyncio.Event()
        with live.interruptible(interrupted.set):
            for fault in faults:
                done = await _rehearse_fault(rehearsal, fault, today)
                if interrupted.is_set():  # this one was cut short: what it did not see proves nothing
                    break
                runs.append(done)
                tell(done)
        return tuple(runs)

    return asyncio.run(run())


async def _rehearse_fault(rehearsal: Rehearsal, fault: Fault, today: date) -> FaultRun:
    stage = fault.change(rehearsal.compiled.setup, rehearsal.stage)
    if stage is None:
        return FaultRun(fault.id, fault.title, fault.expects, applies=False)
    async with play(rehearsal.cast, stage) as playing:
        settings = _settings(playing, FAULT_SECONDS)
        findings: tuple[Finding, ...] = ()
        if fault.subject is not None:
            findings = tuple((await _look(rehearsal, {fault.subject}, settings, today, _Nobody())).findings)
        smoked = await _send(rehearsal, fault.hits, settings, today) if fault.hits is not None else None
        if smoked is not None:
            findings += smoked.findings
        return FaultRun(fault.id, fault.title, fault.expects, findings, smoked.run if smoked else None)


async def _look(
    rehearsal: Rehearsal, subjects: Collection[Subject], settings: NetSettings, today: date, watcher: Watcher
) -> CheckRun:
    compiled, secrets = rehearsal.compiled, rehearsal.cast.secrets
    return await live.look(compiled, subjects, Scope(), settings, today, watcher, lambda _deadline: secrets)


async def _send(rehearsal: Rehearsal, via: Via, settings: NetSettings, today: date) -> live.Smoked | None:
    """Send one message of the stream whose primary route the fault breaks. No event is waited for: none would come."""
    setup = rehearsal.compiled.setup
    stream = next((stream for stream, _ in primaries(setup, via)), None)
    if stream is None:
        return None
    plan = plan_smoke(setup, stream, Choices(wait_seconds=SEND_SECONDS), Path())
    steps = tuple(replace(step, way=None) for step in plan.routes)
    plan = replace(plan, routes=steps, app=None)
    secrets = rehearsal.cast.secrets
    return await live.send(rehearsal.compiled, plan, settings, today, lambda _text: None, lambda _deadline: secrets)


def _settings(playing: Playing, seconds: float) -> NetSettings:
    return NetSettings(
        deadline_seconds=seconds,
        resolvers=(Server(RESOLVER, "resolver.rehearsal.invalid"),),
        dial=playing.dial,
        authorities=playing.cast.authority.pem,
        patience=IMPATIENT,
        https_seconds=IMPATIENT.reply,
        dns_timeouts_seconds=DNS_TIMEOUTS,
    )


class _Nobody:
    """Watches nothing."""

    def found(self, finding: Finding) -> None:
        """Hear of nothing."""

    def advanced(self, done: int, total: int, title: str) -> None:
        """Hear of nothing."""
