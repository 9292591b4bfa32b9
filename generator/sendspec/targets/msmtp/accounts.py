"""Routes as msmtp accounts: the settings of one, and what the message that goes through it must bring along."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import credentials_of, message_parts, obstacle, route_names, timeouts_of
from sendspec.targets.interface import LeftOut
from sendspec.targets.msmtp.quoting import LONGEST_LINE, PATTERNS, fits, from_header, password_line, quoted, user_line

OTHER_WORDS = "change what it names, or give the stream to another app, with a target that can write it"


@dataclass(frozen=True, slots=True)
class Account:
    """One route.

    Attributes:
        name: Its name for `-a`: `codes`, `codes-fallback`.
        lines: Its settings, one a line; none where `problem` says why it is not written.
        headers: What the message must bring along, From first; msmtp adds no header but From, Date and Message-ID.
        sender: Envelope sender; empty where each customer has one, and the caller gives it with `-f`.
    """

    name: str
    binding: Binding
    lines: tuple[str, ...]
    headers: tuple[str, ...]
    sender: str
    problem: str
    left_out: tuple[LeftOut, ...]

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Give the secrets that it reads."""
        return credentials_of(self.binding.route.endpoint)


def accounts_of(app: App) -> tuple[Account, ...]:
    """Give an account for each route of an app, streams as declared, primary first."""
    names = route_names(app)
    return tuple(_account(names[binding.route.id], binding) for binding in app.bindings)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that msmtp has no words for."""
    return tuple(each for account in accounts_of(app) for each in account.left_out)


def _account(name: str, binding: Binding) -> Account:
    parts = message_parts(binding)
    problem = _problem(binding, parts.envelope_sender)
    lines = () if problem else (f"account {name}", *_settings(binding, parts.envelope_sender))
    if not all(fits(line) for line in lines):
        lines, problem = (), f"one of its settings is longer than the {LONGEST_LINE} octets of a line that msmtp reads"
    left_out = (
        (LeftOut((binding,), f"{name} ({binding.account.id}) is not written: {problem}", OTHER_WORDS),)
        if problem and not obstacle(binding) and binding.route.via is Via.SMTP
        else ()
    )
    headers = [from_header(parts.sender)] if parts.sender else []
    headers += [f"{header}: {value}" for header, value in (*parts.headers, *parts.unsubscribe)]
    return Account(name, binding, lines, tuple(headers), parts.envelope_sender, problem, left_out)


def _problem(binding: Binding, sender: str) -> str:
    missing = obstacle(binding)
    if missing:
        return f"pending: {missing}"
    if binding.route.via is Via.API:
        return "it goes over the ESP's API, and msmtp speaks SMTP only; say `via: smtp`"
    if PATTERNS & set(sender):
        return f"msmtp takes {' '.join(sorted(PATTERNS & set(sender)))} in a sender's address for a pattern"
    return ""


def _settings(binding: Binding, sender: str) -> Iterator[str]:
    endpoint = binding.route.endpoint
    yield f"host {endpoint.host}"
    yield f"port {endpoint.port}"
    yield f"tls {'off' if endpoint.tls is Tls.NONE else 'on'}"
    yield f"tls_starttls {'on' if endpoint.tls is Tls.STARTTLS else 'off'}"
    # "%H" is the name of the machine; without the line EHLO says `localhost`.
    yield f"domain {sender.rpartition('@')[2] or '%H'}"
    # One number for every wait, that for the answer to the final dot too.
    yield f"timeout {max(timeouts_of([binding]))}"
    if sender:
        yield f"from {quoted(sender)}"
        yield "allow_from_override off"
    if endpoint.tls is not Tls.NONE and endpoint.username is not None and endpoint.password is not None:
        # The one mechanism that all ESPs offer; in the clear it would show the password.
        yield "auth plain"
        yield user_line(endpoint.username)
        yield password_line(endpoint.password)
    else:
        yield "auth off"
