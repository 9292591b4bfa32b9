"""Records whose value only an ESP can tell, and has not told yet: nothing can be looked at there."""

from collections import Counter
from collections.abc import AsyncIterator

from sendspec.check.interface import Check
from sendspec.model.dns_record import PendingRecord
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.net import Net

NOT_ISSUED = Kind(
    "live-dns-value-not-issued",
    Severity.INFO,
    "Value of a record is not issued yet.",
    "whether the record is right cannot be told before the ESP has said what it is",
    "create the domain at the ESP, then fill the lock file",
    "sendspec: what is not issued yet is neither good nor bad",
)


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:  # noqa: ARG001 - there is nothing to ask the world
    """Give one observation for each account and cure, in the order of the zones."""
    first: dict[tuple[str, str], PendingRecord] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for record in setup.pending():
        cause = record.account, record.cure
        first.setdefault(cause, record)
        counts[cause] += 1
    for cause, record in first.items():
        count = counts[cause]
        who = f" of {record.account}" if record.account else ""
        others = "" if count == 1 else f" and {count - 1} more"
        yield Observation(
            NOT_ISSUED,
            record.origin,
            f"{record.name}{others}: the value{who} is not issued yet, so it cannot be looked at",
            is_unknown=True,
            expected=record.value,
            seen="not asked",
            fix=record.cure,
            count=count,
        )


def _size(setup: Setup) -> int:
    return sum(1 for _ in setup.pending())


CHECK = Check("dns-pending", Subject.DNS, "pending records", (NOT_ISSUED,), run, _size)
