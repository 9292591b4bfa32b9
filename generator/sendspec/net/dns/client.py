"""The DNS client of a run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

from sendspec.net.address import Dial, Server, dial_straight
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Answer, Asked, Expected, Status
from sendspec.net.dns.bulk import Bulk
from sendspec.net.dns.peer import Outcome, Pending
from sendspec.net.dns.reading import EDNS_REJECTIONS, build_question, read_answer
from sendspec.net.dns.system import PUBLIC_PACES
from sendspec.net.dns.tcp import ask_over_tcp
from sendspec.net.dns.udp import RECEIVE_OCTETS, Udp

TIMEOUTS_SECONDS = (0.7, 1.0, 1.5, 2.0, 3.0)
"""With 1 % of all packets dropped, three of a billion questions stay without an answer."""

Deliver = Callable[[Answer], None]


class Client:
    """DNS over UDP and TCP, as `interface.Dns` says. Belongs to the event loop it was made in; close it at the end.

    Args:
        timeouts_seconds: How long to wait for an answer, each time a question is sent.
        window, window_a_server: How many questions are open at most, in all and with one server.
        most_sockets: UDP sockets at most.
        paces: Questions a second at most, by address; those of public resolvers if nothing else is said.
        most_connections, most_connections_a_server: TCP connections at most.
    """

    def __init__(
        self,
        resolvers: Sequence[Server],
        *,
        dial: Dial = dial_straight,
        deadline: Deadline,
        timeouts_seconds: Sequence[float] = TIMEOUTS_SECONDS,
        tcp_timeout_seconds: float = 5.0,
        window: int = 2000,
        window_a_server: int = 2000,
        most_sockets: int = 400,
        paces: Mapping[str, float] = PUBLIC_PACES,
        most_connections: int = 64,
        most_connections_a_server: int = 8,
    ) -> None:
        self._resolvers = tuple(resolvers)
        self._dial, self._deadline = dial, deadline
        self._loop = asyncio.get_running_loop()
        self._udp = Udp(
            dial,
            deadline,
            timeouts_seconds=timeouts_seconds,
            window=window,
            window_a_server=window_a_server,
            most_sockets=most_sockets,
            paces=paces,
        )
        self._tcp_timeout_seconds = tcp_timeout_seconds
        self._connections = asyncio.Semaphore(most_connections)
        self._most_connections_a_server = most_connections_a_server
        self._connections_of: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._answers: dict[tuple[str, int, str, str, bool], Answer | asyncio.Future[Answer]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def resolvers(self) -> Sequence[Server]:
        """Give the recursive resolvers of this run."""
        return self._resolvers

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every socket. What is still open, and all that is asked later, was not asked."""
        self._is_closed = True
        self._udp.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for (address, port, name, rtype, is_recursive), open_answer in self._answers.items():
            if isinstance(open_answer, asyncio.Future) and not open_answer.done():
                asked = Asked(Server(address, port=port), name, rtype, is_recursive)
                open_answer.set_result(asked.answer(Status.STOPPED, self._deadline.reason))

    def can_reach(self, server: Server) -> bool:
        """Tell whether this host has a way to a server's address at all: a route, an address of its own family."""
        return self._udp.can_reach(server)

    async def ask(self, server: Server, name: str, rtype: str, *, is_recursive: bool = False) -> Answer:
        """Ask one server one question. Answers are shared: the same question is asked once in a run."""
        key = (server.address, server.port, name, rtype, is_recursive)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._loop.create_future()
            self._ask(Asked(server, name, rtype, is_recursive), partial(self._keep, key))
            known = self._answers[key]
        # Shielded: others may wait for the same answer.
        answer = known if isinstance(known, Answer) else await asyncio.shield(known)
        return answer if answer.server == server else replace(answer, server=server)

    def _keep(self, key: tuple[str, int, str, str, bool], answer: Answer) -> None:
        known = self._answers[key]
        self._answers[key] = answer
        if isinstance(known, asyncio.Future) and not known.done():
            known.set_result(answer)

    async def lookup(self, name: str, rtype: str) -> Answer:
        """Ask the resolvers in turn until one knows; the last answer if none does."""
        answer = Answer(Status.UNREACHABLE, name, rtype, Server(""), rcode="no resolver is known")
        for resolver in sorted(self._resolvers, key=lambda resolver: self._udp.peer(resolver).is_silent):
            answer = await self.ask(resolver, name, rtype, is_recursive=True)
            if answer.status.is_known or answer.status is Status.STOPPED:
                break
        return answer

    async def ask_all(self, questions: Iterable[Expected]) -> AsyncIterator[tuple[Expected, Answer | None]]:
        """Ask very many questions, all servers side by side; give each as its answer comes, None where as expected."""
        bulk = Bulk(iter(questions), self._udp, self._ask, self._conclude, self._is_over)
        self._udp.watch(bulk.wake)
        try:
            while not bulk.is_done:
                bulk.fill()
                results = bulk.take()
                for result in results:
                    yield result
                if results:
                    await asyncio.sleep(0)
                elif not bulk.is_done:
                    await bulk.wait()
        finally:
            self._udp.unwatch(bulk.wake)

    def _is_over(self) -> bool:
        return self._is_closed or self._deadline.has_passed

    def _ask(self, asked: Asked, deliver: Deliver, *, with_edns: bool = True) -> None:
        """Ask a question that dnspython packs."""
        if self._is_over():
            deliver(asked.answer(Status.STOPPED, self._deadline.reason))
            return
        peer = self._udp.peer(asked.server)
        with_edns = with_edns and not peer.has_no_edns
        try:
            message, section = build_question(
                asked.name, asked.type, is_recursive=asked.is_recursive, with_edns=with_edns
            )
        except ValueError as error:
            deliver(asked.answer(Status.OTHER, str(error)))
            return

        def done(pending: Pending, outcome: Outcome) -> None:
            self._conclude(pending, outcome, asked, deliver)

        self._udp.submit(Pending(peer, message, section, None, done, None, has_edns=with_edns))

    def _conclude(self, pending: Pending, outcome: Outcome, asked: Asked, deliver: Deliver) -> None:
        """Read what came of a question; ask again where the server wants it in another way."""
        if not isinstance(outcome, bytes):
            status = outcome or Status.OTHER
            words = {Status.UNREACHABLE: pending.peer.trouble, Status.STOPPED: self._deadline.reason}
            deliver(asked.answer(status, words.get(status, "")))
            return
        answer = read_answer(outcome, asked) if len(outcome) < RECEIVE_OCTETS else None
        if answer is None:
            task = self._loop.create_task(self._ask_over_tcp(pending.message, pending.section, asked, deliver))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif answer.rcode in EDNS_REJECTIONS and pending.has_edns:
            self._ask(asked, deliver, with_edns=False)
        else:
            pending.peer.has_no_edns |= not pending.has_edns and answer.rcode not in EDNS_REJECTIONS
            deliver(answer)

    async def _ask_over_tcp(self, message: bytes, section: bytes, asked: Asked, deliver: Deliver) -> None:
        place = (asked.server.address, asked.server.port)
        slots = self._connections_of.setdefault(place, asyncio.Semaphore(self._most_connections_a_server))
        try:
            async with slots, self._connections, self._deadline.limit(self._tcp_timeout_seconds):
                outcome = await ask_over_tcp(asked.server, message, section, self._dial)
        except TimeoutError:
            is_over = self._deadline.has_passed
            outcome = (Status.STOPPED, self._deadline.reason) if is_over else (Status.TIMEOUT, "over TCP")
        except asyncio.CancelledError:
            deliver(asked.answer(Status.STOPPED, self._deadline.reason))
            raise
        answer = read_answer(outcome, asked, over_tcp=True) if isinstance(outcome, bytes) else asked.answer(*outcome)
        deliver(answer or asked.answer(Status.MALFORMED, "truncated, over TCP"))
