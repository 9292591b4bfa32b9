"""A sign of life on stderr for work longer than a second, on a terminal only."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self, TextIO

from sendspec.report.terminal import columns, visible

PATIENCE_SECONDS = 1.0
EVERY_SECONDS = 0.1
CLEAR_LINE = "\r\x1b[K"
USUAL_COLUMNS = 80


@contextmanager
def progress(what: str, stream: TextIO, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Show `sendspec: <what> ...` once the block has run for a second; the line is gone when the block ends."""
    if not stream.isatty():
        yield
        return
    shown = threading.Event()

    def show() -> None:
        shown.set()
        stream.write(f"sendspec: {what} ...")
        stream.flush()

    timer = threading.Timer(patience_seconds, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if shown.is_set():
            stream.write(CLEAR_LINE)
            stream.flush()


class Teller:
    """Shows on a terminal what is being done just now, once a second has passed, ten times a second at the most."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the stream for people."""
        self._stream, self._clock = stream, clock
        self._started = clock()
        self._shown_at = 0.0
        self._is_shown = False

    def __call__(self, what: str) -> None:
        """Show it."""
        now = self._clock()
        if not self._stream.isatty() or now - self._started < PATIENCE_SECONDS or now - self._shown_at < EVERY_SECONDS:
            return
        self._shown_at, self._is_shown = now, True
        self._stream.write(CLEAR_LINE + one_row(f"sendspec: {visible(what)} ...", self._stream))
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._stream.write(CLEAR_LINE)
            self._stream.flush()
            self._is_shown = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away, whatever happened."""
        self.clear()


def one_row(text: str, stream: TextIO) -> str:
    """Cut text that would go on in the next row of the terminal: only one row can be taken away again."""
    try:
        room = (os.get_terminal_size(stream.fileno()).columns or USUAL_COLUMNS) - 1
    except (OSError, ValueError):
        room = USUAL_COLUMNS - 1
    while columns(text) > room:
        text = f"{text[: room - 1 - (columns(text) - len(text))]}…" if room > 1 else ""
    return text
