"""The command for every night: files, the world as seen from outside, accounts and zones, in one report."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from sendspec.cli.commands import cli
from sendspec.cli.exit_codes import DIFFERS, FINDINGS, INTERRUPTED, OK, UNDETERMINED
from sendspec.cli.help import DRIFT_HELP, EXIT_CODES
from sendspec.cli.live import deadline_option, resolvers_option, subjects_option
from sendspec.cli.options import Session, shared_options, start_session
from sendspec.cli.plan import refuse_unsound
from sendspec.model.observation import Subject
from sendspec.report.console import REPORT_FORMATS

if TYPE_CHECKING:
    from sendspec.net.address import Server
    from sendspec.pipeline import Validation
    from sendspec.report.drift import Drift


@cli.command(help=DRIFT_HELP, short_help="Files, DNS, ESPs and endpoints against the spec.", epilog=EXIT_CODES)
@subjects_option
@deadline_option("for the checks and for the plan, each")
@resolvers_option
@shared_options()
@click.pass_context
def drift(context: click.Context, *, only: frozenset[Subject], deadline: float, resolvers: "tuple[Server, ...]") -> int:
    """Look at everything."""
    from sendspec import pipeline
    from sendspec.report.drift import DOCUMENTS

    session = start_session(context, REPORT_FORMATS)
    documents = lambda: (*pipeline.all_live_documents(), *DOCUMENTS)  # noqa: E731 - asked for only when needed
    session = replace(session, console=replace(session.console, documents=documents))
    with session.console.working("checking the spec"):
        validation = pipeline.validate(session.options.spec, session.options.today)
    refuse_unsound(session, validation.findings)
    found = _look(session, validation, only, deadline, resolvers)
    session.console.drift(found, validation.positions.span)
    if session.options.fail(found.findings):
        return FINDINGS
    if found.differs:
        return DIFFERS
    return _undetermined(found)


def _undetermined(found: "Drift") -> int:
    from sendspec.live import INTERRUPTED as WORD

    if found.stopped == WORD:
        return INTERRUPTED
    return UNDETERMINED if found.is_unknown else OK


def _look(
    session: Session,
    validation: "Validation",
    only: frozenset[Subject],
    deadline: float,
    resolvers: "tuple[Server, ...]",
) -> "Drift":
    from sendspec import live, manage, pipeline
    from sendspec.check.scope import Scope
    from sendspec.model.live import Unread
    from sendspec.model.plan import Plan
    from sendspec.net.open import NetSettings
    from sendspec.render.diff import compare
    from sendspec.report.drift import Drift
    from sendspec.spec.files import read_files

    options, console = session.options, session.console
    with console.working(f"comparing {options.output}"):
        diffs = compare(options.output, pipeline.output_files(validation))
    files = read_files(options.spec)
    settings = NetSettings(deadline_seconds=deadline, resolvers=resolvers)
    ticker = console.quiet_ticker()
    run = live.check(pipeline.compile_files(files), only, Scope(), settings, options.today, ticker)
    ticker.clear()
    unplanned = Unread("accounts and zones", "interrupted before they were compared", "run it again")
    plan, stopped = Plan(unread=(unplanned,)), run.stopped
    if stopped != live.INTERRUPTED:
        try:
            with console.teller() as teller:
                plan = manage.plan(files, manage.Terms(options.today, settings), teller)
        except KeyboardInterrupt:  # what the checks have found is reported all the same
            stopped = live.INTERRUPTED
    return Drift(
        str(options.output),
        tuple((diff.path, diff.change, diff.text) for diff in diffs),
        tuple(run.findings),
        tuple(run.accepted),
        run.passed,
        plan,
        stopped,
    )
