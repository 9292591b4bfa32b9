"""Very many questions over UDP: one event loop, connected sockets, a window, and retries. No task or future a question.

A question is submitted with a callback. It is sent at once where there is room, else when an answer makes room. What
comes back is compared with the question by its id, socket and question section; all else is ignored. A question without
an answer is sent again after each of `timeouts_seconds`, a little longer by chance, from the same port with the same id,
so that a late answer still counts.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from sendspec.net.address import Dial, Server
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Status
from sendspec.net.dns.peer import SHORTAGES, Outcome, Peer, Pending, Port
from sendspec.net.dns.wire import answers, is_as_expected, is_response

RECEIVE_OCTETS = 4096
"""No server may send more than the 1232 we ask for; of one that does, TCP gives the rest."""
_TICK_SECONDS = 0.02
_DATAGRAMS_A_TURN = 128
_JITTERS = (1.0, 1.08, 1.16, 1.25)
"""Which one is chosen by the random id."""


class Udp:
    """Sends questions and hands back what comes of each.

    Args:
        window: So many questions are open at most, with all servers together.
        window_a_server: And with one.
        most_sockets: Sockets at most; idle ones make room.
        paces: Questions a second at most, by address, where a server has a limit.
    """

    def __init__(
        self,
        dial: Dial,
        deadline: Deadline,
        *,
        timeouts_seconds: Sequence[float],
        window: int,
        window_a_server: int,
        most_sockets: int,
        paces: Mapping[str, float],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._dial, self._deadline = dial, deadline
        self._window, self._window_a_server, self._most_sockets = window, window_a_server, most_sockets
        self._paces = paces
        self._peers: dict[tuple[str, int], Peer] = {}
        self._queued: dict[Peer, None] = {}
        self._timers = [(s * jitter, deque[Pending]()) for s in timeouts_seconds for jitter in _JITTERS]
        self._attempts = len(timeouts_seconds)
        self._sockets = 0
        self._outstanding = 0
        self._waiting = 0
        self._tick_handle: asyncio.TimerHandle | None = None
        self._watchers: list[Callable[[], None]] = []

    def peer(self, server: Server) -> Peer:
        """Give what is known of a server."""
        place = (server.address, server.port)
        peer = self._peers.get(place)
        if peer is None:
            pace = self._paces.get(server.address)
            peer = self._peers[place] = Peer(server, self._dial, self._window_a_server, pace)
        return peer

    @property
    def has_room(self) -> bool:
        """Tell whether a question more would soon be sent."""
        return self._outstanding < self._window and self._waiting < self._window

    def can_reach(self, server: Server) -> bool:
        """Tell whether the system knows a way to a server's address. Sends nothing."""
        try:
            self.peer(server).try_port()
        except OSError as error:
            return error.errno in SHORTAGES
        return True

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function whenever something has come of questions."""
        self._watchers.append(watcher)

    def unwatch(self, watcher: Callable[[], None]) -> None:
        """Call it no longer."""
        self._watchers.remove(watcher)

    def submit(self, pending: Pending) -> None:
        """Ask a question. Its callback is called once, perhaps at once."""
        peer = pending.peer
        if peer.is_silent and peer.outstanding:
            pending.done(pending, Status.TIMEOUT)
            return
        if self._tick_handle is None:
            self._tick_handle = self._loop.call_later(_TICK_SECONDS, self._tick)
        if peer.queue or self._outstanding >= self._window or not self._send_first(pending):
            if pending.question is None:  # asked by itself: the next questions wait for its answer
                peer.queue.appendleft(pending)
            else:
                peer.queue.append(pending)
            self._queued[peer] = None
            self._waiting += 1

    def _send_first(self, pending: Pending) -> bool:
        """Send a question for the first time; tell whether it is settled, and need not wait for room."""
        peer = pending.peer
        if peer.outstanding >= peer.window or not peer.may_send(self._loop.time()):
            return False
        trouble = self._open_port(peer) if peer.wants_port() else None
        if not peer.ports:
            if trouble is not None:
                self._settle(pending, trouble)
            return trouble is not None
        port = peer.next_port()
        pending.id = port.free_id()
        pending.port = port
        port.waiting[pending.id] = pending
        peer.outstanding += 1
        self._outstanding += 1
        self._send(pending, port)
        return True

    def _open_port(self, peer: Peer) -> Status | None:
        """Open one socket more, if there may be more; tell what is in the way if it will not go away."""
        if self._sockets >= self._most_sockets and not self._close_idle_ports():
            return None
        try:
            port = peer.open_port()
        except OSError as error:
            if error.errno in SHORTAGES:
                return None
            peer.troubled(error)
            return Status.UNREACHABLE
        self._sockets += 1
        self._loop.add_reader(port.socket, self._drain, port)
        return None

    def _close_idle_ports(self) -> bool:
        for peer in self._peers.values():
            if peer.ports and not peer.outstanding:
                self._close_ports(peer)
        return self._sockets < self._most_sockets

    def _close_ports(self, peer: Peer) -> None:
        for port in peer.ports:
            self._loop.remove_reader(port.socket)
            port.socket.close()
            self._sockets -= 1
        peer.ports.clear()

    def _send(self, pending: Pending, port: Port) -> None:
        seconds, timers = self._timers[pending.attempt * len(_JITTERS) + (pending.id[0] & 3)]
        pending.due = self._loop.time() + seconds
        timers.append(pending)
        try:
            port.socket.send(pending.id + pending.message)
        except BlockingIOError:
            pass  # the system's buffers are full: as good as lost, and asked again
        except OSError as error:
            self._troubled(port.peer, error)

    def _drain(self, port: Port) -> None:
        """Read what has come, but leave a turn to others."""
        receive, waiting = port.socket.recv, port.waiting
        for _ in range(_DATAGRAMS_A_TURN):
            try:
                message = receive(RECEIVE_OCTETS)
            except BlockingIOError:
                break
            except OSError as error:
                self._troubled(port.peer, error)
                break
            pending = waiting.get(message[:2])
            if pending is None:  # nobody's answer, or one that came before
                if not is_response(message):
                    port.peer.babbled()
            elif pending.question is not None and is_as_expected(message, pending.question):
                self._settle(pending, None)
            elif answers(message, pending.section):
                self._settle(pending, message)
            else:
                pending.is_garbled = True
        self._proceed()

    def _settle(self, pending: Pending, outcome: Outcome) -> None:
        """Hand an outcome back. The answer to a question may be its last reference, so nothing is kept of it."""
        peer, port = pending.peer, pending.port
        if port is not None:
            del port.waiting[pending.id]
            pending.port = None
            if not isinstance(outcome, Status):
                peer.answered()
            peer.outstanding -= 1
            self._outstanding -= 1
        pending.done(pending, outcome)
        pending.tag = pending.question = None
        pending.message = pending.section = b""

    def _proceed(self) -> None:
        """Send what waits for room, and tell those who watch."""
        for peer in tuple(self._queued):
            if self._outstanding >= self._window:
                break
            del self._queued[peer]
            self._send_queued(peer)
            if peer.queue:
                self._queued[peer] = None  # at the end: each gets its turn
        for watcher in self._watchers:
            watcher()

    def _send_queued(self, peer: Peer) -> None:
        while peer.queue and self._outstanding < self._window:
            pending = peer.queue.popleft()
            self._waiting -= 1
            if peer.is_silent and peer.outstanding:
                self._settle(pending, Status.TIMEOUT)
            elif not self._send_first(pending):
                peer.queue.appendleft(pending)
                self._waiting += 1
                return

    def _tick(self) -> None:
        self._tick_handle = None
        if self._deadline.has_passed:
            self.stop()
        now = self._loop.time()
        for _, timers in self._timers:
            while timers and (timers[0].port is None or timers[0].due <= now):
                pending = timers.popleft()
                if pending.port is not None:
                    self._expire(pending, pending.port)
        self._proceed()
        if self._outstanding or self._waiting:
            self._tick_handle = self._loop.call_later(_TICK_SECONDS, self._tick)

    def _expire(self, pending: Pending, port: Port) -> None:
        peer = pending.peer
        peer.lost()
        pending.attempt += 1
        if pending.attempt < self._attempts:
            self._send(pending, port)
            return
        peer.gave_up()
        trouble = Status.UNREACHABLE if peer.trouble else Status.TIMEOUT
        self._settle(pending, Status.MALFORMED if pending.is_garbled or peer.is_garbled else trouble)

    def _troubled(self, peer: Peer, error: OSError) -> None:
        if peer.troubled(error):
            self._settle_all(peer, Status.UNREACHABLE)

    def _settle_all(self, peer: Peer, status: Status) -> None:
        for port in peer.ports:
            for pending in tuple(port.waiting.values()):
                self._settle(pending, status)
        while peer.queue:
            self._waiting -= 1
            self._settle(peer.queue.popleft(), status)

    def stop(self) -> None:
        """Settle everything that is open: it was not to be told."""
        for peer in self._peers.values():
            self._settle_all(peer, Status.STOPPED)

    def close(self) -> None:
        """Stop, and close every socket."""
        self.stop()
        if self._tick_handle is not None:
            self._tick_handle.cancel()
            self._tick_handle = None
        for peer in self._peers.values():
            self._close_ports(peer)
        self._timers.clear()
