"""A smoke test for people and for programs: what will run, and the path it took, with times."""

import shlex
from collections.abc import Iterator, Sequence

from sendspec.model.smoke import AppRun, Attempt, End, EventRun, RoutePlan, SmokePlan, SmokeRun
from sendspec.model.vocabulary import Via
from sendspec.report.terminal import BLUE, BOLD, GREEN, MAGENTA, RED, Paint, visible

LINES_SHOWN = 40
LINE_LENGTH = 400
COLOURS = {End.GOOD: GREEN, End.FAILED: RED, End.UNKNOWN: MAGENTA}
MILLISECONDS = 1000


def plan_text(plan: SmokePlan, paint: Paint) -> str:
    """Give what will run, before anybody agrees to it."""
    return "".join(f"{_painted(line, paint)}\n" for line in _plan(plan))


def _painted(line: str, paint: Paint) -> str:
    label, colon, rest = visible(line).partition(": ")
    return f"{paint(label, BLUE)}{colon}{rest}" if colon else paint(label, BOLD)


def _plan(plan: SmokePlan) -> Iterator[str]:
    yield f"one real message of `{plan.stream.id}` will be sent"
    yield f"  from: {plan.sender.mailbox.to_text()}"
    if plan.app is not None:
        yield f"  by: the smoke test of {plan.app.id}, in {plan.folder}"
        yield f"  command: {shlex.join(plan.argv)}"
        yield f"  variables: those of the app, SENDSPEC_SMOKE_TO, _SUBJECT, _MARKER{_more(plan.passed_on)}"
    for number, step in enumerate(plan.routes):
        yield from _step(plan, step, number)
    if plan.app is None:
        tries = max(step.route.delivery.retry.attempts for step in plan.routes)
        yield f"  tries: each route once; an application tries up to {tries} times before it fails over"
    yield f"  waits: {plan.wait_seconds:g} s for the event at most"
    yield f"  marker: {plan.marker}"


def _more(names: Sequence[str]) -> str:
    return f", and {', '.join(names)} of this shell" if names else ""


def _step(plan: SmokePlan, step: RoutePlan, number: int) -> Iterator[str]:
    route, endpoint = step.route, step.route.endpoint
    place = endpoint.base_url if route.via is Via.API else f"{endpoint.host}:{endpoint.port} ({endpoint.tls})"
    label = f"{'first' if not number else 'then, if that fails'}" if plan.app is None else "may leave by"
    yield f"  {label}: {route.id}, {route.via} at {step.account.id}, {place}"
    if plan.app is None or not number:
        yield f"    to: {step.recipient}"
    for credential in step.credentials:
        yield f"    reads: {credential.id} from {credential.reference}"
    yield f"    costs: {step.cost}"
    if step.way is not None and step.expected is not None:
        yield f"    event: `{step.expected}`, by {step.way_title}"
    else:
        yield f"    event: cannot be seen: {step.blind}"
    if step.caveat:
        yield f"    proves: not everything: {step.caveat}"


def run_text(run: SmokeRun, paint: Paint) -> str:
    """Give the path with times; findings are told apart."""
    lines = [*_run(run, paint)]
    return "".join(f"{line}\n" for line in lines)


def _run(run: SmokeRun, paint: Paint) -> Iterator[str]:
    if run.app_run is not None:
        yield from _app(run, run.app_run, paint)
    for attempt in run.attempts:
        yield from _attempt(attempt, paint)
    if run.event is not None:
        yield from _event(run.event, paint)
    end = End.GOOD if run.is_through else End.FAILED if _has_failed(run) else End.UNKNOWN
    said = {
        End.GOOD: "the message was taken, and its event came back",
        End.FAILED: "the path is broken",
        End.UNKNOWN: "whether the whole path works could not be told",
    }[end]
    if run.is_by_fallback:
        said = f"the primary failed, {run.accepted.plan.route.id if run.accepted else ''} took over"
    yield f"{paint(visible(run.plan.stream.id), BOLD)}: {paint(said, COLOURS[end], BOLD)}; {run.seconds:.1f} s"


def _has_failed(run: SmokeRun) -> bool:
    ends = [attempt.end for attempt in run.attempts]
    ends += [part.end for part in (run.app_run, run.event) if part is not None]
    return End.FAILED in ends


def _app(run: SmokeRun, app_run: AppRun, paint: Paint) -> Iterator[str]:
    name = run.plan.app.id if run.plan.app else ""
    said = app_run.failed or "ended with exit code 0"
    yield f"{paint(visible(name), BOLD)}: {paint(visible(said), COLOURS[app_run.end])} after {app_run.seconds:.1f} s"
    lines = app_run.output.splitlines()
    if app_run.is_cut or len(lines) > LINES_SHOWN:
        yield "  | ... (its end)"
    for line in lines[-LINES_SHOWN:]:
        yield f"  | {visible(line[:LINE_LENGTH])}"


