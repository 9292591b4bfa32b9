"""Something to exist at an ESP, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from sendspec.model.origin import Origin


@dataclass(frozen=True, slots=True)
class Resource:
    """Something to exist at an ESP, as data: files show it, plan will compare it.

    Attributes:
        account: Account id.
        kind: The ESP's own word (`configuration-set`, `message-stream`).
        id: Unique within account and kind.
        properties: JSON-able desired state, in the ESP's own field names.
        depends_on: `kind/id` of resources that must exist first.
        streams: Stream ids it serves, sorted.
    """

    account: str
    kind: str
    id: str
    properties: Mapping[str, object]
    why: str
    source: str
    origin: Origin
    depends_on: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Give `kind/id`, as `depends_on` names it."""
        return f"{self.kind}/{self.id}"
