"""Servers that do not answer as a zone's own servers must: one finding for each zone and way of failing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sendspec.check.dns import published_kinds as kinds
from sendspec.check.dns.wording import answered_by
from sendspec.model.dns_record import Zone
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation
from sendspec.net.dns.answer import Answer, Status

KIND_BY_STATUS: dict[Status, Kind] = {
    Status.SERVFAIL: kinds.SERVFAIL,
    Status.REFUSED: kinds.REFUSED,
    Status.LAME: kinds.LAME,
    Status.TIMEOUT: kinds.TIMED_OUT,
    Status.UNREACHABLE: kinds.UNREACHABLE,
    Status.MALFORMED: kinds.NO_DNS_ANSWER,
    Status.OTHER: kinds.ERROR_ANSWER,
    Status.STOPPED: kinds.RECORD_MISSING,
}
COULD_NOT_TELL = frozenset({Status.TIMEOUT, Status.UNREACHABLE, Status.STOPPED})
"""It may be our network, and not theirs."""


@dataclass(slots=True)
class _Fault:
    """How often servers of a zone failed so. `alone`: things that no other server could tell either."""

    zone: Zone
    answers: dict[str, Answer] = field(default_factory=dict)
    things: int = 0
    alone: int = 0


@dataclass(slots=True)
class ServerFaults:
    """Collects what servers failed at, so that a dead server is one finding a zone and not one a record."""

    _faults: dict[tuple[str, Status], _Fault] = field(default_factory=dict)

    def add(self, zone: Zone, answers: list[Answer], *, somebody_knew: bool) -> None:
        """Take the failures of one question, from one server or several."""
        by_status: dict[Status, list[Answer]] = {}
        for answer in answers:
            by_status.setdefault(answer.status, []).append(answer)
        for number, (status, failed) in enumerate(by_status.items()):
            fault = self._faults.setdefault((zone.name, status), _Fault(zone))
            fault.things += 1
            fault.alone += not somebody_knew and number == 0
            for answer in failed:
                fault.answers.setdefault(answer.server.to_text(), answer)

    def seen(self, stopped_because: str) -> Iterator[Observation]:
        """Give an observation for each zone and way of failing. `stopped_because` says why nobody was asked any more."""
        for (name, status), fault in self._faults.items():
            kind = KIND_BY_STATUS[status]
            answers = list(fault.answers.values())
            said = stopped_because if status is Status.STOPPED else answers[0].said
            first = answers[0]
            others = (
                f"; nobody else could tell {fault.alone} of them"
                if fault.alone
                else "; the zone's other servers answer"
            )
            yield Observation(
                kind,
                fault.zone.origin,
                f"{name}: {said} for {_count(fault.things, first)}{'' if status is Status.STOPPED else others}",
                is_unknown=status in COULD_NOT_TELL,
                expected="an answer with authority for the zone",
                seen=said,
                answered_by=answered_by(answers),
                severity=None if fault.alone else Severity.WARNING,
                count=max(fault.alone, 1),
            )


def _count(things: int, first: Answer) -> str:
    asked = f"{first.name} {first.type}"
    return asked if things == 1 else f"{things} sets of records, {asked} among them"
