"""The submission endpoint of every route: each address, TLS, login, every sender. No message is ever sent."""

from collections.abc import AsyncIterator, Iterator

from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.check.smtp import connection_kinds, submission_kinds
from sendspec.check.smtp.judgement import judge
from sendspec.check.smtp.kinds import KINDS
from sendspec.check.smtp.probes import Probe, probes_of
from sendspec.model.credential import Credential
from sendspec.model.credential import Login as DeclaredLogin
from sendspec.model.observation import Observation, Seen, Subject
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Support
from sendspec.net.dns.answer import Status
from sendspec.net.net import Net
from sendspec.net.smtp.exchange import Envelope, Exchange, Failure, Login, Target
from sendspec.net.smtp.sessions import Addresses, Sessions, addresses_of

PROBES_AT_ONCE = 256
ENVELOPES_A_SESSION = 20
"""Senders that are tried in one session; thousands of customers are spread over many."""
DEAF = frozenset({Failure.CONNECT_TIMEOUT, Failure.CONNECTION_REFUSED, Failure.UNREACHABLE})


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Look at every probe, many side by side."""
    sessions = Sessions(net)

    async def work(probe: Probe) -> list[Seen]:
        return await _look_at(probe, net, sessions)

    async for seen in side_by_side(probes_of(setup), work, PROBES_AT_ONCE):
        yield seen


async def _look_at(probe: Probe, net: Net, sessions: Sessions) -> list[Seen]:
    addresses = await addresses_of(net, probe.endpoint.host)
    seen: list[Seen] = [*_judge_addresses(probe, addresses)]
    if not addresses.found:
        return seen
    login = await _login(probe, net)
    if isinstance(login, Unresolved):
        seen.append(_no_login(probe, login))
    exchanges = await _hold_sessions(probe, sessions, addresses, login if isinstance(login, Login) else None)
    others: list[Target] = []
    if all(exchange.problem is not None and exchange.problem.failure in DEAF for exchange in exchanges):
        others = await sessions.that_greet(_other_ports(probe, addresses.found[0]))
    seen += judge(probe, exchanges, others, net.patience)
    return seen


async def _hold_sessions(probe: Probe, sessions: Sessions, addresses: Addresses, login: Login | None) -> list[Exchange]:
    """Try the first senders at every address, and all others at the first address that took the login."""
    endpoint = probe.endpoint
    targets = [Target(endpoint.host, address, endpoint.port, endpoint.tls) for address in addresses.found]
    envelopes = list(probe.envelopes)
    exchanges = await sessions.look(targets, login, envelopes[:1])
    good = next((exchange.target for exchange in exchanges if exchange.has_logged_in and not exchange.problem), None)
    if good is not None:
        for part in _parts(envelopes[1:]):
            exchanges += await sessions.look([good], login, part)
    return exchanges


def _parts(envelopes: list[Envelope]) -> Iterator[list[Envelope]]:
    for start in range(0, len(envelopes), ENVELOPES_A_SESSION):
        yield envelopes[start : start + ENVELOPES_A_SESSION]


def _other_ports(probe: Probe, address: str) -> list[Target]:
    """Give the ESP's other ports, those of the declared TLS mode first."""
    endpoint = probe.endpoint
    ports = [(port, tls) for tls, served in endpoint.ports.items() for port in served if port != endpoint.port]
    ports.sort(key=lambda each: each[1] is not endpoint.tls)
    return [Target(endpoint.host, address, port, tls) for port, tls in ports]


async def _login(probe: Probe, net: Net) -> Login | Unresolved:
    parts = []
    for declared in (probe.endpoint.username, probe.endpoint.password):
        part = await _resolved(declared, net)
        if isinstance(part, Unresolved):
            return part
        parts.append(part)
    return Login(*parts)


async def _resolved(declared: DeclaredLogin | None, net: Net) -> Secret | Unresolved:
    if declared is None:
        return Unresolved("the spec declares none", "declare it below `credentials:` of the account")
    return await net.secrets.get(declared) if isinstance(declared, Credential) else Secret(declared.value)


def _no_login(probe: Probe, login: Unresolved) -> Observation:
    return Observation(
        submission_kinds.AUTH_REFUSED,
        probe.at,
        f"{probe.place}: the login of {probe.account.id} could not be tried, nor what comes after it: {login.reason}",
        is_unknown=True,
        fix=login.fix,
        related=probe.related,
        count=1 + len(probe.envelopes),
    )


def _judge_addresses(probe: Probe, addresses: Addresses) -> Iterator[Observation]:
    """Say what keeps a family of addresses, or all of them, from being known."""
    host = probe.endpoint.host
    for answer in addresses.answers:
        if not answer.status.is_known:
            family = "IPv6" if answer.type == "AAAA" else "IPv4"
            yield Observation(
                connection_kinds.NO_ADDRESS,
                probe.at,
                f"{host}: its {family} addresses could not be looked up: {answer.said}",
                is_unknown=True,
                answered_by=answer.server.to_text(),
                related=probe.related,
            )
    if addresses.found or not all(answer.status.is_known for answer in addresses.answers):
        return
    answer = addresses.answers[0]
    kind = connection_kinds.NO_ADDRESS
    if any(each.status is Status.NXDOMAIN for each in addresses.answers):
        has_smtp = probe.endpoint.smtp_support is Support.YES
        kind = connection_kinds.HOST_MISSING if has_smtp else connection_kinds.REGION
    yield Observation(
        kind,
        probe.at,
        f"{host}: {answer.said}" + ("" if kind is not connection_kinds.REGION else f" ({probe.endpoint.source})"),
        expected="an address",
        seen=answer.said,
        answered_by=answer.server.to_text(),
        related=probe.related,
    )


def _size(setup: Setup) -> int:
    return sum(1 + len(probe.envelopes) for probe in probes_of(setup))


CHECK = Check("smtp-submission", Subject.SMTP, "submission endpoints", KINDS, run, _size)
