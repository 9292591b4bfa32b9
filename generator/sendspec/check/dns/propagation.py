"""What public resolvers still remember of our records, and when to ask them again.

Where the zone's own servers are not right there is nothing to wait for: `dns-published` says so, and this says nothing.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice

from sendspec.check.dns.judgement import is_right, origin_of
from sendspec.check.dns.truth import expected_values
from sendspec.check.dns.wording import show_all
from sendspec.check.interface import Check
from sendspec.check.side_by_side import all_of, side_by_side
from sendspec.model.dns_record import RecordType, RRset, Zone
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Expected, Status
from sendspec.net.net import Net

ZONES_AT_ONCE = 64
BATCHES = 4
JUDGED_AT_ONCE = 64

ABSENCE_CACHED = Kind(
    "live-dns-absence-cached",
    Severity.WARNING,
    "Resolver still remembers that the record was not there.",
    "receivers behind such a resolver see nothing yet: an ESP's check fails, mail is unsigned or unauthenticated",
    "wait for the time that is shown, then run the check again; do not change the record in between",
    "RFC 2308 section 5",
)
OLD_VALUE_CACHED = Kind(
    "live-dns-old-value-cached",
    Severity.WARNING,
    "Resolver still has an older value.",
    "receivers behind such a resolver judge mail by what was there before",
    "wait for the time that is shown, then run the check again",
    "RFC 1035 section 3.2.1",
)
RESOLVER_FAILS = Kind(
    "live-dns-resolver-servfail",
    Severity.WARNING,
    "Resolver answers SERVFAIL although the zone's own servers are right.",
    "it throws the answers away, most often because DNSSEC does not validate: receivers behind it see a temporary error",
    "look whether the DS record at the registrar belongs to the keys of the zone (after a change of host it often does "
    "not); remove or replace it",
    "RFC 4035 section 5; RFC 9499 section 10 (bogus)",
)
RESOLVER_SILENT = Kind(
    "live-dns-resolver-not-asked",
    Severity.WARNING,
    "Resolver could not be asked.",
    "what its users see cannot be told",
    "try again, or name other resolvers",
    "RFC 1035 section 4.2.1",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    zone: Zone
    rrset: RRset


@dataclass(slots=True)
class _Silence:
    """How often a resolver told nothing, and what it was asked first."""

    first: _Asked
    answer: Answer
    count: int = 0


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Give what the resolvers have of each set, in lumps where it is what is declared."""
    silences: dict[tuple[str, Status], _Silence] = {}

    async def work(batch: tuple[Zone, ...]) -> list[Seen]:
        passed = 0
        wrong: list[tuple[_Asked, Answer]] = []
        async for expected, answer in net.dns.ask_all(_questions(net, batch)):
            asked = expected.tag
            if answer is None or not isinstance(asked, _Asked):
                passed += 1
            elif not (answer.status.is_known or answer.status is Status.SERVFAIL):
                cause = answer.server.to_text(), answer.status
                silences.setdefault(cause, _Silence(asked, answer)).count += 1
            elif is_right(asked.rrset, answer, asked.zone.name):
                passed += 1
            else:
                wrong.append((asked, answer))
        seen: list[Seen] = [observation async for observation in _look_at(net, wrong)]
        return [*seen, Passed(passed)] if passed else seen

    if net.dns.resolvers:
        async for seen in side_by_side(_batches(domain.zone for domain in setup.domains), work, BATCHES):
            yield seen
    for silence in silences.values():
        yield _not_asked(net, silence)


def _batches(zones: Iterator[Zone]) -> Iterator[tuple[Zone, ...]]:
    while batch := tuple(islice(zones, ZONES_AT_ONCE)):
        yield batch


def _questions(net: Net, zones: Iterable[Zone]) -> Iterator[Expected]:
    for zone in zones:
        for rrset in zone.rrsets:
            asked, values = _Asked(zone, rrset), expected_values(rrset)
            for resolver in net.dns.resolvers:
                yield Expected(resolver, rrset.name, rrset.type, values, is_recursive=True, tag=asked)


