"""What every DNS target needs beside its format: its zones, where they were said, and the reasons shown as comments."""

from collections.abc import Iterator

from sendspec.model.dns_record import DnsRecord, PendingRecord, SourcedValue, Zone
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.targets.app_notes import GENERATED, one_line

__all__ = ["GENERATED", "origins", "owner", "pending_notes", "reasons", "relative_name", "wanted_zones"]


def wanted_zones(setup: Setup, target_id: str) -> Iterator[Zone]:
    """Give every zone that asks for a target."""
    for domain in setup.domains:
        if target_id in domain.zone.formats:
            yield domain.zone


def origins(zone: Zone) -> tuple[Origin, ...]:
    """Give the zone's own origin, then those of all its records, each once."""
    found = {zone.origin: None}
    for rrset in zone.rrsets:
        for value in rrset.values:
            for record in value.records:
                found[record.origin] = None
    for pending in zone.pending:
        found[pending.origin] = None
    return tuple(found)


def relative_name(name: str, zone: Zone) -> str:
    """Give a name without the zone's; empty for the apex."""
    return name[: -len(zone.name)].removesuffix(".")


def owner(record: DnsRecord | PendingRecord) -> str:
    """Say whose record it is: `ses-eu: receipts, support`; `the domain itself` for what no ESP asks for."""
    if not record.account:
        return "the domain itself"
    streams = f": {', '.join(record.streams)}" if record.streams else ""
    return _shown(record.account + streams)


def reasons(value: SourcedValue) -> tuple[tuple[str, str], ...]:
    """Give why a value is there and who says so, as (sentence, source), each pair once."""
    return tuple(dict.fromkeys([_reason(record) for record in value.records]))


def pending_notes(zone: Zone) -> Iterator[str]:
    """Give what is not issued yet as lines for comments; what several records in a row share is said once."""
    heading, reason = ("", ""), ("", "")
    for record in sorted(zone.pending, key=lambda record: (record.account, record.streams, record.cure)):
        above, heading = heading, (f"PENDING, {owner(record)}", _shown(f"    to get it: {record.cure}"))
        if heading != above:
            yield from heading
        said, reason = reason, _reason(record)
        if reason != said or heading != above:
            yield from (f"    {line}" for line in reason)
        yield _shown(f"        {record.name}. {record.type} {record.value}")


def _reason(record: DnsRecord | PendingRecord) -> tuple[str, str]:
    return _shown(record.why), _shown(record.source)


def _shown(text: str) -> str:
    """Give text that cannot leave its comment line. Ten thousand zones have a million of them, nearly all printable."""
    return text if text.isprintable() else one_line(text)
