"""A rehearsal's world on loopback: everything that a spec leads to, as data, and the servers that play it."""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from sendspec.esp.interface import load_account, load_stand_in
from sendspec.model.credential import Credential, Login
from sendspec.model.credential_use import credentials_of
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall, StandIn
from sendspec.model.vocabulary import Tls, Via
from sendspec.net.address import Dial
from sendspec.rehearse.certificates import Authority, Flaw
from sendspec.rehearse.https_server import HttpsServer, Misbehaviour, Site
from sendspec.rehearse.internet import internet
from sendspec.rehearse.name_server import LOOPBACK, NameServers, name_servers
from sendspec.rehearse.smtp_faults import SmtpFault
from sendspec.rehearse.smtp_server import SmtpServer
from sendspec.rehearse.values import MadeUpSecrets
from sendspec.rehearse.world import DnsWorld

NETWORK = "198.51.100"
"""RFC 5737: for documentation. One address for each SMTP host, one for all https hosts."""
HTTPS_ADDRESS = f"{NETWORK}.80"
HTTPS_PORT = 443
FIRST, LAST = 81, 199
NOWHERE = 1
"""A port of loopback that nobody listens on: what a rehearsal does not serve is refused, and nothing leaves the machine."""
UNSIGNED = ApiAnswer(401)
"""What a sound webhook says to an event without a signature."""
POLICY_HOST = "mta-sts."
POLICY_PATH = "/.well-known/mta-sts.txt"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 1 1"><title>logo</title></svg>'

