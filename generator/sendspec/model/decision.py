"""The answer to "SMTP or API?" for one stream, with its reasons."""

from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.origin import Origin
from sendspec.model.vocabulary import Via


class Side(StrEnum):
    """Which protocol a dimension favours for this stream."""

    SMTP = "smtp"
    API = "api"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Choice:
    """A protocol and the ESP account it goes to. `esp` is empty where another account would have to be added."""

    via: Via
    esp: str

    def to_text(self) -> str:
        """Give `SMTP at ses-eu`."""
        return f"{self.via.upper()} at {self.esp or 'another ESP account, still to add'}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Primary and fallback; None where there is none."""

    primary: Choice | None
    fallback: Choice | None

    def to_text(self) -> str:
        """Give `API at postmark-main, fallback SMTP at ses-eu`."""
        primary = self.primary.to_text() if self.primary else "nothing"
        return f"{primary}, {f'fallback {self.fallback.to_text()}' if self.fallback else 'no fallback'}"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the eight dimensions, with the number or fact for this stream on each side."""

    name: str
    smtp: str
    api: str
    favours: Side


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the advice is what it is. `code` is stable; `source` says where the threshold or claim comes from."""

    code: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class SmtpCapacity:
    """Connections needed at the peak by Little's law, as (fewest, most) over the latency range; what the ESP allows."""

    warm_connections: tuple[int, int]
    cold_connections: tuple[int, int]
    warm_seconds: tuple[float, float]
    cold_seconds: tuple[float, float]
    allowed_connections: int | None


@dataclass(frozen=True, slots=True)
class ApiCapacity:
    """Calls a second at the peak, and calls in flight, as (fewest, most) over the latency range."""

    calls_per_second: float
    batch_size: int
    calls_in_flight: tuple[int, int]
    seconds: tuple[float, float]
    allowed_requests_per_second: int | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the peak takes. None on a side that the primary's ESP does not offer; `peak_per_second` None when unsaid."""

    peak_per_second: float | None
    why: str
    smtp: SmtpCapacity | None
    api: ApiCapacity | None
    quota: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The advice for one stream beside what the spec declares.

    `loses` says what the recommended way gives up, `would_change` what would turn the answer.
    """

    stream: str
    recommended: Pair
    declared: Pair
    dimensions: tuple[Dimension, ...]
    reasons: tuple[Reason, ...]
    capacity: Capacity
    loses: tuple[str, ...]
    would_change: tuple[str, ...]
    origin: Origin
