"""How values are written in msmtprc, and comments that it can read past."""

from collections.abc import Iterator
from email.header import Header

from sendspec.model.credential import Credential, Literal, Login
from sendspec.model.stream import Mailbox
from sendspec.targets.app_notes import hash_comment

LONGEST_LINE = 500
"""Octets. A longer line, even a comment, and msmtp reads none of the file (seen with 1.8.23, 2026-11-26)."""
COMMENT_COLUMNS = 120
"""So many characters of four octets each still fit."""
PATTERNS = frozenset("*?[]\\%")
"""What `from` takes for a pattern (fnmatch) or a substitution (`%U`), and has no spelling for as itself."""


def quoted(text: str) -> str:
    """Give an argument. msmtp drops one pair of quotes around it and takes all between as it is: nothing is escaped."""
    return f'"{text}"'


def user_line(login: Login) -> str:
    """Give the line for the user name. `eval` is the only way to a variable (msmtp 1.8.21); it is empty where unset."""
    if isinstance(login, Literal):
        return f"user {quoted(login.value)}"
    return f'eval printf \'user "%s"\\n\' "${{{login.env}-}}" < /dev/null'


def password_line(login: Login) -> str:
    """Give the line for the password. A credential is read when a message is sent, and an unset one sends nothing."""
    if isinstance(login, Credential):
        return f"passwordeval printf '%s\\n' \"${{{login.env}:?is not set}}\" < /dev/null"
    return f"password {quoted(login.value)}"


def short_comment(text: object) -> str:
    """Give text as comment lines that msmtp can read past: a word that is too long for a line is broken."""
    return "\n".join(part for line in hash_comment(text).split("\n") for part in _parts(line))


def _parts(line: str) -> Iterator[str]:
    while len(line) > COMMENT_COLUMNS:
        yield line[:COMMENT_COLUMNS].rstrip()
        line = f"#   {line[COMMENT_COLUMNS:]}"
    yield line.rstrip()


def fits(line: str) -> bool:
    """Tell whether msmtp can read a line."""
    return len(line.encode()) <= LONGEST_LINE


def from_header(mailbox: Mailbox) -> str:
    """Give the From header, ASCII on one line (RFC 2047), as a script must write it: msmtp encodes nothing."""
    if mailbox.display_name.isascii():
        return f"From: {mailbox.to_text()}"
    return f"From: {Header(mailbox.display_name, 'utf-8', header_name='From').encode(linesep='')} <{mailbox.address}>"
