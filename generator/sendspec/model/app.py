"""A system that sends, and what it reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Mail, Tls, Via


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable of an app.

    Exactly one of `value` (not secret, set in the files) and `credential` (named in a comment, never set) is given.
    `because` says what the number or the name comes from.
    """

    name: str
    value: str | None
    credential: Credential | None
    because: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Binding:
    """One route of one stream as an app uses it. `prefix` starts its variables: `MAIL_RECEIPTS_PRIMARY`.

    `account` is where this app hands its mail: an ESP's, or (`is_esp` False) a relay app's or a catcher's. `problem`
    says why the route cannot be used in this environment; then it leads nowhere and has no login.
    """

    stream: Stream
    route: Route
    account: Account
    prefix: str
    variables: tuple[Variable, ...]
    problem: str = ""


LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a relay app takes mail from other apps; without a login.

    Attributes:
        clients: Addresses and networks (CIDR) that the spec names; empty where it names none.
        is_said: The spec has a word on it, at `origin`.
    """

    host: str = "127.0.0.1"
    port: int = 25
    tls: Tls = Tls.NONE
    clients: tuple[str, ...] = ()
    is_said: bool = False
    origin: Origin = field(default=Origin(("apps",)), compare=False)

    @property
    def allowed(self) -> tuple[str, ...]:
        """Give who may hand mail in and nobody else may: `clients`, or where it has none its own machine."""
        return self.clients or LOOPBACK


@dataclass(frozen=True, slots=True)
class App:
    """A system that sends, in one environment. `bindings` are sorted by stream as declared, primary first.

    Attributes:
        through: Id of the relay app that it hands its mail to; then each stream has one binding, which leads there.
        listens: Where it takes mail when other apps go through it, in this environment.
        rtt_ms: The round trip to the ESP; None where unsaid.
        is_cold: Whether each send starts a new process; None where unsaid.
        environments: The names of all its environments, sorted.
        environment: The one that this is; empty for the app as it stands below `apps:`, which is production.
        mail: What becomes of its mail here.
        secrets: How its credentials reach it: the id of a delivery.
        variants: The same app in its other environments, sorted by name; they have none themselves.
    """

    id: str
    speaks: tuple[Via, ...]
    targets: tuple[str, ...]
    bindings: tuple[Binding, ...]
    through: str
    smoke_test: tuple[str, ...]
    origin: Origin
    rtt_ms: int | None = None
    is_cold: bool | None = None
    blocked_ports: tuple[int, ...] = ()
    environments: tuple[str, ...] = ()
    listens: Listener = Listener()
    secrets: str = "env"
    environment: str = ""
    mail: Mail = Mail.REAL
    variants: tuple["App", ...] = ()

    @property
    def folder(self) -> str:
        """Give the folder of its files below the output folder: `apps/storefront`, `apps/storefront/staging`."""
        return f"apps/{self.id}/{self.environment}" if self.environment else f"apps/{self.id}"

    @property
    def title(self) -> str:
        """Give its name for people: `storefront`, `storefront (staging)`."""
        return f"{self.id} ({self.environment})" if self.environment else self.id

    def expanded(self) -> tuple["App", ...]:
        """Give the app in each of its environments, itself first."""
        return (self, *self.variants)

    def esp_bindings(self) -> Iterator[Binding]:
        """Give the bindings that lead to an ESP, not to a relay app or a catcher."""
        return (binding for binding in self.bindings if binding.account.is_esp)

    def variables(self) -> Iterator[Variable]:
        """Give every variable once, in the order of the bindings."""
        seen: set[str] = set()
        for binding in self.bindings:
            for variable in binding.variables:
                if variable.name not in seen:
                    seen.add(variable.name)
                    yield variable

    def credentials(self) -> tuple[Credential, ...]:
        """Give every credential that it reads, each variable (`Credential.env`) once, in the order of the bindings."""
        logins = [
            login for each in self.bindings for login in (each.route.endpoint.username, each.route.endpoint.password)
        ]
        found: dict[str, Credential] = {}
        for login in logins:
            if isinstance(login, Credential):
                found.setdefault(login.env, login)
        return tuple(found.values())
