"""What a live check saw of the world: as declared, otherwise, or not to be told."""

from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.rule_document import RuleDocument


class Subject(StrEnum):
    """The four layers that a live check looks at; `check --only` names them."""

    DNS = "dns"
    SMTP = "smtp"
    API = "api"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that a live check can find, with its documentation, as the docstring of a rule has it.

    Attributes:
        id: `live-` and the subject first: `live-dns-record-missing`. Never the id of a rule.
        severity: The worst that it is. What could not be told has no severity, whatever its kind.
        summary: What is wrong: one line with a full stop.
        why: What breaks.
        instead: The cure in general.
        source: The standard or the provider's page.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    instead: str
    source: str

    @property
    def document(self) -> RuleDocument:
        """Give the documentation in the shape that rules have."""
        parts = (("Why it matters", self.why), ("Do instead", self.instead), ("Source", self.source))
        text = "\n".join((self.summary, "", *(f"{label}: {part}" for label, part in parts if part)))
        return RuleDocument(self.id, self.severity, self.summary, self.why, self.instead, self.source, text)


@dataclass(frozen=True, slots=True)
class Passed:
    """So many things are as declared. One value for many, because a sound setup of 10,000 domains passes 100,000 times."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Observation:
    """Something that is not as declared, or that could not be told.

    Attributes:
        kind: What it is. Of what could not be told: what it would have been told by.
        at: What in the spec or the lock file implies it.
        message: Names the thing and says what was seen, in the reader's words.
        is_unknown: It could not be told: no answer, no credential, no value issued yet. Neither good nor bad.
        expected, seen: What the spec implies, and what the world says; empty where there is nothing to compare.
        answered_by: Who said so: `ns1.example.net (192.0.2.53), authoritative`.
        fix: What to do about this one; empty: what its kind says.
        severity: Only where this one is less severe than its kind (never more).
        count: How many things it speaks for.
    """

    kind: Kind
    at: Origin
    message: str
    is_unknown: bool = False
    expected: str = ""
    seen: str = ""
    answered_by: str = ""
    fix: str = ""
    severity: Severity | None = None
    related: tuple[tuple[Origin, str], ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Measurement:
    """How long the phases of one exchange took.

    Attributes:
        route: Route id: `receipts.primary`.
        endpoint: `smtp.example.com:587 (192.0.2.1)`.
        phases: (name, seconds), in their order: connect, banner, tls, auth, ...
        round_trip_seconds: The shortest exchange of the kind that one message takes; 0.0 where none was seen.
    """

    route: str
    endpoint: str
    phases: tuple[tuple[str, float], ...]
    round_trip_seconds: float = 0.0

    @property
    def total_seconds(self) -> float:
        """Give the time from the first packet to the last."""
        return sum(seconds for _, seconds in self.phases)


Seen = Passed | Observation | Measurement
"""What a check gives, piece by piece."""
