"""A smoke test as data: what will run, and what came of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from sendspec.model.account import Account
from sendspec.model.app import App
from sendspec.model.blame import Verdict
from sendspec.model.credential import Credential
from sendspec.model.route import Route
from sendspec.model.stream import Sender, Stream
from sendspec.model.vocabulary import Event


class Way(StrEnum):
    """How an event can come back."""

    LISTEN = "a receiver here"
    LOOKUP = "the ESP's message API"
    QUEUE = "an SQS queue"


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """One route that the message leaves by, or may leave by.

    Attributes:
        recipient: Where the message goes on this route, the marker in it where the ESP's test address takes one.
        credentials: What will be resolved for it, in the order of use.
        expected: The event that must come back; None where none can be seen, and `blind` says why.
        way: How it will be seen.
        cost: What the message costs here.
        caveat: What it does not prove.
    """

    route: Route
    account: Account
    recipient: str
    credentials: tuple[Credential, ...]
    cost: str
    expected: Event | None = None
    way: Way | None = None
    way_title: str = ""
    blind: str = ""
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class SmokePlan:
    """What will run.

    Attributes:
        app: Whose `smoke_test:` runs; None: the message goes through the routes themselves.
        argv: The command, its placeholders filled in.
        folder: Where it runs.
        passed_on: Variables of the caller's environment that the command gets besides the fixed few.
        routes: In the order of trying; for an app, where its message may leave.
        marker: Unique to this run.
        listen: (host, port) of the receiver.
        queue: URL of the SQS queue.
        event_key: Public key of signed events, Base64 of DER.
        wait_seconds: How long the app, the hand-over and the event may take, each.
    """

    stream: Stream
    sender: Sender
    routes: tuple[RoutePlan, ...]
    marker: str
    subject: str
    app: App | None = None
    argv: tuple[str, ...] = ()
    folder: str = ""
    passed_on: tuple[str, ...] = ()
    listen: tuple[str, int] | None = None
    queue: str = ""
    event_key: str = field(default="", repr=False)
    wait_seconds: float = 120.0

    @property
    def recipient(self) -> str:
        """Give where the message goes first."""
        return self.routes[0].recipient


class End(StrEnum):
    """What came of a step."""

    GOOD = "good"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One hand-over to one route.

    Attributes:
        endpoint: `smtp.example.com:587 (192.0.2.1)`, or the URL of the call.
        phase: Where it ended: an SMTP phase, `call`, `resolve`, `credential`; empty when it came to its end.
        failed: What went wrong, as a clause; empty when it was taken.
        said: The server's last words, short, without secrets.
        verdict: Whose fault it was; None when it was taken, or could not be tried.
        phases: (name, seconds) in their order.
        fix: What to do, where it could not be tried.
    """

    plan: RoutePlan
    end: End
    endpoint: str
    seconds: float = 0.0
    phases: tuple[tuple[str, float], ...] = ()
    message_id: str = ""
    phase: str = ""
    failed: str = ""
    said: str = ""
    verdict: Verdict | None = None
    fix: str = ""
    silence: str = ""


@dataclass(frozen=True, slots=True)
class AppRun:
    """The app's own command.

    Attributes:
        exit_code: None when it was never started, or stopped by us.
        output: What it wrote, without secrets; its end where it was long.
        failed: What went wrong, as a clause; empty when it exited with 0.
    """

    end: End
    seconds: float = 0.0
    exit_code: int | None = None
    output: str = ""
    is_cut: bool = False
    failed: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class EventRun:
    """The wait for the event.

    Attributes:
        event: What came last that decides; None when nothing did.
        name: The ESP's word for it.
        account: Whose event it was, where that is known.
        by: How it came.
        proof: What is known of where it came from, as a clause.
        missing: Why there is none, as a clause.
        notes: What else came, one line each.
    """

    end: End
    seconds: float = 0.0
    expected: Event | None = None
    event: Event | None = None
    name: str = ""
    account: str = ""
    by: str = ""
    proof: str = ""
    missing: str = ""
    notes: tuple[str, ...] = ()
    forged: int = 0


@dataclass(frozen=True, slots=True)
class SmokeRun:
    """What came of a smoke test.

    `seconds` is the whole of it. `attempts` are in the order of trying, empty for an app's command.
    """

    plan: SmokePlan
    attempts: tuple[Attempt, ...] = ()
    app_run: AppRun | None = None
    event: EventRun | None = None
    seconds: float = 0.0
    stopped: str = ""

    @property
    def accepted(self) -> Attempt | None:
        """Give the attempt that was taken."""
        return next((attempt for attempt in self.attempts if attempt.end is End.GOOD), None)

    @property
    def is_by_fallback(self) -> bool:
        """Tell whether another route than the first one took it; of an app's message, its event tells."""
        if self.app_run is not None:
            event = self.event
            came_from = event.account.split(" or ") if event is not None and event.account else ()
            return bool(came_from) and self.plan.routes[0].account.id not in came_from
        return self.accepted is not None and self.accepted is not self.attempts[0]

    @property
    def is_through(self) -> bool:
        """Tell whether the first route took it and the event came back."""
        is_taken = self.app_run.end is End.GOOD if self.app_run is not None else self.accepted is not None
        is_told = self.event is not None and self.event.end is End.GOOD
        return is_taken and is_told and not self.is_by_fallback
