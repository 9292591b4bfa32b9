"""What one read of an account looks for, and what it collects."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sendspec.esp.managing import Desk
from sendspec.model.live import LiveResource, Unread
from sendspec.model.resource import Resource


@dataclass(frozen=True, slots=True)
class Sought:
    """A resource to look for.

    Attributes:
        resource: As the spec wants it; None for one that is only ours.
        native_id: What SendGrid calls it, where it is ours and SendGrid has said it; else None.
        is_begun: A run before began to make it, and no answer came.
    """

    kind: str
    id: str
    resource: Resource | None
    native_id: str | None
    is_begun: bool = False

    @property
    def key(self) -> str:
        """Give `kind/id`."""
        return f"{self.kind}/{self.id}"

    def live(self, native_id: str, seen: Mapping[str, object]) -> LiveResource:
        """Give what exists. What an answer does not show says nothing: it stays as the spec has it."""
        wanted = self.resource.properties if self.resource else {}
        unseen = {name: value for name, value in wanted.items() if name not in seen}
        return LiveResource(self.kind, self.id, native_id, {**unseen, **seen})


@dataclass(slots=True)
class Collected:
    """What a read found, before it is a `LiveAccount`."""

    found: dict[str, LiveResource] = field(default_factory=dict)
    unread: dict[str, Unread] = field(default_factory=dict)
    issued: dict[str, dict[str, Mapping[str, object]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, live: LiveResource) -> None:
        """Add a resource that exists."""
        self.found[live.key] = live


def sought(desk: Desk, keys: Collection[str]) -> tuple[Sought, ...]:
    """Give what to look for under keys (`kind/id`), in the order of the keys."""
    wanted = {each.key: each for each in desk.setup.resources if each.account == desk.account.id}
    parts = ((key, *key.partition("/")[::2]) for key in sorted(keys))
    return tuple(
        Sought(kind, name, wanted.get(key), desk.native_ids.get(key), key in desk.begun) for key, kind, name in parts
    )
