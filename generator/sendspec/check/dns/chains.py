"""Where our CNAMEs end: DKIM in a key that verifies, return-paths in SPF and an MX, tracking hosts in an address.

The targets are asked for, not our own names: whether the CNAME itself is right is for `dns-published` to say.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from sendspec.check.dns import keys
from sendspec.check.dns.keys import DEAD, Flaw, flaws
from sendspec.check.dns.truth import ask_zone, look
from sendspec.check.dns.wording import answered_by, shorten, show_all
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.dns_record import DnsRecord, Purpose, RecordType
from sendspec.model.domain import Domain
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net

AT_ONCE = 256
LONGEST = 16
"""CNAMEs after which nobody follows any further."""
WANTED = {
    Purpose.DKIM: ("TXT",),
    Purpose.RETURN_PATH: ("MX", "TXT", "A"),
    Purpose.TRACKING: ("A", "AAAA"),
}
"""What a target must have one of. Verification hosts only have to be there for the ESP, so their targets may be empty."""

DANGLING = Kind(
    "live-dns-dangling-cname",
    Severity.ERROR,
    "CNAME leads to a name that does not exist (NXDOMAIN).",
    "the account at the ESP was closed, or the value is an old one; whoever can register the target gets our name with it: "
    "they sign as the domain, or take its bounces",
    "write the target that the ESP shows today, or remove the CNAME",
    "RFC 6376 section 3.6.1; RFC 1034 section 3.6.2",
)
EMPTY = Kind(
    "live-dns-cname-leads-nowhere",
    Severity.ERROR,
    "Target of a CNAME exists, but holds nothing of what is needed.",
    "a key, an MX or an address is looked for through the CNAME and not found",
    "write the target that the ESP shows today",
    "RFC 1034 section 3.6.2",
)
LOOP = Kind(
    "live-dns-cname-loop",
    Severity.ERROR,
    "CNAMEs lead in a circle.",
    "resolvers give up, so receivers see a temporary error",
    "point the first CNAME to the target that the ESP shows",
    "RFC 1034 section 3.6.2",
)
BESIDE_OTHER = Kind(
    "live-dns-cname-beside-other",
    Severity.ERROR,
    "Other records stand beside a CNAME.",
    "which of them an answer holds depends on the server and on what a resolver remembers",
    "delete everything but the CNAME at that name",
    "RFC 1034 section 3.6.2; RFC 2181 section 10.1",
)
NOT_FOLLOWED = Kind(
    "live-dns-target-fails",
    Severity.WARNING,
    "Target of a CNAME cannot be looked up.",
    "receivers have the same difficulty and see a temporary error",
    "try again; if it lasts, tell the ESP: the target is theirs",
    "RFC 2308 section 7",
)


@dataclass(frozen=True, slots=True)
class _End:
    """A CNAME of ours and what its target says; `flaw` is what is wrong with a key."""

    record: DnsRecord
    answer: Answer
    flaw: Flaw | None = None


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Follow every CNAME of every zone. Targets that many share are asked for once."""

    async def work(domain: Domain) -> list[Seen]:
        seen: list[Seen] = []
        ends: list[_End] = []
        for record in _cnames(domain):
            observation, end = await _follow(net, setup, domain, record)
            if observation is not None:
                seen.append(observation)
            else:
                ends += end
        return [*seen, *_about_keys(ends)]

    async for seen in side_by_side(setup.domains, work, AT_ONCE):
        yield seen


def _cnames(domain: Domain) -> Iterator[DnsRecord]:
    for rrset in domain.zone.rrsets:
        if rrset.type is RecordType.CNAME and len(rrset.values) == 1:
            yield rrset.values[0].records[0]


async def _follow(net: Net, setup: Setup, domain: Domain, record: DnsRecord) -> tuple[Observation | None, list[_End]]:
    """Give what is wrong with a CNAME's target, or its end with what is to be said of the key there."""
    target = str(record.value).lower()
    types = WANTED.get(record.purpose, ("A",))
    answer = await look(net, setup, target, types[0])
    for rtype in types[1:]:
        if answer.status is Status.NODATA:
            answer = await look(net, setup, target, rtype)
    trouble = await _trouble(net, setup, record, answer)
    if trouble is not None:
        return trouble, []
    beside = await _beside(net, domain, record)
    if beside is not None:
        return beside, []
    if record.purpose is not Purpose.DKIM:
        return None, [_End(record, answer)]
    longest = setup.account(record.account).limits.dkim_bits if record.account else None
    found = list(flaws(answer.texts, longest.value if longest else None))
    return None, [_End(record, answer, flaw) for flaw in found] or [_End(record, answer)]


