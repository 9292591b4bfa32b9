"""YAML scalars that every YAML 1.1 reader gives back unchanged, and octoDNS's own escapes inside TXT values.

Written by hand because ten thousand zones take a general YAML writer a minute, and because records carry comments.
"""

import re

PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_.-]*\Z")
WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""YAML 1.1 reads these as booleans and null (https://yaml.org/type/bool.html)."""

JOINT = '" "'
AMBIGUOUS_QUOTE = re.compile(r'"(?= ")')


def key(text: str) -> str:
    """Give a mapping key: plain where it can only be text, else quoted."""
    if PLAIN_KEY.match(text) and text not in WORDS_OF_YAML:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Give text in single quotes, which need no backslashes; in double quotes where it is not printable ASCII."""
    if text.isascii() and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isascii() and character.isprintable():
        return character
    return f"\\U{ord(character):08x}"


def txt(text: str) -> str:
    r"""Give a TXT value as octoDNS keeps it in memory and in YAML.

    `;` is escaped. octoDNS takes one pair of quotation marks off a value that begins with one, and takes every `" "`
    for a joint between two strings: both are added where the text itself has them, so that they are there afterwards.
    Source: octodns 1.22 `record/chunked.py`, `_ChunkedValue.process` and `to_raw_text`, read 2026-11-23.
    """
    if '"' in text:
        text = AMBIGUOUS_QUOTE.sub('"' + JOINT, text)
        if text.startswith('"'):
            text = f'"{text}"'
    return text.replace(";", "\\;")


def needs_leniency(text: str) -> bool:
    r"""Tell whether octoDNS refuses a legal TXT value: one that is not ASCII, or has a backslash before a `;`."""
    return not text.isascii() or "\\;" in text
