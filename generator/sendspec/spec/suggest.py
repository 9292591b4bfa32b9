"""Near misses: what somebody probably meant."""

import difflib
from collections.abc import Iterable

MAX_CHOICES = 300
MAX_NAME = 100
"""Comparing takes a while; among more choices, or for a longer name, nobody gets a suggestion."""
MAX_LISTED = 12


def suggest(name: str, choices: Iterable[str]) -> str:
    """Give "did you mean `x`?" for a near miss, else the choices; empty without any."""
    known = sorted(set(choices))
    near = difflib.get_close_matches(name, known, n=1) if len(known) <= MAX_CHOICES and len(name) <= MAX_NAME else []
    if near:
        return f"did you mean `{near[0]}`?"
    listed = ", ".join(known[:MAX_LISTED])
    if not listed:
        return ""
    more = len(known) - MAX_LISTED
    return f"write one of: {listed}" + (f" and {more} more" if more > 0 else "")
