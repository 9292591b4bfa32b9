"""What Route 53 refuses of a set, told before it is asked.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html, ResourceRecordTypes.html and
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecord.html, read 2026-11-26.
"""

from collections.abc import Iterator

from sendspec.hosts.interface import SetChange
from sendspec.hosts.route53.text import resource_value
from sendspec.hosts.validity import set_problems
from sendspec.model.dns_record import RecordType, Zone

BATCH_RECORDS = 1_000
"""ResourceRecord elements of a request; those of a DELETE and of a CREATE count once each, an UPSERT's twice."""
BATCH_CHARACTERS = 32_000
"""Characters in all Value elements of a request, spaces included."""
VALUE_CHARACTERS = 4_000
SET_VALUES = 400
TTL_BOUNDS = (0, 2_147_483_647)
MANAGED = frozenset(map(str, RecordType))


def problems(zone: Zone, change: SetChange) -> tuple[str, ...]:
    """Give what Route 53 would refuse, as clauses."""
    return tuple(_problems(zone, change))


def _problems(zone: Zone, change: SetChange) -> Iterator[str]:
    yield from set_problems(zone, change, TTL_BOUNDS)
    after = change.after
    if after is None:
        return
    if after.type not in MANAGED:
        yield f"sendspec changes no records of type {after.type}"
        return
    values = [resource_value(RecordType(after.type), value) for value in after.values]
    if any(len(value) > VALUE_CHARACTERS for value in values):
        yield f"Route 53 takes values of up to {VALUE_CHARACTERS:,} characters, quotation marks included"
    if len(values) > SET_VALUES:
        yield f"Route 53 takes up to {SET_VALUES} values in a set"
    count = len(values) + (len(change.before.values) if change.before else 0)
    size = sum(map(len, values)) + (sum(map(len, change.before.native)) if change.before else 0)
    if count > BATCH_RECORDS or size > BATCH_CHARACTERS:
        yield f"Route 53 takes {BATCH_RECORDS:,} records and {BATCH_CHARACTERS:,} characters of values in one step"
