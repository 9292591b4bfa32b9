"""The hosts our MX records name, and whether names that send can be answered at all."""

from collections.abc import AsyncIterator, Iterator

from sendspec.check.dns.truth import look
from sendspec.check.dns.wording import answered_by, show_all
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net

AT_ONCE = 256
NULL_MX = Mx(0, "")

GONE = Kind(
    "live-dns-mx-host-missing",
    Severity.ERROR,
    "MX names a host that does not exist (NXDOMAIN).",
    "bounces are lost, receivers that check it refuse the sender, and whoever registers the host gets the mail",
    "write the MX that the ESP shows today",
    "RFC 5321 section 5.1",
)
NO_ADDRESS = Kind(
    "live-dns-mx-host-without-address",
    Severity.ERROR,
    "MX names a host without an address.",
    "bounces are lost, and receivers that check it refuse the sender",
    "write the MX that the ESP shows today",
    "RFC 5321 section 5.1",
)
IS_CNAME = Kind(
    "live-dns-mx-host-is-cname",
    Severity.ERROR,
    "MX names a host that is a CNAME.",
    "some senders do not follow it, so their bounces are lost",
    "name the host that the CNAME leads to",
    "RFC 2181 section 10.3; RFC 5321 section 5.1",
)
NULL_ON_SENDER = Kind(
    "live-dns-null-mx-on-sender",
    Severity.ERROR,
    "Name that sends has a null MX.",
    "it says that nobody can answer or take bounces, so receivers may refuse the mail (550 5.7.27)",
    "remove the null MX, or give the name an MX that takes mail",
    "RFC 7505 section 4.2",
)
NOT_LOOKED_UP = Kind(
    "live-dns-mx-host-fails",
    Severity.WARNING,
    "Host that an MX names cannot be looked up.",
    "whoever has a bounce to deliver has the same difficulty",
    "try again; if it lasts, tell whoever runs the host",
    "RFC 5321 section 5.1",
)

_Job = tuple[str, Origin] | DnsRecord


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Look at each host of each MX, then at each From and envelope domain."""

    async def work(job: _Job) -> list[Seen]:
        if isinstance(job, DnsRecord):
            return [await _look_at_host(net, setup, job)]
        return [seen async for seen in _look_at_sender(net, setup, *job)]

    async for seen in side_by_side(_jobs(setup), work, AT_ONCE):
        yield seen


def _jobs(setup: Setup) -> Iterator[_Job]:
    for _, rrset in setup.rrsets():
        for value in rrset.values:
            if isinstance(value.value, Mx) and value.value.exchange:
                yield value.records[0]
    yield from _senders(setup).items()


def _senders(setup: Setup) -> dict[str, Origin]:
    """Give each From and envelope domain with the first place that sends from it, those of ESPs left out.

    Where we declare an MX or a CNAME, `dns-published` sees whether that is what stands there.
    """
    senders: dict[str, Origin] = {}
    for proof in setup.proofs:
        senders.setdefault(proof.author, proof.sender_origin)
        if proof.spf.domain and "‹" not in proof.spf.domain:
            senders.setdefault(proof.spf.domain, proof.origin)
    for _, rrset in setup.rrsets():
        if rrset.type is not RecordType.TXT and rrset.values[0].purpose is not Purpose.NULL_MX:
            senders.pop(rrset.name, None)
    return senders


async def _look_at_host(net: Net, setup: Setup, record: DnsRecord) -> Seen:
    host = record.value.exchange.lower() if isinstance(record.value, Mx) else ""
    answer = await look(net, setup, host, "A")
    if answer.status is Status.NODATA:
        answer = await look(net, setup, host, "AAAA")
    if answer.chain:
        return _wrong(IS_CNAME, record, host, answer, f"which is a CNAME to {answer.chain[0]}")
    if answer.status is Status.ANSWER:
        return Passed()
    if answer.status is Status.NXDOMAIN:
        return _wrong(GONE, record, host, answer, "which does not exist (NXDOMAIN)")
    if answer.status is Status.NODATA:
        return _wrong(NO_ADDRESS, record, host, answer, "which has no address")
    said = net.deadline.reason if answer.status is Status.STOPPED else answer.said
    return _wrong(NOT_LOOKED_UP, record, host, answer, f"whose address could not be looked up: {said}")


def _wrong(kind: Kind, record: DnsRecord, host: str, answer: Answer, clause: str) -> Observation:
    return Observation(
        kind,
        record.origin,
        f"{record.name}: its MX names {host}, {clause}; {record.breaks}",
        is_unknown=kind is NOT_LOOKED_UP and answer.status is not Status.SERVFAIL,
        expected=f"an A or AAAA record at {host}",
        seen=f"CNAME {answer.chain[0]}" if answer.chain else answer.said,
        answered_by=answered_by([answer]),
        fix=f"compare with what {record.account or 'whoever runs the host'} shows for {record.name} today, and write that MX",
    )


async def _look_at_sender(net: Net, setup: Setup, name: str, origin: Origin) -> AsyncIterator[Seen]:
    answer = await look(net, setup, name, "MX")
    if NULL_MX in answer.values:
        yield Observation(
            NULL_ON_SENDER,
            origin,
            f"{name} sends mail, and its MX says that it takes none",
            expected="an MX that takes mail, or none",
            seen=show_all(answer.values),
            answered_by=answered_by([answer]),
            fix=f"remove `{name}. MX 0 .`, or write the MX of the host that takes its mail",
        )
    elif answer.status.is_known:
        yield Passed()
    else:
        said = net.deadline.reason if answer.status is Status.STOPPED else answer.said
        yield Observation(
            NULL_ON_SENDER,
            origin,
            f"{name}: whether it can be answered could not be told: {said}",
            is_unknown=True,
            expected="an MX that takes mail, or none",
            seen=said,
            answered_by=answer.server.to_text(),
        )


def _size(setup: Setup) -> int:
    return sum(1 for _ in _jobs(setup))


CHECK = Check(
    "dns-mail-exchangers",
    Subject.DNS,
    "hosts of MX records",
    (GONE, NO_ADDRESS, IS_CNAME, NULL_ON_SENDER, NOT_LOOKED_UP),
    run,
    _size,
)
