"""The command line: `main` is the program, `run` is one command and its exit code."""

import gc
import io
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

import click

from sendspec.cli import drift as _drift  # noqa: F401 - registers its command
from sendspec.cli import live as _live  # noqa: F401 - registers its commands
from sendspec.cli import plan as _plan  # noqa: F401 - registers its commands
from sendspec.cli import pull as _pull  # noqa: F401 - registers its command
from sendspec.cli import rehearse as _rehearse  # noqa: F401 - registers its command
from sendspec.cli import rotate as _rotate  # noqa: F401 - registers its command
from sendspec.cli import smoke as _smoke  # noqa: F401 - registers its command
from sendspec.cli.commands import cli
from sendspec.cli.exit_codes import (
    BROKEN_PIPE,
    FINDINGS,
    INTERRUPTED,
    OK,
    OUR_FAILURE,
    REFUSED,
    TERMINATED,
    UNDETERMINED,
    USAGE,
)
from sendspec.cli.options import console_for
from sendspec.errors import RefusedError, SendspecError, SpecError, UsageError
from sendspec.report.failure import own_failure

__all__ = ["main", "run"]

CODES = ((RefusedError, REFUSED), (UsageError, USAGE))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code."""
    try:
        code = _answer(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as with `| head`; without this the interpreter complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code


def _answer(arguments: Sequence[str]) -> int:
    """Run one command; the one place where exceptions end."""
    given: dict[str, Any] = {}
    try:
        return _command(arguments, given)
    except click.UsageError as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SpecError as error:
        console_for(given).validation(error.findings, ())
        return FINDINGS
    except SendspecError as error:
        console_for(given).failure(str(error), error.hint)
        return next((code for kind, code in CODES if isinstance(error, kind)), UNDETERMINED)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours must not print what it was working on
        console_for(given).failure(*own_failure(error, os.environ))
        return OUR_FAILURE


def _command(arguments: Sequence[str], given: dict[str, Any]) -> int:
    """Parse and run. Not `cli.main()`: it turns a broken pipe into exit code 1, which means findings here."""
    try:
        with cli.make_context("sendspec", list(arguments), obj=given) as context:
            return int(cli.invoke(context) or OK)
    except click.exceptions.Exit as done:  # --help and --version
        return done.exit_code


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    """Turn SIGTERM into an exit that runs every `finally`: no temporary folder is left behind."""
    raise SystemExit(TERMINATED)


def main() -> NoReturn:
    """Be the program."""
    # One run builds one large tree and ends: collecting cycles in it finds nothing and costs a third of the time.
    gc.disable()
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what the reader's encoding lacks is spelt out, never a traceback
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
