"""Smoke tests in tests: a small spec, its endpoints as servers on loopback, and what they took."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from https_peers import AUTHORITY, KnownHosts, client_context, server_context
from smtp_peers import KnownSecrets

from sendspec.model.credential import Credential
from sendspec.model.setup import Setup
from sendspec.model.smoke import SmokePlan, SmokeRun
from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.model.vocabulary import Via
from sendspec.net.deadline import Deadline
from sendspec.net.https import HttpsClient
from sendspec.net.net import Net
from sendspec.net.smtp.exchange import Patience
from sendspec.pipeline import compile_folder
from sendspec.rehearse.https_server import HttpsServer, Misbehaviour, Site
from sendspec.rehearse.smtp_faults import SmtpFault
from sendspec.rehearse.smtp_server import SmtpServer
from sendspec.smoke.plan import Choices, plan_smoke
from sendspec.smoke.run import run_smoke

POSTMARK_SMTP, SES_SMTP = "smtp.postmarkapp.com", "email-smtp.eu-west-1.amazonaws.com"
POSTMARK_API, SENDGRID_API, SES_API = "api.postmarkapp.com", "api.sendgrid.com", "email.eu-west-1.amazonaws.com"
HTTPS_ADDRESS = "192.0.2.80"
QUICK = Patience(connect=0.5, reply=0.5, message=0.5, slow=0.3)
SECRETS = {
    "postmark-main.server_token": "b1946ac9-2492-d234-7c62-35d2c7e0a1b9",
    "ses-eu.smtp_username": "AKIAEXAMPLE0000001",
    "ses-eu.smtp_password": "BPassw0rd+/with=signs0123456789abcdefghijk",
    "ses-eu.access_key_id": "AKIAEXAMPLE0000002",
    "ses-eu.secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "sendgrid-main.api_key": "SG.abcdefghijk.lmnopqrstuvwxyz0123456789",
}
SPEC = """
version: 1
domains:
  shop.example:
    subdomains: {auth: {}, mail: {}, news: {}, help: {}}
esps:
  postmark-main:
    kind: postmark
    credentials:
      server_token: {from: "env://POSTMARK_SERVER_TOKEN", env: POSTMARK_SERVER_TOKEN}
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    credentials:
      smtp_username: {from: "env://SES_SMTP_USERNAME", env: SES_SMTP_USERNAME}
      smtp_password: {from: "env://SES_SMTP_PASSWORD", env: SES_SMTP_PASSWORD}
      access_key_id: {from: "env://AWS_KEY_ID", env: AWS_KEY_ID}
      secret_access_key: {from: "env://AWS_SECRET", env: AWS_SECRET}
  sendgrid-main:
    kind: sendgrid
    credentials:
      api_key: {from: "env://SENDGRID_API_KEY", env: SENDGRID_API_KEY}
streams:
  codes:
    kind: authentication
    from: Shop <no-reply@auth.shop.example>
    events: {url: "https://hooks.shop.example/{kind}", types: [delivered, bounced]}
    routes:
      - {role: primary, via: smtp, esp: postmark-main}
      - {role: fallback, via: smtp, esp: ses-eu}
  receipts:
    kind: transactional
    from: Zoë & Söhne <receipts@mail.shop.example>
    events: {url: "https://hooks.shop.example/{kind}", types: [delivered, bounced]}
    routes:
      - {role: primary, via: api, esp: postmark-main}
      - {role: fallback, via: smtp, esp: ses-eu}
  news:
    kind: marketing
    from: Shop <hello@news.shop.example>
    unsubscribe: {one_click: "https://shop.example/u/{token}"}
    events: {url: "https://hooks.shop.example/{kind}", types: [delivered, bounced, clicked]}
    routes:
      - {role: primary, via: api, esp: sendgrid-main}
  support:
    kind: support
    from: Help <help@help.shop.example>
    events: {url: "https://hooks.shop.example/{kind}", types: [bounced]}
    routes:
      - {role: primary, via: api, esp: ses-eu}
apps:
  login:
    streams: [codes]
    targets: [dotenv]
    SMOKE
