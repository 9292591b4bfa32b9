r"""Records as Cloudflare's API has them, and what they mean. One object for each value; names without the final dot.

The content of a TXT record is quoted strings, which Cloudflare cuts at 255 octets where they are longer; those that were
written without quotation marks are kept that way, and mean their text. Escapes are those of zone files: `\"`, `\\` and
`\DDD` in decimal (RFC 1035 section 5.1).
Source: https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/ and
https://developers.cloudflare.com/api/resources/dns/subresources/records/, read 2026-11-26.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel, Field

from sendspec.model.dns_record import Mx, RecordType, Value
from sendspec.model.live import LiveRRset

AUTOMATIC = 1
AUTOMATIC_SECONDS = 300
"""What a TTL of 1 means (https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/, read 2026-11-26)."""
STRING_OCTETS = 255
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
ESCAPE = re.compile(r"\\(?:([0-2][0-9]{2})|(.))", re.DOTALL)
PLAIN = frozenset(range(0x20, 0x7F)) - set(b'"\\')


class Settings(BaseModel):
    """Of one record."""

    flatten_cname: bool | None = None


class Record(BaseModel):
    """One value at one name. Members that are not named here stay untouched: records are only ever patched."""

    id: str = Field(max_length=64)
    name: str = Field(max_length=1024)
    type: str = Field(max_length=32)
    content: str = Field(default="", max_length=16_384)
    ttl: int = AUTOMATIC
    priority: int | None = None
    proxied: bool | None = None
    settings: Settings | None = None

    @property
    def seconds(self) -> int:
        """Give the TTL that resolvers are told."""
        return AUTOMATIC_SECONDS if self.ttl == AUTOMATIC else self.ttl

    @property
    def owner(self) -> str:
        """Give the name as sendspec has it."""
        return self.name.lower().removesuffix(".")

    @property
    def value(self) -> Value:
        """Give what the content means: for CNAME, MX and TXT as sendspec has it, for all else the text as it stands."""
        if self.type == RecordType.TXT:
            return read_text(self.content)
        target = "" if self.content == "." else self.content.lower().removesuffix(".")
        if self.type == RecordType.MX:
            return Mx(self.priority or 0, target)
        return target if self.type == RecordType.CNAME else self.content

    @property
    def masked(self) -> str:
        """Say why the world does not see the value; empty where it does."""
        if self.proxied:
            return "it is proxied, so Cloudflare's own addresses are answered in its place"
        if self.settings is not None and self.settings.flatten_cname:
            return "it is flattened, so the addresses at its end are answered in its place"
        return ""


def to_rrsets(
    records: Iterable[Record], zone: str, *, is_flattened: bool = False
) -> Mapping[tuple[str, str], LiveRRset]:
    """Give sets, with the ids of their records in the order of the values. `is_flattened`: every CNAME of the zone is."""
    found: dict[tuple[str, str], list[Record]] = {}
    for record in {each.id: each for each in records}.values():
        found.setdefault((record.owner, record.type), []).append(record)
    return {key: _to_rrset(key, each, is_flattened=is_flattened or key[0] == zone) for key, each in found.items()}


def _to_rrset(key: tuple[str, str], records: Sequence[Record], *, is_flattened: bool) -> LiveRRset:
    name, record_type = key
    return LiveRRset(
        name,
        record_type,
        # Each record has a TTL of its own here; what a resolver may keep a set for is the lowest.
        min(record.seconds for record in records),
        tuple(record.value for record in records),
        tuple(record.id for record in records),
        is_alias=record_type == RecordType.CNAME and is_flattened,
        masked=next((record.masked for record in records if record.masked), ""),
    )


def body(name: str, record_type: str, value: Value, ttl_seconds: int) -> dict[str, object]:
    """Give the members that make a record what it should be; a CNAME is seen by the world."""
    members: dict[str, object] = {"name": name, "type": record_type, "ttl": ttl_seconds}
    if isinstance(value, Mx):
        return members | {"content": value.exchange or ".", "priority": value.preference}
    if record_type == RecordType.TXT:
        return members | {"content": write_text(value)}
    return members | {"content": value, "proxied": False}


def write_text(text: str) -> str:
    """Give a TXT value as quoted strings of at most 255 octets."""
    octets = text.encode()
    starts = range(0, len(octets) or 1, STRING_OCTETS)
    return " ".join(f'"{"".join(_escaped(octets[start : start + STRING_OCTETS]))}"' for start in starts)


def _escaped(octets: bytes) -> Iterator[str]:
    for octet in octets:
        if octet in PLAIN:
            yield chr(octet)
        else:
            yield f"\\{chr(octet)}" if octet in b'"\\' else f"\\{octet:03d}"


def read_text(content: str) -> str:
    """Give the text of a TXT record: its strings joined, or the content itself where it has no quotation marks around it."""
    if not content.startswith('"'):
        return content
    joined = "".join(ESCAPE.sub(_unescaped, string) for string in QUOTED.findall(content))
    try:
        return joined if joined.isascii() else joined.encode("latin-1").decode()
    except UnicodeError:
        return joined


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1])) if found[1] and int(found[1]) < 256 else str(found[2] or found[1])  # noqa: PLR2004 - an octet