def _attempt(attempt: Attempt, paint: Paint) -> Iterator[str]:
    route = attempt.plan.route
    taken = {End.GOOD: "taken", End.FAILED: "not taken", End.UNKNOWN: "not tried"}[attempt.end]
    colour = COLOURS[attempt.end]
    yield (
        f"{paint(visible(route.id), BOLD)} {paint(taken, colour)} by {visible(attempt.endpoint)} "
        f"after {attempt.seconds:.2f} s"
    )
    if attempt.phases:
        times = ", ".join(f"{name} {seconds * MILLISECONDS:.0f} ms" for name, seconds in attempt.phases)
        yield f"  {paint('times:', BLUE)} {visible(times)}"
    if attempt.failed:
        yield f"  {paint('failed:', BLUE)} {visible(attempt.phase)}: {visible(attempt.failed)}"
    if attempt.said:
        yield f"  {paint('said:', BLUE)} {visible(attempt.said)}"
    if attempt.message_id:
        yield f"  {paint('id:', BLUE)} {visible(attempt.message_id)}"
    if attempt.verdict is not None:
        verdict = attempt.verdict
        yield f"  {paint('class:', BLUE)} {visible(verdict.blame.meaning)}"
        yield f"  {paint('rule:', BLUE)} {visible(verdict.rule)}"
        if verdict.retried_first:
            yield f"  {paint('note:', BLUE)} an application tries this route again first; a smoke test tries once"
        if verdict.may_duplicate:
            yield f"  {paint('note:', BLUE)} sent again, it may arrive twice"
    if attempt.silence:
        yield f"  {paint('note:', BLUE)} {visible(attempt.silence)}"


def _event(event: EventRun, paint: Paint) -> Iterator[str]:
    if event.event is not None:
        who = f" from {event.account}" if event.account else ""
        said = f"{event.event} ({event.name}){who}, {event.by}"
    elif event.end is End.UNKNOWN:
        said = f"cannot be seen: {event.missing}"
    else:
        said = event.missing
    yield f"{paint('event', BOLD)}: {paint(visible(said), COLOURS[event.end])}{_after(event)}"
    if event.proof:
        yield f"  {paint('proof:', BLUE)} {visible(event.proof)}"
    if event.notes:
        yield f"  {paint('before:', BLUE)} {visible(', '.join(event.notes))}"


def _after(event: EventRun) -> str:
    return "" if event.end is End.UNKNOWN else f" after {event.seconds:.1f} s"


def plan_part(plan: SmokePlan) -> dict[str, object]:
    """Give the JSON-able plan."""
    return {
        "stream": plan.stream.id,
        "from": plan.sender.mailbox.to_text(),
        "app": plan.app.id if plan.app else None,
        "command": list(plan.argv),
        "folder": plan.folder,
        "marker": plan.marker,
        "wait_seconds": plan.wait_seconds,
        "routes": [
            {
                "route": step.route.id,
                "via": str(step.route.via),
                "esp": step.account.id,
                "host": step.route.endpoint.host,
                "port": step.route.endpoint.port,
                "to": step.recipient,
                "credentials": [
                    {"id": credential.id, "reference": credential.reference} for credential in step.credentials
                ],
                "cost": step.cost,
                "event": str(step.expected) if step.expected else None,
                "seen_by": step.way_title,
                "not_seen_because": step.blind,
            }
            for step in plan.routes
        ],
    }


def run_part(run: SmokeRun) -> dict[str, object]:
    """Give the JSON-able run; `attempts` in the order of trying."""
    app_run, event = run.app_run, run.event
    return {
        "through": run.is_through,
        "by_fallback": run.is_by_fallback,
        "seconds": round(run.seconds, 3),
        "stopped": run.stopped,
        "attempts": [_attempt_part(attempt) for attempt in run.attempts],
        "app": None
        if app_run is None
        else {
            "end": str(app_run.end),
            "exit_code": app_run.exit_code,
            "failed": app_run.failed,
            "seconds": round(app_run.seconds, 3),
            "output": app_run.output,
            "output_is_cut": app_run.is_cut,
        },
        "event": None
        if event is None
        else {
            "end": str(event.end),
            "expected": str(event.expected) if event.expected else None,
            "event": str(event.event) if event.event else None,
            "name": event.name,
            "esp": event.account,
            "by": event.by,
            "proof": event.proof,
            "missing": event.missing,
            "before": list(event.notes),
            "seconds": round(event.seconds, 3),
        },
    }


def _attempt_part(attempt: Attempt) -> dict[str, object]:
    verdict = attempt.verdict
    return {
        "route": attempt.plan.route.id,
        "end": str(attempt.end),
        "endpoint": attempt.endpoint,
        "seconds": round(attempt.seconds, 3),
        "phases": [{"name": name, "seconds": round(seconds, 6)} for name, seconds in attempt.phases],
        "id": attempt.message_id,
        "phase": attempt.phase,
        "failed": attempt.failed,
        "said": attempt.said,
        "note": attempt.silence,
        "verdict": None
        if verdict is None
        else {
            "class": str(verdict.blame),
            "rule": verdict.rule,
            "fails_over": verdict.blame.fails_over,
            "retried_first": verdict.retried_first,
            "may_duplicate": verdict.may_duplicate,
            "source": verdict.source,
        },
    }
