"""Where the SMTP-or-API decision turns: published rules of thumb and latencies, dated, each replaceable in the spec."""

from dataclasses import dataclass
from datetime import date

from sendspec.model.fact import Fact

READ = date(2026, 11, 20)
VENDOR_RULES = "published rules of thumb for choosing between SMTP and API (vendors' guides)"


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
        VENDOR_RULES,
        READ,
        "Measurements do not support it: 100,000 a day is 1.2 a second, which one warm connection carries.",
    ),
    api_from_per_hour=Fact(
        1_000_000,
        VENDOR_RULES,
        READ,
        "278 a second is 25 to 125 warm connections; the account's quota and batching decide, not the protocol.",
    ),
    pool_from_per_hour=Fact(100_000, VENDOR_RULES, READ, "28 a second: 3 to 13 warm connections."),
    low_per_month=Fact(1_000, VENDOR_RULES, READ, "Below it either way is easy, and SMTP is simplest."),
    fallback_from_per_day=Fact(
        1_000,
        "design of this tool: above it, an hour without password resets or receipts is felt",
        READ,
    ),
    warm_smtp_seconds=Fact(
        (0.12, 0.45),
        "no single source: vendors publish 0.08 s (warm pool) to 0.5 s for one message over SMTP",
        READ,
        "2 to 3 round trips on an open connection, so a function of the distance.",
    ),
    cold_smtp_seconds=Fact(
        (1.0, 2.0),
        "published as 0.5 to 2 s; DNS, TCP, TLS and AUTH come first: 8 to 12 round trips",
        READ,
        "Measured 0.32 to 0.48 s at 40 ms round trip: true only far away.",
    ),
    api_seconds=Fact(
        (0.05, 0.41),
        "published as 0.05 to 0.2 s; medians of public dashboards run from 0.02 to 0.41 s by provider",
        READ,
        "The spread between providers is wider than the gap between SMTP and API.",
    ),
)