Endpoint = tuple[str, int]
"""Host and port."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a fault can change.

    Attributes:
        dns: What name servers say.
        flaws: Host -> what is wrong with its certificate.
        smtp: Host of a submission endpoint -> what is wrong with it.
        misbehaviours: Host of an https server -> how it fails.
        statuses: Host of an API -> the status that every call there gets.
        webhooks: Host of a webhook -> what it says to an event without a signature.
    """

    dns: DnsWorld
    flaws: Mapping[str, Flaw] = field(default_factory=dict)
    smtp: Mapping[str, tuple[SmtpFault, ...]] = field(default_factory=dict)
    misbehaviours: Mapping[str, Misbehaviour] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    webhooks: Mapping[str, ApiAnswer] = field(default_factory=dict)

    def with_dns(self, dns: DnsWorld) -> "Stage":
        """Give the stage with other DNS."""
        return replace(self, dns=dns)

    def with_flaw(self, host: str, flaw: Flaw) -> "Stage":
        """Give the stage with another certificate at a host."""
        return replace(self, flaws={**self.flaws, host: flaw})

    def with_smtp(self, host: str, fault: SmtpFault) -> "Stage":
        """Give the stage with something wrong at a submission endpoint."""
        return replace(self, smtp={**self.smtp, host: (fault,)})

    def with_misbehaviour(self, host: str, misbehaviour: Misbehaviour) -> "Stage":
        """Give the stage with an https server that fails."""
        return replace(self, misbehaviours={**self.misbehaviours, host: misbehaviour})

    def with_status(self, host: str, status: int) -> "Stage":
        """Give the stage with an API that answers everything with one status, in its ESP's words."""
        return replace(self, statuses={**self.statuses, host: status})

    def with_webhook(self, host: str, answer: ApiAnswer) -> "Stage":
        """Give the stage with a webhook that says something else to an event without a signature."""
        return replace(self, webhooks={**self.webhooks, host: answer})


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in a rehearsal of a setup.

    Attributes:
        hosts: Every host that is served -> its address in the made-up Internet.
        submission: (host, port) of every SMTP endpoint -> the TLS it speaks.
        stand_ins: API host -> who answers there.
        webhooks, policies, logos: Hosts of webhooks; of MTA-STS policies, with their text; of BIMI logos.
    """

    setup: Setup
    secrets: MadeUpSecrets
    authority: Authority
    hosts: Mapping[str, str]
    submission: Mapping[Endpoint, Tls]
    stand_ins: Mapping[str, StandIn]
    webhooks: frozenset[str]
    policies: Mapping[str, str]
    logos: frozenset[str]


@dataclass(slots=True)
class Playing:
    """The servers while they run. `dial` leads to them; `authority` is whom to trust."""

    cast: Cast
    dial: Dial
    names: NameServers
    smtp: Mapping[Endpoint, SmtpServer]
    https: HttpsServer


def cast_of(setup: Setup, key: str) -> tuple[Cast, Stage]:
    """Give who plays in a rehearsal of a setup with nothing pending, and the stage on which all is well."""
    secrets = MadeUpSecrets(lambda credential: load_stand_in(setup.account(credential.account).kind).value(credential))
    submission = {
        (route.endpoint.host, route.endpoint.port): route.endpoint.tls
        for _, route in setup.routes()
        if route.endpoint.via is Via.SMTP
    }
    stand_ins = dict(_stand_ins(setup, secrets))
    webhooks = {urlsplit(route.events.url).hostname or "" for _, route in setup.routes() if route.events}
    policies = {f"{POLICY_HOST}{name}": text for domain in setup.domains for name, text in domain.zone.mta_sts_policies}
    logos = frozenset(_logo_hosts(setup))
    smtp_hosts = sorted({host for host, _ in submission})
    hosts = {host: f"{NETWORK}.{FIRST + number % (LAST - FIRST)}" for number, host in enumerate(smtp_hosts)}
    hosts |= dict.fromkeys((*stand_ins, *webhooks, *policies, *logos), HTTPS_ADDRESS)
    cast = Cast(setup, secrets, Authority(), hosts, submission, stand_ins, frozenset(webhooks), policies, logos)
    return cast, Stage(internet(setup, hosts, key))


def _stand_ins(setup: Setup, secrets: MadeUpSecrets) -> Iterator[tuple[str, StandIn]]:
    """Give one stand-in for each kind of ESP, at each of its hosts. It knows every credential by its made-up value."""
    values = {credential.id: secrets.value(credential) for credential in credentials_in(setup)}
    for kind in sorted({account.kind for account in setup.accounts}):
        stand_in = load_stand_in(kind).make(setup, values, lambda: datetime.now(UTC))
        for host in stand_in.hosts:
            yield host, stand_in


def credentials_in(setup: Setup) -> Iterator[Credential]:
    """Give every credential: of accounts, of routes and apps that bring their own, of the keys that ask about accounts."""
    for account in setup.accounts:
        yield from credentials_of(setup, account)
        for key in load_account(account.kind).keys(setup, account):
            yield from key.credentials


def _logo_hosts(setup: Setup) -> Iterator[str]:
    for _, rrset in setup.rrsets():
        for value in rrset.values:
            if rrset.name.partition("._bimi.")[1] and isinstance(value.value, str):
                for part in value.value.split(";"):
                    name, _, url = part.strip().partition("=")
                    if name in {"l", "a"} and url:
                        yield urlsplit(url).hostname or ""


@asynccontextmanager
async def play(cast: Cast, stage: Stage) -> AsyncIterator[Playing]:
    """Run the servers."""
    async with AsyncExitStack() as stack:
        names = await stack.enter_async_context(name_servers(stage.dns))
        ways: dict[Endpoint, int] = {(address, 53): port for address, port in names.ports.items()}
        smtp: dict[Endpoint, SmtpServer] = {}
        for (host, port), tls in cast.submission.items():
            server = _submission_server(cast, stage, host, tls)
            stack.push_async_callback(server.close)
            ways[cast.hosts[host], port] = await server.start(LOOPBACK)
            smtp[host, port] = server
        https = HttpsServer(dict(_sites(cast, stage)), _contexts(cast, stage))
        https.misbehaviours.update(stage.misbehaviours)
        await stack.enter_async_context(https)
        ways[HTTPS_ADDRESS, HTTPS_PORT] = https.port
        yield Playing(cast, partial(_way, ways), names, smtp, https)


def _way(ways: Mapping[Endpoint, int], address: str, port: int) -> Endpoint:
    return LOOPBACK, ways.get((address, port), NOWHERE)


def _submission_server(cast: Cast, stage: Stage, host: str, tls: Tls) -> SmtpServer:
    flaw = stage.flaws.get(host, Flaw.NONE)
    return SmtpServer(
        tls=tls,
        context=cast.authority.server_context([host], flaw),
        logins=frozenset(_logins(cast, host)),
        may_send=partial(_is_sender, frozenset(_senders(cast.setup))),
        faults=stage.smtp.get(host, ()),
        name=host,
    )


def _is_sender(domains: frozenset[str], _user: str, sender: str) -> bool:
    """An ESP takes mail from domains that the account has proved to own."""
    return sender.rpartition("@")[2].lower() in domains


def _senders(setup: Setup) -> Iterator[str]:
    for stream in setup.streams:
        for sender in stream.senders:
            yield sender.mailbox.domain


def _logins(cast: Cast, host: str) -> Iterator[tuple[str, str]]:
    for _, route in cast.setup.routes():
        endpoint = route.endpoint
        if endpoint.host == host and endpoint.via is Via.SMTP:
            yield _value(cast, endpoint.username), _value(cast, endpoint.password)


def _value(cast: Cast, login: Login | None) -> str:
    if isinstance(login, Credential):
        return cast.secrets.value(login)
    return login.value if login else ""


def _sites(cast: Cast, stage: Stage) -> Iterator[tuple[str, Site]]:
    for host, stand_in in cast.stand_ins.items():
        status = stage.statuses.get(host)
        yield host, stand_in.answer if status is None else partial(_always, stand_in.fault(status))
    for host in cast.webhooks:
        yield host, partial(_always, stage.webhooks.get(host, UNSIGNED))
    for host, text in cast.policies.items():
        yield host, partial(_policy, ApiAnswer(200, (("Content-Type", "text/plain"),), text.encode()))
    for host in cast.logos:
        yield host, partial(_always, ApiAnswer(200, (("Content-Type", "image/svg+xml"),), SVG))


def _always(answer: ApiAnswer, _call: ApiCall) -> ApiAnswer:
    return answer


def _policy(answer: ApiAnswer, call: ApiCall) -> ApiAnswer:
    return answer if call.path == POLICY_PATH else ApiAnswer(404)


def _contexts(cast: Cast, stage: Stage) -> dict[str, ssl.SSLContext]:
    served = [host for host, address in cast.hosts.items() if address == HTTPS_ADDRESS]
    return {host: cast.authority.server_context([host], stage.flaws.get(host, Flaw.NONE)) for host in served}
