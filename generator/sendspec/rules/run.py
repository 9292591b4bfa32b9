"""Run every rule over a setup; stamp id, severity, place and source on what they find."""

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import ModuleType
from typing import Protocol, cast

import sendspec.rules
from sendspec.model.finding import Finding, SourceSpan
from sendspec.model.origin import Origin
from sendspec.model.rule_document import RuleDocument
from sendspec.model.setup import Setup
from sendspec.rules.acceptances import Acceptances
from sendspec.rules.interface import AcceptanceRule, AnyRule, DatedRule, Problem, Rule

ABOUT_ACCEPTANCES = "accept-"
"""How the ids of rules about acceptances start. These cannot be accepted, or no date would mean anything."""
SECTIONS = ("Why it matters", "Do instead", "Source")
SECTION = re.compile(rf"^(?P<name>{'|'.join(SECTIONS)}): (?P<text>.+)$", re.MULTILINE)
"""One line each, however long: the cure and the source go into findings as they stand."""


class SpanFinder(Protocol):
    """Turns key paths into lines and columns; `sendspec.spec.positions.Positions` does."""

    def span(self, origin: Origin, *, key: bool = False, label: str = "") -> SourceSpan:
        """Give the place of an origin, or of the nearest thing above it that has one."""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What all rules found, sorted by place. `accepted` are findings that the spec says the team lives with.

    `origins` says of each finding what it is about: more than one place where several look the same to a reader, none
    where it cannot be accepted.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    origins: Mapping[Finding, tuple[Origin, ...]]


@dataclass(frozen=True, slots=True)
class _Documented:
    """A rule with what its docstring says."""

    rule: AnyRule
    document: RuleDocument


def run_rules(
    setup: Setup, positions: SpanFinder, today: date | None, live_ids: Collection[str] = frozenset()
) -> RuleRun:
    """Run all rules. `today` None leaves out those whose answer depends on the day.

    `live_ids` are findings that only a live command has: whether an acceptance of one is used cannot be said here.
    """
    acceptances = Acceptances(setup.acceptances)
    findings: dict[Finding, list[Origin]] = defaultdict(list)
    accepted: set[Finding] = set()
    last: list[tuple[_Documented, AcceptanceRule]] = []
    for documented in _rules().values():
        rule = documented.rule
        if isinstance(rule, AcceptanceRule):
            last.append((documented, rule))
            continue
        may_be_accepted = not rule.id.startswith(ABOUT_ACCEPTANCES)
        for problem in _problems(rule, setup, today):
            covering = acceptances.covering(rule.id, problem.at) if may_be_accepted else ()
            if covering:
                accepted.add(_finding(documented, problem, positions, covering[0].because))
                continue
            origins = findings[_finding(documented, problem, positions)]
            if may_be_accepted:
                origins.append(problem.at)
    unused = [
        acceptance
        for acceptance in acceptances.unused()
        if acceptance.rule not in live_ids and (today or not _is_dated(acceptance.rule))
    ]
    for documented, acceptance_rule in last:
        for problem in acceptance_rule.find(unused, (*rule_ids(), *live_ids)):
            findings[_finding(documented, problem, positions)] = []
    places = {finding: tuple(dict.fromkeys(origins)) for finding, origins in findings.items()}
    return RuleRun(_sorted(findings), _sorted(accepted), places)


def rule_ids() -> tuple[str, ...]:
    """Give the ids of all rules, sorted."""
    return tuple(_rules())


def documentation(rule_id: str) -> str:
    """Give what a rule's docstring says. Raises KeyError for an id that no rule has."""
    return _rules()[rule_id].document.text


def rule_documents() -> tuple[RuleDocument, ...]:
    """Give what every rule says about itself, sorted by id."""
    return tuple(documented.document for documented in _rules().values())


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=Finding.sort_key))


def _problems(rule: Rule | DatedRule, setup: Setup, today: date | None) -> Iterator[Problem]:
    if isinstance(rule, Rule):
        yield from rule.find(setup)
    elif today is not None:
        yield from rule.find(setup, today)


def _is_dated(rule_id: str) -> bool:
    documented = _rules().get(rule_id)
    return documented is not None and isinstance(documented.rule, DatedRule)


def _finding(documented: _Documented, problem: Problem, positions: SpanFinder, because: str = "") -> Finding:
    severity = documented.rule.severity
    if problem.severity is not None:
        severity = min(severity, problem.severity, key=lambda each: each.rank)
    return Finding(
        rule=documented.rule.id,
        severity=severity,
        message=problem.message,
        where=positions.span(problem.at),
        related=tuple(positions.span(origin, label=label) for origin, label in problem.related),
        fix=problem.fix or documented.document.instead,
        source=documented.document.source,
        because=because,
        why=documented.document.why,
    )


@cache
def _rules() -> dict[str, _Documented]:
    """Give every rule by id, sorted: each module of each subject folder exports one."""
    found = {}
    for subject in pkgutil.iter_modules(sendspec.rules.__path__, f"{sendspec.rules.__name__}."):
        if not subject.ispkg:
            continue
        package = importlib.import_module(subject.name)
        for module in pkgutil.iter_modules(package.__path__, f"{subject.name}."):
            documented = _read(importlib.import_module(module.name))
            found[documented.rule.id] = documented
    return dict(sorted(found.items()))


def _read(module: ModuleType) -> _Documented:
    """Give the rule a module exports, with its documentation. A module without RULE is our bug: AttributeError."""
    rule = cast("AnyRule", module.RULE)
    text = (module.__doc__ or "").strip()
    sections = {match["name"]: match["text"] for match in SECTION.finditer(text)}
    why, instead, source = (sections.get(name, "") for name in SECTIONS)
    summary = text.partition("\n")[0]
    return _Documented(rule, RuleDocument(rule.id, rule.severity, summary, why, instead, source, text))
