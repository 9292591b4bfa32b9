"""The DMARC records of a spec by their place in the tree, as rules ask for them.

Source: RFC 9989 sections 4.7 and 4.10.2.
"""

from sendspec.model.dmarc import DmarcIntent
from sendspec.model.setup import Setup


class Intents:
    """Looks up what is declared at and above a name."""

    def __init__(self, setup: Setup) -> None:
        self._by_name = {intent.name: intent for domain in setup.domains for intent in domain.dmarc}

    def above(self, name: str) -> DmarcIntent | None:
        """Give the organizational record above a name, None where it is topmost or cuts itself off (`psd=n`)."""
        own = self._by_name.get(name)
        return None if own is not None and own.psd == "n" else self._topmost_above(name)

    def at(self, name: str) -> DmarcIntent | None:
        """Give the record that holds for a name: its own, else the organizational one."""
        return self._by_name.get(name) or self._topmost_above(name)

    def _topmost_above(self, name: str) -> DmarcIntent | None:
        found = None
        labels = name.split(".")
        for start in range(1, len(labels)):
            found = self._by_name.get(".".join(labels[start:]), found)
            if found is not None and found.psd == "n":
                break
        return found


def intents_by_origin(setup: Setup) -> dict[tuple[str | int, ...], DmarcIntent]:
    """Give every declared record by the place it is declared at."""
    return {intent.origin.path: intent for domain in setup.domains for intent in domain.dmarc}
