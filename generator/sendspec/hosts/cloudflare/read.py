"""Cloudflare -> what a zone holds."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from sendspec.hosts.cloudflare.api import RIGHTS, Told, Trouble, ask
from sendspec.hosts.cloudflare.records import Record, to_rrsets
from sendspec.hosts.interface import HostDesk
from sendspec.hosts.patience import PATIENCE, Patience
from sendspec.model.dns_record import RecordType
from sendspec.model.live import LiveRRset, LiveZone, Unread

M = TypeVar("M", bound=BaseModel)
ZONES_A_PAGE = 50
"""The most that Cloudflare gives (https://developers.cloudflare.com/api/resources/zones/methods/list/, read 2026-11-26)."""
RECORDS_A_PAGE = 100
"""What is given where nobody says a number; the greatest is not published in a page of documentation."""
MOST_PAGES = 1_000
ACTIVE = "active"


class ZoneFound(BaseModel):
    """A zone of an account. `status`: active, pending, initializing, moved."""

    id: str
    name: str
    status: str = ""


class DnsSettings(BaseModel):
    """Of a whole zone."""

    flatten_all_cnames: bool = False


Sets = Mapping[tuple[str, str], LiveRRset]


async def read(desk: HostDesk, _names: Collection[str], patience: Patience = PATIENCE) -> LiveZone:
    """Read a whole zone."""
    zone = desk.zone.name
    found = await find_zone(desk, patience)
    if isinstance(found, Unread):
        return LiveZone(zone, unread={"": found})
    sets = await list_sets(desk, patience, found)
    if isinstance(sets, Told):
        return LiveZone(zone, found, unread={"": _unread(desk, sets)})
    return LiveZone(zone, found, sets)


async def find_zone(desk: HostDesk, patience: Patience) -> str | Unread:
    """Give the id of the one zone with the zone's name; of several, of the one that is active."""
    if desk.zone.zone_id:
        return await _check_zone(desk, patience, desk.zone.zone_id)
    zones = await _pages(desk, patience, "/zones", {"name": desk.zone.name}, ZONES_A_PAGE, ZoneFound)
    if isinstance(zones, Told):
        return _unread(desk, zones)
    named = [zone for zone in zones if zone.name.lower() == desk.zone.name]
    active = [zone for zone in named if zone.status == ACTIVE] if len(named) > 1 else named
    if len(active) == 1:
        return active[0].id
    if named:
        listed = ", ".join(sorted(f"{zone.id} ({zone.status})" for zone in named))
        fix = f"write the one that the domain is delegated to below the domain's `dns:` as `zone_id`: {listed}"
        return _unknown(desk, f"the API token sees {len(named)} zones of that name", fix)
    return _unknown(desk, "the API token sees no zone of that name", f"{RIGHTS}, or add the zone at Cloudflare")


async def _check_zone(desk: HostDesk, patience: Patience, zone_id: str) -> str | Unread:
    if not zone_id.isalnum():
        return _unknown(desk, "`dns.zone_id` is no id of a zone at Cloudflare", "it is 32 letters and digits")
    told = await ask(desk, patience, "GET", f"/zones/{zone_id}")
    if told.trouble or told.envelope is None:
        return _unread(desk, told)
    try:
        zone = ZoneFound.model_validate(told.envelope.result)
    except ValidationError:
        return _unread(desk, _unreadable())
    if zone.name.lower() != desk.zone.name:
        return _unknown(desk, f"the zone {zone_id} is one of another name", "correct `dns.zone_id`")
    return zone.id


async def list_sets(desk: HostDesk, patience: Patience, zone_id: str) -> Sets | Told:
    """Give all sets of a zone."""
    path = f"/zones/{zone_id}"
    records = await _pages(desk, patience, f"{path}/dns_records", {"order": "name"}, RECORDS_A_PAGE, Record)
    if isinstance(records, Told):
        return records
    is_flattened = False
    if any(record.type == RecordType.CNAME for record in records):
        # Not every token may read the settings; without them a CNAME is taken for what its record says.
        told = await ask(desk, patience, "GET", f"{path}/dns_settings")
        is_flattened = told.trouble is None and _flattens(told)
    return to_rrsets(records, desk.zone.name, is_flattened=is_flattened)


def _flattens(told: Told) -> bool:
    try:
        return DnsSettings.model_validate(told.envelope.result if told.envelope else None).flatten_all_cnames
    except ValidationError:
        return False


async def _pages(
    desk: HostDesk, patience: Patience, path: str, query: Mapping[str, str], size: int, model: type[M]
) -> list[M] | Told:
    """Give all entries of a list, or the trouble that one of its pages met."""
    adapter = TypeAdapter(list[model])  # type: ignore[valid-type]  # a type known at run time only
    found: list[M] = []
    for page in range(1, MOST_PAGES + 1):
        told = await ask(desk, patience, "GET", path, {**query, "page": page, "per_page": size})
        if told.trouble or told.envelope is None:
            return told
        try:
            entries: list[M] = adapter.validate_python(told.envelope.result)
        except ValidationError:
            return _unreadable()
        found += entries
        info = told.envelope.result_info
        last = info.total_pages if info and info.total_pages is not None else None
        if not entries or (page >= last if last is not None else len(entries) < (info.per_page if info else size)):
            return found
    return Told(Trouble.REFUSED, words="its list has no end")


def _unreadable() -> Told:
    return Told(Trouble.REFUSED, words="an answer that is not as the API is documented")


def _unknown(desk: HostDesk, reason: str, fix: str) -> Unread:
    return Unread(f"zone {desk.zone.name} at Cloudflare", reason, fix)


def _unread(desk: HostDesk, told: Told) -> Unread:
    return _unknown(desk, told.words, told.fix)
