"""What runs on a worker of the cluster: one share after the other, several at once in as many threads.

The state of this module is the worker process's: the spec that it has compiled, and what it is looking at just now.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from threading import Lock

from sendspec import __version__, live
from sendspec.cluster.work import Share, ShareRun, Work, unpack, unpack_spec
from sendspec.errors import SendspecError
from sendspec.model.finding import Finding
from sendspec.model.secret import Secrets
from sendspec.net.deadline import Deadline
from sendspec.net.open import NetSettings
from sendspec.pipeline import Compiled, compile_files
from sendspec.report.failure import own_failure

SPECS_KEPT = 2
RUNS_REMEMBERED = 100
"""How many runs that were stopped a worker remembers, for shares of them that are still to come."""


@dataclass(slots=True)
class Underway:
    """The shares that are looked at just now in this process, by run, and the runs that are to be stopped."""

    _lock: Lock = field(default_factory=Lock)
    _deadlines: dict[str, dict[Deadline, asyncio.AbstractEventLoop]] = field(default_factory=dict)
    _stopped: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def holding(self, run: str, deadline: Deadline) -> Iterator[None]:
        """Let `stop` end a share while the block runs; for threads with an event loop."""
        with self._lock:
            if run in self._stopped:
                deadline.stop(self._stopped[run])
            self._deadlines.setdefault(run, {})[deadline] = asyncio.get_running_loop()
        try:
            yield
        finally:
            with self._lock:
                del self._deadlines[run][deadline]
                if not self._deadlines[run]:
                    del self._deadlines[run]

    def stop(self, run: str, reason: str) -> None:
        """End every share of a run, and those that have not begun as soon as they do. From any thread."""
        with self._lock:
            self._stopped[run] = reason
            while len(self._stopped) > RUNS_REMEMBERED:
                del self._stopped[next(iter(self._stopped))]
            for deadline, loop in self._deadlines.get(run, {}).items():
                loop.call_soon_threadsafe(deadline.stop, reason)


_underway = Underway()
_compiling = Lock()


def stop(run: str, reason: str) -> None:
    """End a run on this worker: its shares answer with what they have seen."""
    _underway.stop(run, reason)


def look_at(version: str, packed: bytes, share: Share) -> ShareRun | str:
    """Look at one share; give what came of it, or why it could not be done. Raises nothing: Dask would log it.

    `version` is the client's: only the same one knows what is packed.
    """
    if version != __version__:
        return f"{_here()} has sendspec {__version__}, not {version}"
    try:
        return asyncio.run(_look(unpack(packed), share))
    except SendspecError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - as in the command line: a bug's text could hold what was worked on
        return own_failure(error, {})[0]


def _here() -> str:
    """Give what a client can call this worker."""
    from distributed import get_worker

    return f"the worker at {get_worker().address}"


async def _look(work: Work, share: Share) -> ShareRun:
    """Look at a share on an event loop of its own."""
    compiled = compiled_once(work.spec)
    scope = replace(work.scope, share=share)
    settings = NetSettings(deadline_seconds=work.seconds, resolvers=work.resolvers)
    watch = _Watch()
    with ExitStack() as stack:

        def secrets(deadline: Deadline) -> Secrets:
            stack.enter_context(_underway.holding(work.run, deadline))
            return live.stored_secrets(deadline)

        run = await live.look(compiled, work.subjects, scope, settings, work.today, watch, secrets)
    return ShareRun(run, watch.looked_at)


@dataclass(slots=True)
class _Watch:
    looked_at: int = 0

    def found(self, finding: Finding) -> None:
        """Hear of a finding; they go back together, at the end."""

    def advanced(self, done: int, total: int, title: str) -> None:  # noqa: ARG002 - a watcher is told all three
        """Count."""
        self.looked_at = done


def compiled_once(packed: bytes) -> Compiled:
    """Compile a spec, once for all shares that this process looks at."""
    with _compiling:
        return _compiled(packed)


@lru_cache(maxsize=SPECS_KEPT)
def _compiled(packed: bytes) -> Compiled:
    return compile_files(unpack_spec(packed))
