"""A SendGrid user of a rehearsal: what it may be asked with, what it holds, and what it posts."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sendspec.esp.sendgrid.facts import API_HOSTS, EVENT_NAMES, GLOBAL, MANAGE_SCOPES, SEND_SCOPES
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.account import Account
from sendspec.model.credential_use import credentials_of
from sendspec.model.setup import Setup
from sendspec.model.stand_in import EventPost
from sendspec.model.vocabulary import Event

READS_WEBHOOKS, READS_CREDITS, READS_DOMAINS = (
    "user.webhooks.event.settings.read",
    "user.credits.read",
    "whitelabel.read",
)


@dataclass(slots=True)
class User:
    """A user or subuser: what it may be asked with, and what it holds."""

    account: str
    host: str
    subuser: str | None
    keys: Mapping[str, frozenset[str]]
    webhooks: list[dict[str, object]]
    signing: Mapping[str, ec.EllipticCurvePrivateKey]
    domains: list[dict[str, object]]
    senders: frozenset[str]
    sent: int = 0


def make_user(setup: Setup, account: Account, values: Mapping[str, str]) -> User:
    """Give an account's user with everything that the setup wants to exist there."""
    settings = cast("Settings", account.settings)
    wanted = [resource for resource in setup.resources if resource.account == account.id]
    managing = {credential.id for credential in account.manage}
    all_reads = frozenset({*MANAGE_SCOPES.value, READS_WEBHOOKS, READS_CREDITS, READS_DOMAINS})
    keys = {
        values[credential.id]: all_reads if credential.id in managing else frozenset(SEND_SCOPES.value)
        for credential in credentials_of(setup, account)
    }
    signed = {each.id for each in wanted if each.kind == "event-webhook-signature" and each.properties["enabled"]}
    signing = {name: ec.generate_private_key(ec.SECP256R1()) for name in sorted(signed)}
    webhooks = [
        dict(each.properties) | {"id": each.id, "public_key": _public(signing.get(each.id))}
        for each in wanted
        if each.kind == "event-webhook"
    ]
    domains: list[dict[str, object]] = [
        {"id": place, "domain": each.id, "subdomain": f"em{place}", "valid": True, "default": False}
        for place, each in enumerate((each for each in wanted if each.kind == "authenticated-domain"), 4242)
    ]
    senders = frozenset(each.domain for each in setup.identities if each.account == account.id)
    host = API_HOSTS.value.get(settings.region, API_HOSTS.value[GLOBAL])
    return User(account.id, host, settings.subuser, keys, webhooks, signing, domains, senders)


def _public(key: ec.EllipticCurvePrivateKey | None) -> str:
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
