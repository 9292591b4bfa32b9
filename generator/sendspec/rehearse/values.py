"""Fill in what the spec waits for, with rehearsal values: what only the ESPs can tell, and what only stores hold."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import BaseModel

import sendspec.esp
from sendspec.model.credential import Credential
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.plugins import load_plugin

KEY_BITS = 2048
EXPONENT = 65537

Entries = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""`issued:` of the lock file: account id -> domain -> entry."""


class Issue(Protocol):
    """What an ESP's `issuing` module exports as `issue`."""

    def __call__(self, domain: str, settings: BaseModel, public_key: str) -> Mapping[str, Mapping[str, object]]:
        """Give the parts of a lock entry, without the day they were read."""


def public_key() -> str:
    """Give a new RSA public key as base64 SubjectPublicKeyInfo, as `p=` holds it. Nobody has the private one."""
    key = rsa.generate_private_key(EXPONENT, KEY_BITS).public_key()
    octets = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(octets).decode()


def issued_entry(
    kind: str, domain: str, settings: BaseModel, known: Mapping[str, Any], key: str, day: date
) -> dict[str, object]:
    """Give a whole lock entry: what is known stays, what is missing is made up."""
    issue = cast("Issue", load_plugin(sendspec.esp, f"{kind}.issuing", "issue"))
    entry: dict[str, object] = dict(known)
    for part, made_up in issue(domain, settings, key).items():
        have = known.get(part)
        entry[part] = {**made_up, "read": day.isoformat(), **(have if isinstance(have, Mapping) else {})}
    return entry


def fill_issued(setup: Setup, issued: Entries, day: date) -> Entries:
    """Give what is issued with everything that identities of the setup still wait for."""
    key = public_key()
    filled = {account: dict(domains) for account, domains in issued.items()}
    for identity in setup.identities:
        if identity.pending:
            account = setup.account(identity.account)
            domains = filled.setdefault(account.id, {})
            known = domains.get(identity.domain, {})
            domains[identity.domain] = issued_entry(account.kind, identity.domain, account.settings, known, key, day)
    return filled


@dataclass(slots=True)
class MadeUpSecrets:
    """Gives each credential a made-up value, the same throughout a rehearsal. Nothing is read from any store.

    `make` gives a value of the shape that the credential's ESP gives out.
    """

    make: Callable[[Credential], str]
    values: dict[str, str] = field(default_factory=dict)

    async def get(self, credential: Credential) -> Secret | Unresolved:
        """Give the made-up value."""
        return Secret(self.value(credential))

    def value(self, credential: Credential) -> str:
        """Give the made-up value as text, for the stand-ins that have to know it. One reference has one value."""
        if credential.reference not in self.values:
            self.values[credential.reference] = self.make(credential)
        return self.values[credential.reference]

    def hide(self, text: str) -> str:
        """Hide the values as real ones are hidden, so that a rehearsal shows what a run would."""
        for value in self.values.values():
            text = text.replace(value, "…")
        return text
