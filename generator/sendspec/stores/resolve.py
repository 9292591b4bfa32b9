"""The secrets of one run: each reference is resolved once, by its store, beside the checks that wait for others."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread

from sendspec.model.credential import Credential
from sendspec.model.secret import Secret, Unresolved
from sendspec.net.deadline import Deadline
from sendspec.stores.hiding import Veil
from sendspec.stores.interface import Store, Surroundings, load_store
from sendspec.stores.value import usable

AT_ONCE = 8
"""Commands of stores are whole processes, and stores limit how often they may be asked."""
READ_SECONDS = 40.0
"""What no store may exceed: its own limits are shorter, so this catches what has none, such as a file on a dead mount."""


class StoreSecrets:
    """`Secrets` by the stores' own clients. Belongs to the event loop in which it was made."""

    def __init__(
        self, deadline: Deadline, surroundings: Surroundings, load: Callable[[str], Store] = load_store
    ) -> None:
        self._deadline = deadline
        self._surroundings = surroundings
        self._load = load
        self._answers: dict[str, asyncio.Task[Secret | Unresolved]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._veil = Veil()

    async def get(self, credential: Credential) -> Secret | Unresolved:
        """Give the value that a credential's reference leads to. Asked again, gives the same. Never raises."""
        reference = credential.reference
        answer = self._answers.get(reference)
        if answer is None:
            answer = self._answers[reference] = asyncio.create_task(self._resolve(reference))
        return await asyncio.shield(answer)  # whoever gives up waiting does not take the answer from the others

    def hide(self, text: str) -> str:
        """Give text with every value resolved so far replaced by `…`, however it is encoded. For short texts."""
        return self._veil.hide(text)

    async def _resolve(self, reference: str) -> Secret | Unresolved:
        scheme, _, rest = reference.partition("://")
        async with self._room:
            try:
                async with self._deadline.limit(READ_SECONDS):
                    found = await _in_thread(partial(_read, self._load, scheme, rest, self._surroundings))
            except TimeoutError:
                if self._deadline.has_passed:
                    return Unresolved(self._deadline.reason)
                return Unresolved(f"its store did not answer in {READ_SECONDS:g} s", "try the store's own client")
        if isinstance(found, Secret):
            found = usable(found)
        if isinstance(found, Secret):
            self._veil.add(found.reveal())
        return found


def _read(load: Callable[[str], Store], scheme: str, rest: str, surroundings: Surroundings) -> Secret | Unresolved:
    try:
        return load(scheme).read(rest, surroundings)
    except Exception as error:  # noqa: BLE001 - a client's error may hold the value, and a traceback would show it
        return Unresolved(f"the client of {scheme}:// failed ({type(error).__name__})", "try the store's own client")


async def _in_thread(read: Callable[[], Secret | Unresolved]) -> Secret | Unresolved:
    """Run what blocks in a thread of its own.

    A daemon, which no pool of threads offers: when the run is stopped, the program must end, and not wait for a command
    that asks somebody for a fingerprint.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Secret | Unresolved] = loop.create_future()

    def settle(found: Secret | Unresolved) -> None:
        if not answer.done():
            answer.set_result(found)

    def work() -> None:
        found = read()
        with suppress(RuntimeError):  # the loop is closed: the run ended without this answer
            loop.call_soon_threadsafe(settle, found)

    Thread(target=work, name="secret", daemon=True).start()
    return await answer
