"""What a smoke test found, as observations with their places in the spec."""

from collections.abc import Iterator

from sendspec.model.blame import Blame
from sendspec.model.observation import Kind, Observation
from sendspec.model.origin import Origin
from sendspec.model.smoke import AppRun, Attempt, End, EventRun, SmokeRun
from sendspec.smoke import kinds


def observations(run: SmokeRun) -> Iterator[Observation]:
    """Yield what is wrong or could not be told, in the order in which it happened; nothing for a sound path."""
    if run.app_run is not None:
        yield from _of_app(run, run.app_run)
    else:
        yield from _of_attempts(run)
    if run.event is not None:
        yield from _of_event(run, run.event)


def _of_app(run: SmokeRun, app_run: AppRun) -> Iterator[Observation]:
    app = run.plan.app
    if app is None or app_run.end is End.GOOD:
        return
    at = app.origin.key("smoke_test")
    if app_run.end is End.UNKNOWN:
        kind = kinds.NOT_TRIED if run.stopped else kinds.CREDENTIAL
        yield Observation(kind, at, f"{app.id}: {app_run.failed}", is_unknown=True, fix=app_run.fix)
        return
    message = f"the smoke test of {app.id} failed: {app_run.failed}"
    yield Observation(_app_kind(app_run), at, message, seen=_last_line(app_run.output), expected="exit code 0")


def _app_kind(app_run: AppRun) -> Kind:
    if app_run.exit_code is not None:
        return kinds.APP_FAILED
    if app_run.failed.startswith("it wrote"):
        return kinds.APP_FLOODS
    return kinds.APP_HANGS if app_run.failed.startswith("it did not end") else kinds.APP_NOT_STARTED


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def _of_attempts(run: SmokeRun) -> Iterator[Observation]:
    for number, attempt in enumerate(run.attempts):
        if attempt.end is End.UNKNOWN:
            kind = kinds.CREDENTIAL if attempt.phase == "credential" else kinds.NOT_TRIED
            message = f"{attempt.plan.route.id} was not tried: {attempt.failed}"
            yield Observation(kind, attempt.plan.route.origin, message, is_unknown=True, fix=attempt.fix)
        elif attempt.verdict is not None:
            yield _failed(run, attempt, number)
    last = run.attempts[-1] if run.attempts else None
    if last is not None and last.verdict is not None and last.verdict.blame.fails_over and len(run.plan.routes) == 1:
        others = len(run.plan.stream.routes) - 1
        if not others:
            message = f"{run.plan.stream.id} has no fallback: nothing took over from {last.plan.route.id}"
            yield Observation(kinds.NO_FALLBACK, run.plan.stream.origin, message)


def _failed(run: SmokeRun, attempt: Attempt, number: int) -> Observation:
    verdict, route = attempt.verdict, attempt.plan.route
    if verdict is None:
        raise AssertionError("asked about an attempt that did not fail")
    kind = {
        Blame.ACCOUNT_OR_ENDPOINT: kinds.FALLBACK_FAILED if number else kinds.PRIMARY_FAILED,
        Blame.RECIPIENT_OR_CONTENT: kinds.REFUSED,
        Blame.NOBODY_KNOWS: kinds.LOST,
    }[verdict.blame]
    message = f"{route.id} did not take the message: {attempt.failed} ({attempt.phase}, after {attempt.seconds:.1f} s)"
    took = run.attempts[number + 1] if number + 1 < len(run.attempts) else None
    if took is not None and took.end is End.GOOD:
        message += f"; {took.plan.route.id} took over"
    if kind is kinds.LOST:
        message += f"; {_fate(run.event)}"
    seen = f"{attempt.said}; {verdict.rule}" if attempt.said else verdict.rule
    return Observation(
        kind, route.origin, message, expected="the message taken", seen=seen, answered_by=attempt.endpoint
    )


def _fate(event: EventRun | None) -> str:
    """Say what the events tell of a message whose answer was lost."""
    if event is None or event.end is End.UNKNOWN:
        return "whether an event follows cannot be told"
    if event.event is None:
        return f"no event came in {event.seconds:.0f} s, which proves nothing yet"
    return f"`{event.event}` came back, so it was taken: a second try would have delivered it twice"


def _of_event(run: SmokeRun, event: EventRun) -> Iterator[Observation]:
    plan = run.plan
    first = run.accepted.plan.route if run.accepted else plan.routes[0].route
    at = first.events.origin if first.events else first.origin
    expected = f"`{event.expected}`" if event.expected else "an event"
    is_taken = run.accepted is not None or run.app_run is not None
    if event.forged:
        message = f"{event.forged} post{'s' if event.forged > 1 else ''} about this message cannot be trusted"
        yield Observation(kinds.EVENT_FORGED, at, message, count=event.forged)
    if not is_taken:  # its answer was lost: what the events say of it is said there
        return
    if event.end is End.FAILED and event.event is None:
        seen = f"on the way: {', '.join(event.notes)}" if event.notes else ""
        message = f"{first.id}: the message was taken and {expected} did not come back: {event.missing}"
        yield Observation(kinds.EVENT_MISSING, at, message, expected=str(event.expected or ""), seen=seen)
    elif event.end is End.FAILED:
        message = f"{event.account}: the message was taken, and then `{event.event}`"
        yield Observation(
            kinds.EVENT_OTHERWISE,
            at,
            message,
            expected=str(event.expected or ""),
            seen=event.name,
            answered_by=event.by,
        )
    elif event.end is End.UNKNOWN:
        message = f"{first.id}: whether {expected} comes back cannot be told: {event.missing}"
        yield Observation(kinds.EVENT_UNKNOWN, at, message, is_unknown=True, fix=kinds.EVENT_UNKNOWN.instead)
    if run.app_run is not None and run.is_by_fallback:
        yield _other_route(run, event, plan.app.origin if plan.app else at)


def _other_route(run: SmokeRun, event: EventRun, at: Origin) -> Observation:
    primary = run.plan.routes[0].route
    message = f"the app's message came back from {event.account}, not from {primary.account} of {primary.id}"
    return Observation(kinds.OTHER_ROUTE, at, message, expected=primary.account, seen=event.account)
