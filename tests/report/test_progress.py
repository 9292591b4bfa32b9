import fcntl
import io
import os
import pty
import struct
import termios
import time

import pytest

from sendspec.report.progress import Teller, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_long_work_shows_on_a_terminal_and_leaves_no_trace() -> None:
    stream = Terminal()
    with progress("writing output", stream, patience_seconds=0.01):
        time.sleep(0.2)
        assert stream.getvalue() == "sendspec: writing output ..."
    assert stream.getvalue().endswith("\r\x1b[K")


def test_short_work_shows_nothing() -> None:
    stream = Terminal()
    with progress("writing output", stream):
        pass
    assert stream.getvalue() == ""


def test_a_pipe_sees_no_progress() -> None:
    stream = io.StringIO()
    with progress("writing output", stream, patience_seconds=0.0):
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_a_line_that_would_fill_two_rows_is_cut_because_only_one_can_be_taken_away() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
    ticks = iter([0.0, 2.0])
    with os.fdopen(theirs, "w", encoding="utf-8") as stream, Teller(stream, lambda: next(ticks)) as teller:
        teller("reading " + "zone" * 30)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert shown.startswith("\r\x1b[Ksendspec: reading zone")
    assert len(shown.split("\x1b[K")[1].rstrip("\r")) == 29
    assert shown.endswith("\r\x1b[K")


def test_the_line_is_taken_away_when_the_work_fails() -> None:
    stream, ticks = Terminal(), iter([0.0, 2.0])
    teller = Teller(stream, lambda: next(ticks))

    def work() -> None:
        with teller:
            teller("reading")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert stream.getvalue().endswith("reading ...\r\x1b[K")
