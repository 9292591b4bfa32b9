"""`output/README.md`: what a reviewer reads before a merge.

Everything is decided here; the template only loops and prints, each value through a filter of `sendspec.markdown`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from sendspec.markdown import escape_block, escape_code, escape_prose, escape_text
from sendspec.model.account import Account
from sendspec.model.decision import Decision
from sendspec.model.dmarc import DmarcIntent
from sendspec.model.dns_record import Mx, PendingRecord, Purpose, RRset, Value
from sendspec.model.domain import Domain
from sendspec.model.output_file import OutputFile
from sendspec.model.resource import Resource
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream, Volume
from sendspec.render.alignment import proof_rows, unsigned_by_domain
from sendspec.render.decisions import decision_rows
from sendspec.render.monitoring.dns_records import MAX_RECORDS
from sendspec.render.mta_sts import policy_path, policy_url
from sendspec.render.picture import flowchart
from sendspec.render.places import Places, entry_origins
from sendspec.render.spf_lookups import spending_rows
from sendspec.templating import environment

README_PATH = "README.md"
MAX_ROWS = 250
"""GitHub shows 512 KB of Markdown. A section with more rows than this is cut and says so; the files hold everything."""
MAX_VALUE = 96


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One value of one name, as the table of its zone shows it."""

    name: str
    type: str
    value: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountTable:
    """What is to exist at one account; `left` counts what found no room."""

    account: Account
    resources: tuple[Resource, ...]
    left: int


@dataclass(frozen=True, slots=True)
class RoadRow:
    """Where a DMARC policy is and where it is to lead, and what has to be done first."""

    intent: DmarcIntent
    before: tuple[str, ...]


def readme_file(
    setup: Setup, files: Sequence[OutputFile], places: Places, decisions: Sequence[Decision] = ()
) -> OutputFile:
    """Give `README.md` for a setup and the files beside it."""
    rows = sum(len(rrset.values) for _, rrset in setup.rrsets())
    pending = list(setup.pending())
    spendings = list(spending_rows(setup))
    filters = {"text": escape_text, "prose": escape_prose, "code": escape_code, "block": escape_block}
    content = (
        environment("sendspec.render", filters)
        .get_template("readme.md.jinja")
        .render(
            setup=setup,
            picture=flowchart(setup),
            routes=_routes(setup)[:MAX_ROWS],
            routes_left=max(0, len(list(setup.routes())) - MAX_ROWS),
            decisions=decision_rows(decisions[:MAX_ROWS]),
            decisions_left=max(0, len(decisions) - MAX_ROWS),
            proofs=list(islice(proof_rows(setup), MAX_ROWS)),
            proofs_left=max(0, len(setup.proofs) - MAX_ROWS),
            spendings=spendings[:MAX_ROWS],
            spendings_left=max(0, len(spendings) - MAX_ROWS),
            record_count=rows,
            zones=[(domain, list(_record_rows(domain))) for domain in setup.domains] if rows <= MAX_ROWS else [],
            zone_count=len(setup.domains),
            tables=list(_resources(setup)),
            apps=_below(files, "apps/"),
            account_files=_below(files, "esps/"),
            monitoring=_below(files, "monitoring/"),
            probed_records=MAX_RECORDS,
            pending=pending[:MAX_ROWS],
            pending_left=max(0, len(pending) - MAX_ROWS),
            lock_entries=list(dict.fromkeys(record.lock_entry for record in pending[:MAX_ROWS] if record.lock_entry)),
            policies=[
                (name, policy_path(domain.name, name), policy_url(name))
                for domain in setup.domains
                for name, _ in domain.zone.mta_sts_policies
            ][:MAX_ROWS],
            road=list(islice(_road(setup), MAX_ROWS)),
        )
    )
    return OutputFile(
        README_PATH,
        content,
        places.one_per_file(entry_origins(setup)),
        "What a reviewer reads: streams, subdomains and ESPs, the records with their reasons, and what is pending.",
    )


def _routes(setup: Setup) -> list[tuple[Stream, Route, str]]:
    return [(stream, route, _volume(stream.volume)) for stream, route in setup.routes()]


def _volume(volume: Volume) -> str:
    day = f"{volume.per_day:,} a day" if volume.per_day is not None else ""
    peak = f"{volume.peak_per_hour:,} an hour at peak" if volume.peak_per_hour is not None else ""
    return ", ".join(part for part in (day, peak) if part) or "not declared"


def _record_rows(domain: Domain) -> Iterator[RecordRow]:
    for rrset in domain.zone.rrsets:
        for value in rrset.values:
            because = tuple(dict.fromkeys(record.why for record in value.records))
            yield RecordRow(_relative(rrset, domain.zone.name), rrset.type, _shown(value.value), because)


def _relative(rrset: RRset, zone: str) -> str:
    return "@" if rrset.name == zone else rrset.name.removesuffix(f".{zone}")


def _shown(value: Value) -> str:
    if isinstance(value, Mx):
        return f"{value.preference} {value.exchange or '.'}"
    return value if len(value) <= MAX_VALUE else f"{value[: MAX_VALUE - 24]} … {value[-16:]}"


def _resources(setup: Setup) -> Iterator[AccountTable]:
    """Give a table for every account with resources, no more rows than fit in all of them together."""
    room = MAX_ROWS
    groups = groupby(sorted(setup.resources, key=lambda resource: resource.account), key=lambda found: found.account)
    for account, group in groups:
        resources = list(group)
        yield AccountTable(setup.account(account), tuple(resources[:room]), max(0, len(resources) - room))
        room = max(0, room - len(resources))


def _below(files: Sequence[OutputFile], folder: str) -> list[OutputFile]:
    return sorted((file for file in files if file.path.startswith(folder)), key=lambda file: file.path)[:MAX_ROWS]


def _road(setup: Setup) -> Iterator[RoadRow]:
    """Give every DMARC intent with what has to happen before its target is safe."""
    unsigned = unsigned_by_domain(setup)
    for domain in setup.domains:
        waiting = [_waiting(record) for record in domain.zone.pending if record.purpose is Purpose.DKIM]
        for intent in domain.dmarc:
            before = (*unsigned.get(domain.name, ()), *waiting, *domain.dmarc_obstacles(intent))
            yield RoadRow(intent, tuple(dict.fromkeys(before)))


def _waiting(record: PendingRecord) -> str:
    return f"{record.name} is pending at {record.account}" if record.account else f"{record.name} is pending"
