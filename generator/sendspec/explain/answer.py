"""Answers `explain NAME`: what has this name, why it is there, from which line, and what breaks without it."""

import difflib
import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from sendspec.errors import UsageError
from sendspec.explain.places import SpanFinder, places_of
from sendspec.explain.spf import spf_details
from sendspec.explain.stream import explain_stream
from sendspec.model.account import Account
from sendspec.model.app import App, Variable
from sendspec.model.credential import Credential
from sendspec.model.dns_record import DnsRecord, Mx, PendingRecord, RRset, Value
from sendspec.model.explanation import Explanation
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup

ISSUED_PART = re.compile("‹[^›]*›")
"""What an ESP has not told yet, in a pending name."""
SUGGESTIONS = 3


def explain_rule(name: str, documentation: Mapping[str, str]) -> tuple[Explanation, ...]:
    """Explain a rule by its id; empty when there is none. `documentation` is rule id -> text."""
    if name not in documentation:
        return ()
    first, _, rest = documentation[name].strip().partition("\n")
    details = (("more", rest.strip()),) if rest.strip() else ()
    return (Explanation("rule", name, first.strip(), details),)


def explain_setup(
    name: str,
    setup: Setup,
    positions: SpanFinder,
    render: Callable[[], Sequence[OutputFile]],
    rule_ids: Sequence[str],
) -> tuple[Explanation, ...]:
    """Explain a stream, a record, a pending record, a variable or an output file of a setup.

    A record is asked for as `name`, `name TYPE`, relative to its zone, or with `*`. `render` gives the files; it is
    called only when nothing else has the name.

    Raises:
        UsageError: nothing has this name; the hint says what comes close.
    """
    found = (
        *explain_stream(name, setup, positions),
        *_records(name, setup, positions),
        *_variables(name, setup, positions),
    )
    if found:
        return found
    files = render()
    found = tuple(_files(name, files, positions))
    if found:
        return found
    known = sorted({*_names(setup), *(file.path for file in files), *rule_ids})
    close = difflib.get_close_matches(name, known, SUGGESTIONS)
    hint = f"did you mean {' or '.join(f'`{each}`' for each in close)}?" if close else ""
    raise UsageError(
        f"nothing is called `{name}`",
        hint or "name a rule id, a stream, a record (`name` or `name TYPE`), an environment variable or an output file",
    )


def _records(name: str, setup: Setup, positions: SpanFinder) -> Iterator[Explanation]:
    wanted, _, record_type = name.strip().partition(" ")
    wanted, record_type = wanted.lower().rstrip("."), record_type.strip().upper()
    for domain in setup.domains:
        zone = domain.zone
        for rrset in zone.rrsets:
            if record_type in {"", rrset.type} and _is_asked(wanted, rrset.name, zone.name):
                yield _rrset(rrset, spf_details(rrset, setup), positions)
        for pending in zone.pending:
            if record_type in {"", pending.type} and _is_asked(wanted, pending.name, zone.name):
                yield _pending(pending, setup, positions)


def _is_asked(wanted: str, name: str, zone: str) -> bool:
    """Tell whether a record is meant: by full or relative name, by glob, or by what an issued part may become."""
    for candidate in (zone,) if wanted == "@" else (wanted, f"{wanted}.{zone}"):
        if candidate == name or ("*" in candidate and fnmatch.fnmatchcase(name, candidate)):
            return True
        if "‹" in name:
            pattern = "[^.]+".join(re.escape(part) for part in ISSUED_PART.split(name))
            if re.fullmatch(pattern, candidate):
                return True
    return False


def _rrset(rrset: RRset, more: Sequence[tuple[str, str]], positions: SpanFinder) -> Explanation:
    records = [record for value in rrset.values for record in value.records]
    summary = records[0].why if len(records) == 1 else f"{len(rrset.values)} values, {len(records)} reasons."
    details: list[tuple[str, str]] = []
    for value in rrset.values:
        details.append(("value", _shown(value.value)))
        details.extend(detail for record in value.records for detail in _reasons(record))
    details.extend(more)
    details.append(("time to live", f"{rrset.ttl_seconds} seconds"))
    return Explanation(
        kind="record",
        name=f"{rrset.name} {rrset.type}",
        summary=summary,
        details=tuple(detail for detail in dict.fromkeys(details) if detail[1] != summary),
        places=places_of((record.origin for record in records), positions),
    )


