"""Whether names that nobody declared exist all the same: a wildcard answers for them, underscores included."""

import zlib
from collections.abc import AsyncIterator

from sendspec.check.dns.truth import ask_zone
from sendspec.check.dns.wording import answered_by, show_all
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.dmarc import DmarcIntent
from sendspec.model.domain import Domain
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net

AT_ONCE = 256
OTHER_TYPES = ("A", "AAAA", "MX")

TEXT = Kind(
    "live-dns-wildcard-text",
    Severity.WARNING,
    "Wildcard gives text for every name.",
    "it answers for `_dmarc.x`, `s._domainkey.x` and `_mta-sts.x` too: a record that is missing looks as if it were there "
    "and broken, and a wildcard SPF record is read as a key or a policy",
    "replace the wildcard by records at the names that need them",
    "RFC 4592 section 2.2; RFC 9989 section 4.10",
)
CNAME = Kind(
    "live-dns-wildcard-cname",
    Severity.WARNING,
    "Wildcard CNAME leads every name to another place.",
    "whoever owns the target decides what stands at `_dmarc.x` and `s._domainkey.x` of every name that is not declared",
    "replace the wildcard by records at the names that need them, or by addresses",
    "RFC 4592 section 3.3",
)
NAMES_EXIST = Kind(
    "live-dns-wildcard-makes-names-exist",
    Severity.WARNING,
    "Wildcard makes every name exist, so `np` of DMARC never applies.",
    "the policy for names that do not exist is chosen by NXDOMAIN; with a wildcard `sp`, else `p`, holds for forged names",
    "make `subdomains:` of `dmarc:` as strict as `nonexistent:`, or remove the wildcard",
    "RFC 9989 sections 3.2.13 and 4.7; RFC 4592",
)


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Ask each zone for a name that nobody has made. One question where there is no wildcard."""

    async def work(domain: Domain) -> list[Seen]:
        found = await net.zones.of(domain.zone.name)
        if not found.servers:
            return []  # `dns-delegation` says so
        return [await _look_at(net, domain)]

    async for seen in side_by_side(setup.domains, work, AT_ONCE):
        yield seen


def made_up_name(zone: str) -> str:
    """Give a name below a zone that nobody has: the same in every run, so that it can be looked up by hand."""
    return f"sendspec-{zlib.crc32(zone.encode()):08x}.{zone}"


async def _look_at(net: Net, domain: Domain) -> Seen:
    zone = domain.zone.name
    name = made_up_name(zone)
    answer = await ask_zone(net, zone, name, "TXT")
    if answer is None or not answer.status.is_known:
        return _not_told(domain, name, answer)
    if answer.chain:
        return _found(domain, CNAME, answer, f"a CNAME to {answer.chain[0]}")
    if answer.status is Status.ANSWER:
        return _found(domain, TEXT, answer, show_all(answer.values))
    intent = _with_dead_np(domain)
    if answer.status is Status.NODATA and intent is not None:
        for rtype in OTHER_TYPES:
            other = await ask_zone(net, zone, name, rtype)
            # Servers that sign on the fly answer NODATA for every name (RFC 9824), so only a record shows a wildcard.
            if other is not None and other.status is Status.ANSWER:
                return _np_dead(intent, other)
    return Passed()


def _with_dead_np(domain: Domain) -> DmarcIntent | None:
    """Give the domain's own policy where it is stricter for names that do not exist than for those that do."""
    for intent in domain.dmarc:
        below = intent.subdomains or intent.policy
        if intent.name == domain.name and intent.nonexistent and intent.nonexistent.rank > below.rank:
            return intent
    return None


def _found(domain: Domain, kind: Kind, answer: Answer, what: str) -> Observation:
    zone = domain.zone.name
    return Observation(
        kind,
        domain.zone.origin,
        f"{zone}: a wildcard gives {what} for every name, `_dmarc.…` and `…._domainkey.…` included",
        expected=f"no such name (NXDOMAIN) for {answer.name}",
        seen=what,
        answered_by=answered_by([answer]),
        fix=f"remove `*.{zone}` from the zone, and write records at the names that need them",
    )


def _np_dead(intent: DmarcIntent, answer: Answer) -> Observation:
    below = intent.subdomains or intent.policy
    return Observation(
        NAMES_EXIST,
        intent.origin,
        f"{intent.name}: `nonexistent: {intent.nonexistent}` never applies, because a wildcard makes every name exist; "
        f"for forged names {below} holds",
        expected=f"no such name (NXDOMAIN) for {answer.name}",
        seen=f"{answer.type} {show_all(answer.values)}",
        answered_by=answered_by([answer]),
        fix=f"declare `subdomains: {intent.nonexistent}` in `dmarc:` of {intent.name}, or remove `*.{intent.name}`",
    )


def _not_told(domain: Domain, name: str, answer: Answer | None) -> Observation:
    said = answer.said if answer is not None else "nobody could be asked"
    return Observation(
        TEXT,
        domain.zone.origin,
        f"{domain.zone.name}: whether a wildcard answers could not be told: {said}",
        is_unknown=True,
        expected=f"no such name (NXDOMAIN) for {name}",
        seen=said,
        answered_by=answer.server.to_text() if answer is not None else "",
    )


def _size(setup: Setup) -> int:
    return len(setup.domains)


CHECK = Check("dns-wildcards", Subject.DNS, "wildcards", (TEXT, CNAME, NAMES_EXIST), run, _size)
