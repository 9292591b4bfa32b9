"""Where the SMTP-or-API decision turns: published rules of thumb and latencies, dated, each replaceable in the spec."""

from dataclasses import dataclass
from datetime import date

from sendspec.model.fact import Fact

READ = date(2026, 11, 23)
QUOTA_DECIDES = "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-throughput-problems.html"
"""What decides throughput on both protocols: the granted rate, persistent connections, and sending side by side."""
MEASURED = "https://smtptester.site/blog/smtp-vs-api-email-sending"
MEDIANS = "https://espbenchmarks.com/articles/api-latency-comparison"
NO_SOURCE = "The number is a rule of thumb in circulation without a primary source."


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers the decision turns on. Latencies are (best, worst) seconds for one message."""

    api_from_per_day: Fact[int]
    api_from_per_hour: Fact[int]
    pool_from_per_hour: Fact[int]
    low_per_month: Fact[int]
    fallback_from_per_day: Fact[int]
    warm_smtp_seconds: Fact[tuple[float, float]]
    cold_smtp_seconds: Fact[tuple[float, float]]
    api_seconds: Fact[tuple[float, float]]


DEFAULTS = Thresholds(
    api_from_per_day=Fact(
        100_000,
        QUOTA_DECIDES,
        READ,
        f"{NO_SOURCE} Arithmetic does not support it: 100,000 a day is 1.2 a second, which one warm connection carries.",
    ),
    api_from_per_hour=Fact(
        1_000_000,
        QUOTA_DECIDES,
        READ,
        f"{NO_SOURCE} 278 a second is 34 to 125 warm connections; quota and batching decide, not the protocol.",
    ),
    pool_from_per_hour=Fact(100_000, QUOTA_DECIDES, READ, f"{NO_SOURCE} 28 a second is 4 to 13 warm connections."),
    low_per_month=Fact(1_000, QUOTA_DECIDES, READ, f"{NO_SOURCE} Below it either way is easy, and SMTP is simplest."),
    fallback_from_per_day=Fact(
        1_000,
        "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures.html",
        READ,
        "Our own line: above it an hour without password resets or receipts is felt.",
    ),
    warm_smtp_seconds=Fact(
        (0.12, 0.45),
        MEASURED,
        READ,
        "Published: 0.08 s from a warm pool, 0.45 s cold. The range leaves room for distance: 2 to 3 round trips.",
    ),
    cold_smtp_seconds=Fact(
        (1.0, 2.0),
        MEASURED,
        READ,
        "In circulation as 0.5 to 2 s; this source says 0.45 s. DNS, TCP, TLS and AUTH come first: 8 to 12 round trips.",
    ),
    api_seconds=Fact(
        (0.05, 0.41),
        MEDIANS,
        READ,
        "In circulation as 0.05 to 0.2 s; medians by provider run from 0.03 to 0.07 s here and to 0.41 s elsewhere. "
        "The spread between providers is wider than the gap between SMTP and API.",
    ),
)
