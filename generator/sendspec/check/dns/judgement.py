"""What the answers of all servers of a zone say about one of our sets, when not all of them are as expected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sendspec.check.dns import published_kinds as kinds
from sendspec.check.dns.comparison import Difference, differences
from sendspec.check.dns.mistakes import Mistake, find_mistake
from sendspec.check.dns.truth import look
from sendspec.check.dns.wording import answered_by, line_to_write, shorten, show_all, show_pair
from sendspec.model.dns_record import RecordType, RRset, Zone
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.net.address import Server
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net

NAMED_ANSWERS = 4
DATAGRAM = 1232
"""Octets that pass every network in one piece (DNS flag day 2020)."""


@dataclass(slots=True)
class Question:
    """One of our sets, asked of every server of its zone. `answers` are those that are not as expected."""

    zone: Zone
    rrset: RRset
    servers: tuple[Server, ...]
    left: int
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Observations about the set, the answers that told nothing, and whether anybody knew."""

    seen: tuple[Observation, ...]
    failed: list[Answer]
    somebody_knew: bool


async def judge(net: Net, setup: Setup, question: Question) -> Judgement:
    """Say what is wrong with a set, once, whoever and how many say so. Nothing is wrong with it: `seen` is empty."""
    rrset, zone = question.rrset, question.zone
    known = [answer for answer in question.answers if answer.status.is_known or answer.status is Status.REFERRAL]
    failed = [answer for answer in question.answers if answer not in known]
    by_what: dict[object, list[Answer]] = {}
    right = len(question.servers) - len(question.answers) - question.left
    large = [answer for answer in known if answer.octets > DATAGRAM or answer.over_tcp]
    for answer in known:
        if is_right(rrset, answer, zone.name):
            right += 1
        else:
            by_what.setdefault((answer.status, answer.values, answer.chain), []).append(answer)
    seen: list[Observation] = []
    if by_what and (right or len(by_what) > 1):
        seen.append(await _disagreement(net, question, list(by_what.values()), right))
    elif by_what:
        seen.extend(await _describe(net, setup, question, next(iter(by_what.values()))))
    if large:
        seen.append(_too_large(rrset, large))
    return Judgement(tuple(seen), failed, bool(right or known))


def origin_of(rrset: RRset) -> Origin:
    """Give the place of the last reason of a set's first value, which people can change."""
    return rrset.values[0].records[-1].origin


def is_right(rrset: RRset, answer: Answer, zone: str) -> bool:
    """Tell whether an answer holds every declared value, and none beside it that makes it void."""
    if answer.status is not Status.ANSWER or (answer.chain and rrset.type is not RecordType.CNAME):
        return False
    return next(differences(rrset, answer.values, zone), None) is None


async def _describe(net: Net, setup: Setup, question: Question, answers: Sequence[Answer]) -> list[Observation]:
    """Say what it is that all servers say."""
    rrset, answer = question.rrset, answers[0]
    if answer.status is Status.REFERRAL:
        return [await _delegated(net, question, answers)]
    if answer.chain and rrset.type is not RecordType.CNAME:
        return [await _cname_instead(net, setup, question, answers)]
    if answer.status is not Status.ANSWER:
        mistake = await find_mistake(net, answer.server, question.zone, rrset)
        return [_misplaced(rrset, mistake) if mistake else _missing(question, answers)]
    return [
        _different(rrset, difference, answers) for difference in differences(rrset, answer.values, question.zone.name)
    ]


def _missing(question: Question, answers: Sequence[Answer]) -> Observation:
    rrset, answer = question.rrset, answers[0]
    is_name = answer.status is Status.NXDOMAIN
    what = "no such name (NXDOMAIN)" if is_name else f"the name has no {rrset.type} record"
    return Observation(
        kinds.NAME_MISSING if is_name else kinds.RECORD_MISSING,
        origin_of(rrset),
        f"{rrset.name}: {what}; {rrset.values[0].records[0].breaks}",
        expected=_expected(rrset),
        seen=answer.said,
        answered_by=answered_by(answers),
        fix=_write(question.zone, rrset),
        severity=_severity(rrset),
    )


