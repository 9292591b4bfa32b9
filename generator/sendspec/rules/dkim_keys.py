"""What rules ask about the DKIM keys that stand in our zones as TXT."""

from sendspec.model.identity import Identity
from sendspec.model.published import PublishedKey
from sendspec.model.setup import Setup


def rsa_bits(published: PublishedKey) -> int | None:
    """Give the size of a usable RSA key, None for any other: what is unusable has a rule of its own."""
    return published.bits if published.key and published.key.key_type == "rsa" else None


def is_ed25519(published: PublishedKey) -> bool:
    """Tell whether it is an Ed25519 key that verifiers can use."""
    return published.key is not None and published.key.key_type == "ed25519" and published.bits is not None


def signer(setup: Setup, published: PublishedKey) -> Identity | None:
    """Give the identity that signs with a key: the account's, for the domain behind `._domainkey.`."""
    return setup.identity(published.record.account, published.record.name.partition("._domainkey.")[2])
