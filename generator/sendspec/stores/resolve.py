"""The secrets of one run: each reference is resolved once, by its store, beside the checks that wait for others.

And what is written: one value after the other, whatever the run's deadline says.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TypeVar

from sendspec.model.credential import Credential
from sendspec.model.secret import Secret, Unresolved
from sendspec.net.deadline import Deadline
from sendspec.stores.hiding import Veil
from sendspec.stores.interface import Store, Surroundings, load_store
from sendspec.stores.value import usable

T = TypeVar("T")
AT_ONCE = 8
"""Commands of stores are whole processes, and stores limit how often they may be asked."""
READ_SECONDS = 40.0
"""What no store may exceed: its own limits are shorter, so this catches what has none, such as a file on a dead mount."""


WRITE_SECONDS = 120.0
"""Writing is reading, writing and reading back, and again where somebody else writes at the same time."""


class StoreSecrets:
    """`Secrets` by the stores' own clients. Belongs to the event loop in which it was made."""

    def __init__(
        self, deadline: Deadline, surroundings: Surroundings, load: Callable[[str], Store] = load_store
    ) -> None:
        self._deadline = deadline
        self._surroundings = surroundings
        self._load = load
        self._answers: dict[str, asyncio.Future[Secret | Unresolved]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._writing = asyncio.Lock()
        self._writes: set[asyncio.Task[Unresolved | None]] = set()
        self._veil = Veil()

    async def get(self, credential: Credential) -> Secret | Unresolved:
        """Give the value that a credential's reference leads to. Asked again, gives the same. Never raises."""
        return await self.at(credential.reference)

    async def at(self, reference: str) -> Secret | Unresolved:
        """Give the value at a reference, as `get` does."""
        answer = self._answers.get(reference)
        if answer is None:
            answer = self._answers[reference] = asyncio.create_task(self._resolve(reference))
        return await asyncio.shield(answer)  # whoever gives up waiting does not take the answer from the others

    async def put(self, reference: str, secret: Secret) -> Unresolved | None:
        """Write a value to its store and have it read back; None when it is there. Never raises.

        It is hidden from now on, and what was at the reference stays hidden. A run whose time is over, or that somebody
        stops, writes to the end all the same: the value may be one that nobody can get a second time.
        """
        value = usable(secret)
        if isinstance(value, Unresolved):
            return value
        self._veil.add(value.reveal())
        write = asyncio.create_task(self._write(reference, value))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)
        return await asyncio.shield(write)

    async def put_all(self, secrets: Sequence[tuple[str, Secret]]) -> Unresolved | None:
        """Write values in order, those of one place in one step where its store can; None when all are there. Never raises."""
        usables: dict[str, Secret] = {}
        for reference, secret in secrets:
            value = usable(secret)
            if isinstance(value, Unresolved):
                return value
            self._veil.add(value.reveal())
            usables[reference] = value
        for together in _together(self._load, usables):
            write = asyncio.create_task(self._write_together(together))
            self._writes.add(write)
            write.add_done_callback(self._writes.discard)
            refused = await asyncio.shield(write)
            if refused is not None:
                return refused
        return None

    def cover(self, secret: Secret) -> None:
        """Hide a value from now on that no store holds yet."""
        self._veil.add(secret.reveal())

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

    async def _write(self, reference: str, value: Secret) -> Unresolved | None:
        return await self._write_together({reference: value})

    async def _write_together(self, values: Mapping[str, Secret]) -> Unresolved | None:
        scheme = next(iter(values)).partition("://")[0]
        rests = {reference.partition("://")[2]: value for reference, value in values.items()}
        async with self._writing:  # keys of one secret are read, changed and written together
            for reference in values:
                self._answers.pop(reference, None)
            try:
                async with asyncio.timeout(WRITE_SECONDS):
                    refused = await _in_thread(partial(_put, self._load, scheme, rests, self._surroundings))
            except TimeoutError:
                return Unresolved(
                    f"its store did not answer in {WRITE_SECONDS:g} s, and it may hold the new value or the old one",
                    "try the store's own client",
                )
            for reference, value in values.items():
                self._answers.pop(reference, None)
                if refused is None:
                    self._answers[reference] = known = asyncio.get_running_loop().create_future()
                    known.set_result(value)
        return refused


def _together(load: Callable[[str], Store], values: Mapping[str, Secret]) -> list[dict[str, Secret]]:
    """Give the values that are written in one step each, in their order."""
    groups: dict[str, dict[str, Secret]] = {}
    for reference, value in values.items():
        scheme, _, rest = reference.partition("://")
        store = load(scheme)
        place = f"{scheme}://{store.place(rest)}" if store.write_all is not None else reference
        groups.setdefault(place, {})[reference] = value
    return list(groups.values())


def _put(
    load: Callable[[str], Store], scheme: str, values: Mapping[str, Secret], surroundings: Surroundings
) -> Unresolved | None:
    refused: Unresolved | None
    try:
        store = load(scheme)
        if store.write is None:
            return Unresolved(
                f"{store.title} cannot be written from here",
                "name a store below `from:` that keeps values, or change the value by hand where it is set",
            )
        if len(values) > 1 and store.write_all is not None:
            refused = store.write_all(values, surroundings)
        else:
            refusals = (store.write(rest, value, surroundings) for rest, value in values.items())
            refused = next((each for each in refusals if each is not None), None)
    except Exception as error:  # noqa: BLE001 - a client's error may hold the value, and a traceback would show it
        refused = _client_failed(scheme, error)
    if refused is None:
        return None
    return None if _is_there(load, scheme, values, surroundings) else refused  # only the answer was lost


def _is_there(
    load: Callable[[str], Store], scheme: str, values: Mapping[str, Secret], surroundings: Surroundings
) -> bool:
    for rest, value in values.items():
        found = _read(load, scheme, rest, surroundings)
        if not isinstance(found, Secret) or found.reveal().strip("\r\n") != value.reveal():
            return False
    return True


def _read(load: Callable[[str], Store], scheme: str, rest: str, surroundings: Surroundings) -> Secret | Unresolved:
    try:
        return load(scheme).read(rest, surroundings)
    except Exception as error:  # noqa: BLE001 - a client's error may hold the value, and a traceback would show it
        return _client_failed(scheme, error)


def _client_failed(scheme: str, error: Exception) -> Unresolved:
    return Unresolved(f"the client of {scheme}:// failed ({type(error).__name__})", "try the store's own client")


async def _in_thread(work: Callable[[], T]) -> T:
    """Run what blocks in a thread of its own.

    A daemon, which no pool of threads offers: when the run is stopped, the program must end, and not wait for a command
    that asks somebody for a fingerprint.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(found: T) -> None:
        if not answer.done():
            answer.set_result(found)

    def run() -> None:
        found = work()
        with suppress(RuntimeError):  # the loop is closed: the run ended without this answer
            loop.call_soon_threadsafe(settle, found)

    Thread(target=run, name="secret", daemon=True).start()
    return await answer
