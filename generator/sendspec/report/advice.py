"""The SMTP-or-API decision for people and for programs."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from sendspec.model.decision import ApiCapacity, Capacity, Choice, Decision, Pair, Side, SmtpCapacity
from sendspec.report.terminal import BLUE, BOLD, CYAN, GREEN, YELLOW, Paint, visible

MIN_WIDTH = 60
MAX_WIDTH = 110
INDENT = 13


def advice_text(decisions: Sequence[Decision], paint: Paint, width: int) -> str:
    """Give the decisions one after the other, a blank line between them, wrapped to the reader's width."""
    wide = max(MIN_WIDTH, min(width, MAX_WIDTH))
    return "\n".join("".join(f"{line}\n" for line in _decision(decision, paint, wide)) for decision in decisions)


def advice_parts(decisions: Sequence[Decision]) -> dict[str, object]:
    """Give the decisions as JSON-able data; names are stable within one version of the document."""
    return {"streams": [_as_data(decision) for decision in decisions]}


def _decision(decision: Decision, paint: Paint, width: int) -> Iterator[str]:
    recommended, declared = decision.recommended.to_text(), decision.declared.to_text()
    agrees = decision.recommended == decision.declared
    yield paint(visible(decision.stream), BOLD)
    yield from _labelled("advice", [recommended], paint, width, GREEN)
    yield from _labelled("declared", ["the same" if agrees else declared], paint, width, GREEN if agrees else YELLOW)
    reasons = [f"[{reason.code}] {reason.text}. Source: {reason.source}" for reason in decision.reasons]
    yield from _labelled("because", reasons, paint, width, BLUE)
    yield from _labelled("capacity", list(capacity_lines(decision.capacity)), paint, width, BLUE)
    yield from _labelled("you lose", list(decision.loses), paint, width, BLUE)
    yield from _labelled("would change", list(decision.would_change), paint, width, BLUE)
    for dimension in decision.dimensions:
        favours = "either" if dimension.favours is Side.EITHER else dimension.favours.upper()
        yield f"  {paint(visible(dimension.name), CYAN)}: favours {favours}"
        for side, text in (("SMTP", dimension.smtp), ("API", dimension.api)):
            yield from _wrapped(f"{side:<5}{text}", 4, 9, width)


def capacity_lines(capacity: Capacity) -> Iterator[str]:
    """Say what the peak takes on either side, one line each."""
    yield capacity.why
    if capacity.peak_per_second is not None and capacity.smtp:
        smtp = capacity.smtp
        allowed = f"; the ESP allows {smtp.allowed_connections:,}" if smtp.allowed_connections else ""
        yield (
            f"SMTP: {_span(smtp.warm_connections)} warm {_connections(smtp.warm_connections)} "
            f"({_span(smtp.warm_seconds)} s a message), "
            f"{_span(smtp.cold_connections)} cold ({_span(smtp.cold_seconds)} s){allowed}"
        )
    if capacity.peak_per_second is not None and capacity.api:
        api = capacity.api
        yield (
            f"API: {api.calls_per_second:.3g} calls a second, {api.batch_size:,} a call, "
            f"{_span(api.calls_in_flight)} in flight ({_span(api.seconds)} s a call)"
        )
    yield capacity.quota


def _connections(pair: tuple[float, float]) -> str:
    return "connection" if pair[1] == 1 else "connections"


def _span(pair: tuple[float, float]) -> str:
    low, high = pair
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _labelled(label: str, lines: Iterable[str], paint: Paint, width: int, colour: int) -> Iterator[str]:
    shown = f"{label:<{INDENT - 1}}"
    for line in lines:
        first, *rest = _lines(visible(line), width - INDENT - 2) or [""]
        yield f"  {paint(shown, colour)} {first}"
        shown = " " * (INDENT - 1)
        yield from (f"  {shown} {each}" for each in rest)


def _wrapped(text: str, first: int, later: int, width: int) -> Iterator[str]:
    yield from _lines(visible(text), width, " " * first, " " * later)


def _lines(text: str, width: int, first: str = "", later: str = "") -> list[str]:
    """Wrap at blanks only: an address that is cut cannot be followed."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


def _as_data(decision: Decision) -> dict[str, object]:
    return {
        "stream": decision.stream,
        "recommended": _pair(decision.recommended),
        "declared": _pair(decision.declared),
        "dimensions": [
            {"name": each.name, "smtp": each.smtp, "api": each.api, "favours": each.favours.value}
            for each in decision.dimensions
        ],
        "reasons": [{"code": each.code, "text": each.text, "source": each.source} for each in decision.reasons],
        "capacity": _capacity(decision.capacity),
        "loses": list(decision.loses),
        "would_change": list(decision.would_change),
    }


def _pair(pair: Pair) -> dict[str, object]:
    return {"primary": _choice(pair.primary), "fallback": _choice(pair.fallback)}


def _choice(choice: Choice | None) -> dict[str, object] | None:
    return {"via": choice.via.value, "esp": choice.esp or None} if choice else None


def _capacity(capacity: Capacity) -> dict[str, object]:
    return {
        "peak_per_second": capacity.peak_per_second,
        "why": capacity.why,
        "smtp": _smtp(capacity.smtp) if capacity.smtp else None,
        "api": _api(capacity.api) if capacity.api else None,
        "quota": capacity.quota,
    }


def _smtp(smtp: SmtpCapacity) -> dict[str, object]:
    return {
        "warm_connections": list(smtp.warm_connections),
        "cold_connections": list(smtp.cold_connections),
        "warm_seconds": list(smtp.warm_seconds),
        "cold_seconds": list(smtp.cold_seconds),
        "allowed_connections": smtp.allowed_connections,
    }


def _api(api: ApiCapacity) -> dict[str, object]:
    return {
        "calls_per_second": api.calls_per_second,
        "batch_size": api.batch_size,
        "calls_in_flight": list(api.calls_in_flight),
        "seconds": list(api.seconds),
        "allowed_requests_per_second": api.allowed_requests_per_second,
    }
