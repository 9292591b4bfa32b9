"""What text is written on: the colours it may have, and how wide it is."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.report.terminal import BLUE, Paint, columns, visible

NARROWEST = 40
"""Sentences are not broken into shorter lines than this, however narrow the terminal."""


@dataclass(frozen=True, slots=True)
class Page:
    """A terminal with so many columns, or anything else (0): there a sentence is one line, and can be searched for."""

    paint: Paint
    width: int = 0

    def prose(self, margin: str, text: str, label: str = "", colour: int = BLUE) -> Iterator[str]:
        """Give a sentence; on a terminal in lines that fit, those after the first below its first word."""
        shown = visible(text)
        start = f"{margin}{self.paint(label, colour)} " if label else margin
        indent = len(margin) + (columns(label) + 1 if label else 0)
        room = max(self.width - indent, NARROWEST)
        is_broken = self.width > 0 and columns(shown) > room
        lines = textwrap.wrap(shown, room, break_long_words=False, break_on_hyphens=False) if is_broken else [shown]
        for number, line in enumerate(lines):
            yield f"{' ' * indent if number else start}{line}"
