"""SPF macros: `%{ir}.%{v}._spf.%{d2}`.

Source: RFC 7208 section 7.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

EXPANSION = re.compile(
    r"%(?:\{(?P<letter>[A-Za-z])(?P<digits>[0-9]*)(?P<reverse>[rR]?)(?P<delimiters>[-.+,/_=]*)\}|(?P<other>[%_-]))"
)
OTHER = {"%": "%", "_": " ", "-": "%20"}
MAX_NAME = 253
UNRESERVED = "-._~"


@dataclass(frozen=True, slots=True)
class MacroInput:
    """What macros stand for. `validated` looks up the `p` macro when it is asked for, never before (section 7.3)."""

    ip: IPv4Address | IPv6Address
    sender: str
    domain: str
    helo: str
    validated: Callable[[], str]

    def value(self, letter: str) -> str:
        """Give the text of a macro letter."""
        local, _, sender_domain = self.sender.rpartition("@")
        match letter:
            case "s":
                return self.sender
            case "l":
                return local
            case "o":
                return sender_domain
            case "d":
                return self.domain
            case "h":
                return self.helo
            case "p":
                return self.validated()
            case "v":
                return "in-addr" if self.ip.version == 4 else "ip6"  # noqa: PLR2004 - the IP version
            case "i":
                return dotted(self.ip)
            case "c":
                return str(self.ip)
            case "r":
                return "unknown"
            case _:
                return "0"  # t: the time is of no use in a check that can be repeated


def dotted(ip: IPv4Address | IPv6Address) -> str:
    """Give an address for `%{i}`: dotted quad, or the 32 nibbles of an IPv6 address with dots (section 7.3).

    Nibbles are upper case as in the RFC's test suite; names in DNS do not care.
    """
    return str(ip) if isinstance(ip, IPv4Address) else ".".join(ip.exploded.replace(":", "").upper())


def expand(text: str, macros: MacroInput, *, is_domain: bool = True) -> str:
    """Replace every macro. A domain that gets longer than 253 characters loses labels from the left (section 7.3)."""

    def replace(match: re.Match[str]) -> str:
        if match["other"]:
            return OTHER[match["other"]]
        letter = match["letter"]
        parts = re.split("[" + re.escape(match["delimiters"] or ".") + "]", macros.value(letter.lower()))
        if match["reverse"]:
            parts.reverse()
        if match["digits"]:
            parts = parts[-int(match["digits"]) :]
        value = ".".join(parts)
        return quote(value, safe=UNRESERVED) if letter.isupper() else value

    expanded = EXPANSION.sub(replace, text)
    if is_domain:
        expanded = expanded.removesuffix(".")
        while len(expanded) > MAX_NAME and "." in expanded:
            expanded = expanded.partition(".")[2]
    return expanded
