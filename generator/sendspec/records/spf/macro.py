"""SPF macros: `%{ir}.%{v}._spf.%{d2}`.

Source: RFC 7208 section 7.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

EXPANSION = re.compile(
    r"%(?:\{(?P<letter>[slodiphvcrtSLODIPHVCRT])(?P<digits>[0-9]*)(?P<reverse>[rR]?)(?P<delimiters>[-.+,/_=]*)\}|(?P<other>[%_-]))"
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
        if letter == "p":
            return self.validated()
        return {
            "s": self.sender,
            "l": local,
            "o": sender_domain,
            "d": self.domain,
            "h": self.helo,
            "v": "in-addr" if isinstance(self.ip, IPv4Address) else "ip6",
            "i": dotted(self.ip),
            "c": str(self.ip),
            "r": "unknown",
            "t": "0",  # the time is of no use in a check that can be repeated
        }[letter]


def is_sound(text: str) -> bool:
    """Tell whether every `%` of an explanation belongs to a macro (section 7.1); else it is ignored (section 6.2)."""
    return "%" not in EXPANSION.sub("", text)


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
