"""A SendGrid user of a rehearsal: what it may be asked with, what it holds, and what it posts."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sendspec.esp.sendgrid.calling import DOMAIN, LINKS, SIGNATURE, TRACKING, WEBHOOK
from sendspec.esp.sendgrid.facts import API_HOSTS, APPLY_SCOPES, EVENT_NAMES, GLOBAL, ISSUED_PARENT, SEND_SCOPES
from sendspec.esp.sendgrid.issuing import USER
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.account import Account
from sendspec.model.credential_use import credentials_of
from sendspec.model.setup import Setup
from sendspec.model.stand_in import EventPost, made_up
from sendspec.model.vocabulary import Event

READS_WEBHOOKS, READS_CREDITS, READS_DOMAINS = (
    "user.webhooks.event.settings.read",
    "user.credits.read",
    "whitelabel.read",
)

ALL_SCOPES = frozenset({*APPLY_SCOPES.value, READS_WEBHOOKS, READS_CREDITS, READS_DOMAINS})


@dataclass(slots=True)
class User:
    """A user or subuser: what it may be asked with, and what it holds.

    Attributes:
        keys: Secret -> scopes, and `names` secret -> name. Those of `managing` belong to the parent of a subuser.
        subuser: Name of the subuser, and `profile` what its parent sees of it; None: it is not there.
        unseen: Domains whose records SendGrid does not find when it looks.
        lag: In how many lists something new is missing yet, and a deleted domain is still there; `hidden` and `ghosts` count.
        next_id: For what is made: numbers of domains and links, parts of others.
    """

    account: str
    host: str
    region: str
    subuser: str | None
    keys: dict[str, frozenset[str]]
    names: dict[str, str]
    managing: frozenset[str]
    profile: dict[str, object] | None
    webhooks: list[dict[str, object]]
    signing: dict[str, ec.EllipticCurvePrivateKey]
    domains: list[dict[str, object]]
    links: list[dict[str, object]]
    tracking: dict[str, bool]
    senders: set[str]
    sent: int = 0
    max_webhooks: int = 5
    unseen: set[str] = field(default_factory=set)
    lag: int = 0
    hidden: dict[str, int] = field(default_factory=dict)
    ghosts: list[tuple[dict[str, object], int]] = field(default_factory=list)
    next_id: int = 5000


def make_user(setup: Setup, account: Account, values: Mapping[str, str]) -> User:
    """Give an account's user with everything that the setup wants to exist there."""
    settings = cast("Settings", account.settings)
    wanted = [resource for resource in setup.resources if resource.account == account.id]
    managing = {credential.id for credential in account.manage}
    own = credentials_of(setup, account)
    keys = {
        values[credential.id]: ALL_SCOPES if credential.id in managing else frozenset(SEND_SCOPES.value)
        for credential in own
    }
    signed = {each.id for each in wanted if each.kind == SIGNATURE and each.properties["enabled"]}
    signing = {name: ec.generate_private_key(ec.SECP256R1()) for name in sorted(signed)}
    webhooks = [
        dict(each.properties) | {"id": each.id, "public_key": public_key(signing.get(each.id))}
        for each in wanted
        if each.kind == WEBHOOK
    ]
    host = API_HOSTS.value.get(settings.region, API_HOSTS.value[GLOBAL])
    user = User(
        account=account.id,
        host=host,
        region=settings.region,
        subuser=settings.subuser,
        keys=keys,
        names={values[credential.id]: credential.id for credential in own},
        managing=frozenset(values[credential.id] for credential in own if credential.id in managing),
        profile=profile_of(settings.subuser, settings.region) if settings.subuser else None,
        webhooks=webhooks,
        signing=signing,
        domains=[],
        links=[],
        tracking={each.id: each.properties["enabled"] is True for each in wanted if each.kind == TRACKING},
        senders={each.domain for each in setup.identities if each.account == account.id},
    )
    for place, each in enumerate(each for each in wanted if each.kind == DOMAIN):
        user.domains.append(make_domain(4242 + place, each.properties, user.subuser or "parent") | {"valid": True})
    for place, each in enumerate(each for each in wanted if each.kind == LINKS):
        user.links.append(make_link(77 + place, each.properties, user.subuser or "parent") | {"valid": True})
    return user


