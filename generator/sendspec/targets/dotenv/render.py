"""Variables of an app, grouped by stream and route, into `apps/<app>/mail.env`."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sendspec.model.app import App, Binding, Variable
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, by_stream, fixed_sender, obstacle, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    answers_of_esps,
    failover_notes,
    hash_comment,
    kept_at,
    retry_notes,
    way_notes,
)
from sendspec.targets.dotenv.quoting import quote, unsayable
from sendspec.templating import environment


@dataclass(frozen=True, slots=True)
class Entry:
    """One variable: why it has its value, and the line that sets it; no line where it stays unset."""

    because: str
    line: str


@dataclass(frozen=True, slots=True)
class Group:
    """One route of one stream. `notes` are comments on the route as a whole."""

    title: str
    notes: tuple[str, ...]
    entries: tuple[Entry, ...]


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give `apps/<app>/mail.env` for every app that asks for it."""
    template = environment("sendspec.targets.dotenv", {"comment": hash_comment}).get_template("mail.env.j2")
    for app in apps_asking_for(setup, "dotenv"):
        content = template.render(
            generated=GENERATED,
            app=app.title,
            way=way_notes(app),
            smoke_test=shlex.join(app.smoke_test),
            groups=list(_groups(app)),
            failover=failover_notes(by_stream(app)),
            answers=answers_of_esps(app),
        )
        yield OutputFile(
            f"{app.folder}/mail.env",
            content,
            origins(app),
            f"Mail settings of {app.title} as environment variables: everything but the secrets, which it names",
        )


def _groups(app: App) -> Iterator[Group]:
    """Give the groups of an app. A variable that two routes share stands in the first group that has it."""
    seen: set[str] = set()
    for routes in by_stream(app):
        for binding in routes.bindings:
            fresh = {variable.name: variable for variable in binding.variables if variable.name not in seen}
            seen.update(fresh)
            route = binding.route
            yield Group(
                title=f"{binding.stream.id} ({binding.stream.kind}), {route.role}: {binding.account.id} over {route.via}",
                notes=tuple(_notes(binding)),
                entries=tuple(_entry(variable) for variable in fresh.values()),
            )


def _notes(binding: Binding) -> Iterator[str]:
    missing = obstacle(binding)
    if missing:
        yield f"pending: {missing}"
    if fixed_sender(binding.stream) is None:
        yield CUSTOMERS_SEND
    yield from retry_notes(binding)


def _entry(variable: Variable) -> Entry:
    """Set what is known and no secret; say of the rest where it comes from, and leave it unset."""
    if variable.credential is not None:
        kept = kept_at(variable.credential)
        return Entry(f"{variable.name}: secret, {kept}; left unset here so that the real environment counts", "")
    value = variable.value or ""
    problem = unsayable(value)
    if problem is None:
        return Entry(variable.because, f"{variable.name}={quote(value)}")
    if not value:
        return Entry(f"{variable.name} is left unset: {problem} ({variable.because})", "")
    return Entry(f"{variable.name} cannot be written in a dotenv file: {problem}. Its value is: {value}", "")
