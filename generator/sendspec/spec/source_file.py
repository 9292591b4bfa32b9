"""The text of one file as findings may show it: line by line, with every secret in it masked."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from sendspec.spec import secret_shapes
from sendspec.spec.concealment import Region, conceal
from sendspec.yaml_source import Parsed, ScalarNode
from sendspec.yaml_source.parse import LINE_BREAK

MAX_EXCERPT = 2000
"""A DKIM key fits. A longer line (minified JSON is YAML too) is shown from its beginning, or not at all."""


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A secret of a known shape and the region it takes up."""

    title: str
    region: Region


class SourceFile:
    """One file of the spec, or the lock file.

    `name` is what findings show, `relative` the path below the spec folder with forward slashes.
    """

    def __init__(self, name: str, relative: str, parsed: Parsed) -> None:
        self.name = name
        self.relative = relative
        self._parsed = parsed
        self._text = parsed.text
        self.secrets = (*self._in_text(), *self._in_values(parsed.altered))
        self._secret_lines = _by_line([secret.region for secret in self.secrets])

    # The next two walk through the whole file, for nothing when there is nothing to show of it.
    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_BREAK.finditer(self._text))]

    @cached_property
    def _hidden_lines(self) -> "Ranges":
        return _by_line([*(secret.region for secret in self.secrets), *conceal(self._parsed)])

    def _in_text(self) -> tuple[FoundSecret, ...]:
        return tuple(
            FoundSecret(secret.title, Region(*self._place(secret.start), *self._place(secret.end)))
            for secret in secret_shapes.find(self._text)
        )

    def _in_values(self, altered: tuple[ScalarNode, ...]) -> tuple[FoundSecret, ...]:
        """A secret written with escapes or over several lines shows only in the value; then all of it is hidden."""
        return tuple(
            FoundSecret(secret.title, Region(node.line, node.column, node.end_line, node.end_column))
            for node in altered
            if isinstance(node.value, str)
            for secret in secret_shapes.find(node.value)[:1]
        )

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def excerpt(self, line: int) -> str:
        """Give a source line, as long as it was: secrets are asterisks, control characters blanks. Empty for no such line."""
        if not 1 <= line <= len(self._starts):
            return ""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        text = self._text[start : min(end, start + MAX_EXCERPT)]
        hidden = self._hidden_lines.get(line, ())
        text = secret_shapes.mask_ranges(
            text, [(first - 1, len(text) if last is None else last - 1) for first, last in hidden]
        )
        text = text.rstrip()
        return text if text.isprintable() else "".join(_visible(character) for character in text).rstrip()

    def has_secret(self, region: Region) -> bool:
        """Tell whether a secret of a known shape lies in the region, at least in part."""
        return _overlaps(self._secret_lines, region)

    def is_hidden(self, region: Region) -> bool:
        """Tell whether any part of the region must not be shown."""
        return _overlaps(self._hidden_lines, region)


def _visible(character: str) -> str:
    return character if character.isprintable() else " "


Ranges = dict[int, list[tuple[int, int | None]]]
"""Line -> ranges of columns; None as the end is the end of the line."""


def _by_line(regions: list[Region]) -> Ranges:
    found: Ranges = defaultdict(list)
    for region in regions:
        for line in range(region.line, region.end_line + 1):
            first = region.column if line == region.line else 1
            last = region.end_column if line == region.end_line else None
            found[line].append((first, last))
    return dict(found)


def _overlaps(ranges: Ranges, region: Region) -> bool:
    for line, wanted in _by_line([region]).items():
        for first, last in wanted:
            for hidden_first, hidden_last in ranges.get(line, ()):
                if (hidden_last is None or first < hidden_last) and (last is None or hidden_first < last):
                    return True
    return False
