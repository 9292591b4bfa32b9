"""Where to connect to. A rehearsal answers at other addresses than the real world; `Dial` is the one place that knows."""

from collections.abc import Callable
from dataclasses import dataclass

Dial = Callable[[str, int], tuple[str, int]]
"""Takes an IP address and a port as DNS and the spec say, gives those to connect to."""


def dial_straight(address: str, port: int) -> tuple[str, int]:
    """Connect where the world says."""
    return address, port


@dataclass(frozen=True, slots=True)
class Server:
    """A name server: its IP address, and its name where one is known."""

    address: str
    name: str = ""
    port: int = 53

    def to_text(self) -> str:
        """Give `ns1.example.net (192.0.2.53)`."""
        place = self.address if self.port == 53 else f"{self.address}:{self.port}"  # noqa: PLR2004 - the port of DNS
        return f"{self.name} ({place})" if self.name else place
