"""One kind of mail with one reputation, its senders and its routes."""

import re
from dataclasses import dataclass

from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.vocabulary import Need, StreamKind, Via

PHRASE = re.compile(r"[^\x00-\x1f\x7f\"(),.:;<>@\[\\\]]+\Z")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An RFC 5322 mailbox: display name (may be empty) and addr-spec."""

    display_name: str
    address: str

    def to_text(self) -> str:
        """Give `Name <address>`; the name is quoted where it holds anything but atoms (RFC 5322 section 3.2.4).

        So is one that looks like an encoded word: between quotes it is none (RFC 2047 section 5).
        """
        if not self.display_name:
            return self.address
        name = self.display_name
        if not PHRASE.match(name) or "=?" in name:
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{name} <{self.address}>"

    @property
    def local_part(self) -> str:
        """Give what stands before the @."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """Give the domain, lowercase."""
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Sender:
    """A header From of a stream. `key` names the customer where a stream has many senders, else it is empty.

    `subdomain` is the sending identity's domain: what the ESP signs for.
    """

    key: str
    mailbox: Mailbox
    subdomain: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Volume:
    """Declared volume in messages; None where the spec does not say."""

    per_day: int | None = None
    peak_per_hour: int | None = None

    @property
    def peak_per_second(self) -> float | None:
        """Give the peak rate. Without a declared peak: a day's mail in eight hours (assumption, said where shown)."""
        if self.peak_per_hour is not None:
            return self.peak_per_hour / 3600
        if self.per_day is not None:
            return self.per_day / (8 * 3600)
        return None


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of mail with one reputation. `senders` holds one entry, or one a customer.

    `working` is the protocol of an integration that runs today; `portable` the wish to leave the ESP easily.
    """

    id: str
    kind: StreamKind
    senders: tuple[Sender, ...]
    volume: Volume
    needs: frozenset[Need]
    one_click_unsubscribe: str
    tracks_opens: bool
    tracks_clicks: bool
    routes: tuple[Route, ...]
    origin: Origin
    working: Via | None = None
    portable: bool = False

    @property
    def subdomains(self) -> tuple[str, ...]:
        """Give the domains of all senders, sorted, each once."""
        return tuple(sorted({sender.subdomain for sender in self.senders}))

    @property
    def unsubscribe_headers(self) -> tuple[tuple[str, str], ...]:
        """Give the two headers that every message needs for one-click unsubscribe (RFC 8058 section 3.1); empty without.

        What stands in braces in the URL is the app's to fill in for each recipient.
        """
        if not self.one_click_unsubscribe:
            return ()
        return (
            ("List-Unsubscribe", f"<{self.one_click_unsubscribe}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        )
