"""Master file text (RFC 1035 section 5.1): names, character strings and their escapes."""

import re
from collections.abc import Iterator

STRING_OCTETS = 255
"""A character string has a length octet (RFC 1035 section 3.3)."""

PLAIN_NAME = re.compile(r"[A-Za-z0-9_.*-]+\Z")
PLAIN_TEXT = re.compile(r"[ !#-\[\]-~]*\Z")
"""Printable ASCII without quotation mark and backslash: no escapes, one octet a character."""


def _escape(octet: int) -> str:
    character = chr(octet)
    if character in '"\\':
        return f"\\{character}"
    # Decimal, three digits; BIND, NSD, Knot and dnspython read it alike.
    return character if " " <= character <= "~" else f"\\{octet:03d}"


ESCAPED = tuple(_escape(octet) for octet in range(256))


def absolute(name: str) -> str:
    """Give a name with its final dot, so that no origin is ever appended. An empty name is the root."""
    return f"{escaped_name(name)}."


def escaped_name(name: str) -> str:
    """Give a name in which only letters, digits, hyphen, underscore, asterisk and dot stand as themselves."""
    if PLAIN_NAME.match(name):
        return name
    return "".join(chr(octet) if PLAIN_NAME.match(chr(octet)) else f"\\{octet:03d}" for octet in name.encode())


def txt(text: str) -> str:
    """Give a TXT value: always quoted, `;` as it is, in strings of at most 255 octets each, all on one line.

    Octets are counted before they are escaped, so no string ends inside an escape. Strings are joined by readers
    without a blank in between (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2); one line survives the importers of DNS
    hosts that do not know parentheses.
    """
    return " ".join(f'"{string}"' for string in _strings(text))


def _strings(text: str) -> Iterator[str]:
    if PLAIN_TEXT.match(text):
        for start in range(0, len(text) or 1, STRING_OCTETS):
            yield text[start : start + STRING_OCTETS]
        return
    octets = text.encode()
    for start in range(0, len(octets), STRING_OCTETS):
        yield "".join(map(ESCAPED.__getitem__, octets[start : start + STRING_OCTETS]))
