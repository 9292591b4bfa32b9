"""Very many questions whose answers are expected: what is open, and what has come."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

from sendspec.net.dns.answer import Answer, Asked, Expected, Status
from sendspec.net.dns.peer import Outcome, Pending
from sendspec.net.dns.udp import Udp
from sendspec.net.dns.wire import pack_question

_QUESTIONS_A_TURN = 256
"""So many are sent before answers are read again: they must fit the sockets' buffers."""

Conclude = Callable[[Pending, Outcome, Asked, Callable[[Answer], None]], None]
Ask = Callable[[Asked, Callable[[Answer], None]], None]


class Bulk:
    """One run through many questions.

    Args:
        ask: Asks a question that no hand can pack.
        conclude: Reads what is not as expected.
        is_over: Tells whether nothing is asked any more, which `ask` then says of each question.
    """

    def __init__(
        self, questions: Iterator[Expected], udp: Udp, ask: Ask, conclude: Conclude, is_over: Callable[[], bool]
    ) -> None:
        self._questions, self._udp, self._ask, self._conclude = questions, udp, ask, conclude
        self._is_over = is_over
        self._results: list[tuple[Expected, Answer | None]] = []
        self._open = 0
        self._is_exhausted = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether everything was asked and has been taken."""
        return self._is_exhausted and not self._open and not self._results

    def fill(self) -> None:
        """Ask as many questions as there is room for."""
        is_over = self._is_over()
        for _ in range(_QUESTIONS_A_TURN):
            if self._is_exhausted or not self._udp.has_room:
                return
            expected = next(self._questions, None)
            if expected is None:
                self._is_exhausted = True
                return
            self._open += 1
            if is_over or not self._submit(expected):
                self._ask(_asked(expected), partial(self._compare, expected))

    def _submit(self, expected: Expected) -> bool:
        """Ask by hand, if that is possible."""
        peer = self._udp.peer(expected.server)
        question = pack_question(expected.name, expected.type, expected.values, is_recursive=expected.is_recursive)
        if question is None or peer.has_no_edns:
            return False
        self._udp.submit(Pending(peer, question.message, question.section, question, self._done, expected))
        return True

    def _done(self, pending: Pending, outcome: Outcome) -> None:
        expected = pending.tag
        assert isinstance(expected, Expected)  # noqa: S101 - for the type checker: we put it there
        if outcome is None:
            self._open -= 1
            self._results.append((expected, None))
        else:
            self._conclude(pending, outcome, _asked(expected), partial(self._compare, expected))

    def _compare(self, expected: Expected, answer: Answer) -> None:
        """Take an answer that had to be read: it may still be the one expected, only written in another way."""
        is_same = (
            answer.status is Status.ANSWER and not answer.chain and answer.values == tuple(sorted(expected.values))
        )
        self._open -= 1
        self._results.append((expected, None if is_same else answer))
        self.wake()

    def take(self) -> list[tuple[Expected, Answer | None]]:
        """Give what has come since the last time."""
        results, self._results = self._results, []
        return results

    async def wait(self) -> None:
        """Wait until something has come, or more can be asked."""
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def wake(self) -> None:
        """End the wait if there is a reason."""
        if self._waiter is None or self._waiter.done():
            return
        if self._results or self.is_done or (not self._is_exhausted and self._udp.has_room):
            self._waiter.set_result(None)


def _asked(expected: Expected) -> Asked:
    return Asked(expected.server, expected.name, expected.type, expected.is_recursive)
