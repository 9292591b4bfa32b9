"""When a live command must be done, whatever is still open then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Deadline:
    """The end of a run, in the time of the event loop. Every wait of the run ends with it.

    After the end, clients answer at once that they cannot tell, so that checks run to their own end and say of each
    thing that is left that it is unknown. `stop` brings the end forward: that is what Ctrl-C does.
    """

    def __init__(self, seconds: float) -> None:
        self._ends_at = asyncio.get_running_loop().time() + seconds
        self._waits: set[asyncio.Timeout] = set()
        self.reason = f"the deadline of {seconds:g} s has passed"

    def remaining(self) -> float:
        """Give the seconds that are left, never less than 0."""
        return max(self._ends_at - asyncio.get_running_loop().time(), 0.0)

    @property
    def has_passed(self) -> bool:
        """Tell whether the end has come."""
        return self.remaining() == 0.0

    def stop(self, reason: str) -> None:
        """End the run now."""
        now = asyncio.get_running_loop().time()
        self._ends_at, self.reason = now, reason
        for wait in tuple(self._waits):
            wait.reschedule(now)

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """Give the block so many seconds, or what is left of the run if that is less.

        Raises:
            TimeoutError: the block took longer.
        """
        async with asyncio.timeout(min(seconds, self.remaining())) as wait:
            self._waits.add(wait)
            try:
                yield
            finally:
                self._waits.discard(wait)
