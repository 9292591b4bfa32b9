"""Values in Spring's YAML, in Java's properties files, and From as Jakarta Mail reads it."""

import re
from email.header import Header

from sendspec.model.credential import Credential
from sendspec.model.stream import Mailbox
from sendspec.targets.quoted_text import double_quoted

DOLLAR = "mail.dollar"
BACKSLASH = "mail.backslash"
"""Properties whose values are `$` and `\\`: text that comes from a placeholder is not looked through for another one."""


def yaml_value(value: str | int | bool | Credential) -> str:
    """Give a YAML scalar. A credential is the placeholder of its variable."""
    if isinstance(value, Credential):
        return double_quoted(f"${{{value.env}}}")
    if isinstance(value, str):
        return double_quoted(spring_text(value))
    return str(value).lower()


def spring_text(text: str) -> str:
    """Give text in which Spring sees no placeholder. Backslashes before `${` too: Spring 6.2 takes one for an escape."""
    return re.sub(r"(\\*)\$\{", lambda found: f"${{{BACKSLASH}}}" * len(found[1]) + f"${{{DOLLAR}}}{{", text)


def property_value(value: str | int | bool) -> str:
    """Give a value as it stands behind `=` in a properties file; ASCII, so that every reader agrees on the encoding."""
    text = value if isinstance(value, str) else str(value).lower()
    escaped = "".join(map(_property_escaped, text))
    return f"\\{escaped}" if escaped.startswith(" ") else escaped


def _property_escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[index : index + 2].hex()}" for index in range(0, len(units), 2))


def from_header(mailbox: Mailbox) -> str:
    """Give From as it stands in a message: `mail.from` of Jakarta Mail is parsed, and encodes nothing."""
    name = mailbox.display_name
    if name.isascii() and name.isprintable() and "=?" not in name:  # else it would be read as an encoded word
        return mailbox.to_text()
    name = Header(name, "utf-8").encode().replace("\n", "")
    return f"{name} <{mailbox.address}>"
