"""Text that is safe on a terminal, and the few colours we use."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls (escape sequences), direction marks, lone surrogates, separators: they move the cursor or turn text around."""


def visible(text: str) -> str:
    r"""Give text with everything that could steer a terminal spelt out: `\x1b`, `\u202e`; a tab becomes a blank."""
    if text.isprintable():
        return text
    return "".join(_spelt(sign) for sign in text)


def columns(text: str) -> int:
    """Count the terminal columns of text that went through `visible`."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text where the reader is a terminal, and leaves it alone where it is not."""

    is_on: bool

    @classmethod
    def for_stream(cls, stream: TextIO, environment: Mapping[str, str]) -> "Paint":
        """Colour for terminals only; never with NO_COLOR (https://no-color.org) or TERM=dumb."""
        is_wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
        return cls(is_wanted and stream.isatty())

    def __call__(self, text: str, *codes: int) -> str:
        """Give text in the colours of these SGR codes (ECMA-48 section 8.3.117)."""
        if not (self.is_on and text):
            return text
        return f"\x1b[{';'.join(str(code) for code in codes)}m{text}\x1b[0m"


BOLD, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN = 1, 31, 32, 33, 34, 35, 36


def _spelt(sign: str) -> str:
    if sign == "\t":
        return " "
    if unicodedata.category(sign) not in INVISIBLE:
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"  # noqa: PLR2004 - one octet
