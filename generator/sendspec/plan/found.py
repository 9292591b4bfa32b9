"""What a comparison found, before it is put in order."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sendspec.model.live import Unread
from sendspec.model.plan import Awaited, Change, Held


@dataclass(slots=True)
class Found:
    """Collects what differs in one place after the other. `gone` are keys of what is ours by the lock and exists no more."""

    changes: list[Change] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    awaited: list[Awaited] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    in_place: int = 0

    def add(self, items: Iterable[Change | Held | Awaited]) -> None:
        """Sort items to where they belong."""
        for item in items:
            if isinstance(item, Change):
                self.changes.append(item)
            elif isinstance(item, Held):
                self.held.append(item)
            else:
                self.awaited.append(item)
