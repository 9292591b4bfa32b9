"""MTA-STS policies as senders fetch them, compared with what the spec declares and with the MX that are live.

The TXT record is compared by `dns-published`. In testing mode no mail stops, so everything is a warning at most.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from sendspec.check.dns import mta_sts_kinds as kinds
from sendspec.check.dns.truth import look
from sendspec.check.dns.wording import answered_by, shorten
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.dns_record import Mx, Purpose
from sendspec.model.domain import Domain
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Status
from sendspec.net.http import Reply, Trouble
from sendspec.net.net import Net
from sendspec.records import mta_sts
from sendspec.records.error import RecordError
from sendspec.records.mta_sts import Policy

AT_ONCE = 16
MOST_OCTETS = 64_000
"""What a sender reads of a policy at most (RFC 8461 section 3.3 suggests this limit)."""
OK, REDIRECTS = 200, range(300, 400)


@dataclass(frozen=True, slots=True)
class _Declared:
    name: str
    policy: Policy
    origin: Origin

    @property
    def url(self) -> str:
        return f"https://mta-sts.{self.name}/.well-known/mta-sts.txt"

    @property
    def severity(self) -> Severity:
        return Severity.ERROR if self.policy.mode == "enforce" else Severity.WARNING


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Fetch each policy, then ask for the MX of its name."""

    async def work(declared: _Declared) -> list[Seen]:
        reply = await net.http.call("GET", declared.url, max_octets=MOST_OCTETS)
        found = [_look_at_reply(net, declared, reply), await _look_at_mx(net, setup, declared)]
        return [each or Passed() for each in found]

    async for seen in side_by_side(_declared(setup), work, AT_ONCE):
        yield seen


def _declared(setup: Setup) -> Iterator[_Declared]:
    for domain in setup.domains:
        origins = _origins(domain) if domain.zone.mta_sts_policies else {}
        for name, text in domain.zone.mta_sts_policies:
            try:
                yield _Declared(name, mta_sts.parse_policy(text), origins.get(name, domain.origin))
            except RecordError:
                continue  # a rule says so


def _origins(domain: Domain) -> dict[str, Origin]:
    return {
        rrset.name.removeprefix("_mta-sts."): value.records[-1].origin
        for rrset in domain.zone.rrsets
        for value in rrset.values
        if value.purpose is Purpose.MTA_STS
    }


def _look_at_reply(net: Net, declared: _Declared, reply: Reply) -> Observation | None:
    """Give the first thing that keeps senders from reading the policy that is declared."""
    if reply.trouble is not None or reply.status is None:
        trouble = reply.trouble or Trouble.MALFORMED
        said = net.deadline.reason if trouble is Trouble.STOPPED else reply.detail or str(trouble)
        kind = kinds.BY_TROUBLE.get(trouble)
        return _observation(kind or kinds.NOT_FETCHED, declared, reply, str(trouble), said, is_unknown=kind is None)
    if reply.status in REDIRECTS:
        where = reply.headers.get("location", "somewhere")
        return _observation(kinds.REDIRECTED, declared, reply, "a redirect", f"{reply.status} to {where}")
    if reply.status != OK:
        return _observation(kinds.WRONG_STATUS, declared, reply, f"status {reply.status}", str(reply.status))
    return _look_at_policy(declared, reply)


def _look_at_policy(declared: _Declared, reply: Reply) -> Observation | None:
    content_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "text/plain":
        seen = shorten(content_type, 60) or "no content type"
        return _observation(kinds.NOT_TEXT, declared, reply, f"it is served as {seen}", seen)
    text = reply.body.decode(errors="replace")
    try:
        policy = mta_sts.parse_policy(text)
    except RecordError as error:
        return _observation(
            kinds.UNREADABLE, declared, reply, f"it cannot be read: {shorten(str(error), 120)}", " ".join(text.split())
        )
    if _meaning(policy) != _meaning(declared.policy):
        return _observation(
            kinds.DIFFERS, declared, reply, "another policy is served", " ".join(policy.to_text().split())
        )
    return None


def _meaning(policy: Policy) -> tuple[str, frozenset[str], int]:
    return policy.mode, frozenset(host.lower() for host in policy.mx), policy.max_age


def _observation(
    kind: Kind, declared: _Declared, reply: Reply, clause: str, seen: str, *, is_unknown: bool = False
) -> Observation:
    return Observation(
        kind,
        declared.origin,
        f"{declared.name}: the MTA-STS policy at {declared.url}: {clause}",
        is_unknown=is_unknown,
        expected=shorten(" ".join(declared.policy.to_text().split())),
        seen=shorten(seen),
        answered_by=f"mta-sts.{declared.name}" + (f" ({reply.address})" if reply.address else ""),
        fix=kind.instead.replace("<domain>", declared.name).replace("that address", declared.url),
        severity=declared.severity,
    )


async def _look_at_mx(net: Net, setup: Setup, declared: _Declared) -> Observation | None:
    if declared.policy.mode == "none":
        return None
    answer = await look(net, setup, declared.name, "MX")
    hosts = [value.exchange.lower() for value in answer.values if isinstance(value, Mx) and value.exchange]
    left_out = [host for host in hosts if not _is_listed(host, declared.policy.mx)]
    if answer.status.is_known and not left_out:
        return None
    said = net.deadline.reason if answer.status is Status.STOPPED else answer.said
    return Observation(
        kinds.MX_NOT_LISTED,
        declared.origin.key("mx"),
        f"{declared.name}: its MX {', '.join(left_out)} is not in the policy"
        if left_out
        else f"{declared.name}: whether its MX are in the policy could not be told: {said}",
        is_unknown=not left_out,
        expected=", ".join(declared.policy.mx),
        seen=shorten(", ".join(hosts) or said),
        answered_by=answered_by([answer]),
        fix=f"add {', '.join(left_out)} to `mx:` of `mta_sts:`, render, serve the policy, then publish its id"
        if left_out
        else "",
        severity=declared.severity,
    )


def _is_listed(host: str, patterns: tuple[str, ...]) -> bool:
    """Match as RFC 8461 section 4.1 says: `*.` stands for exactly one leftmost label."""
    parent = host.partition(".")[2]
    return any(pattern.lower() in (host, f"*.{parent}") for pattern in patterns)


def _size(setup: Setup) -> int:
    return 2 * sum(len(domain.zone.mta_sts_policies) for domain in setup.domains)


CHECK = Check(
    "dns-mta-sts",
    Subject.DNS,
    "MTA-STS policies",
    kinds.KINDS,
    run,
    _size,
)
