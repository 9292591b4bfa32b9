"""How old credentials are, as the lock file says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sendspec.model.key_age import ROTATIONS, KeyAge
from sendspec.model.origin import Document, Origin

MADE, SEEN = "made", "seen"


def read_key_ages(rotations: Mapping[str, Any]) -> tuple[KeyAge, ...]:
    """Give the ages that are known, sorted by credential. An entry of another shape says nothing."""
    found = (_read(name, facts) for name, facts in sorted(rotations.items()) if isinstance(facts, Mapping))
    return tuple(age for age in found if age is not None)


def _read(credential: str, facts: Mapping[str, Any]) -> KeyAge | None:
    for name in (MADE, SEEN):
        since = str(facts.get(name) or "")
        try:
            datetime.fromisoformat(since)
        except ValueError:
            continue
        return KeyAge(credential, since, name == SEEN, Origin((ROTATIONS, credential, name), Document.LOCK))
    return None
