"""Run the command of a secret store: no shell, no questions, bounded in time and output.

What a program writes to standard error is matched against phrases we know and never shown: `op`, `vault` and `gcloud`
mostly name what they looked for, but nothing promises that a line of theirs holds no value, and a wrapper of the same
name in somebody's PATH promises even less. Whoever wants to read it is told how to run the command.
"""

import os
import selectors
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import IO

from sendspec.model.secret import Unresolved
from sendspec.stores.interface import Surroundings
from sendspec.stores.value import MAX_OCTETS

CHUNK = 65_536
LOOK_SECONDS = 0.1
"""How often to look whether the program has ended while something it started still holds its output open."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """One way in which a program fails: any of these phrases, in lower case, on standard error."""

    phrases: tuple[str, ...]
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Program:
    """The command of a secret store.

    Attributes:
        name: What it is called on the PATH.
        title: Its name for people.
        page: Where to get it.
        symptoms: How it fails; the first that fits is told.
        unset: Variables that would change the form of its output.
    """

    name: str
    title: str
    page: str
    symptoms: tuple[Symptom, ...]
    unset: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Ended:
    status: int
    output: bytes = field(repr=False)
    errors: bytes = field(repr=False)


def run(
    program: Program, arguments: Sequence[str], surroundings: Surroundings, given: bytes | None = None
) -> bytes | Unresolved:
    """Give what a program writes to standard output, or why it gave nothing.

    `given` is what it reads from a pipe as its standard input: the place for a value, which an argument is not, for
    every process of the machine can read those of all others.
    """
    path = shutil.which(program.name, path=surroundings.environment.get("PATH", os.defpath))
    if path is None:
        return Unresolved(
            f"the program `{program.name}` is not installed",
            f"install {program.title} ({program.page}), or add it to the PATH",
        )
    environment = {name: value for name, value in surroundings.environment.items() if name not in program.unset}
    ended = _run([path, *arguments], environment, surroundings, given)
    by_hand = _by_hand if given is None else _by_hand_with_input
    if isinstance(ended, str):
        return Unresolved(f"`{program.name}` {ended}", by_hand(program, arguments))
    if ended.status == 0:
        return ended.output
    said = ended.errors.decode("utf-8", "replace").lower()
    for symptom in program.symptoms:
        if any(phrase in said for phrase in symptom.phrases):
            return Unresolved(symptom.reason, symptom.fix)
    return Unresolved(f"`{program.name}` failed with status {ended.status}", by_hand(program, arguments))


def _by_hand(program: Program, arguments: Sequence[str]) -> str:
    return f"run `{shlex.join((program.name, *arguments))} > /dev/null` to see what it says"


def _by_hand_with_input(program: Program, arguments: Sequence[str]) -> str:
    """Nobody should run it without the input: it would wait, or store nothing as the value."""
    return f"try `{shlex.join((program.name, *arguments))}` with a value on its standard input to see what it says"


def _run(
    argv: Sequence[str], environment: Mapping[str, str], surroundings: Surroundings, given: bytes | None
) -> _Ended | str:
    """Give how the program ended, or what is wrong with it, as a predicate."""
    try:
        process = subprocess.Popen(  # noqa: S603 - a fixed command; the reference is one argument of it
            argv,
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=surroundings.folder,
            # A group of its own, to end its children with it; not a session, or `op` would ask anew for every value.
            process_group=0,
        )
    except (OSError, ValueError):  # ValueError: a NUL in the reference
        return "cannot be started"
    with process:
        try:
            output, errors = _collect(process, given or b"", surroundings.program_seconds)
        except (TimeoutError, subprocess.TimeoutExpired):
            _kill(process)
            return f"did not answer in {surroundings.program_seconds:g} s"
        if len(output) > MAX_OCTETS:
            _kill(process)
            return f"wrote more than {MAX_OCTETS:,} octets"
    return _Ended(process.returncode, output, errors)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(slots=True)
class _Input:
    """What a program has still to be given."""

    stream: IO[bytes]
    left: memoryview = field(repr=False)


def _collect(process: subprocess.Popen[bytes], given: bytes, seconds: float) -> tuple[bytes, bytes]:
    """Give standard output and standard error of a program that has ended, or wrote too much. Raises TimeoutError."""
    ends_at = monotonic() + seconds
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, kept in ((process.stdout, output), (process.stderr, errors)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, kept)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE, _Input(process.stdin, memoryview(given)))
        while selector.get_map():
            remaining = ends_at - monotonic()
            if remaining <= 0:
                raise TimeoutError
            ready = selector.select(min(remaining, LOOK_SECONDS))
            if not ready and process.poll() is not None:
                break
            for key, _ in ready:
                _serve(selector, key)
            if len(output) > MAX_OCTETS:
                return bytes(output), bytes(errors)
    process.wait(max(ends_at - monotonic(), 0.0))
    return bytes(output), bytes(errors)


def _serve(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    """Read what is there to read, or write what fits."""
    if isinstance(key.data, _Input):
        key.data.left = _feed(key.fd, key.data.left)
        if not key.data.left:
            selector.unregister(key.fileobj)
            with suppress(BrokenPipeError):
                key.data.stream.close()  # the program waits for the end
        return
    octets = os.read(key.fd, CHUNK)
    if not octets:
        selector.unregister(key.fileobj)
    elif len(key.data) <= MAX_OCTETS:
        key.data.extend(octets)


def _feed(descriptor: int, left: memoryview) -> memoryview:
    """Write as much as fits and give the rest; nothing is left for a program that reads no more."""
    try:
        return left[os.write(descriptor, left[:CHUNK]) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:
        return left[:0]