def _misplaced(rrset: RRset, mistake: Mistake) -> Observation:
    answer = mistake.answer
    instead = mistake.kind in {kinds.ADDRESS_INSTEAD, kinds.TEXT_INSTEAD}
    place = f"{answer.type} records stand there instead" if instead else f"it stands at {answer.name} instead"
    line = "\n".join(line_to_write(rrset, value.value) for value in rrset.values)
    remove = f"{mistake.kind.instead}: `{line}`" if instead else f"move it from {answer.name} to {rrset.name}: `{line}`"
    return Observation(
        mistake.kind,
        origin_of(rrset),
        f"{rrset.name}: no {rrset.type} record; {place}",
        expected=_expected(rrset),
        seen=shorten(f"{answer.name} {answer.type} {show_all(mistake.values)}"),
        answered_by=answered_by([answer]),
        fix=remove,
        severity=_severity(rrset),
    )


def _different(rrset: RRset, difference: Difference, answers: Sequence[Answer]) -> Observation:
    value = difference.value
    line = line_to_write(rrset, value.value)
    expected, seen = show_pair([value.value], difference.live)
    instead = difference.kind.instead
    verb = ": keep only" if difference.kind in TOO_MANY else ":" if instead.startswith("write") else "; write"
    return Observation(
        difference.kind,
        value.records[-1].origin,
        f"{rrset.name}: {_as_clause(difference.kind.summary)}; {value.records[0].breaks}",
        expected=expected,
        seen=seen if difference.live else f"{len(answers[0].values)} other values",
        answered_by=answered_by(answers),
        fix=f"{instead}{verb} `{line}`",
        severity=kinds.LESS_SEVERE.get(value.purpose),
    )


def _as_clause(summary: str) -> str:
    """Give a sentence as a clause: small at its start unless it starts with an abbreviation, and without its full stop."""
    first = summary.partition(" ")[0]
    return (summary if first.isupper() else summary[0].lower() + summary[1:]).removesuffix(".")


async def _cname_instead(net: Net, setup: Setup, question: Question, answers: Sequence[Answer]) -> Observation:
    """Follow the CNAME: where it ends in what is declared, receivers find it, and it is only not as declared."""
    rrset, answer = question.rrset, answers[0]
    end = answer if answer.status is Status.ANSWER else await look(net, setup, rrset.name, rrset.type)
    same = end.status is Status.ANSWER and not list(differences(rrset, end.values, question.zone.name))
    outcome = "which ends in the declared value" if same else f"which ends in {end.said}"
    return Observation(
        kinds.CNAME_INSTEAD,
        origin_of(rrset),
        f"{rrset.name}: a CNAME stands where {rrset.type} is declared, {outcome}",
        expected=_expected(rrset),
        seen=shorten(" → ".join(("CNAME", *answer.chain, *([show_all(end.values)] if end.values else [])))),
        answered_by=answered_by(answers),
        fix=f"delete the CNAME at {rrset.name}, then {_write(question.zone, rrset)}",
        severity=Severity.INFO if same else _severity(rrset),
    )


async def _delegated(net: Net, question: Question, answers: Sequence[Answer]) -> Observation:
    """Look into the delegated zone: where the record stands there, only the spec's idea of the zones is wrong."""
    rrset, referral = question.rrset, answers[0].referral or ("", ())
    child = await net.zones.of(rrset.name)
    below = [await net.dns.ask(server, rrset.name, rrset.type) for server in child.servers[:1]]
    is_there = bool(below) and all(is_right(rrset, answer, child.zone) for answer in below)
    where = "stands there as declared" if is_there else "is not there as declared"
    return Observation(
        kinds.DELEGATED,
        origin_of(rrset),
        f"{rrset.name} lies in the zone {referral[0]}, which is delegated away from {question.zone.name}; the record {where}",
        expected=f"{rrset.type} in the zone {question.zone.name}",
        seen=shorten(f"{referral[0]} NS {', '.join(referral[1])}"),
        answered_by=answered_by(answers),
        fix=f"write the record into the zone {referral[0]} and declare `domains: {referral[0]}:` in the spec, or remove "
        f"the NS records at {referral[0]} from the zone {question.zone.name}",
        severity=Severity.INFO if is_there else _severity(rrset),
    )


