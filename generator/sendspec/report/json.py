"""The same for programs: JSON whose shape is a promise.

Every document has `version` (1; it changes when a key goes or changes its meaning, never when one is added) and
`command`. Keys are always there: text that does not apply is empty, a place that does not exist is null.

    findings    [{rule, severity, message, where, related, fix, source, expected, seen, answered_by,
                because, why}]
    accepted    the same, for findings that the spec lives with; `because` says for which reason
    summary     {error, warning, info, unknown, accepted}: counts; unknown is what a live command could not tell
    where       {file, line, column, end_column, label}: lines and columns count from 1, end_column is exclusive
    files       {created, changed, removed, unchanged}: lists of paths (render)
    differences [{path, change, diff}]: change is created, changed or removed (render --check)
    written     {file, added}: where acceptances were written, and how many (validate --write-accept)
    streams     [{stream, recommended, declared, dimensions, reasons, capacity, loses, would_change}] (advise);
                recommended, declared: {primary, fallback}, each {via, esp} or null; `esp` is null where an account has
                to be added; dimensions: eight of {name, smtp, api, favours}; reasons: [{code, text, source}]
    explanations [{kind, name, summary, details, places, paste}] (explain)
    passed      how many things are as declared (check, rehearse)
    measurements [{route, endpoint, phases, round_trip_seconds}]; phases: [{name, seconds}] in their order (check)
    faults      [{id, title, expects, applies, named, findings, message}]; message, what became of one meanwhile, or null:
                {stream, taken_by, attempts: [{route, taken, failed, blame, rule, may_duplicate, seconds}]}
                (rehearse --fault)
    stopped     why a live run ended before everything was looked at; empty where it did not
    plan        {changes, held, awaited, unread, notes, in_place, is_clean, is_complete, counts} (plan, apply, drift); the
                plan that `plan --out` saves is another document, for `apply` alone. is_clean: nothing differs, as far as
                could be seen; is_complete: everything could be seen. counts: changes by action, and of held, awaited, unread
        changes [{key, place, subject, action, stage, spec, where, streams, means, stops, before, after, differences, needs,
                source}] in the order of work; key: esp/ACCOUNT/KIND/ID or dns/ZONE/NAME/TYPE, with #PART where a resource
                changes in two stages; action: create, update, replace, delete, adopt, verify; spec: the path in the spec;
                stops: streams whose mail it stops; before, after: all of it, null where it does not exist; differences:
                [{path, before, after}]; needs: keys of changes that come first
        held    [{hold, reason, fix, change}]: what differs and is left alone; hold: foreign, reported, by-hand, input, conflict
        awaited [{key, what, then, brought_by, opens, follows}]: what somebody else has to do first; brought_by: keys of
                changes; opens, follows: keys of records, and changes, that `apply` makes then without asking again
        unread  [{where, reason, fix}]: what could not be looked at
    written     the file that a plan was saved to, else empty (plan)
    done        [{key, action, done, failure, said, fix, notes}]: what was tried (apply); failure: empty, refused, later
                (too many calls: try again), unknown (the answer was lost), needs (a credential, a right, an input)
    left        what is to be done after that, as `plan` (apply)
    refused     {unseen, stops}: keys of changes that nobody has agreed to, streams that --allow-outage does not name (apply)
    pull        {changes, troubles, unread, notes, in_place, stopped}; changes: [{key, turn, before, after, words, streams}],
                turn: new, changed, read again (only its day), dropped; troubles: what should not be so (pull)
    file        the lock file (pull)
    plan        {stream, from, app, command, folder, marker, wait_seconds, routes}: what a smoke test does (smoke); routes:
                [{route, via, esp, host, port, to, credentials, cost, event, seen_by, not_seen_because}]
    run         {through, by_fallback, seconds, stopped, attempts, app, event}: what came of it (smoke); attempts:
                [{route, end, endpoint, seconds, phases, id, phase, failed, said, note, verdict}], verdict: {class, rule,
                fails_over, retried_first, may_duplicate, source} or null; end: good, failed or unknown
    error       {message, hint}: the command could not do its work (exit codes 3, 4, 64, 70)
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from sendspec.model.explanation import Explanation
from sendspec.model.finding import Finding, Severity, SourceSpan

VERSION = 1


def document(command: str, parts: Mapping[str, object]) -> str:
    """Give one JSON document, ending in a newline. Only ASCII, so that no terminal is steered and no pipe breaks it."""
    return json.dumps({"version": VERSION, "command": command, **parts}, indent=2) + "\n"


def findings_parts(findings: Sequence[Finding], accepted: Sequence[Finding]) -> dict[str, object]:
    """Give the parts `findings`, `accepted` and `summary`."""
    counts = {str(level): sum(finding.severity is level for finding in findings) for level in Severity}
    return {
        "findings": [finding_part(finding) for finding in findings],
        "accepted": [finding_part(finding) for finding in accepted],
        "summary": {**counts, "accepted": len(accepted)},
    }


def explanations_part(explanations: Iterable[Explanation]) -> dict[str, object]:
    """Give the part `explanations`."""
    return {
        "explanations": [
            {
                "kind": found.kind,
                "name": found.name,
                "summary": found.summary,
                "details": [{"label": label, "text": text} for label, text in found.details],
                "places": [place_part(span) for span in found.places],
                "paste": found.paste,
            }
            for found in explanations
        ]
    }


def differences_part(differences: Iterable[tuple[str, str, str]]) -> dict[str, object]:
    """Give the part `differences` of (path, change, unified diff)."""
    return {
        "differences": [{"path": path, "change": change, "diff": text} for path, change, text in differences],
    }


def finding_part(finding: Finding) -> dict[str, object]:
    """Give the JSON-able form of a finding."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "where": place_part(finding.where) if finding.where else None,
        "related": [place_part(span) for span in finding.related],
        "fix": finding.fix,
        "source": finding.source,
        "expected": finding.expected,
        "seen": finding.seen,
        "answered_by": finding.answered_by,
        "because": finding.because,
        "why": finding.why,
    }


def place_part(span: SourceSpan) -> dict[str, object]:
    """Give the JSON-able form of a place."""
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_column": span.end_column,
        "label": span.label,
    }
