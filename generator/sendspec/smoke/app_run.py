"""Run an app's own `smoke_test:`: the production code path, with the variables that sendspec rendered for the app.

What the command gets: the app's variables, literals and credentials alike; SENDSPEC_SMOKE_TO, SENDSPEC_SMOKE_SUBJECT and
SENDSPEC_SMOKE_MARKER; the few variables without which no program runs (`BASICS`) and those that the reader passes on by
name. Nothing else of the caller's environment: a test that works only because of something in a developer's shell proves
nothing about production. No shell, no stdin, a process group of its own, a limit on time and on output.
"""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from sendspec.model.app import App
from sendspec.model.secret import Unresolved
from sendspec.model.smoke import AppRun, End, SmokePlan
from sendspec.net.net import Net

BASICS = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE"),
    *("VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)
KEPT_OCTETS = 65_536
"""Of the output, its end: what went wrong stands there."""
CUT_CHARACTERS = 4_096
"""What is dropped at the start of a cut output: a secret that the cut went through stands there, and is no longer known."""
MOST_OCTETS = 50_000_000
LOOK_SECONDS = 0.02
GRACE_SECONDS = 2.0
"""Between asking a process group to end and ending it; and for children that hold the output open."""


async def run_app(plan: SmokePlan, app: App, net: Net, surroundings: Mapping[str, str]) -> AppRun:
    """Run the command and give what came of it. `surroundings` is the caller's environment."""
    environment, missing = await _environment(plan, app, net, surroundings)
    if missing is not None:
        return missing
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        process = await asyncio.create_subprocess_exec(
            *plan.argv,
            cwd=plan.folder,
            env=environment,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        failed = f"{plan.argv[0]} cannot be started in {plan.folder}: {reason.lower()}"
        return AppRun(End.FAILED, failed=failed)
    tail, ended, is_over = _Tail(), False, False
    try:
        ended = await _follow(process, tail, plan.wait_seconds, net)
        is_over = ended and not tail.is_held
    finally:
        if not is_over:
            await _end(process)
    output = net.secrets.hide(tail.text)
    if tail.is_cut:
        output = output[CUT_CHARACTERS:]
    failed = _failed(process, ended, tail, plan.wait_seconds, net)
    end = End.GOOD if not failed else End.UNKNOWN if net.deadline.has_passed and not ended else End.FAILED
    code = process.returncode if ended else None
    return AppRun(end, loop.time() - began, code, output, tail.is_cut, failed)


async def _environment(
    plan: SmokePlan, app: App, net: Net, surroundings: Mapping[str, str]
) -> tuple[dict[str, str], AppRun | None]:
    """Give the variables, or why the command must not run: what this stream needs could not be resolved.

    Credentials that only other streams of the app need may be missing; then their variables are, too.
    """
    given = {name: surroundings[name] for name in (*BASICS, *plan.passed_on) if name in surroundings}
    needed = {
        each.name for binding in app.bindings if binding.stream.id == plan.stream.id for each in binding.variables
    }
    for variable in app.variables():
        if variable.value is not None:
            given[variable.name] = variable.value
        elif variable.credential is not None:
            found = await net.secrets.get(variable.credential)
            if not isinstance(found, Unresolved):
                given[variable.name] = found.reveal()
            elif variable.name in needed:
                failed = f"{variable.credential.id}: {found.reason}"
                return {}, AppRun(End.UNKNOWN, failed=failed, fix=found.fix)
    given["SENDSPEC_SMOKE_TO"] = plan.recipient
    given["SENDSPEC_SMOKE_SUBJECT"] = plan.subject
    given["SENDSPEC_SMOKE_MARKER"] = plan.marker
    return given, None


@dataclass(slots=True)
class _Tail:
    """The end of an output, however long it is. `is_held`: somebody holds it open although the command has ended."""

    seen: int = 0
    is_held: bool = False
    _octets: bytearray = field(default_factory=bytearray)

    def take(self, piece: bytes) -> None:
        self.seen += len(piece)
        self._octets += piece
        del self._octets[:-KEPT_OCTETS]

    @property
    def is_cut(self) -> bool:
        return self.seen > KEPT_OCTETS

    @property
    def text(self) -> str:
        return self._octets.decode("utf-8", "replace")


async def _follow(process: Process, tail: _Tail, seconds: float, net: Net) -> bool:
    """Read the output until the command has ended. Gives False when its time or its output was over first."""
    reading = asyncio.ensure_future(_read(process, tail))
    try:
        async with net.deadline.limit(seconds):
            await _ending(process, tail)
    except TimeoutError:
        return False
    else:
        # what the command wrote has been read by then; children that live on may hold its output open
        await asyncio.wait({reading}, timeout=GRACE_SECONDS)
        tail.is_held = not reading.done()
        return tail.seen <= MOST_OCTETS
    finally:
        reading.cancel()


async def _ending(process: Process, tail: _Tail) -> None:
    """Wait until the command has ended, or has written too much.

    By looking: `Process.wait` of Python 3.11 and 3.12 also waits for whoever else holds the output open
    (https://github.com/python/cpython/issues/119710).
    """
    while process.returncode is None and tail.seen <= MOST_OCTETS:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(LOOK_SECONDS)


async def _read(process: Process, tail: _Tail) -> None:
    stream = process.stdout
    while stream is not None and tail.seen <= MOST_OCTETS:
        piece = await stream.read(KEPT_OCTETS)
        if not piece:
            return
        tail.take(piece)


async def _end(process: Process) -> None:
    """End whatever is left of the process group: first asked, then told."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        # A group outlives its leader as long as one child is in it; without one there is nothing to end.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
            await _gone(process)
    transport = process._transport  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio has no other way to close the pipe that a child of another session may hold open
    transport.close()


async def _gone(process: Process) -> None:
    """Wait until the group is empty, or until the grace is over."""
    for _ in range(int(GRACE_SECONDS / LOOK_SECONDS)):
        try:
            os.killpg(process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return
        await asyncio.sleep(LOOK_SECONDS)


def _failed(process: Process, ended: bool, tail: _Tail, seconds: float, net: Net) -> str:
    if tail.seen > MOST_OCTETS:
        return f"it wrote more than {MOST_OCTETS // 1_000_000} MB"
    if not ended:
        return net.deadline.reason if net.deadline.has_passed else f"it did not end within {seconds:g} s"
    code = process.returncode
    if code is not None and code < 0:
        return f"it was ended by {_signal_name(-code)}"
    return f"it ended with exit code {code}" if code else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
