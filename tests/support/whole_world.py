"""Everything that `plan`, `apply`, `pull`, `drift` and `rotate` talk to, over real sockets of loopback, around one spec.

AWS by its HTTP API (SES of our own, SNS, IAM, STS by moto), Route 53 of our own, Postmark and SendGrid behind https, and a
name server that knows the APIs' hosts and the zones as Route 53 holds them.
"""

import asyncio
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import dns.flags
import dns.message
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
import yaml
from aws_world import AwsWorld
from https_peers import AUTHORITY, PUBLIC, dial_to, server_context
from postmark_estate import Estate
from route53_world import HostedZone, Route53World, route53

from sendspec.esp.interface import load_stand_in
from sendspec.manage import Terms
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.net.address import Server
from sendspec.net.aws import AwsClients
from sendspec.net.http import Reply
from sendspec.net.open import NetSettings
from sendspec.pipeline import compile_folder
from sendspec.rehearse.https_server import HttpsServer
from sendspec.rehearse.values import public_key

PUBLIC_KEY = public_key()
TODAY = date(2026, 11, 26)
POSTMARK = "api.postmarkapp.com"
ACCOUNT_TOKEN = "account-token-of-postmark-0001"
MANAGING_KEY = "SG.managing-key-of-sendgrid.0001"


@dataclass
class _Postmark(Estate):
    """An account whose keys are keys: `validate` looks at what the lock file holds."""

    def _pending(self, name: str) -> dict[str, Any]:
        return {**super()._pending(name), "DKIMPendingTextValue": f"k=rsa;p={PUBLIC_KEY}"}


class _Names(socketserver.BaseRequestHandler):
    """Answers for the APIs' hosts and for the zone that Route 53 holds."""

    world: "WholeWorld"

    def handle(self) -> None:
        octets, socket = self.request
        query = dns.message.from_wire(octets)
        question = query.question[0]
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA | dns.flags.AA
        name = question.name.to_text(omit_final_dot=True).lower()
        values = self.world.records(name, dns.rdatatype.to_text(question.rdtype))
        if values:
            rrset = dns.rrset.from_text(question.name, 300, dns.rdataclass.IN, question.rdtype, *values)
            reply.answer.append(rrset)
        elif not self.world.knows(name):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(reply.to_wire(), self.client_address)


