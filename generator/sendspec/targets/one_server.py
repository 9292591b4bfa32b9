"""What targets share whose system knows one mail server and one From: a file for each route, and the words around it.

Such a system neither chooses among streams nor fails over. Each route that it can use has a file of its own, and whoever
runs the system loads one of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from sendspec.model.app import App, Binding
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import (
    apps_asking_for,
    by_stream,
    credentials_of,
    fixed_sender,
    obstacle,
    origins,
    route_names,
)
from sendspec.targets.app_notes import (
    GENERATED,
    NOT_RUN,
    answers_of_esps,
    failover_notes,
    hash_comment,
    kept_at,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.interface import LeftOut

IMPLICIT_PORT = 465
OTHER_APP = "change what it names, or give the stream to another app, with a target that can write it"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one file: those at its top, behind the line that says who made it, and those at its bottom."""

    top: tuple[str, ...]
    bottom: tuple[str, ...]


Write: TypeAlias = "Callable[[App, Mailer, Words], Iterable[tuple[str, str, str]]]"
"""Gives the files of one route: (end of the file's name, text, what it is for)."""


@dataclass(frozen=True, slots=True)
class System:
    """What a system can do with its one mail server.

    Attributes:
        id: The target's id: its folder below `app.folder`.
        title: Its name in sentences.
        sets_headers: It can put headers of our choice into every message.
        requires_starttls: It gives up where the server does not offer STARTTLS. Else that stands in the file.
        implicit_is_port_465: It speaks TLS from the first byte at port 465 and nowhere else.
        is_run: A test has loaded its files.
    """

    id: str
    title: str
    sets_headers: bool = False
    requires_starttls: bool = True
    implicit_is_port_465: bool = False
    is_run: bool = True


@dataclass(frozen=True, slots=True)
class Mailer:
    """One route that the system can use. `name` is that of its file: `codes`, `codes-fallback`."""

    name: str
    binding: Binding
    sender: Mailbox

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"


@dataclass(frozen=True, slots=True)
class Mailers:
    """The routes of an app that a system can use, and for each other one a sentence that says why not."""

    written: tuple[Mailer, ...]
    refused: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def mailers_of(app: App, system: System, unsayable: Callable[[Mailer], str] = lambda _: "") -> Mailers:
    """Sort an app's routes into what a system can use and what not.

    `unsayable` gives what the system's format cannot write of a route, as the end of a sentence; empty for nothing.
    """
    names = route_names(app)
    written: list[Mailer] = []
    refused: list[str] = []
    left_out: list[LeftOut] = []
    for binding in app.bindings:
        name, sender = names[binding.route.id], fixed_sender(binding.stream)
        problem = _problem(binding, sender, system)
        if not problem and sender:
            mailer = Mailer(name, binding, sender)
            problem = unsayable(mailer)
            if not problem:
                written.append(mailer)
        if problem:
            refused.append(f"{name} ({binding.account.id}) is not written: {problem}")
            if not obstacle(binding) and binding.route.via is Via.SMTP:
                left_out.append(LeftOut((binding,), refused[-1], OTHER_APP))
    return Mailers(tuple(written), tuple(refused), tuple(left_out))


def _problem(binding: Binding, sender: Mailbox | None, system: System) -> str:
    endpoint = binding.route.endpoint
    missing = obstacle(binding)
    if missing:
        return missing
    if binding.route.via is Via.API:
        return f"it goes over the ESP's API, and {system.title} speaks SMTP only; say `via: smtp`"
    if sender is None:
        return f"each customer has a From of its own, and {system.title} has one for all mail"
    if system.implicit_is_port_465 and (endpoint.port == IMPLICIT_PORT) is not (endpoint.tls is Tls.IMPLICIT):
        return (
            f"{system.title} starts TLS with the connection at port {IMPLICIT_PORT} and nowhere else;"
            f" port {endpoint.port} with `tls: {endpoint.tls}` cannot be said"
        )
    return ""


