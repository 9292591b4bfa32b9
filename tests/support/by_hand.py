"""A change to the fallback by hand: what a generated file says, done with its primary absent, and what arrived."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app_setups import SENDER_NAME, move_smtp
from failover_table import compare_golden
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority, SmtpServer, smtp_server

from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls

CLOSED_PORT = 1
SAID = re.compile(r"- by hand, without new code: (.*?) - by itself:")
MARKS = re.compile(r"^[ \t]*(?:#|//|;)", re.MULTILINE)
VARIABLE = re.compile(r"\b([A-Z][A-Z_]+)=([\w.-]+)")


@contextmanager
def fallback_alone(
    authority: Authority, setup: Setup, user: str = NASTY_USER, password: str = NASTY_PASSWORD
) -> Iterator[tuple[Setup, SmtpServer]]:
    """Give the setup of app_setups.SPEC with nobody at the primary of `codes`, and the server of its fallback."""
    with smtp_server(authority, Tls.STARTTLS, user, password) as server:
        moved = move_smtp(setup, "postmark-main", CLOSED_PORT, Tls.STARTTLS)
        yield move_smtp(moved, "ses-eu", server.port, Tls.STARTTLS), server


def said_by(text: str) -> str:
    """Give what a generated file says to do."""
    found = SAID.search(" ".join(MARKS.sub("", text).split()))
    assert found, "the file does not say how to change by hand"
    return found[1]


def variables_in(change: str) -> Mapping[str, str]:
    """Give the environment variables that it says to set."""
    found = dict(VARIABLE.findall(change))
    assert found, change
    return found


def prove(path: Path, server: SmtpServer, change: str, *, header: bool = True, name: str = SENDER_NAME) -> None:
    """Check that the fallback has the message of `codes` as it should be, and compare the row for the docs.

    Args:
        path: The file with the row.
        header: The target can set the header by which the ESP knows the stream.
        name: The display name that From has.
    """
    (message,) = server.messages
    assert message.over_tls  # and the server took the login of the fallback only
    assert message.sender == "no-reply@auth.shop.example"
    assert message.author == (name, "no-reply@auth.shop.example")
    assert message.content["X-SES-CONFIGURATION-SET"] == ("ses-eu-codes" if header else None)
    assert message.content["X-PM-Message-Stream"] is None
    compare_golden(path, [{"change": change, "delivered_by": "fallback", "stream_header": header}])
