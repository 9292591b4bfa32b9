"""A sign of life on stderr for work longer than a second, on a terminal only."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from sendspec.report.terminal import visible

PATIENCE_SECONDS = 1.0
EVERY_SECONDS = 0.1
CLEAR_LINE = "\r\x1b[K"


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
        self._stream.write(f"{CLEAR_LINE}sendspec: {visible(what)} ...")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._stream.write(CLEAR_LINE)
            self._stream.flush()
            self._is_shown = False