async def _disagreement(net: Net, question: Question, groups: Sequence[Sequence[Answer]], right: int) -> Observation:
    rrset = question.rrset
    parts = [f"{answered_by(group).removesuffix(', authoritative')}: {_said(group[0])}" for group in groups]
    del parts[NAMED_ANSWERS - 1 :]
    if right:
        wrong = {answer.server for group in groups for answer in group} | {a.server for a in question.answers}
        servers = [server.to_text() for server in question.servers if server not in wrong] or [f"{right} more"]
        parts.append(f"{', '.join(servers)}: as declared")
    serials = await _serials(net, question)
    return Observation(
        kinds.SERVERS_DISAGREE,
        origin_of(rrset),
        f"{rrset.name}: the servers of {question.zone.name} disagree about its {rrset.type} record{serials}",
        expected=_expected(rrset),
        seen="; ".join(shorten(part, 120) for part in parts),
        answered_by=answered_by([answer for group in groups for answer in group]),
        severity=_severity(rrset),
    )


async def _serials(net: Net, question: Question) -> str:
    """Give the serial numbers of the zone where they tell who is behind (RFC 1035 section 3.3.13)."""
    serials = set()
    for server in question.servers:
        answer = await net.dns.ask(server, question.zone.name, "SOA")
        serials |= {words[2] for words in (text.split() for text in answer.texts) if len(words) > 2}  # noqa: PLR2004 - mname, rname, serial
    return f" (serials {', '.join(sorted(serials))})" if len(serials) > 1 else ""


def _said(answer: Answer) -> str:
    if answer.status is not Status.ANSWER:
        return answer.said
    return show_all(answer.values) if answer.type == "CNAME" or not answer.chain else f"CNAME {answer.chain[0]}"


def _too_large(rrset: RRset, answers: Sequence[Answer]) -> Observation:
    octets = max(answer.octets for answer in answers)
    truncated = any(answer.over_tcp for answer in answers)
    how = "was truncated over UDP" if truncated else f"has {octets} octets"
    return Observation(
        kinds.TOO_LARGE,
        origin_of(rrset),
        f"{rrset.name}: the answer with its {rrset.type} set {how}",
        expected=f"at most {DATAGRAM} octets",
        seen=f"{octets} octets, {len(answers[0].values)} values" + (", whole only over TCP" if truncated else ""),
        answered_by=answered_by(answers),
        severity=None if truncated else Severity.INFO,
    )


def _expected(rrset: RRset) -> str:
    return show_all(value.value for value in rrset.values)


def _severity(rrset: RRset) -> Severity | None:
    """Give what a set is worth at most: the worst of its values."""
    severities = [kinds.LESS_SEVERE.get(value.purpose, Severity.ERROR) for value in rrset.values]
    return max(severities, key=lambda severity: severity.rank)


def _write(zone: Zone, rrset: RRset) -> str:
    lines = "; ".join(f"`{line_to_write(rrset, value.value)}`" for value in rrset.values)
    return f"write into the zone {zone.name}: {lines}"


TOO_MANY: frozenset[Kind] = frozenset({*kinds.SECOND_BY_PURPOSE.values(), kinds.SECOND_MX, kinds.NULL_MX_NOT_ALONE})


def one_per_delegated_zone(seen: Iterator[Observation]) -> Iterator[Observation]:
    """Give each observation but for names below one delegated zone, of which the first speaks for all."""
    delegated: dict[str, Observation] = {}
    for each in seen:
        if each.kind is not kinds.DELEGATED:
            yield each
        elif each.seen not in delegated:
            delegated[each.seen] = each
            yield each
