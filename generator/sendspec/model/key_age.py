"""What the lock file says of the age of a credential."""

from dataclasses import dataclass

from sendspec.model.origin import Origin

ROTATIONS = "rotations"
"""The section of the lock file."""


@dataclass(frozen=True, slots=True)
class KeyAge:
    """What the lock file says of the age of a credential.

    Attributes:
        since: The moment from which it is counted, as ISO 8601 text.
        is_first_seen: It was there before; nobody knows when it was made.
    """

    credential: str
    since: str
    is_first_seen: bool
    origin: Origin
