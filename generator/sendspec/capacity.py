"""Peak, latency and limits become connections, rates, batches and retries.

Little's law: messages in flight = messages per second times seconds per message. Each message in flight needs an SMTP
connection or an API request of its own.
"""

import math
from dataclasses import dataclass
from datetime import date

from sendspec.model.fact import Fact
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.route import Delivery, Retry
from sendspec.model.stream import Volume
from sendspec.model.thresholds import Thresholds
from sendspec.model.vocabulary import Need, StreamKind, Via

WARM_ROUND_TRIPS = (2, 3)
COLD_ROUND_TRIPS = (8, 12)
API_ROUND_TRIPS = (1, 4)
MESSAGES_PER_CONNECTION = Fact(
    100,
    source="https://nodemailer.com/smtp/pooled (maxMessages)",
    verified=date(2026, 11, 20),
    note="The usual client default; ESPs that publish a smaller number win.",
)
CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = {Via.API: 30, Via.SMTP: 60}
"""SMTP waits longer: a client that gives up after the final dot sends the message twice (RFC 1047, RFC 5321 4.5.3.2.6)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an app says of itself: round-trip time to the ESP in milliseconds, and whether each send starts cold."""

    rtt_ms: int | None = None
    cold: bool = False


def plan_delivery(
    via: Via,
    kind: StreamKind,
    volume: Volume,
    needs: frozenset[Need],
    limits: Limits,
    retry: RetryFacts,
    surroundings: Surroundings,
    thresholds: Thresholds,
) -> Delivery:
    """Compute the numbers a client needs for one route. Without a declared volume nothing is limited (rate 0)."""
    seconds, why_seconds = seconds_per_message(via, surroundings, thresholds)
    batch, why_batch = batch_size_for(via, needs, limits)
    peak = volume.peak_per_second
    because = [why_peak(volume), why_seconds]
    if peak is None:
        connections, rate = 2, 0
        because.append("2 connections and no rate limit, because no volume is declared")
    else:
        calls = peak / batch
        wanted = in_flight(calls, seconds)[1]
        connections = min(wanted, limits.max_connections.value) if limits.max_connections else wanted
        rate = max(1, math.ceil(calls))
        unit = "connection" if via is Via.SMTP else "request at once"
        if connections > 1:
            unit = unit.replace("connection", "connections").replace("request", "requests")
        because.append(f"{connections} {unit}: {calls:.2f} a second x {seconds[1]:g} s each (Little's law), rounded up")
        if connections < wanted:
            because.append(f"{wanted} would be needed; the ESP allows {connections}")
    if why_batch:
        because.append(why_batch)
    per_connection = MESSAGES_PER_CONNECTION.value
    if limits.max_messages_per_connection:
        per_connection = min(per_connection, limits.max_messages_per_connection.value)
    return Delivery(
        peak_per_second=peak,
        connections=connections,
        messages_per_connection=per_connection,
        rate_per_second=rate,
        batch_size=batch,
        seconds_per_message=seconds,
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS[via],
        retry=_retry(kind, retry),
        because=tuple(because),
    )


def in_flight(per_second: float, seconds: tuple[float, float]) -> tuple[int, int]:
    """Give (fewest, most) connections or requests open at once, by Little's law, rounded up; never below 1."""
    # the product is rounded first: 10 * 0.1 must not become 2 connections by a floating-point hair
    fewest, most = (max(1, math.ceil(round(per_second * each, 9))) for each in seconds)
    return fewest, most


def why_peak(volume: Volume) -> str:
    """Say where the peak rate comes from."""
    if volume.peak_per_hour is not None:
        return f"peak {volume.peak_per_hour} an hour = {volume.peak_per_hour / 3600:.2f} a second"
    if volume.per_day is not None:
        return f"{volume.per_day} a day, assumed to leave in 8 hours = {volume.per_day / 28800:.2f} a second"
    return "no volume declared"


def seconds_per_message(
    via: Via, surroundings: Surroundings, thresholds: Thresholds
) -> tuple[tuple[float, float], str]:
    """Give (best, worst) seconds for one message, and why: from the declared distance where there is one."""
    cold = surroundings.cold and via is Via.SMTP
    state = "cold" if cold else "warm"
    if surroundings.rtt_ms is not None:
        trips = API_ROUND_TRIPS if via is Via.API else COLD_ROUND_TRIPS if cold else WARM_ROUND_TRIPS
        low, high = (round(surroundings.rtt_ms * count / 1000, 3) for count in trips)
        trips_text = f"{trips[0]} to {trips[1]} round trips of {surroundings.rtt_ms} ms"
        return (low, high), f"{low:g} to {high:g} s a message: {trips_text}"
    fact = (
        thresholds.api_seconds
        if via is Via.API
        else thresholds.cold_smtp_seconds
        if cold
        else thresholds.warm_smtp_seconds
    )
    low, high = fact.value
    return fact.value, f"{low:g} to {high:g} s a message, {state} (published range; say rtt_ms to replace it)"


def batch_size_for(via: Via, needs: frozenset[Need], limits: Limits) -> tuple[int, str]:
    """Give messages per call, and why; 1 where the stream does not batch or the ESP cannot."""
    if via is Via.SMTP or Need.BATCHING not in needs or limits.batch_size is None:
        return 1, ""
    if limits.batch_needs_template and Need.TEMPLATES not in needs:
        return 1, "no batches: this ESP batches messages made from its own templates only"
    size = limits.batch_size.value
    return size, f"{size} messages a call, the most the ESP takes"


def _retry(kind: StreamKind, facts: RetryFacts) -> Retry:
    """Codes expire in minutes, so authentication mail gives up early; the rest outlasts a short outage."""
    attempts, cap = (4, 8.0) if kind is StreamKind.AUTHENTICATION else (6, 60.0)
    return Retry(
        attempts=attempts,
        base_seconds=1.0,
        cap_seconds=cap,
        retry_status=facts.retry_status,
        never_status=facts.never_status,
        retry_after_header=facts.retry_after_header,
        idempotency_header=facts.idempotency_header,
    )
