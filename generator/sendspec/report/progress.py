"""A sign of life on stderr for work longer than a second, on a terminal only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

PATIENCE_SECONDS = 1.0
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
