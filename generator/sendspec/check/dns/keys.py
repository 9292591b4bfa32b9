"""What stands at the end of a DKIM CNAME, read as a verifier reads it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.check.dns.wording import shorten
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind
from sendspec.records import dkim
from sendspec.records.dkim import MINIMUM_RSA_BITS, RECOMMENDED_RSA_BITS
from sendspec.records.error import RecordError

ERROR = Severity.ERROR

UNUSABLE = Kind(
    "live-dns-key-unusable",
    Severity.ERROR,
    "DKIM CNAME ends in no key that verifiers can use.",
    "signatures of this selector fail, and with them the DKIM leg of DMARC",
    "ask the ESP, or remove and add the domain there, so that it publishes a key again",
    "RFC 6376 section 3.6.1",
)
SEVERAL = Kind(
    "live-dns-several-keys-at-target",
    ERROR,
    "DKIM CNAME ends in more than one TXT record.",
    "which one a verifier takes is undefined, so signatures fail now and then",
    "ask the ESP; the record is theirs",
    "RFC 6376 section 3.6.2.2",
)
REVOKED = Kind(
    "live-dns-key-revoked",
    ERROR,
    "DKIM CNAME ends in a revoked key.",
    "an empty p= says that nothing signed with it may verify any more",
    "ask the ESP which selector signs today; a retired one can be removed with its CNAME",
    "RFC 6376 section 3.6.1",
)
TOO_SHORT = Kind(
    "live-dns-key-too-short",
    ERROR,
    "DKIM CNAME ends in an RSA key below 1024 bits.",
    "verifiers must not accept it, so the mail counts as unsigned",
    "have the ESP issue a longer key",
    "RFC 8301 section 3.2",
)
SHORT = Kind(
    "live-dns-key-below-2048",
    Severity.INFO,
    "DKIM CNAME ends in an RSA key below 2048 bits.",
    "1024 bits are the least that verifiers accept; whoever factors the key can sign as the domain",
    "have the ESP issue a key of 2048 bits where it makes such",
    "RFC 8301 section 3.2",
)
TESTING = Kind(
    "live-dns-key-testing",
    Severity.WARNING,
    "DKIM CNAME ends in a key in test mode (t=y).",
    "verifiers may treat mail signed with it as unsigned",
    "ask the ESP to take the flag off",
    "RFC 6376 section 3.6.1",
)
KINDS = (UNUSABLE, SEVERAL, REVOKED, TOO_SHORT, SHORT, TESTING)
DEAD = frozenset({UNUSABLE, SEVERAL, REVOKED, TOO_SHORT})
"""With one of these no signature of the selector can be counted on."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the key, in a clause, and what was seen."""

    kind: Kind
    clause: str
    expected: str
    seen: str


def flaws(texts: tuple[str, ...], longest_bits: int | None) -> Iterator[Flaw]:
    """Give what is wrong with the TXT values at a selector. `longest_bits`: what the ESP makes; None: unknown."""
    if len(texts) > 1:
        yield Flaw(SEVERAL, f"{len(texts)} TXT records stand there", "one key record", " | ".join(texts))
        return
    text = texts[0]
    try:
        key = dkim.parse(text)
        if key.is_revoked:
            yield Flaw(REVOKED, "the key there is revoked", "a key", text)
            return
        bits = dkim.key_bits(key)
    except RecordError as error:
        yield Flaw(UNUSABLE, f"the record there is no usable key: {shorten(str(error), 120)}", "a key", text)
        return
    if not key.signs_mail or (key.hashes and "sha256" not in key.hashes):
        yield Flaw(
            UNUSABLE, "the key there is not for e-mail signed with sha256", "h= with sha256, s= with email", text
        )
        return
    if key.key_type == "rsa" and bits < MINIMUM_RSA_BITS:
        yield Flaw(TOO_SHORT, f"the key there has {bits} bits", f"at least {MINIMUM_RSA_BITS} bits", f"{bits} bits")
    elif key.key_type == "rsa" and bits < min(RECOMMENDED_RSA_BITS, longest_bits or RECOMMENDED_RSA_BITS):
        yield Flaw(SHORT, f"the key there has {bits} bits", f"{RECOMMENDED_RSA_BITS} bits", f"{bits} bits")
    if "y" in key.flags:
        yield Flaw(TESTING, "the key there is in test mode", "no t=y", text)
