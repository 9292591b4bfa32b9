"""The DKIM keys that stand in our zones as TXT, as rules ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.dns_record import DnsRecord, Purpose, RecordType
from sendspec.model.setup import Identity, Setup
from sendspec.records import dkim
from sendspec.records.dkim import DkimKey
from sendspec.records.error import RecordError
from sendspec.rules.zone_contents import values_for


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key an account signs with. `key` is None where the text cannot be read; `error` then says why."""

    record: DnsRecord
    key: DkimKey | None
    error: str = ""


def published_keys(setup: Setup) -> Iterator[PublishedKey]:
    """Give every key that belongs to an ESP account; the empty keys of names that never send are none of them."""
    for rrset, value in values_for(setup, Purpose.DKIM):
        record = value.records[0]
        if rrset.type is not RecordType.TXT or not record.account:
            continue
        try:
            yield PublishedKey(record, dkim.parse(str(record.value)))
        except RecordError as error:
            yield PublishedKey(record, None, str(error))


def rsa_bits(published: PublishedKey) -> int | None:
    """Give the size of a usable RSA key, None for any other: what is unusable has a rule of its own."""
    if published.key is None or published.key.key_type != "rsa":
        return None
    try:
        return dkim.key_bits(published.key)
    except RecordError:
        return None


def is_ed25519(published: PublishedKey) -> bool:
    """Tell whether it is an Ed25519 key that verifiers can use."""
    if published.key is None or published.key.key_type != "ed25519":
        return False
    try:
        return dkim.key_bits(published.key) > 0
    except RecordError:
        return False


def signer(setup: Setup, published: PublishedKey) -> Identity | None:
    """Give the identity that signs with a key: the account's, for the domain behind `._domainkey.`."""
    return setup.identity(published.record.account, published.record.name.partition("._domainkey.")[2])
