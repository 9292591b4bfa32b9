"""Env files in any dialect: variables of an app grouped by stream and route, reasons and secrets as comments.

A dialect is what one family of readers agrees on: how a value is quoted, and which values it cannot say.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sendspec.model.app import App, Binding, Variable
from sendspec.targets.app_bindings import by_stream, fixed_sender, obstacle
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
from sendspec.targets.interface import LeftOut

SMOKE_TEST = "let the app itself send one message, by its production code, to an address whose mail you can read."

LIMITS = (
    "Nothing that reads this file keeps to MAX_CONNECTIONS, RATE_PER_SECOND and RETRY_*: the app does. For one that cannot, a"
    " relay (`through:`) queues, tries again and limits connections."
)

Group = tuple[Binding, tuple[str, ...], tuple[Variable, ...]]
"""A route, what is to be said of it as a whole, and its variables."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one family of readers takes `NAME=value` lines.

    Attributes:
        name: What such a file is called: `a dotenv file`.
        head: Comment lines on who reads it and how, as they stand.
        quote: Gives a value as it stands behind the `=`; only for values that `unsayable` lets through.
        unsayable: Says why a value has no spelling; None when it has one.
        secrets: Where a secret comes from that the file leaves unset.
        way_out: What to do about a value that has no spelling; empty where every text has one.
        comment: Gives text as comment lines.
        line: Gives the line that sets a variable, from its name and its quoted value.
    """

    name: str
    head: tuple[str, ...]
    quote: Callable[[str], str]
    unsayable: Callable[[str], str | None]
    secrets: str
    way_out: str = ""
    comment: Callable[[object], str] = hash_comment
    line: Callable[[str, str], str] = "{}={}".format


def env_file(app: App, dialect: Dialect, groups: Iterable[Group]) -> str:
    """Give the text of an app's env file."""
    return "\n".join(_lines(app, dialect, groups)) + "\n"


def groups_of(app: App) -> Iterator[Group]:
    """Give each route of an app with all its variables."""
    for routes in by_stream(app):
        for binding in routes.bindings:
            yield binding, tuple(route_comments(binding)), binding.variables


def values_left_out(dialect: Dialect, groups: Iterable[Group]) -> Iterator[LeftOut]:
    """Give each variable that has a value and no spelling, once. One without a value is unset, which says the same."""
    seen: set[str] = set()
    for binding, _, variables in groups:
        for variable in variables:
            problem = dialect.unsayable(variable.value) if variable.value else None
            if problem and variable.name not in seen:
                reason = _unwritten(dialect, variable.name, problem)
                yield LeftOut((binding,), reason, dialect.way_out, is_whole=False, at=variable.origin)
            seen.add(variable.name)


def route_comments(binding: Binding) -> Iterator[str]:
    """Give what is to be said of one route as a whole."""
    missing = obstacle(binding)
    if missing:
        yield f"pending: {missing}"
    if fixed_sender(binding.stream) is None:
        yield CUSTOMERS_SEND
    yield from retry_notes(binding)


def _lines(app: App, dialect: Dialect, groups: Iterable[Group]) -> Iterator[str]:
    say = dialect.comment
    yield say(GENERATED)
    yield "#"
    yield say(f"Mail settings of the app {app.title}.")
    yield from (say(note) for note in way_notes(app))
    yield from dialect.head
    if any(app.esp_bindings()):
        yield say(LIMITS)
    yield say(f"Smoke test: {shlex.join(app.smoke_test) or SMOKE_TEST}")
    yield from settings_lines(app, dialect, groups)


def settings_lines(app: App, dialect: Dialect, groups: Iterable[Group]) -> Iterator[str]:
    """Give what follows the head: groups, failover, what the ESPs answer. Of a variable of two groups the first counts."""
    seen: set[str] = set()
    for binding, notes, variables in groups:
        route, stream = binding.route, binding.stream
        title = f"{stream.id} ({stream.kind}), {route.role}: {binding.account.id} over {route.via}"
        yield from _section(dialect, title, notes)
        fresh = {variable.name: variable for variable in variables if variable.name not in seen}
        seen.update(fresh)
        for variable in fresh.values():
            yield from _entry(dialect, variable)
    failover = failover_notes(by_stream(app))
    if failover:
        yield from _section(dialect, "Failover: the app changes routes itself", failover)
    for account, notes in answers_of_esps(app):
        yield from _section(dialect, f"What {account} answers", notes)


def _section(dialect: Dialect, title: str, notes: Iterable[str]) -> Iterator[str]:
    yield ""
    yield dialect.comment(f"== {title}")
    yield from (dialect.comment(f"- {note}") for note in notes)


def _entry(dialect: Dialect, variable: Variable) -> Iterator[str]:
    """Set what is known and no secret; say of the rest where it comes from, and leave it unset."""
    if variable.credential is not None:
        yield dialect.comment(f"{variable.name}: secret, {kept_at(variable.credential)}; {dialect.secrets}")
        return
    value = variable.value or ""
    problem = dialect.unsayable(value)
    if problem is None:
        yield dialect.comment(variable.because)
        yield dialect.line(variable.name, dialect.quote(value))
    elif value:
        yield dialect.comment(f"{_unwritten(dialect, variable.name, problem)}. Its value is: {value}")
    else:
        yield dialect.comment(f"{variable.name} is left unset: {problem} ({variable.because})")


def _unwritten(dialect: Dialect, name: str, problem: str) -> str:
    return f"{name} cannot be written in {dialect.name}: {problem}"