@dataclass
class WholeWorld:
    """All of it. `sites` are the https hosts; `secrets` the folder that the spec's `file://` references lead to."""

    folder: Path
    secrets: Path
    aws: AwsWorld
    route53: Route53World
    zone: HostedZone
    postmark: Estate
    sendgrid: Any
    sites: Mapping[str, Callable[[ApiCall], ApiAnswer]]
    settings: NetSettings = field(default_factory=NetSettings)

    @property
    def terms(self) -> Terms:
        inputs = {
            name: f"file://{self.secrets}/{name}"
            for name in ("subuser_email", "subuser_password", "subuser_ip", "webhook_password")
        }
        return Terms(TODAY, self.settings, inputs=inputs)

    def terms_with(self, adopt: tuple[str, ...] = (), allowed: tuple[str, ...] = ()) -> Terms:
        """Give the terms with what a person said on the command line."""
        return replace(self.terms, adopt=adopt, allowed=allowed)

    def census(self) -> dict[str, int]:
        """Count everything that exists, by what it is."""
        [user] = self.sendgrid._users
        return {
            "identities": len(self.aws.ses.identities),
            "sets": len(self.aws.ses.sets),
            "destinations": sum(map(len, self.aws.ses.destinations.values())),
            **(self._amazon() if self.has_ses else {}),
            "servers": len(self.postmark.servers),
            "postmark domains": len(self.postmark.domains),
            "streams": sum(map(len, self.postmark.streams.values())),
            "postmark webhooks": sum(map(len, self.postmark.webhooks.values())),
            "sendgrid domains": len(user.domains),
            "links": len(user.links),
            "sendgrid webhooks": len(user.webhooks),
            "keys": len(user.keys),
            "records": len(self.zone.sets),
        }

    def _amazon(self) -> dict[str, int]:
        return {
            "topics": len(self._aws("sns").list_topics()["Topics"]),
            "subscriptions": len(self._aws("sns").list_subscriptions()["Subscriptions"]),
            "policies": len(self._aws("iam").list_policies(Scope="Local")["Policies"]),
        }

    @property
    def has_ses(self) -> bool:
        return "kind: ses" in (self.folder / "spec.yaml").read_text()

    def _aws(self, service: str) -> Any:
        return boto3.client(service, region_name="eu-west-1", endpoint_url=self.aws.url)

    def records(self, name: str, record_type: str) -> list[str]:
        if record_type == "A" and name in self.sites:
            return [PUBLIC]
        return [value for zone in self.route53.zones.values() for value in zone.values(name, record_type)]

    def knows(self, name: str) -> bool:
        known = [*self.sites, *(key[0].rstrip(".") for zone in self.route53.zones.values() for key in zone.sets)]
        return any(each == name or each.endswith(f".{name}") for each in known)

    def look_at_dns(self) -> None:
        """Let every ESP look at DNS, as each does by itself sooner or later."""
        for name, record_type, raw in self._sets():
            value = "".join(part.strip('"') for part in str(raw["ResourceRecords"][0]["Value"]).split('" "'))
            self.postmark.dns[name.rstrip("."), record_type] = value.rstrip(".") if record_type == "CNAME" else value
        for ses in (self.aws.ses, *self.aws.elsewhere.values()):
            for domain, identity in ses.identities.items():
                wanted = "TXT" if "DomainSigningSelector" in identity.signing else "CNAME"
                if all(self.records(f"{token}._domainkey.{domain}", wanted) for token in identity.tokens):
                    ses.see_dns(domain)

    def _sets(self) -> Iterator[tuple[str, str, Any]]:
        for zone in self.route53.zones.values():
            for (name, record_type, _), raw in zone.sets.items():
                yield name, record_type, raw

    def reply(self, method: str, url: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> Reply:
        """Answer a call to one of the https hosts without a socket: for tests that make thousands of them."""
        target = urlsplit(url)
        host = target.hostname or ""
        lower = {"host": host, "content-length": str(len(body)), **{name.lower(): value for name, value in headers}}
        query = tuple(parse_qsl(target.query, keep_blank_values=True))
        answer = self.sites[host](ApiCall(method, host, target.path, query, lower, body))
        return Reply(answer.status, headers={name.lower(): value for name, value in answer.headers}, body=answer.body)

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text()

    def all_secrets(self) -> set[str]:
        """Give every value that nobody may show: those kept, and those that ESPs gave out."""
        kept = {path.read_text() for path in self.secrets.iterdir()}
        tokens = {token for server in self.postmark.servers.values() for token in server["ApiTokens"]}
        keys = {key for user in self.sendgrid._users for key in user.keys}
        return {value for value in kept | tokens | keys if len(value) > 7}


START = """\
version: 1
domains:
  shop.example:
    dns: {host: route53}
    dmarc: {policy: none, reports: ["mailto:dmarc@shop.example"]}
esps:
"""
ESPS = {
    "sendgrid": """\
  sendgrid:
    kind: sendgrid
    managed: apply
    settings: {region: eu, subuser: shop-eu, link_branding: true}
    credentials: {api_key: {from: "file://SECRETS/sendgrid", env: SENDGRID_API_KEY}}
    manage: {api_key: {from: "file://SECRETS/sendgrid-managing"}}
""",
    "postmark": """\
  postmark:
    kind: postmark
    managed: apply
    credentials: {server_token: {from: "file://SECRETS/postmark", env: POSTMARK_SERVER_TOKEN}}
    manage:
      account_token: {from: "file://SECRETS/postmark-managing"}
      webhook_password: {from: "file://SECRETS/webhook_password"}
""",
    "ses": """\
  ses:
    kind: ses
    managed: apply
    settings: {region: eu-west-1, aws_account: "123456789012"}
    credentials:
      smtp_username: {from: "file://SECRETS/ses-username", env: SES_SMTP_USERNAME}
      smtp_password: {from: "file://SECRETS/ses-password", env: SES_SMTP_PASSWORD}
""",
}
NEWS = """\
  news:
    kind: marketing
    from: Shop <news@news.shop.example>
    unsubscribe: {one_click: "https://shop.example/u/{token}"}
    events: {url: "https://hooks.shop.example/mail/{kind}", types: [bounced]}
    routes: [{role: primary, via: api, esp: sendgrid}]
"""
RECEIPTS = """\
  receipts:
    kind: transactional
    from: Shop <receipts@mail.shop.example>
    events: {url: "https://hooks.shop.example/mail/{kind}", types: [bounced, complained]}
    routes: [ROUTES]
"""
POSTMARK_ROUTE = "{role: primary, via: api, esp: postmark}"
SES_ROUTE = "{role: fallback, via: smtp, esp: ses}"
SPECS = {
    "all": START
    + "".join(ESPS.values())
    + "streams:\n"
    + NEWS
    + RECEIPTS.replace("ROUTES", f"{POSTMARK_ROUTE}, {SES_ROUTE}"),
    "sendgrid": START + ESPS["sendgrid"] + "streams:\n" + NEWS,
    "postmark": START + ESPS["postmark"] + "streams:\n" + RECEIPTS.replace("ROUTES", POSTMARK_ROUTE),
    "ses": START + ESPS["ses"] + "streams:\n" + RECEIPTS.replace("ROUTES", SES_ROUTE.replace("fallback", "primary")),
}
"""A stream at each ESP, or at one of them: so that there is a resource of each kind, and few of each."""


@contextmanager
def whole_world(
    folder: Path, aws: AwsWorld, monkeypatch: pytest.MonkeyPatch, esps: str = "all", spec: str = ""
) -> Iterator[WholeWorld]:
    """Serve a world in which nothing of the spec exists yet: that of SPECS, or the text of one. `aws` is empty."""
    secrets = folder / "secrets"
    secrets.mkdir()
    (folder / "specs").mkdir()
    (folder / "specs" / "spec.yaml").write_text((spec or SPECS[esps]).replace("SECRETS", str(secrets)))
    setup = compile_folder(folder / "specs").setup
    values = {
        "sendgrid-managing": MANAGING_KEY,
        "postmark-managing": ACCOUNT_TOKEN,
        "webhook_password": "webhook-password-0001",
        "subuser_email": "mail@shop.example",
        "subuser_password": "subuser-password-0001",
        "subuser_ip": "192.0.2.25",
    }
    for name, value in values.items():
        (secrets / name).write_text(value)
    sendgrid = _empty_sendgrid(folder / "with-all", setup)
    postmark = _Postmark(account_token=ACCOUNT_TOKEN)
    sites = {POSTMARK: postmark.answer, **dict.fromkeys(sendgrid.hosts, sendgrid.answer)}
    with route53() as hosted, _serving(sites) as port:
        zones = [
            hosted.zone(domain.zone.name, f"Z{number:019}")
            for number, domain in enumerate(setup.domains, 1)
            if domain.zone.host == "route53"
        ]
        world = WholeWorld(folder / "specs", secrets, aws, hosted, zones[0], postmark, sendgrid, sites)
        with _name_server(world) as names:
            authorities = AUTHORITY.cert_pem.bytes().decode()
            world.settings = NetSettings(30.0, (Server("127.0.0.1", port=names),), dial_to(port), authorities)
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                monkeypatch.setenv(name, "AKIAEXAMPLE" if name.endswith("ID") else "not-a-secret")
            monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
            monkeypatch.setenv("AWS_ENDPOINT_URL_ROUTE_53", hosted.url)
            monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            with pytest.MonkeyPatch.context() as here:
                _share_clients(here)
                yield world


def _share_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all runs in one world use the same boto3 clients, each of which takes a tenth of a second to make."""
    made: dict[tuple[str, str], Any] = {}
    make = AwsClients._make

    def shared(clients: AwsClients, service: str, region: str) -> Any:
        if clients._key:
            return make(clients, service, region)
        if (service, region) not in made:
            made[service, region] = make(clients, service, region)
        return made[service, region]

    monkeypatch.setattr(AwsClients, "_make", shared)


def _empty_sendgrid(folder: Path, setup: Setup) -> Any:
    """Give SendGrid's stand-in with a parent account that has its managing key and nothing else."""
    folder.mkdir()
    (folder / "spec.yaml").write_text(SPECS["all"].replace("SECRETS", "/nowhere"))
    accounts = [account.id for account in setup.accounts if account.kind == "sendgrid"]
    setup = setup if accounts else compile_folder(folder).setup
    account = accounts[0] if accounts else "sendgrid"
    stand_in: Any = load_stand_in("sendgrid").make(
        setup,
        {f"{account}.api_key": "SG.unused.unused", f"{account}.manage.api_key": MANAGING_KEY},
        lambda: datetime.now(UTC),
    )
    [user] = stand_in._users
    for held in (user.domains, user.links, user.webhooks, user.signing, user.tracking, user.senders):
        held.clear()
    for secret in set(user.keys) - user.managing:
        del user.keys[secret], user.names[secret]
    user.profile = None
    return stand_in


@contextmanager
def _serving(sites: Mapping[str, Callable[[ApiCall], ApiAnswer]]) -> Iterator[int]:
    """Serve https in a thread of its own: the commands run event loops of theirs."""
    loop = asyncio.new_event_loop()
    server = HttpsServer(sites, dict.fromkeys(sites, server_context(*sites)))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
    try:
        yield server.port
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def _name_server(world: WholeWorld) -> Iterator[int]:
    handler: Any = type("Names", (_Names,), {"world": world})
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def managed(folder: Path) -> str:
    """Give a spec as one text, with accounts that sendspec applies, zones at Route 53 and secrets of this world."""
    merged: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        if "lock" not in path.name:
            for name, part in yaml.safe_load(path.read_text()).items():
                merged[name] = {**merged[name], **part} if isinstance(merged.get(name), dict) else part
    merged.get("defaults", {}).pop("domains", None)
    for domain in merged["domains"].values():
        if domain.get("authority") != "customer":
            domain["dns"] = {"host": "route53"}
    for name, account in merged["esps"].items():
        account["managed"] = "apply"
        for credential, facts in account.get("credentials", {}).items():
            facts["from"] = f"file://SECRETS/{name}-{credential}"
        account.update(MANAGED.get(account["kind"], {}))
    return yaml.safe_dump(merged, sort_keys=False, allow_unicode=True)


MANAGED: Mapping[str, Mapping[str, Any]] = {
    "sendgrid": {"manage": {"api_key": {"from": "file://SECRETS/sendgrid-managing"}}},
    "postmark": {
        "manage": {
            "account_token": {"from": "file://SECRETS/postmark-managing"},
            "webhook_password": {"from": "file://SECRETS/webhook_password"},
        }
    },
}
