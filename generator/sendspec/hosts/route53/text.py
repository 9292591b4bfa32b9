r"""Names and values as Route 53 writes and takes them: escapes are *octal* (`\052`), unlike those of zone files.

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
NAME_ESCAPE = re.compile(r"\\([0-3][0-7]{2})")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
TEXT_ESCAPE = re.compile(r"\\(?:([0-3][0-7]{2})|(.))", re.DOTALL)
MX_VALUE = re.compile(r"\s*([0-9]{1,5})\s+(\S+)\s*\Z")
INSIDE_LABELS = "\\."
"""What stays escaped in a name: a dot that is none between labels, and the backslash itself."""


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


def read_name(text: str) -> str:
    """Give a name as sendspec has it. A dot or a backslash inside a label stays escaped, so that it equals no other name."""

    def plain(found: re.Match[str]) -> str:
        character = chr(int(found[1], 8))
        return found[0] if character in INSIDE_LABELS else character

    # Octets outside ASCII come one by one; names hold UTF-8 where they hold any of them.
    decoded = NAME_ESCAPE.sub(plain, text)
    return _as_utf8(decoded).lower().removesuffix(".")


def read_value(record_type: str, text: str) -> Value:
    """Give what a `Value` means: for CNAME, MX and TXT as sendspec has it, for all else the text as it stands."""
    if record_type == RecordType.TXT:
        return read_text(text)
    if record_type == RecordType.CNAME:
        return read_name(text)
    found = MX_VALUE.match(text) if record_type == RecordType.MX else None
    return Mx(int(found[1]), read_name(found[2])) if found else text


def read_text(text: str) -> str:
    """Give a TXT value: its strings joined. One that no quotation mark encloses stands for itself."""
    strings = QUOTED.findall(text)
    if not strings:
        return text
    return _as_utf8("".join(TEXT_ESCAPE.sub(_unescaped, string) for string in strings))


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 8)) if found[1] else str(found[2])


def _as_utf8(text: str) -> str:
    """Read octets, each of them a character, as the UTF-8 that people write; as they are where they are none."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
