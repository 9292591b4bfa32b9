"""The commands that look at the world: options in, pipeline call, report out, exit code."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import click

from sendspec.cli.commands import cli
from sendspec.cli.exit_codes import FINDINGS, INTERRUPTED, OK, UNDETERMINED
from sendspec.cli.help import CHECK_HELP, EXIT_CODES
from sendspec.cli.options import Session, shared_options, start_session
from sendspec.model.observation import Subject
from sendspec.report.console import REPORT_FORMATS

if TYPE_CHECKING:
    from sendspec.check.run import CheckRun
    from sendspec.check.scope import Scope
    from sendspec.errors import UsageError
    from sendspec.model.setup import Setup
    from sendspec.net.address import Server
    from sendspec.pipeline import Compiled

DASK_ADDRESS = re.compile(r"(?:(?:tcp|tls|wss?)://)?[^\s:/][^\s/]*:[0-9]{1,5}\Z")
SHARE = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})\Z")
DEADLINE_SECONDS = 600.0
DNS_PORT, LAST_PORT = 53, 65535


def _subjects(_context: click.Context, _parameter: click.Parameter, value: str | None) -> frozenset[Subject]:
    """Read a list such as `dns,smtp`; all where nothing is given."""
    if value is None:
        return frozenset(Subject)
    words = [word.strip() for word in value.split(",") if word.strip()]
    unknown = [word for word in words if word not in set(Subject)]
    if unknown or not words:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} cannot be looked at; {', '.join(Subject)} can")
    return frozenset(Subject(word) for word in words)


def _share(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int]:
    """Read a share such as `3/16`."""
    match = SHARE.match(value or "1/1")
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise click.BadParameter("write 3/16 for the third of sixteen shares")
    return number, of


def _dask(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """Read the address of a scheduler; empty: none is given."""
    if value is not None and not (DASK_ADDRESS.match(value) and value.isprintable()):
        raise click.BadParameter("write the scheduler's address as tcp://192.0.2.1:8786, or tls://")
    return value or ""


def _resolvers(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> "tuple[Server, ...]":
    """Read IP addresses, with another port as dig writes it: `192.0.2.53#5353`."""
    return tuple(_resolver(value) for value in values)


def _resolver(value: str) -> "Server":
    from sendspec.net.address import Server

    address, _, port = value.partition("#")
    try:
        ip_address(address)
        number = int(port or DNS_PORT)
    except ValueError:
        raise click.BadParameter("write an IP address, with another port as 192.0.2.53#5353") from None
    if not 0 < number <= LAST_PORT:
        raise click.BadParameter(f"a port is a number from 1 to {LAST_PORT}")
    return Server(address, port=number)


resolvers_option = click.option(
    "--resolver",
    "resolvers",
    callback=_resolvers,
    multiple=True,
    metavar="ADDRESS",
    help="recursive resolver, repeatable; default: the system's, and public ones for propagation",
)


def deadline_option(meaning: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give the option that ends a run. `meaning` says what becomes of what is not known then."""
    return click.option(
        "--deadline",
        type=click.FloatRange(min=1),
        default=DEADLINE_SECONDS,
        metavar="SECONDS",
        help=f"{meaning}; default: {DEADLINE_SECONDS:g}",
    )


subjects_option = click.option(
    "--only", callback=_subjects, metavar="LIST", help=f"of {', '.join(Subject)}; default: all"
)


@cli.command(
    help=CHECK_HELP, short_help="Is the world what the spec says? DNS, SMTP, API, webhooks.", epilog=EXIT_CODES
)
@subjects_option
@click.option("--stream", "streams", multiple=True, metavar="STREAM", help="only what this stream needs; repeatable")
@click.option("--esp", "esps", multiple=True, metavar="ESP", help="only what this account has to do with; repeatable")
@click.option("--shard", callback=_share, metavar="I/N", help="one of N shares, to split the work over CI jobs")
@click.option(
    "--dask", callback=_dask, metavar="ADDRESS", help="split the work over the Dask cluster with its scheduler there"
)
@resolvers_option
@deadline_option("what is not known after so long is unknown")
@shared_options()
@click.pass_context
def check(
    context: click.Context,
    *,
    only: frozenset[Subject],
    streams: Sequence[str],
    esps: Sequence[str],
    shard: tuple[int, int],
    dask: str,
    resolvers: "tuple[Server, ...]",
    deadline: float,
) -> int:
    """Look at the world."""
    from sendspec import live, pipeline
    from sendspec.net.open import NetSettings
    from sendspec.spec.files import read_files

    session = start_session(context, REPORT_FORMATS)
    session = replace(session, console=replace(session.console, documents=pipeline.all_live_documents))
    with session.console.working("reading the spec"):
        found = read_files(session.options.spec)
        compiled = pipeline.compile_files(found)
    scope = scope_of(compiled, streams, esps, shard)
    ticker = session.console.ticker()
    today = session.options.today
    if dask:
        from sendspec import cluster

        run = cluster.check(dask, cluster.Request(found, compiled, only, scope, deadline, resolvers, today), ticker)
    else:
        settings = NetSettings(deadline_seconds=deadline, resolvers=resolvers)
        run = live.check(compiled, only, scope, settings, today, ticker)
    ticker.clear()
    session.console.live(run.findings, run.accepted, run.measurements, run.passed, ticker.seconds, run.stopped)
    return exit_code(session, run)


def scope_of(compiled: "Compiled", streams: Sequence[str], esps: Sequence[str], share: tuple[int, int]) -> "Scope":
    """Give the scope. Raises UsageError for a stream or an account that the spec does not have."""
    from sendspec.check.scope import Scope
    from sendspec.cli.commands import no_such

    setup = compiled.setup
    for name in streams:
        if name not in setup.index.streams:
            raise no_such_stream(name, setup)
    for name in esps:
        if name not in setup.index.accounts:
            raise no_such("ESP account", name, list(setup.index.accounts))
    return Scope(frozenset(streams), frozenset(esps), share)


def no_such_stream(name: str, setup: "Setup") -> "UsageError":
    """Give the error for a stream that the spec does not have."""
    from sendspec.cli.commands import no_such

    return no_such("stream", name, list(setup.index.streams))


def exit_code(session: Session, run: "CheckRun") -> int:
    """Give 1 for findings, 130 for an interrupted run, 4 where not everything could be told, else 0."""
    if session.options.fail(run.findings):
        return FINDINGS
    if run.is_interrupted:
        return INTERRUPTED
    return UNDETERMINED if run.unknown or run.stopped else OK