def _pending(record: PendingRecord, setup: Setup, positions: SpanFinder) -> Explanation:
    account = setup.index.accounts.get(record.account)
    details = (("value", record.value), *_reasons(record), ("to do", record.cure), *_who_does_it(account))
    return Explanation(
        kind="pending record",
        name=f"{record.name} {record.type}",
        summary="Only the ESP can tell this value; until then the record is written nowhere.",
        details=details,
        places=places_of([record.origin], positions),
        paste=record.lock_entry,
    )


def _who_does_it(account: Account | None) -> Iterator[tuple[str, str]]:
    """Say whether `sendspec apply` will, or somebody has to."""
    if account is None or not account.is_esp:
        return
    if account.managed == "apply":
        yield (
            "by itself",
            f"{account.id} is `managed: apply`: `sendspec apply` makes it, fills this in and publishes the record",
        )
    else:
        yield (
            "by whom",
            f"{account.id} is `managed: files`: whoever applies esps/{account.id}/ makes it, then `sendspec pull` fills this in",
        )


def _reasons(record: DnsRecord | PendingRecord) -> Iterator[tuple[str, str]]:
    yield "why", record.why
    yield "without it", record.breaks
    if record.account:
        served = f" for {', '.join(record.streams)}" if record.streams else ""
        yield "wanted by", f"{record.account}{served}"
    yield "source", record.source


def _shown(value: Value) -> str:
    return f"{value.preference} {value.exchange or '.'}" if isinstance(value, Mx) else value


def _variables(name: str, setup: Setup, positions: SpanFinder) -> Iterator[Explanation]:
    for app in setup.apps:
        seen: set[Variable] = set()
        for each in app.expanded():
            for variable in each.variables():
                if variable.name == name and variable not in seen:  # most are the same in every environment
                    seen.add(variable)
                    yield _variable(variable, each, positions)


def _variable(variable: Variable, app: App, positions: SpanFinder) -> Explanation:
    credential = variable.credential
    named = [
        binding.route.id
        for binding in app.bindings
        if any(candidate.name == variable.name for candidate in binding.variables)
    ]
    label = "source" if variable.because.startswith("https://") else "why"
    because = [] if credential and credential.reference in variable.because else [(label, variable.because)]
    details = [*because, ("used by", f"app {app.title}, route {', '.join(named)}")]
    if credential is None:
        details.append(("value", variable.value or ""))
    else:
        details.extend(_credential(credential))
    return Explanation(
        kind="variable",
        name=variable.name,
        summary="A credential: its value is never written." if credential else "Set in the files; not secret.",
        details=tuple(details),
        places=places_of([variable.origin, *([credential.origin] if credential else [])], positions),
    )


def _credential(credential: Credential) -> Iterator[tuple[str, str]]:
    yield "kept at", credential.reference
    yield "without it", f"the app cannot authenticate at {credential.account}, and no mail leaves on this route"


def _files(name: str, files: Sequence[OutputFile], positions: SpanFinder) -> Iterator[Explanation]:
    for file in files:
        # With or without the output folder in front, as a shell completes it.
        if name == file.path or name.endswith(f"/{file.path}"):
            places = tuple(replace(span, excerpt="") for span in places_of(file.origins, positions))
            yield Explanation("file", file.path, file.why, (), places)


def _names(setup: Setup) -> Iterator[str]:
    yield from (stream.id for stream in setup.streams)
    for _, rrset in setup.rrsets():
        yield rrset.name
    for pending in setup.pending():
        yield pending.name
    for app in setup.apps:
        for each in app.expanded():
            for variable in each.variables():
                yield variable.name
