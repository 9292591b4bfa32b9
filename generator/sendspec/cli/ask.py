"""Asking the person at the terminal, while an event loop may be running and Ctrl-C may be somebody else's."""

import signal
import sys

import click


def can_ask() -> bool:
    """Tell whether somebody is there to be asked."""
    return sys.stdin.isatty()


def is_agreed(question: str) -> bool:
    """Ask for a yes; only a yes is one. Raises click.Abort for Ctrl-C and for the end of the input.

    An event loop that handles Ctrl-C itself would do so after the answer: for as long as the question stands it is the
    question that Ctrl-C ends.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return click.confirm(question, default=False, err=True)
    finally:
        signal.signal(signal.SIGINT, before)