def route_files(
    setup: Setup, system: System, write: Write, unsayable: Callable[[Mailer], str] = lambda _: ""
) -> Iterator[OutputFile]:
    """Give the files of every app that asks for a system, sorted by path; the reasons alone where it can use no route."""
    for app in apps_asking_for(setup, system.id):
        mailers = mailers_of(app, system, unsayable)
        if not mailers.written:
            yield nothing_written(app, mailers, system)
        files = [
            OutputFile(
                f"{app.folder}/{system.id}/{mailer.name}{end}",
                text,
                (app.origin, mailer.binding.stream.origin, mailer.binding.account.origin),
                f"{app.title}: {why}",
            )
            for mailer in mailers.written
            for end, text, why in write(app, mailer, _words(app, mailer, mailers, system))
        ]
        yield from sorted(files, key=lambda file: file.path)


def _words(app: App, mailer: Mailer, mailers: Mailers, system: System) -> Words:
    return Words(
        tuple(_heading(app, mailer, mailers, system)),
        tuple(f"- {note}" for note in _ending(app, mailer, mailers, system)),
    )


def _heading(app: App, mailer: Mailer, mailers: Mailers, system: System) -> Iterator[str]:
    if not system.is_run:
        yield NOT_RUN
    yield f"Mail of the app {app.title} in {system.title}: {mailer.title}."
    yield from way_notes(app)
    if len(mailers.written) > 1:
        names = ", ".join(each.name for each in mailers.written)
        yield f"{system.title} has one mail server and one From, so each route has files of its own; use those of one: {names}."
    yield from mailers.refused
    endpoint = mailer.binding.route.endpoint
    if endpoint.tls is Tls.STARTTLS and not system.requires_starttls:
        yield (
            f"{system.title} uses STARTTLS where the server offers it and cannot require it: whoever sits between can take the"
            " offer away. Say `tls: implicit` for the route, or hand the mail to a relay on this machine (`through:`)."
        )
    if not system.sets_headers and mailer.binding.account.is_esp:
        for name, value in endpoint.headers:
            yield (
                f"{system.title} cannot set the header {name}: {value}, by which the ESP knows the stream, so the mail counts as"
                " the account's default. A relay (`through:`) sets it."
            )
    for credential in credentials_of(endpoint):
        yield f"{credential.env}: secret, {kept_at(credential)}"


def _ending(app: App, mailer: Mailer, mailers: Mailers, system: System) -> Iterator[str]:
    if mailer.binding.account.is_esp:
        yield f"{system.title} has no settings for tries and pauses; a relay (`through:`) queues and tries again"
    streams = [stream for stream in by_stream(app) if stream.stream.id == mailer.binding.stream.id]
    failover = failover_notes(streams)
    if failover:
        yield f"{system.title} does not change to the fallback by itself"
        yield from failover
        yield from _ways_out(app, mailer, mailers)
    for account, notes in answers_of_esps(app):
        if account == mailer.binding.account.id:
            yield from (f"{account}: {note}" for note in notes)


def _ways_out(app: App, mailer: Mailer, mailers: Mailers) -> Iterator[str]:
    names = [each.name for each in mailers.written if each.binding.stream is mailer.binding.stream]
    if len(names) > 1:
        yield f"by hand, without new code: load the file of {names[1]} in place of that of {names[0]}"
    yield from without_failover_notes(app, ())  # its first way names the mailers of a library


def nothing_written(app: App, mailers: Mailers, system: System) -> OutputFile:
    """Give the file of an app none of whose routes the system can use: the reasons."""
    lines = [GENERATED]
    if not system.is_run:
        lines.append(NOT_RUN)
    lines += [f"{system.title} can use no route of the app {app.title}.", *mailers.refused]
    return OutputFile(
        f"{app.folder}/{system.id}/README.txt",
        "".join(f"{hash_comment(line)}\n" for line in lines),
        origins(app),
        f"Why there are no settings of {app.title} for {system.title}",
    )
