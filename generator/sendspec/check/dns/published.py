"""Every set of records that the spec implies, asked of every server that answers for its zone."""

from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from itertools import islice

from sendspec.check.dns import published_kinds as kinds
from sendspec.check.dns.judgement import Question, judge, one_per_delegated_zone, origin_of
from sendspec.check.dns.server_faults import ServerFaults
from sendspec.check.dns.truth import absent_domain, expected_values
from sendspec.check.interface import Check
from sendspec.check.side_by_side import all_of, side_by_side
from sendspec.model.dns_record import Zone
from sendspec.model.observation import Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Expected
from sendspec.net.dns.interface import ZoneServers
from sendspec.net.net import Net

ZONES_AT_ONCE = 64
"""Zones whose questions go out together; while the last of them are answered, the next batches are on their way."""
BATCHES = 6
JUDGED_AT_ONCE = 64


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Give what is as declared in lumps, and everything else once, whoever says so."""
    zones = (domain.zone for domain in setup.domains)

    async def work(batch: tuple[Zone, ...]) -> list[Seen]:
        return await _look_at(setup, net, batch)

    async for seen in side_by_side(_batches(zones), work, BATCHES):
        yield seen


def _batches(zones: Iterator[Zone]) -> Iterator[tuple[Zone, ...]]:
    while batch := tuple(islice(zones, ZONES_AT_ONCE)):
        yield batch


async def _look_at(setup: Setup, net: Net, batch: Iterable[Zone]) -> list[Seen]:
    seen: list[Seen] = []
    questions: list[Question] = []
    faults = ServerFaults()
    zones = tuple(batch)
    for zone, found in zip(
        zones, await all_of((zone.name for zone in zones), net.zones.of, ZONES_AT_ONCE), strict=True
    ):
        absent = await absent_domain(net, setup, zone.name, found)
        if not zone.rrsets:
            await _look_at_servers(net, zone, found, faults)
        elif absent or not found.servers:
            seen.append(_nobody(zone, absent or found.problem))
        else:
            servers = found.servers
            questions += [Question(zone, rrset, servers, len(servers)) for rrset in zone.rrsets]
    await _ask(net, questions)
    odd = [question for question in questions if question.answers or question.left]
    passed = len(questions) - len(odd)
    found_odd: list[Observation] = []
    judgements = await all_of(odd, partial(judge, net, setup), JUDGED_AT_ONCE)
    for question, judgement in zip(odd, judgements, strict=True):
        found_odd += judgement.seen
        if judgement.failed:
            faults.add(question.zone, judgement.failed, somebody_knew=judgement.somebody_knew)
        passed += judgement.somebody_knew and not judgement.seen
    if passed:
        seen.append(Passed(passed))
    return [*seen, *one_per_delegated_zone(iter(found_odd)), *faults.seen(net.deadline.reason)]


async def _ask(net: Net, questions: Iterable[Question]) -> None:
    """Ask everything, and leave with each question the answers that are not as expected."""
    async for expected, answer in net.dns.ask_all(_expected(questions)):
        question = expected.tag
        if isinstance(question, Question):
            question.left -= 1
            if answer is not None:
                question.answers.append(answer)


async def _look_at_servers(net: Net, zone: Zone, found: ZoneServers, faults: ServerFaults) -> None:
    """Ask about the zone itself where all of it is pending: its servers must be in order before its records come."""
    answers = [await net.dns.ask(server, zone.name, "SOA") for server in found.servers]
    failed = [answer for answer in answers if not answer.status.is_known]
    faults.add(zone, failed, somebody_knew=len(failed) < len(answers))


def _expected(questions: Iterable[Question]) -> Iterator[Expected]:
    for question in questions:
        rrset = question.rrset
        values = expected_values(rrset)
        for server in question.servers:
            yield Expected(server, rrset.name, rrset.type, values, is_recursive=False, tag=question)


def _nobody(zone: Zone, problem: Answer | None) -> Observation:
    """Say that a zone could not be looked at; why is for `dns-delegation` to say, once."""
    why = problem.said if problem is not None else "none of its name servers has an address"
    return Observation(
        kinds.RECORD_MISSING,
        origin_of(zone.rrsets[0]),
        f"{zone.name}: nobody was found who answers for the zone, so its records could not be looked at: {why}",
        is_unknown=True,
        expected=f"a name server with authority for {zone.name}",
        seen=why,
        answered_by=problem.server.to_text() if problem is not None else "",
        count=len(zone.rrsets),
    )


def _size(setup: Setup) -> int:
    return sum(len(domain.zone.rrsets) for domain in setup.domains)


CHECK = Check("dns-published", Subject.DNS, "published records", kinds.KINDS, run, _size)
