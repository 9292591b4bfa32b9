"""Names and values as Route 53 takes them: escapes are *octal*, unlike those of zone files.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html and ResourceRecordTypes.html
(TXT format), read 2026-11-23.
"""

import re
from collections.abc import Iterator

from sendspec.model.dns_record import Mx, RecordType, Value

STRING_CHARACTERS = 255
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.*-]+\Z")
PLAIN_TEXT = re.compile(r"[ !#-\[\]-~]*\Z")
"""Printable ASCII without quotation mark and backslash."""


def _escape(octet: int) -> str:
    character = chr(octet)
    if character == '"':
        return '\\"'
    # A backslash is written as a code too: what follows it can then never be taken for one.
    return character if " " <= character <= "~" and character != "\\" else f"\\{octet:03o}"


ESCAPED = tuple(_escape(octet) for octet in range(256))


def absolute(name: str) -> str:
    """Give a name with its final dot; the empty name is the root."""
    if not PLAIN_NAME.match(name):
        name = "".join(chr(octet) if PLAIN_NAME.match(chr(octet)) else f"\\{octet:03o}" for octet in name.encode())
    return f"{name}."


def resource_value(record_type: RecordType, value: Value) -> str:
    """Give the `Value` of a resource record."""
    if isinstance(value, Mx):
        return f"{value.preference} {absolute(value.exchange)}"
    if record_type is RecordType.TXT:
        return " ".join(f'"{string}"' for string in _strings(value))
    return absolute(value)


def _strings(text: str) -> Iterator[str]:
    """Split into strings of at most 255 characters *after* escaping, which holds whichever way Route 53 counts."""
    if PLAIN_TEXT.match(text):
        for start in range(0, len(text) or 1, STRING_CHARACTERS):
            yield text[start : start + STRING_CHARACTERS]
        return
    string = ""
    for octet in text.encode():
        escaped = ESCAPED[octet]
        if len(string) + len(escaped) > STRING_CHARACTERS:
            yield string
            string = ""
        string += escaped
    yield string