"""


def compiled(folder: Path, smoke_test: list[str] | None = None):
    """Give the compiled spec; `login` gets this `smoke_test:`."""
    line = f"smoke_test: {json.dumps(smoke_test)}" if smoke_test else ""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.yaml").write_text(SPEC.replace("SMOKE", line), encoding="utf-8")
    return compile_folder(folder)


@dataclass
class World:
    """A world in which a plan runs. `smtp` and `https` hold what the servers took."""

    net: Net
    smtp: Mapping[str, SmtpServer]
    https: HttpsServer
    told: list[str] = field(default_factory=list)

    async def smoke(self, plan: SmokePlan, surroundings: Mapping[str, str] | None = None) -> SmokeRun:
        return await run_smoke(plan, self.net, surroundings or {}, self.told.append)


def plan(setup: Setup, stream: str, folder: Path | None = None, **choices: object) -> SmokePlan:
    """Give a plan that waits a second at most."""
    chosen = Choices(**({"wait_seconds": 1.0} | choices))
    return plan_smoke(setup, setup.stream(stream), chosen, folder or Path("/"))


def postmark_events(*types: str) -> Site:
    """Give Postmark's API: takes every message, and tells of these events."""
    taken: list[dict[str, object]] = []

    def answer(call: ApiCall) -> ApiAnswer:
        if call.method == "POST":
            taken.append(json.loads(call.body))
            return as_json({"To": "x", "SubmittedAt": "", "MessageID": MESSAGE_ID, "ErrorCode": 0, "Message": "OK"})
        if call.path == "/messages/outbound":
            subject = call.parameter("subject") or ""
            found = [{"MessageID": MESSAGE_ID, "Subject": f"sendspec smoke test {subject}", "Status": "Sent"}]
            return as_json({"TotalCount": 1, "Messages": found})
        events = [{"Recipient": "x", "Type": kind, "ReceivedAt": "", "Details": {}} for kind in types]
        return as_json({"MessageID": MESSAGE_ID, "Subject": "", "MessageEvents": events})

    return answer


MESSAGE_ID = "0a129aee-e1cd-480d-b08d-4f48548ff48d"


def as_json(body: object, status: int = 200, **headers: str) -> ApiAnswer:
    return ApiAnswer(status, tuple(headers.items()), json.dumps(body).encode())


@asynccontextmanager
async def world(
    setup: Setup,
    *,
    faults: Mapping[str, tuple[SmtpFault, ...]] | None = None,
    sites: Mapping[str, Site] | None = None,
    misbehaviours: Mapping[str, Misbehaviour] | None = None,
    certificates: Mapping[str, str] | None = None,
    without: tuple[str, ...] = (),
    secrets: KnownSecrets | None = None,
    deadline_seconds: float = 60.0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[World]:
    """Run every SMTP endpoint of the setup and these sites.

    `certificates` maps a host to the name that its certificate is for instead; hosts in `without` have no address;
    SMTP hosts with the fault None refuse connections.
    """
    secrets = secrets or KnownSecrets(SECRETS)
    faults, sites = dict(faults or {}), dict(sites or {})
    names, ways, servers = {}, {}, {}
    async with AsyncExitStack() as stack:
        for number, (host, port, tls, logins) in enumerate(_endpoints(setup), start=1):
            address = f"192.0.2.{number}"
            names[host] = (address,)
            context = server_context((certificates or {}).get(host, host))
            server = SmtpServer(tls, context, logins, faults=faults.get(host, ()), name=host)
            stack.push_async_callback(server.close)
            ways[address, port] = await server.start()
            servers[host] = server
        shared = server_context(*sites) if sites else server_context("nobody.example")
        https = HttpsServer(sites, dict.fromkeys(sites, shared), misbehaviours=dict(misbehaviours or {}))
        for host in misbehaviours or {}:
            https.contexts.setdefault(host, shared)
        await stack.enter_async_context(https)
        ways[HTTPS_ADDRESS, 443] = https.port
        names |= dict.fromkeys(sites, (HTTPS_ADDRESS,))
        hosts = KnownHosts({host: found for host, found in names.items() if host not in without})
        deadline, tls_context = Deadline(deadline_seconds), client_context()

        def dial(address: str, port: int) -> tuple[str, int]:
            return "127.0.0.1", ways.get((address, port), 1)

        client = await stack.enter_async_context(HttpsClient(hosts, tls_context, dial, deadline, now))
        net = Net(hosts, None, client, secrets, lambda: tls_context, dial, deadline, now, QUICK)
        yield World(net, servers, https)


def _endpoints(setup: Setup):
    """Give (host, port, tls, logins) of each submission endpoint."""
    found: dict[tuple[str, int], tuple] = {}
    for _, route in setup.routes():
        endpoint = route.endpoint
        if endpoint.via is Via.SMTP:
            key = (endpoint.host, endpoint.port)
            login = tuple(
                SECRETS[part.id] if isinstance(part, Credential) else part.value
                for part in (endpoint.username, endpoint.password)
            )
            known = found.get(key, (endpoint.tls, frozenset()))
            found[key] = (endpoint.tls, known[1] | {login})
    for (host, port), (tls, logins) in found.items():
        yield host, port, tls, logins


def run(work):
    """Run one coroutine to its end."""
    return asyncio.run(work)


__all__ = [
    "AUTHORITY",
    "MESSAGE_ID",
    "SECRETS",
    "World",
    "as_json",
    "compiled",
    "plan",
    "postmark_events",
    "replace",
    "run",
    "world",
]
