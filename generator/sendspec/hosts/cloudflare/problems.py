"""What Cloudflare refuses of a set, or does otherwise than it is meant, told before it is asked.

Source: https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/,
https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/ and
https://developers.cloudflare.com/api/resources/dns/subresources/records/, read 2026-11-26.
"""

from collections.abc import Iterator

from sendspec.hosts.cloudflare.records import body
from sendspec.hosts.interface import SetChange
from sendspec.hosts.validity import set_problems
from sendspec.model.dns_record import RecordType, Zone

TTL_BOUNDS = (60, 86_400)
"""Down to 30 s for Enterprise zones; 1 means "automatic"."""
BATCH_RECORDS = 200
"""Of a zone on the free plan; others take 3,500."""
RECORD_OCTETS = 4_096
SET_CHARACTERS = 8_192
MANAGED = frozenset(map(str, RecordType))


def problems(zone: Zone, change: SetChange) -> tuple[str, ...]:
    """Give what Cloudflare would refuse, as clauses."""
    return tuple(_problems(zone, change))


def _problems(zone: Zone, change: SetChange) -> Iterator[str]:
    yield from set_problems(zone, change, TTL_BOUNDS)
    after = change.after
    if after is None:
        return
    if after.type not in MANAGED:
        yield f"sendspec changes no records of type {after.type}"
        return
    contents = [str(body(after.name, after.type, value, after.ttl_seconds)["content"]) for value in after.values]
    # Each string has an octet before it that tells its length.
    if any(len(str(value).encode()) * 256 // 255 + 1 > RECORD_OCTETS for value in after.values):
        yield f"Cloudflare takes records of up to {RECORD_OCTETS:,} octets"
    if sum(map(len, contents)) > SET_CHARACTERS:
        yield f"Cloudflare takes up to {SET_CHARACTERS:,} characters in all records of a name and type together"
    if len(after.values) + (len(change.before.values) if change.before else 0) > BATCH_RECORDS:
        yield f"Cloudflare takes {BATCH_RECORDS} records in one step"