async def _trouble(net: Net, setup: Setup, record: DnsRecord, answer: Answer) -> Observation | None:
    """Give what keeps a CNAME from ending in what it is for."""
    if not answer.status.is_known:
        circle = await _circle(net, setup, record) if answer.status in {Status.SERVFAIL, Status.OTHER} else []
        if circle:
            return _wrong(LOOP, record, answer, f"and comes back: {' → '.join(circle)}")
        return _not_told(net, record, answer)
    if answer.status is Status.ANSWER or record.purpose not in WANTED:
        return None
    if answer.status is Status.NXDOMAIN:
        return _wrong(DANGLING, record, answer, "which does not exist (NXDOMAIN)")
    return _wrong(EMPTY, record, answer, f"which has no {' or '.join(WANTED[record.purpose])} record")


async def _circle(net: Net, setup: Setup, record: DnsRecord) -> list[str]:
    """Follow CNAMEs one by one and give the names in order if one comes twice; resolvers only say SERVFAIL."""
    names = [record.name]
    target = str(record.value).lower()
    while target not in names and len(names) < LONGEST:
        names.append(target)
        answer = await look(net, setup, target, "CNAME")
        if answer.status is not Status.ANSWER:
            return []
        target = answer.texts[0]
    return [*names, target] if target in names else []


async def _beside(net: Net, domain: Domain, record: DnsRecord) -> Observation | None:
    """Ask the zone for text at a return-path: an answer without the CNAME in it stands beside it.

    Only there do people put something beside a CNAME: an SPF record (few name servers let them).
    """
    if record.purpose is not Purpose.RETURN_PATH:
        return None
    answer = await ask_zone(net, domain.zone.name, record.name, "TXT")
    if answer is None or answer.status is not Status.ANSWER or answer.chain:
        return None
    cname = await ask_zone(net, domain.zone.name, record.name, "CNAME")
    if cname is None or cname.status is not Status.ANSWER:
        return None  # `dns-published` says what stands instead of the CNAME
    return Observation(
        BESIDE_OTHER,
        record.origin,
        f"{record.name}: TXT records stand beside the CNAME",
        expected=f"CNAME {record.value}, and nothing else",
        seen=f"CNAME {show_all(cname.values)}, and TXT {show_all(answer.values)}",
        answered_by=answered_by([answer]),
        fix=f"delete the TXT records at {record.name}",
    )


def _wrong(kind: Kind, record: DnsRecord, answer: Answer, clause: str) -> Observation:
    return Observation(
        kind,
        record.origin,
        f"{record.name}: its CNAME leads to {record.value}, {clause}; {record.breaks}",
        expected=f"{' or '.join(WANTED.get(record.purpose, ('A',)))} at {record.value}",
        seen=shorten(" → ".join((str(record.value), *answer.chain, answer.said))),
        answered_by=answered_by([answer]),
        fix=f"compare with what {record.account or 'the owner of the target'} shows for {record.name} today; write that "
        "target into the lock file and the zone, or remove the CNAME",
    )


def _not_told(net: Net, record: DnsRecord, answer: Answer) -> Observation:
    said = net.deadline.reason if answer.status is Status.STOPPED else answer.said
    return Observation(
        NOT_FOLLOWED,
        record.origin,
        f"{record.name}: where its CNAME {record.value} ends could not be told: {said}",
        is_unknown=answer.status is not Status.SERVFAIL,
        expected=f"{' or '.join(WANTED.get(record.purpose, ('A',)))} at {record.value}",
        seen=said,
        answered_by=answer.server.to_text(),
    )


def _about_keys(ends: list[_End]) -> Iterator[Seen]:
    """Give what is wrong with keys. A dead key beside a good one of the same signer is what rotation leaves: a warning."""
    signers: dict[tuple[str, str], bool] = {}
    for end in ends:
        if end.record.purpose is Purpose.DKIM:
            is_good = end.flaw is None or end.flaw.kind not in DEAD
            signers[_signer(end.record)] = signers.get(_signer(end.record), False) or is_good
    passed = 0
    for end in ends:
        if end.flaw is None:
            passed += 1
            continue
        has_other = end.flaw.kind is keys.REVOKED and signers[_signer(end.record)]
        yield Observation(
            end.flaw.kind,
            end.record.origin,
            f"{end.record.name}: its CNAME leads to {end.record.value}; {end.flaw.clause}",
            expected=end.flaw.expected,
            seen=shorten(end.flaw.seen),
            answered_by=answered_by([end.answer]),
            severity=Severity.WARNING if has_other else None,
        )
    if passed:
        yield Passed(passed)


def _signer(record: DnsRecord) -> tuple[str, str]:
    return record.account, record.name.partition("._domainkey.")[2]


def _size(setup: Setup) -> int:
    return sum(1 for domain in setup.domains for _ in _cnames(domain))


CHECK = Check(
    "dns-chains",
    Subject.DNS,
    "targets of CNAMEs",
    (DANGLING, EMPTY, LOOP, BESIDE_OTHER, NOT_FOLLOWED, *keys.KINDS),
    run,
    _size,
)
