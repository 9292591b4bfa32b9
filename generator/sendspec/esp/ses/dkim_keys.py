"""DKIM keys of one's own: made here, the private half straight into the secret store, the public half into the lock file.

SES takes RSA keys of 1024 to 2048 bits in PKCS #1 or PKCS #8, in base64 without the lines of PEM around it, which is how
they are stored: https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-bring-your-own.html and
DkimSigningAttributes.DomainSigningPrivateKey of botocore 1.44.5 sesv2, read 2026-11-26.
"""

import base64
import binascii
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from string import ascii_lowercase

from sendspec.esp.managing import Removal, ResourceKind
from sendspec.esp.ses.facts import DG, DKIM_BITS
from sendspec.esp.ses.manage_bench import Bench, Reading
from sendspec.esp.ses.resources import DKIM_KEY, PRIVATE_KEY_CREDENTIAL, own_key_records, private_key_reference
from sendspec.model.account import Account
from sendspec.model.live import Failure, LiveResource, Outcome, Unread
from sendspec.model.plan import Change, Stage
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.records import dkim
from sendspec.records.error import RecordError

EXPONENT = 65537
SMALLEST_BITS = 1024
ANOTHER = "‹another value›"
KIND = ResourceKind(
    title="DKIM key",
    stage=Stage.ISSUE,
    source=f"{DG}/send-email-authentication-dkim-bring-your-own.html; RFC 6376 section 3.6.1",
    removal=Removal.BY_HAND,
    meanings={
        "PrivateKey": "the store holds another private key than that of the public key in DNS: it is published under a "
        "new selector, and SES signs {streams} with it once it has seen its record; mail may leave unsigned until then",
    },
)
WHERE = (
    f'write a place for them in the spec, below `manage:` of the account: {PRIVATE_KEY_CREDENTIAL}: {{from: "aws-sm://'
    'prod/mail/dkim#{domain}"}; sendspec puts the domain in'
)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a private key cannot be used, without any part of it; `fix` says what to do."""

    reason: str
    fix: str


def new_private_key() -> Secret:
    """Make an RSA key of the largest size that SES takes: PKCS #8 in base64, on one line."""
    from cryptography.hazmat.primitives import serialization  # takes a tenth of a second to load
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(EXPONENT, DKIM_BITS.value)
    octets = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Secret(base64.b64encode(octets).decode())


def public_half(private_key: str) -> str | None:
    """Give the public key in base64 as `p=` has it; None for what is no RSA key that SES takes."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        key = serialization.load_der_private_key(base64.b64decode(private_key, validate=True), None)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):  # holds the key; it ends here
        return None
    if not isinstance(key, rsa.RSAPrivateKey) or not SMALLEST_BITS <= key.key_size <= DKIM_BITS.value:
        return None
    octets = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(octets).decode()


def published_key(setup: Setup, account: Account, domain: str) -> str | None:
    """Give the public key that the lock file has for a domain, in base64; None without one."""
    identity = setup.identity(account.id, domain)
    for record in own_key_records(identity) if identity else ():
        try:
            return dkim.parse(str(record.value)).public_key
        except RecordError:  # the lock file was checked when it was read
            return None
    return None


def unfit_key(private_key: str, published: str | None) -> Unfit | None:
    """Say why SES must not sign with a private key, or nothing."""
    public = public_half(private_key)
    if public is None:
        reason = "the private DKIM key is no RSA key that SES takes"
        return Unfit(reason, "store PKCS #8 of 2048 bits in base64 on one line, without the lines of PEM around it")
    if published is not None and public != published:
        reason = "the private DKIM key is not that of the public key in the lock file: no signature would verify"
        return Unfit(reason, "store the key that belongs to it, or run plan: it makes a new one")
    return None


def new_selector(today: datetime, taken: Collection[str]) -> str:
    """Give a selector that tells the day, and that no key has yet: s20261126, then s20261126b."""
    start = f"s{today:%Y%m%d}"
    names: list[str] = [start + letter for letter in ("", *ascii_lowercase[1:])]
    return next(name for name in names if name not in taken)


async def read(bench: Bench, ids: Collection[str]) -> Reading:
    """Tell which keys there are: in the lock file, and in the store with the private half that belongs to it."""
    account, setup = bench.desk.account, bench.desk.setup
    where, found = bench.where(DKIM_KEY), []
    for domain in sorted(ids):
        properties = dict(bench.properties(f"{DKIM_KEY}/{domain}"))
        selector, published = str(properties.get("Selector", "")), published_key(setup, account, domain)
        reference = private_key_reference(account, domain, selector)
        if not properties:
            continue
        if reference is None:
            return Reading(unread=Unread(where, "the spec names no place for private DKIM keys", WHERE))
        if published is None:
            continue
        held = await bench.desk.keeper.value(reference)
        if isinstance(held, Unresolved):
            cure = "put the key there; or take the lock entry away, and apply makes a new one"
            return Reading(unread=Unread(where, f"{domain}: {held.reason}", f"{held.fix}; {cure}".lstrip("; ")))
        if public_half(held.reveal()) != published:
            properties["PrivateKey"] = ANOTHER
        found.append(LiveResource(DKIM_KEY, domain, selector, properties))
    return Reading(tuple(found))


async def apply(bench: Bench, change: Change) -> Outcome:
    """Make a key. A fit one that the store has already is taken: a run was interrupted, or somebody put it there."""
    domain = change.subject.partition("/")[2]
    account, keeper = bench.desk.account, bench.desk.keeper
    published = published_key(bench.desk.setup, account, domain)
    now = str(bench.properties(f"{DKIM_KEY}/{domain}").get("Selector", ""))
    current = private_key_reference(account, domain, now)
    selector, reference = next_key(bench, domain)
    if reference is None or current is None:
        return Outcome(Failure.NEEDS, "the spec names no place for private DKIM keys", WHERE)
    if published is not None and _public(await keeper.value(current)) == published:
        return Outcome(native_id=now)
    public = _public(await keeper.value(reference))
    if public is None:
        key = new_private_key()
        public = _public(key)
        refused = await keeper.keep(reference, key)
        if refused is not None:
            return Outcome(Failure.NEEDS, f"the private key could not be stored: {refused.reason}", refused.fix)
    value = dkim.DkimKey(public_key=public or "").to_text()
    return Outcome(native_id=selector, issued={domain: {"dkim": {"selector": selector, "value": value}}})


def next_key(bench: Bench, domain: str) -> tuple[str, str | None]:
    """Give the selector that a key made now has, and where its private half is kept."""
    selector = new_selector(bench.desk.now(), set(_selectors(bench, domain)))
    return selector, private_key_reference(bench.desk.account, domain, selector)


def _public(held: Secret | Unresolved) -> str | None:
    return public_half(held.reveal()) if isinstance(held, Secret) else None


def _selectors(bench: Bench, domain: str) -> Iterable[str]:
    """Give every selector that the setup has below a domain."""
    end = f"._domainkey.{domain}"
    for _, rrset in bench.desk.setup.rrsets():
        if rrset.name.endswith(end):
            yield rrset.name.removesuffix(end)