async def _look_at(net: Net, wrong: Iterable[tuple[_Asked, Answer]]) -> AsyncIterator[Observation]:
    """Give one observation for each set and way of being behind, one for each zone where a resolver fails."""
    groups: dict[tuple[str, str, Kind], tuple[_Asked, list[Answer]]] = {}
    told = tuple(wrong)
    published = await all_of((asked for asked, _ in told), partial(_is_published, net), JUDGED_AT_ONCE)
    for (asked, answer), is_published in zip(told, published, strict=True):
        if is_published:
            kind = _kind(answer)
            name = asked.zone.name if kind is RESOLVER_FAILS else asked.rrset.name
            _, answers = groups.setdefault((name, asked.rrset.type, kind), (asked, []))
            answers.append(answer)
    fails: dict[str, tuple[_Asked, list[Answer]]] = {}
    for (_, _, kind), (asked, answers) in groups.items():
        if kind is RESOLVER_FAILS:
            fails.setdefault(asked.zone.name, (asked, []))[1].extend(answers)
        else:
            yield _behind(net, kind, asked.rrset, answers)
    for asked, answers in fails.values():
        yield _failing(asked, answers)


async def _is_published(net: Net, asked: _Asked) -> bool:
    """Tell whether every server of the zone has what is declared. Asked only where a resolver has something else."""
    found = await net.zones.of(asked.zone.name)
    rrset = asked.rrset
    for server in found.servers:
        answer = await net.dns.ask(server, rrset.name, rrset.type)
        if not is_right(rrset, answer, asked.zone.name):
            return False
    return bool(found.servers)


def _kind(answer: Answer) -> Kind:
    if answer.status is Status.SERVFAIL:
        return RESOLVER_FAILS
    return OLD_VALUE_CACHED if answer.status is Status.ANSWER else ABSENCE_CACHED


def _behind(net: Net, kind: Kind, rrset: RRset, answers: list[Answer]) -> Observation:
    first = answers[0]
    when = _when(net, answers)
    what = "still have an older value" if kind is OLD_VALUE_CACHED else "still remember that nothing is there"
    seen = show_all(first.values) if first.values else first.said
    if rrset.type is not RecordType.CNAME and first.chain:
        seen = f"CNAME {first.chain[0]}: {seen}"
    return Observation(
        kind,
        origin_of(rrset),
        f"{rrset.name} {rrset.type}: the zone is right, but resolvers {what}; {when}",
        expected=show_all(value.value for value in rrset.values),
        seen=seen,
        answered_by=_resolvers(answers),
        fix=f"nothing to change: {when}",
        count=len(answers),
    )


def _when(net: Net, answers: list[Answer]) -> str:
    """Give when the last of the answers is forgotten: `ask again after 14:32 UTC`, with the day where it is another one."""
    left = [
        answer.ttl_seconds if answer.values or answer.status is Status.ANSWER else answer.negative_ttl_seconds
        for answer in answers
    ]
    known = [seconds for seconds in left if seconds is not None]
    if not known:
        return "ask again in an hour: the resolver did not say how long it remembers"
    now = net.now()
    moment = now + timedelta(seconds=max(known) + 59)
    day = f" on {moment:%Y-%m-%d}" if moment.date() != now.date() else ""
    return f"ask again after {moment:%H:%M} UTC{day}"


def _failing(asked: _Asked, answers: list[Answer]) -> Observation:
    zone = asked.zone.name
    sets = len({(answer.name, answer.type) for answer in answers})
    return Observation(
        RESOLVER_FAILS,
        asked.zone.origin,
        f"{zone}: resolvers answer SERVFAIL for {sets} set{'s' if sets > 1 else ''} of records "
        f"({asked.rrset.name} {asked.rrset.type} among them) that the zone's own servers have",
        expected=show_all(value.value for value in asked.rrset.values),
        seen="SERVFAIL",
        answered_by=_resolvers(answers),
        count=len(answers),
    )


def _resolvers(answers: list[Answer]) -> str:
    return ", ".join(dict.fromkeys(answer.server.to_text() for answer in answers))


def _not_asked(net: Net, silence: _Silence) -> Observation:
    answer = silence.answer
    said = net.deadline.reason if answer.status is Status.STOPPED else answer.said
    asked = f"{silence.first.rrset.name} {silence.first.rrset.type}"
    among = asked if silence.count == 1 else f"{silence.count} sets of records, {asked} among them"
    return Observation(
        RESOLVER_SILENT,
        origin_of(silence.first.rrset),
        f"what {answer.server.to_text()} has of {among} could not be told: {said}",
        is_unknown=True,
        expected="an answer",
        seen=said,
        answered_by=answer.server.to_text(),
        count=silence.count,
    )


def _size(setup: Setup) -> int:
    return sum(len(domain.zone.rrsets) for domain in setup.domains)


CHECK = Check(
    "dns-propagation",
    Subject.DNS,
    "propagation to resolvers",
    (ABSENCE_CACHED, OLD_VALUE_CACHED, RESOLVER_FAILS, RESOLVER_SILENT),
    run,
    _size,
)
