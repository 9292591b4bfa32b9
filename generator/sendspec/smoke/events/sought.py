"""The message whose events are looked for, and what came that may be one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sendspec.model.sending import EventSeen, Proof

SHORTEST_ID = 8


@dataclass(frozen=True, slots=True)
class Sought:
    """How the events of one message are recognised: by the marker, or by the id that the ESP gave it.

    The marker stands in the recipient, in metadata or in the subject, wherever the ESP repeats it.
    """

    marker: str
    message_ids: tuple[str, ...] = ()

    def fits(self, seen: EventSeen) -> bool:
        """Tell whether an event is about this message."""
        return self.marker in seen.text or any(_is_of(seen.message_id, known) for known in self.message_ids)


def _is_of(message_id: str, known: str) -> bool:
    """Some ESPs add the recipient's part to the id that they answered with: `5wukd4NoS6GaNrC3ggB83A.recvd-...`."""
    return len(known) >= SHORTEST_ID and (message_id == known or message_id.startswith(f"{known}."))


@dataclass(frozen=True, slots=True)
class Came:
    """An event of the message. `accounts` are those it may be from; `proof` None where nobody else could have made it."""

    seen: EventSeen
    accounts: Sequence[str]
    by: str
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Forged:
    """A post that proved to be somebody else's, or an old one."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class Blind:
    """A way that shows nothing, and why."""

    accounts: Sequence[str]
    reason: str


News = Came | Forged | Blind
