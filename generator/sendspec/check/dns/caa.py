"""Whether a certificate may be issued for the hosts of tracked links at all: CAA can forbid it to everybody.

Which authority an ESP uses is its own matter and not known here, so only what forbids every one is a finding.
"""

from collections.abc import AsyncIterator, Iterator

from sendspec.check.dns.truth import look
from sendspec.check.dns.wording import answered_by, show_all
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.dns_record import DnsRecord, Purpose
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer
from sendspec.net.net import Net

AT_ONCE = 32

NOBODY_MAY = Kind(
    "live-dns-caa-forbids-tracking-host",
    Severity.WARNING,
    "CAA forbids every authority to issue a certificate for a host of tracked links.",
    "links in mail lead to a host that can have no certificate: browsers that ask for https refuse it",
    "add a CAA record for the authority that the ESP uses",
    "RFC 8659 sections 3 and 4.2",
)


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Climb from each host to the first name with CAA records, as an authority does."""

    async def work(record: DnsRecord) -> list[Seen]:
        zone = setup.index.domain_of(record.name)
        name = record.name
        while zone is not None and name:
            answer = await look(net, setup, name, "CAA")
            if not answer.status.is_known:
                return [_not_told(record, answer)]
            if answer.texts:
                return [_forbidden(record, answer) if _forbids(answer.texts) else Passed()]
            name = "" if name == zone.name else name.partition(".")[2]
        return [Passed()]

    async for seen in side_by_side(_hosts(setup), work, AT_ONCE):
        yield seen


def _hosts(setup: Setup) -> Iterator[DnsRecord]:
    for _, rrset in setup.rrsets():
        if rrset.values[0].purpose is Purpose.TRACKING:
            yield rrset.values[0].records[0]


def _forbids(texts: tuple[str, ...]) -> bool:
    """Tell whether there are `issue` properties, and all of them name nobody: `0 issue ";"`."""
    issuers = [words[2].strip(' "') for words in (text.split(None, 2) for text in texts) if _is_issue(words)]
    return bool(issuers) and all(issuer.partition(";")[0].strip() == "" for issuer in issuers)


def _is_issue(words: list[str]) -> bool:
    return len(words) == 3 and words[1].lower() == "issue"  # noqa: PLR2004 - flags, tag, value


def _forbidden(record: DnsRecord, answer: Answer) -> Observation:
    return Observation(
        NOBODY_MAY,
        record.origin,
        f"{record.name}: the CAA records at {answer.name} let nobody issue a certificate for it",
        expected="an authority that may issue, or no CAA",
        seen=show_all(answer.texts),
        answered_by=answered_by([answer]),
        fix=f'add a CAA record at {answer.name}: `0 issue "<the ESP\'s authority>"`',
    )


def _not_told(record: DnsRecord, answer: Answer) -> Observation:
    return Observation(
        NOBODY_MAY,
        record.origin,
        f"{record.name}: whether a certificate may be issued for it could not be told: {answer.said}",
        is_unknown=True,
        expected="an answer",
        seen=answer.said,
        answered_by=answer.server.to_text(),
    )


def _size(setup: Setup) -> int:
    return sum(1 for _ in _hosts(setup))


CHECK = Check("dns-caa", Subject.DNS, "CAA of tracking hosts", (NOBODY_MAY,), run, _size)
