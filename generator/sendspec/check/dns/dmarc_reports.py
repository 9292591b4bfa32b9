"""Whether DMARC reports arrive: their host takes mail, and says that it wants those of other people's domains."""

from collections.abc import AsyncIterator, Iterator

from sendspec.check.dns.truth import look, registrable_of
from sendspec.check.dns.wording import answered_by, show_all
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.dmarc import DmarcIntent
from sendspec.model.dns_record import Mx, Purpose
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net
from sendspec.records.dmarc import is_dmarc

AT_ONCE = 256

NOT_AUTHORISED = Kind(
    "live-dns-dmarc-reports-not-authorised",
    Severity.ERROR,
    "Destination of DMARC reports has not agreed to take them.",
    "receivers send reports to another organization only if it says so in DNS; otherwise they are silently never sent",
    "have the destination publish the TXT record that is shown; vendors do it when the domain is added to the account",
    "RFC 9990 section 4; RFC 7489 section 7.1",
)
TAKES_NO_MAIL = Kind(
    "live-dns-dmarc-report-host-takes-no-mail",
    Severity.WARNING,
    "Host that DMARC reports go to takes no mail.",
    "reports are mails; without an MX (or with a null MX) they are lost",
    "give the host an MX, or name another address in `reports:`",
    "RFC 9990 section 3; RFC 7505 section 3",
)
NOT_LOOKED_UP = Kind(
    "live-dns-dmarc-report-host-fails",
    Severity.WARNING,
    "Host that DMARC reports go to cannot be looked up.",
    "whoever sends reports has the same difficulty",
    "try again; if it lasts, name another address in `reports:`",
    "RFC 9990 section 4",
)


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Look at each declared destination of each domain that publishes a policy."""

    async def work(job: tuple[DmarcIntent, str]) -> list[Seen]:
        intent, host = job
        found = [await _mail(net, setup, intent, host), await _authorisation(net, setup, intent, host)]
        seen: list[Seen] = [each for each in found if each is not None]
        return seen or [Passed()]

    async for seen in side_by_side(_destinations(setup), work, AT_ONCE):
        yield seen


def _destinations(setup: Setup) -> Iterator[tuple[DmarcIntent, str]]:
    for domain in setup.domains:
        for intent in domain.dmarc:
            uris = (*intent.reports, *intent.failure_reports)
            for host in dict.fromkeys(uri.rpartition("@")[2].partition("!")[0].lower() for uri in uris):
                if host:
                    yield intent, host


async def _mail(net: Net, setup: Setup, intent: DmarcIntent, host: str) -> Observation | None:
    """Ask for the MX of a destination; without one, its addresses count (RFC 5321 section 5.1)."""
    answer = await look(net, setup, host, "MX")
    if answer.status is Status.ANSWER:
        if Mx(0, "") not in answer.values:
            return None
        return _observation(TAKES_NO_MAIL, intent, f"{host} takes no mail: it has a null MX", "an MX", answer)
    for rtype in ("A", "AAAA"):
        if answer.status is Status.NODATA:
            answer = await look(net, setup, host, rtype)
            if answer.status is Status.ANSWER:
                return None
    if answer.status.is_known:
        return _observation(TAKES_NO_MAIL, intent, f"{host} takes no mail: {answer.said}", "an MX", answer)
    return _not_told(net, intent, host, answer)


async def _authorisation(net: Net, setup: Setup, intent: DmarcIntent, host: str) -> Observation | None:
    if registrable_of(setup, host) == registrable_of(setup, intent.name):
        return None
    name = f"{intent.name}._report._dmarc.{host}"
    if _is_ours(setup, name):
        return None  # `dns-published` compares it
    answer = await look(net, setup, name, "TXT")
    if any(is_dmarc(text) for text in answer.texts):
        return None
    if not answer.status.is_known:
        return _not_told(net, intent, name, answer)
    return _observation(
        NOT_AUTHORISED,
        intent,
        f"{host} has not said that it takes DMARC reports for {intent.name}",
        f"{name} TXT v=DMARC1",
        answer,
        fix=f'have {host} publish `{name}. IN TXT "v=DMARC1"`, or send the reports to an address at {intent.name}',
    )


def _is_ours(setup: Setup, name: str) -> bool:
    domain = setup.index.domain_of(name)
    return domain is not None and any(
        rrset.name == name and rrset.values[0].purpose is Purpose.DMARC_REPORTS for rrset in domain.zone.rrsets
    )


def _observation(
    kind: Kind, intent: DmarcIntent, clause: str, expected: str, answer: Answer, *, fix: str = ""
) -> Observation:
    return Observation(
        kind,
        intent.origin.key("reports"),
        f"{intent.name}: {clause}",
        expected=expected,
        seen=show_all(answer.values) if answer.values else answer.said,
        answered_by=answered_by([answer]),
        fix=fix,
    )


def _not_told(net: Net, intent: DmarcIntent, name: str, answer: Answer) -> Observation:
    said = net.deadline.reason if answer.status is Status.STOPPED else answer.said
    return Observation(
        NOT_LOOKED_UP,
        intent.origin.key("reports"),
        f"{intent.name}: whether reports arrive could not be told: {said} for {name}",
        is_unknown=answer.status is not Status.SERVFAIL,
        expected="an answer",
        seen=said,
        answered_by=answer.server.to_text(),
    )


def _size(setup: Setup) -> int:
    return sum(1 for _ in _destinations(setup))


CHECK = Check(
    "dns-dmarc-reports",
    Subject.DNS,
    "destinations of DMARC reports",
    (NOT_AUTHORISED, TAKES_NO_MAIL, NOT_LOOKED_UP),
    run,
    _size,
)
