"""How long a DNS host is asked again that has too much to do."""

import asyncio
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits between tries: doubling from `first_seconds`, with full jitter, `seconds` in all."""

    seconds: float = 60.0
    first_seconds: float = 0.5

    def start(self) -> "Waits":
        """Begin to wait for one call."""
        return Waits(self.seconds, self.first_seconds)


PATIENCE = Patience()


@dataclass(slots=True)
class Waits:
    """What is left of the patience for one call."""

    left: float
    next_seconds: float

    async def before_next(self, asked_seconds: float = 0.0) -> bool:
        """Wait, at least as long as was asked; False, at once, where that is longer than there is time."""
        jittered = random.uniform(0, self.next_seconds)  # noqa: S311 - spreads calls, guards nothing
        seconds = max(jittered, asked_seconds)
        # What is left shrinks by the whole step, so that a lucky series of short waits has an end as well.
        self.left -= max(seconds, self.next_seconds)
        if self.left < 0:
            return False
        self.next_seconds *= 2
        await asyncio.sleep(seconds)
        return True
