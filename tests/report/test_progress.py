import io
import time

from sendspec.report.progress import progress


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
