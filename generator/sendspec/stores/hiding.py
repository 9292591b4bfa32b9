"""Take secrets out of text from the world: as they are, and in the encodings in which a server may repeat them."""

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SIGN = "…"
SHORTEST = 4
"""Shorter values are not searched for: `42` or `yes` would take half of every text away."""
BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")


class Veil:
    """Every value to hide. Letter case does not count: a server that repeats a line may have changed it."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._base64: set[str] = set()

    def add(self, value: str) -> None:
        """Hide this value from now on."""
        if len(value) >= SHORTEST:
            self._texts.update(_fold(form) for form in _forms(value))
            self._base64.update(_fold(fragment) for fragment in _base64_fragments(value.encode()))

    def hide(self, text: str) -> str:
        """Give the text with `…` for every value, and for every Base64 word that a value is in."""
        folded = _fold(text)
        spans = [span for form in self._texts for span in _places(folded, form)]
        spans.extend(span for fragment in self._base64 for span in _base64_words(text, folded, fragment))
        parts: list[str] = []
        shown_to = 0
        for start, end in sorted(spans):
            if start >= shown_to:
                parts += text[shown_to:start], SIGN
            shown_to = max(shown_to, end)
        return "".join((*parts, text[shown_to:]))


def _forms(value: str) -> Iterator[str]:
    r"""Give the value as it is, as JSON (with `\/` too, which PHP writes), as part of a URL, of a form and of HTML."""
    yield value
    for is_ascii in (True, False):
        in_json = json.dumps(value, ensure_ascii=is_ascii)[1:-1]
        yield in_json
        yield in_json.replace("/", "\\/")
    yield quote(value)
    yield quote(value, safe="")
    yield quote_plus(value)
    yield html.escape(value)


def _base64_fragments(octets: bytes) -> Iterator[str]:
    """Give what the octets look like in Base64, wherever in the encoded text they begin.

    AUTH PLAIN, Basic authentication and the like encode the value with a user name before it. Of each of the three
    ways to begin, only the characters that depend on nothing else are given.
    """
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + octets).decode()
        first = -(-before * 8 // 6)
        fragment = encoded[first : (before + len(octets)) * 8 // 6]
        yield fragment
        yield fragment.translate(str.maketrans("+/", "-_"))


def _places(folded: str, form: str) -> Iterator[tuple[int, int]]:
    start = folded.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = folded.find(form, start + 1)


def _base64_words(text: str, folded: str, fragment: str) -> Iterator[tuple[int, int]]:
    """Give each whole word of Base64 around a fragment: what is beside it may be the value's first and last bits."""
    end = 0
    while (start := folded.find(fragment, end)) >= 0:
        end = start + len(fragment)
        while start and text[start - 1] in BASE64:
            start -= 1
        while end < len(text) and text[end] in BASE64:
            end += 1
        yield start, end


def _fold(text: str) -> str:
    """Give the text in lower case, character by character, so that places stay the same."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)
