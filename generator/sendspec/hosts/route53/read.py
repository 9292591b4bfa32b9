"""Route 53 -> what a hosted zone holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sendspec.hosts.interface import HostDesk
from sendspec.hosts.patience import PATIENCE, Patience
from sendspec.hosts.route53.api import Told, Trouble, ask
from sendspec.hosts.route53.text import absolute, read_name, read_value
from sendspec.model.live import LiveRRset, LiveZone, Unread

PAGE_SETS = "300"
"""The most that one answer holds (API_ListResourceRecordSets.html, read 2026-11-26)."""
MOST_PAGES = 1_000
PLAIN_MEMBERS = frozenset({"Name", "Type", "TTL", "ResourceRecords"})
"""A set with anything else is an alias, one of several with a routing policy, or belongs to a traffic policy."""
ID_PREFIX = "/hostedzone/"

Sets = Mapping[tuple[str, str], LiveRRset]


async def read(desk: HostDesk, _names: Collection[str], patience: Patience = PATIENCE) -> LiveZone:
    """Read a whole zone."""
    found = await find_zone(desk, patience)
    if isinstance(found, Unread):
        return LiveZone(desk.zone.name, unread={"": found})
    sets = await list_sets(desk, patience, found)
    if isinstance(sets, Told):
        return LiveZone(desk.zone.name, found, unread={"": _unread(desk, sets)})
    return LiveZone(desk.zone.name, found, sets)


async def find_zone(desk: HostDesk, patience: Patience) -> str | Unread:
    """Give the id of the one public hosted zone with the zone's name."""
    if desk.zone.zone_id:
        return await _check_zone(desk, patience, desk.zone.zone_id.removeprefix(ID_PREFIX))
    name = desk.zone.name
    ids: list[str] = []
    start: dict[str, str] = {"DNSName": name}
    for _ in range(MOST_PAGES):
        told = await ask(desk, patience, "list_hosted_zones_by_name", **start)
        if told.trouble:
            return _unread(desk, told)
        # They come sorted by their labels from the last one, so those with one name stand together.
        zones = [zone for zone in told.answer.get("HostedZones", ()) if read_name(str(zone.get("Name", ""))) == name]
        ids += [str(zone.get("Id", "")).removeprefix(ID_PREFIX) for zone in zones if _is_public(zone)]
        following = str(told.answer.get("NextDNSName", ""))
        if not told.answer.get("IsTruncated") or read_name(following) != name:
            break
        start = {"DNSName": following, "HostedZoneId": str(told.answer.get("NextHostedZoneId", ""))}
    if len(ids) == 1:
        return ids[0]
    if ids:
        listed = ", ".join(sorted(ids))
        fix = f"write the one that the domain is delegated to below the domain's `dns:` as `zone_id`: {listed}"
        return _unknown(desk, f"the account has {len(ids)} public hosted zones of that name", fix)
    return _unknown(
        desk,
        "the account has no public hosted zone of that name",
        "create it at Route 53, use the credentials of the account that has it, or correct `dns.host`",
    )


async def _check_zone(desk: HostDesk, patience: Patience, zone_id: str) -> str | Unread:
    told = await ask(desk, patience, "get_hosted_zone", Id=zone_id)
    if told.trouble:
        return _unread(desk, told)
    zone = told.answer.get("HostedZone", {})
    if read_name(str(zone.get("Name", ""))) != desk.zone.name:
        return _unknown(desk, f"the zone {zone_id} is one of another name", "correct `dns.zone_id`")
    if not _is_public(zone):
        return _unknown(
            desk, f"the zone {zone_id} is a private one, which nobody outside sees", "correct `dns.zone_id`"
        )
    return zone_id


def _is_public(zone: Mapping[str, Any]) -> bool:
    return not zone.get("Config", {}).get("PrivateZone", False)


async def list_sets(desk: HostDesk, patience: Patience, zone_id: str, name: str = "") -> Sets | Told:
    """Give all sets of a zone, or those of one name."""
    raw: list[Mapping[str, Any]] = []
    start: dict[str, str] = {"StartRecordName": absolute(name)} if name else {}
    for _ in range(MOST_PAGES):
        told = await ask(desk, patience, "list_resource_record_sets", HostedZoneId=zone_id, MaxItems=PAGE_SETS, **start)
        if told.trouble:
            return told
        page: Sequence[Mapping[str, Any]] = told.answer.get("ResourceRecordSets", ())
        raw += [each for each in page if not name or _owner(each) == name]
        is_past = bool(name) and bool(page) and _owner(page[-1]) != name
        if not told.answer.get("IsTruncated") or is_past:
            return _by_key(raw)
        start = {
            argument: str(told.answer[member])
            for argument, member in (
                ("StartRecordName", "NextRecordName"),
                ("StartRecordType", "NextRecordType"),
                ("StartRecordIdentifier", "NextRecordIdentifier"),
            )
            if told.answer.get(member)
        }
    return Told(Trouble.REFUSED, words="its list of records has no end")


def _by_key(raw: Iterable[Mapping[str, Any]]) -> Sets:
    found: dict[tuple[str, str], LiveRRset] = {}
    for each in raw:
        rrset = to_rrset(each)
        key = rrset.name, rrset.type
        if key in found:  # several sets with identifiers: one answer among many
            rrset = replace(found[key], values=(*found[key].values, *rrset.values), is_alias=True)
        found[key] = rrset
    return found


def to_rrset(raw: Mapping[str, Any]) -> LiveRRset:
    """Give a set. `native` is its values as Route 53 has them: what a DELETE must name to the letter."""
    record_type = str(raw.get("Type", ""))
    written = tuple(str(record.get("Value", "")) for record in raw.get("ResourceRecords", ()))
    alias = raw.get("AliasTarget", {}).get("DNSName")
    values = tuple(read_value(record_type, text) for text in written) or ((read_name(str(alias)),) if alias else ())
    return LiveRRset(
        name=_owner(raw),
        type=record_type,
        ttl_seconds=int(raw.get("TTL", 0)),
        values=values,
        native=written,
        is_alias=not PLAIN_MEMBERS.issuperset(raw),
    )


def _owner(raw: Mapping[str, Any]) -> str:
    return read_name(str(raw.get("Name", "")))


def _unknown(desk: HostDesk, reason: str, fix: str) -> Unread:
    return Unread(f"zone {desk.zone.name} at Route 53", reason, fix)


def _unread(desk: HostDesk, told: Told) -> Unread:
    return _unknown(desk, told.said, told.fix)