def profile_of(name: str, region: str, email: str = "subuser@northwind.example") -> dict[str, object]:
    """Give a subuser as its parent's list shows it."""
    return {"id": 4242, "username": name, "email": email, "disabled": False, "region": region}


def make_domain(number: int, asked: Mapping[str, object], username: str) -> dict[str, object]:
    """Give an authenticated domain as SendGrid answers, with the records that it issues."""
    name = str(asked["domain"])
    is_automatic = asked.get("automatic_security", True) is True
    subdomain = str(asked.get("subdomain") or f"em{number}")
    host, target = f"{subdomain}.{name}", f"u{USER}.wl.{ISSUED_PARENT.value}"
    selector = str(asked.get("custom_dkim_selector") or "")
    first, second = (selector, f"{selector}2") if selector else ("s1", "s2")
    if is_automatic:
        dns = {
            "mail_cname": _record("cname", host, target),
            "dkim1": _record("cname", f"{first}._domainkey.{name}", f"{first}.domainkey.{target}"),
            "dkim2": _record("cname", f"{second}._domainkey.{name}", f"{second}.domainkey.{target}"),
        }
    else:
        public = f"k=rsa; t=s; p={made_up(216, name, str(number))}"
        dns = {
            "mail_server": _record("mx", host, f"mx.{ISSUED_PARENT.value}."),
            "subdomain_spf": _record("txt", host, f"v=spf1 include:{ISSUED_PARENT.value} ~all"),
            "dkim": _record("txt", f"{selector or 'm1'}._domainkey.{name}", public),
        }
    dns["dmarc"] = _record("txt", f"_dmarc.{name}", "v=DMARC1; p=none")
    return {
        "id": number,
        "user_id": USER,
        "domain": name,
        "subdomain": subdomain,
        "username": username,
        "ips": [],
        "custom_spf": asked.get("custom_spf", False),
        "default": asked.get("default", False),
        "legacy": False,
        "automatic_security": is_automatic,
        "valid": False,
        "dns": dns,
    }


def make_link(number: int, asked: Mapping[str, object], username: str) -> dict[str, object]:
    """Give a branded link as SendGrid answers, with the records that it issues."""
    name, subdomain = str(asked["domain"]), str(asked.get("subdomain") or f"url{number}")
    return {
        "id": number,
        "user_id": USER,
        "domain": name,
        "subdomain": subdomain,
        "username": username,
        "default": asked.get("default", False),
        "legacy": False,
        "valid": False,
        "dns": {
            "domain_cname": _record("cname", f"{subdomain}.{name}", ISSUED_PARENT.value),
            "owner_cname": _record("cname", f"{USER}.{name}", ISSUED_PARENT.value),
        },
    }


def _record(kind: str, host: str, value: str) -> dict[str, object]:
    return {"valid": False, "type": kind, "host": host, "data": value}


def public_key(key: ec.EllipticCurvePrivateKey | None) -> str:
    """Give the public half as SendGrid shows it: base64 of DER; empty without a key."""
    if key is None:
        return ""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def posts_of(user: User, event: Event, body: list[dict[str, object]], moment: int) -> Iterator[EventPost]:
    """Give a signed post to every webhook that wants an event: ECDSA over timestamp and body."""
    for webhook in user.webhooks:
        if not webhook["enabled"] or not all(webhook.get(name) for name in EVENT_NAMES[event]):
            continue
        content = json.dumps(body).encode()
        headers = [("Content-Type", "application/json"), ("User-Agent", "SendGrid Event API")]
        key = user.signing.get(str(webhook["id"]))
        if key is not None:
            signature = base64.b64encode(key.sign(str(moment).encode() + content, ec.ECDSA(SHA256()))).decode()
            headers.append(("X-Twilio-Email-Event-Webhook-Signature", signature))
            headers.append(("X-Twilio-Email-Event-Webhook-Timestamp", str(moment)))
        yield EventPost(str(webhook["url"]), tuple(headers), content)
