"""The question before a change, on a real terminal, while an event loop takes Ctrl-C for itself."""

import os
import pty
import re
import select
import subprocess
import sys
import time

ANSWER = re.compile(r"answer: (\w+)")
PROGRAM = """
import asyncio, click
from sendspec.cli.ask import is_agreed
from sendspec.live import interruptible

async def work():
    stopped = []
    with interruptible(lambda: stopped.append(1)):
        try:
            answer = is_agreed("Make 2 changes?")
        except click.Abort:
            answer = "aborted"
        await asyncio.sleep(0)
    print("answer:", answer)

asyncio.run(work())
"""


def asked(keys: bytes) -> str:
    """Press keys once the question is there; give everything that the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{PROGRAM}"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, pressed, started = "", 0, time.monotonic()
    try:
        while not ANSWER.search(shown) and time.monotonic() - started < 20:
            # Python misses Ctrl-C in the moment before it begins to read: people are slower, and press it again.
            if select.select([ours], [], [], 0.5)[0]:
                shown += os.read(ours, 4096).decode()
            elif "]:" in shown and pressed < 5:
                pressed += 1
                os.write(ours, keys)
    except OSError:  # the terminal is gone with its program
        pass
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    found = ANSWER.search(shown)
    assert found is not None, shown
    return found[1]


def test_ctrl_c_ends_the_question():
    assert asked(b"\x03") == "aborted"


def test_only_a_yes_is_one():
    assert asked(b"\n") == "False"
    assert asked(b"y\n") == "True"
