"""Peak, latency and limits become connections, rates, batches and retries (design.md section 7).

Little's law: messages in flight = messages per second times seconds per message. Each message in flight needs an SMTP
connection or an API request of its own.
"""

import math
from dataclasses import dataclass
from datetime import date

from sendspec.model.fact import Fact
from sendspec.model.setup import Delivery, Limits, Need, Retry, RetryFacts, StreamKind, Via, Volume

LATENCY_SOURCE = (
    "no single source: vendors publish 0.08 s (warm pool) to 0.5 s (new connection) for one message over SMTP"
)
API_SOURCE = "no single source: vendors publish 0.05 to 0.2 s; medians of public dashboards run from 0.02 to 0.41 s"
WARM_SMTP_SECONDS = Fact(
    (0.12, 0.45),
    source=LATENCY_SOURCE,
    verified=date(2026, 11, 20),
    note="Seconds from MAIL FROM to 250 on an open connection: 2-3 round trips, so a function of the distance.",
)
COLD_SMTP_SECONDS = Fact(
    (1.0, 2.0),
    source=LATENCY_SOURCE,
    verified=date(2026, 11, 20),
    note="DNS, TCP, TLS and AUTH first: 8-12 round trips; published as 0.5 to 2 s.",
)
API_SECONDS = Fact(
    (0.05, 0.41),
    source=API_SOURCE,
    verified=date(2026, 11, 20),
    note="The spread between providers is wider than the gap between SMTP and API.",
)
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
) -> Delivery:
    """Compute the numbers a client needs for one route. Without a declared volume nothing is limited (rate 0)."""
    seconds, why_seconds = _seconds_per_message(via, surroundings)
    batch, why_batch = _batch_size(via, needs, limits)
    peak = volume.peak_per_second
    because = [_why_peak(volume), why_seconds]
    if peak is None:
        connections, rate = 2, 0
        because.append("2 connections and no rate limit, because no volume is declared")
    else:
        calls = peak / batch
        wanted = max(1, math.ceil(calls * seconds[1]))
        connections = min(wanted, limits.max_connections.value) if limits.max_connections else wanted
        rate = max(1, math.ceil(calls))
        unit = "connections" if via is Via.SMTP else "requests at once"
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


def _why_peak(volume: Volume) -> str:
    if volume.peak_per_hour is not None:
        return f"peak {volume.peak_per_hour} an hour = {volume.peak_per_hour / 3600:.2f} a second"
    if volume.per_day is not None:
        return f"{volume.per_day} a day, assumed to leave in 8 hours = {volume.per_day / 28800:.2f} a second"
    return "no volume declared"


def _seconds_per_message(via: Via, surroundings: Surroundings) -> tuple[tuple[float, float], str]:
    """Give (best, worst) seconds for one message, from the declared distance where there is one."""
    cold = surroundings.cold and via is Via.SMTP
    state = "cold" if cold else "warm"
    if surroundings.rtt_ms is not None:
        trips = API_ROUND_TRIPS if via is Via.API else COLD_ROUND_TRIPS if cold else WARM_ROUND_TRIPS
        low, high = (round(surroundings.rtt_ms * count / 1000, 3) for count in trips)
        return (
            low,
            high,
        ), f"{low:g} to {high:g} s a message: {trips[0]} to {trips[1]} round trips of {surroundings.rtt_ms} ms"
    fact = API_SECONDS if via is Via.API else COLD_SMTP_SECONDS if cold else WARM_SMTP_SECONDS
    low, high = fact.value
    return fact.value, f"{low:g} to {high:g} s a message, {state} (published range; say rtt_ms to replace it)"


def _batch_size(via: Via, needs: frozenset[Need], limits: Limits) -> tuple[int, str]:
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
