"""When Postfix's queue manager tries again. These settings hold for its whole queue, so they are made from all streams."""

from collections.abc import Sequence
from dataclasses import dataclass

from sendspec.model.vocabulary import StreamKind
from sendspec.targets.postfix.services import Service

SHORTEST_SECONDS = 60
"""Less makes the queue manager scan its queue all the time; the retry's own first pause is meant for a client in a process."""
CODE_LIFETIME = "1h"
"""A code or link that arrives later than this is of no use to anybody."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds between tries, doubled by Postfix from the first to the second number; `lifetime` may be empty."""

    minimal_backoff_seconds: int
    maximal_backoff_seconds: int
    lifetime: str
    because: str


def schedule_of(services: Sequence[Service]) -> Schedule:
    """Compute the schedule from every stream's retry plan. At least one service."""
    retries = [binding.route.delivery.retry for service in services for binding in service.bindings]
    first = max(SHORTEST_SECONDS, round(min(retry.cap_seconds for retry in retries)))
    tries = max(retry.attempts for retry in retries)
    all_codes = all(service.stream.stream.kind is StreamKind.AUTHENTICATION for service in services)
    return Schedule(
        minimal_backoff_seconds=first,
        maximal_backoff_seconds=first * 2 ** (tries - 1),
        lifetime=CODE_LIFETIME if all_codes else "",
        because=f"first pause {first} s, doubled with each of {tries} tries: {first} x 2^{tries - 1}",
    )
