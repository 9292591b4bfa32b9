"""Text that keeps to itself in Markdown (CommonMark 0.31 and GitHub's tables) and in a Mermaid picture.

A display name, a stream or a DNS value may hold anything; none of it may start a link, a tag, a column or a new line.
"""

import re
import unicodedata
from collections.abc import Callable

SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&$]")
"""What means something in the middle of a line. Lists and rules start lines, and no text from a spec does."""
BACKTICKS = re.compile(r"`+")
MERMAID_SPECIAL = re.compile(r"[\x00-\x1f!-'*+:-?\[-^`{-\xa0]")
"""All ASCII and Latin-1 control characters but letters, digits, blanks and ` .,_@/()-`."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def escape_text(text: object) -> str:
    """Give text for a paragraph, a list item or a table cell: reads as itself and is nothing else.

    Every character with a meaning gets a backslash (CommonMark section 2.4); in a table that holds for `|` too.
    """
    return SPECIAL.sub(r"\\\g<0>", _visible(str(text)))


def escape_prose(text: object, plain: Callable[[str], str] = escape_text) -> str:
    """Give one of our own sentences, with names from the spec inside: `code` spans stay code, `plain` escapes the rest."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:  # an odd backtick is no pair: nothing is code then
        return plain(str(text))
    return "".join(escape_code(part) if number % 2 else plain(part) for number, part in enumerate(parts))


def escape_code(text: object) -> str:
    r"""Give text as a code span that fits a table cell; the empty text gives nothing.

    The fence is longer than any run of backticks inside (CommonMark section 6.1). A backslash means itself in a code
    span; only GitHub's tables read `\|`, before anything else.
    """
    shown = _visible(str(text))
    if not shown:
        return ""
    fence = "`" * (max((len(run) for run in BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}".replace("|", "\\|")


def escape_block(text: object, language: str = "yaml") -> str:
    """Give several lines as a fenced code block, without the newline after it; the fence cannot occur inside."""
    lines = [_visible(line) for line in str(text).rstrip("\n").split("\n")]
    longest = max((len(run) for run in BACKTICKS.findall("\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}{language}", *lines, fence))


def escape_mermaid(text: object) -> str:
    """Give text for a label in double quotes. Mermaid reads `#35;` as the character with that number.

    Source: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters (2026-11-23)
    """
    return MERMAID_SPECIAL.sub(lambda match: f"#{ord(match[0])};", _visible(str(text)))


def _visible(text: str) -> str:
    r"""Spell characters that cannot be seen, and that could turn the text around or break the line, as `\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in INVISIBLE and sign != "\u200d" else sign for sign in text
    )
