"""Run the live checks side by side, and turn what they see into findings as it comes."""

import asyncio
import importlib
import pkgutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, cast

import sendspec.check
from sendspec.check.alike import Alike, Folded
from sendspec.check.interface import Check
from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.observation import Kind, Measurement, Observation, Passed, Seen, Subject
from sendspec.model.origin import Origin
from sendspec.model.rule_document import RuleDocument
from sendspec.model.setup import Setup
from sendspec.net.net import Net

QUEUE = 1_000

Accepting = Callable[[str, Origin], str | None]
"""Takes the id of a kind and a place; gives why the team lives with it there, None where it does not."""


class SpanFinder(Protocol):
    """Turns key paths into lines and columns; `sendspec.spec.positions.Positions` does."""

    def span(self, origin: Origin, *, key: bool = False, label: str = "") -> SourceSpan:
        """Give the place of an origin, or of the nearest thing above it that has one."""


class Watcher(Protocol):
    """Whoever wants to hear of findings while the run goes on."""

    def found(self, finding: Finding) -> None:
        """Hear of a finding."""

    def advanced(self, done: int, total: int, title: str) -> None:
        """Hear how far the run has come: things looked at, things to look at (a guess), what is being looked at."""


@dataclass(slots=True)
class CheckRun:
    """What came of a run. `unknown` counts things, not findings; `stopped` says why the run ended early, else empty.

    `is_interrupted`: it was a person who ended it. `folded` are those of the findings that stand for many alike.
    """

    findings: list[Finding] = field(default_factory=list)
    accepted: list[Finding] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    passed: int = 0
    unknown: int = 0
    stopped: str = ""
    is_interrupted: bool = False
    folded: list[Folded] = field(default_factory=list)


async def run_checks(
    setup: Setup,
    net: Net,
    subjects: Collection[Subject],
    positions: SpanFinder,
    accepting: Accepting,
    watcher: Watcher,
) -> CheckRun:
    """Run every check of these subjects. Ends by the deadline of `net`, and then says what it could not look at."""
    checks = checks_of(subjects)
    total = sum(check.size(setup) for check in checks)
    tally = _Tally(positions, accepting, watcher, total)
    queue: asyncio.Queue[tuple[Check, Seen | None]] = asyncio.Queue(QUEUE)

    async def pump(check: Check) -> None:
        async for seen in check.run(setup, net):
            await queue.put((check, seen))
        await queue.put((check, None))

    try:
        async with asyncio.TaskGroup() as group:
            for check in checks:
                group.create_task(pump(check))
            running = len(checks)
            while running:
                check, seen = await queue.get()
                if seen is None:
                    running -= 1
                else:
                    tally.take(check, seen)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None  # a reader that has gone is one, and a bug is told by its own name
    tally.finish()
    tally.run.stopped = net.deadline.reason if net.deadline.has_passed else ""
    return tally.run


@dataclass(slots=True)
class _Tally:
    """Sorts what is seen as it comes. `done` counts things looked at, of about `total`."""

    positions: SpanFinder
    accepting: Accepting
    watcher: Watcher
    total: int
    run: CheckRun = field(default_factory=CheckRun)
    done: int = 0
    _alike: Alike = field(default_factory=Alike)

    def take(self, check: Check, seen: Seen) -> None:
        if isinstance(seen, Measurement):
            self.run.measurements.append(seen)
            return
        self.done += seen.count
        self.watcher.advanced(self.done, self.total, check.title)
        if isinstance(seen, Passed):
            self.run.passed += seen.count
        elif seen.is_unknown:
            self._take_unknown(seen)
        else:
            self._take_known(seen)

    def _take_known(self, seen: Observation) -> None:
        because = self.accepting(seen.kind.id, seen.at)
        if because is None:
            self._tell(to_finding(seen, self.positions))
        else:
            self.run.accepted.append(to_finding(seen, self.positions, because))

    def _take_unknown(self, seen: Observation) -> None:
        """What could not be told cannot be accepted either: nobody knows what it would have been."""
        self.run.unknown += seen.count
        finding = to_finding(seen, self.positions)
        if self._alike.is_shown(finding):
            self._tell(finding)

    def finish(self) -> None:
        """Tell how many more there were of what was shown often enough."""
        for folded in self._alike.rest():
            self.run.folded.append(folded)
            self._tell(folded.finding)

    def _tell(self, finding: Finding) -> None:
        self.run.findings.append(finding)
        self.watcher.found(finding)


def to_finding(seen: Observation, positions: SpanFinder, because: str = "") -> Finding:
    """Give the finding that an observation comes to. What could not be told has no severity, only that."""
    severity = seen.kind.severity
    if seen.severity is not None:
        severity = min(severity, seen.severity, key=lambda each: each.rank)
    return Finding(
        rule=seen.kind.id,
        severity=Severity.UNKNOWN if seen.is_unknown else severity,
        message=seen.message,
        where=positions.span(seen.at),
        related=tuple(positions.span(origin, label=label) for origin, label in seen.related),
        fix=seen.fix or ("" if seen.is_unknown else seen.kind.instead),
        source=seen.kind.source,
        expected=seen.expected,
        seen=seen.seen,
        answered_by=seen.answered_by,
        because=because,
        why="" if seen.is_unknown else seen.kind.why,
    )


def checks_of(subjects: Collection[Subject]) -> tuple[Check, ...]:
    """Give the checks of these subjects, sorted by id. Those of others are not loaded."""
    return tuple(sorted((check for subject in subjects for check in _checks(subject)), key=lambda check: check.id))


def live_kinds() -> tuple[Kind, ...]:
    """Give everything that any check can find, sorted by id."""
    return tuple(
        sorted((kind for check in checks_of(frozenset(Subject)) for kind in check.kinds), key=lambda kind: kind.id)
    )


def live_documents() -> tuple[RuleDocument, ...]:
    """Give the documentation of every live finding, sorted by id."""
    return tuple(kind.document for kind in live_kinds())


@cache
def _checks(subject: Subject) -> tuple[Check, ...]:
    """Give the checks of a subject: each module of its folder that exports one."""
    package = importlib.import_module(f"{sendspec.check.__name__}.{subject}")
    modules = (
        importlib.import_module(module.name)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    )
    return tuple(cast("Check", module.CHECK) for module in modules if hasattr(module, "CHECK"))
