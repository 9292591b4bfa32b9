"""DKIM key records: what stands at `<selector>._domainkey.<domain>`.

Source: RFC 6376 section 3.6.1; RFC 8301 (algorithms and key sizes); RFC 8463 (Ed25519).
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from sendspec.records.error import RecordError
from sendspec.records.tag_list import BLANKS, parse_tags

MINIMUM_RSA_BITS = 1024
"""Verifiers must not accept less (RFC 8301 section 3.2)."""

RECOMMENDED_RSA_BITS = 2048
ED25519_OCTETS = 32
KEY_TYPES = ("rsa", "ed25519")

RSA_ENCRYPTION = bytes.fromhex("2a864886f70d010101")
"""1.2.840.113549.1.1.1 (RFC 8017 appendix C)."""

SEQUENCE, INTEGER, BIT_STRING, OBJECT_IDENTIFIER = 0x30, 0x02, 0x03, 0x06
SELECTOR = re.compile(
    r"(?=.{1,240}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\Z", re.IGNORECASE
)
WORD = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A key record.

    `public_key` is base64 without blanks, empty when the key is revoked. Empty `hashes` and `services` mean all;
    `flags` may hold `y` (testing) and `s` (no subdomains in `i=`). `notes` is for people.
    """

    public_key: str
    key_type: str = "rsa"
    hashes: tuple[str, ...] = field(default=())
    services: tuple[str, ...] = field(default=())
    flags: tuple[str, ...] = field(default=())
    notes: str = ""

    @property
    def is_revoked(self) -> bool:
        """Tell whether the record says that this key must no longer verify."""
        return self.public_key == ""

    @property
    def signs_mail(self) -> bool:
        """Tell whether the record is meant for e-mail."""
        return not self.services or "*" in self.services or "email" in self.services

    def to_text(self) -> str:
        """Give the record with its version, so that no other TXT value can be taken for a key."""
        tags = ["v=DKIM1"]
        if self.hashes:
            tags.append(f"h={':'.join(self.hashes)}")
        tags.append(f"k={self.key_type}")
        if self.notes:
            tags.append(f"n={self.notes}")
        tags.append(f"p={self.public_key}")
        if self.services:
            tags.append(f"s={':'.join(self.services)}")
        if self.flags:
            tags.append(f"t={':'.join(self.flags)}")
        return "; ".join(tags)


def parse(text: str) -> DkimKey:
    """Read a key record; unknown tags are ignored.

    Raises:
        RecordError: tag syntax, a missing `p=`, or one that is not base64. Whether the key itself is any good says
            `key_bits`.
    """
    tags = parse_tags(text, "v", "DKIM1", required=False)
    if "p" not in tags:
        raise RecordError("has no p= tag, so it holds no key (RFC 6376 section 3.6.1)")
    public_key = "".join(tags["p"].split())
    _decode(public_key)
    return DkimKey(
        public_key=public_key,
        key_type=tags.get("k", "rsa") or "rsa",
        hashes=_words(tags, "h"),
        services=_words(tags, "s"),
        flags=_words(tags, "t"),
        notes=tags.get("n", ""),
    )


def _words(tags: dict[str, str], name: str) -> tuple[str, ...]:
    """Give the parts of a colon-separated tag."""
    if not tags.get(name):
        return ()
    words = tuple(word.strip(BLANKS) for word in tags[name].split(":"))
    for word in words:
        if word != "*" and not WORD.match(word):
            raise RecordError("holds something that is not a word", f"{name}={tags[name]}")
    return words


def is_selector(text: str) -> bool:
    """Tell whether a text can stand before `._domainkey`: labels of letters, digits and inner hyphens (section 3.1)."""
    return SELECTOR.match(text) is not None


def key_bits(key: DkimKey) -> int:
    """Give the size of the key: RSA modulus bits, 256 for Ed25519.

    Raises:
        RecordError: the key is revoked, of a type nobody verifies, or its bytes are not what `k=` says.
    """
    if key.is_revoked:
        raise RecordError("is revoked: its p= is empty")
    octets = _decode(key.public_key)
    if key.key_type == "ed25519":
        if len(octets) != ED25519_OCTETS:
            reason = f"holds {len(octets)} octets where Ed25519 has the bare {ED25519_OCTETS} (44 base64 characters, RFC 8463 section 4)"
            raise RecordError(reason, "p=")
        return 8 * ED25519_OCTETS
    if key.key_type != "rsa":
        raise RecordError("is no key type that verifiers know; rsa and ed25519 are", f"k={key.key_type}")
    return _rsa_modulus(octets).bit_length()


def _decode(public_key: str) -> bytes:
    if "-----" in public_key:
        raise RecordError("holds PEM armour; only the base64 between the lines belongs there", "p=")
    try:
        return base64.b64decode(public_key, validate=True)
    except binascii.Error:
        raise RecordError("is not base64", "p=") from None


def _rsa_modulus(octets: bytes) -> int:
    """Give the modulus of a DER SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 8017 appendix A.1.1)."""
    info, rest = _element(octets, SEQUENCE)
    algorithm, key_field = _element(info, SEQUENCE)
    oid, _ = _element(algorithm, OBJECT_IDENTIFIER)
    bits, trailing = _element(key_field, BIT_STRING)
    if oid != RSA_ENCRYPTION or rest or trailing or bits[:1] != b"\x00":
        raise RecordError("is not an RSA SubjectPublicKeyInfo", "p=")
    numbers, after = _element(bits[1:], SEQUENCE)
    modulus, exponent_field = _element(numbers, INTEGER)
    _, end = _element(exponent_field, INTEGER)
    if after or end:
        raise RecordError("has bytes after the RSA key", "p=")
    return int.from_bytes(modulus, "big")


def _element(octets: bytes, tag: int) -> tuple[bytes, bytes]:
    """Split DER into the content of its first element, which must have this tag, and what follows (X.690 section 8.1)."""
    broken = RecordError("is not an RSA SubjectPublicKeyInfo in DER", "p=")
    if len(octets) < 2 or octets[0] != tag:  # noqa: PLR2004 - tag and length octet
        raise broken
    length, start = octets[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(octets[2:start], "big")
    if (start == 2 and octets[1] & 0x80) or start + length > len(octets):  # noqa: PLR2004 - indefinite length is not DER
        raise broken
    return octets[start : start + length], octets[start + length :]
