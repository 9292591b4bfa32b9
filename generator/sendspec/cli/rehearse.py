"""`sendspec rehearse`: the live checks at work, without an account and without leaving the machine."""

import difflib
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from sendspec.cli.commands import cli
from sendspec.cli.exit_codes import FINDINGS, INTERRUPTED, OK
from sendspec.cli.help import EXIT_CODES, REHEARSE_HELP
from sendspec.cli.live import exit_code, subjects_option
from sendspec.cli.options import Session, shared_options, start_session
from sendspec.errors import UsageError
from sendspec.model.observation import Subject
from sendspec.report.console import FORMATS, REPORT_FORMATS

if TYPE_CHECKING:
    from sendspec.rehearse.fault import Fault
    from sendspec.rehearse.run import Rehearsal

ALL = "all"


@cli.command(
    help=REHEARSE_HELP, short_help="See the live checks work on this machine, and inject faults.", epilog=EXIT_CODES
)
@click.option("--fault", "names", multiple=True, metavar="NAME", help="inject this fault, repeatable; or `all`")
@click.option("--list", "is_list", is_flag=True, help="show which faults there are, and what names each")
@subjects_option
@shared_options()
@click.pass_context
def rehearse(context: click.Context, *, names: Sequence[str], is_list: bool, only: frozenset[Subject]) -> int:
    """Rehearse."""
    from sendspec.rehearse import run
    from sendspec.rehearse.faults import FAULTS

    if is_list:
        session = start_session(context)
        session.console.fault_list([(fault.id, fault.title, fault.expects) for fault in FAULTS])
        return OK
    session = start_session(context, FORMATS if names else REPORT_FORMATS)
    faults = _chosen(names, FAULTS)
    with session.console.working("reading the spec"):
        rehearsal = run.prepare(session.options.spec, session.options.today)
    return _faults(session, rehearsal, faults) if faults else _sound(session, rehearsal, only)


def _sound(session: Session, rehearsal: "Rehearsal", subjects: frozenset[Subject]) -> int:
    """Look at a world in which all is well."""
    from sendspec import pipeline
    from sendspec.rehearse import run

    session = replace(session, console=replace(session.console, documents=pipeline.all_live_documents))
    ticker = session.console.ticker()
    looked = run.rehearse(rehearsal, subjects, session.options.today, ticker)
    ticker.clear()
    session.console.live(
        looked.findings, looked.accepted, looked.measurements, looked.passed, ticker.seconds, looked.stopped
    )
    return exit_code(session, looked)


def _faults(session: Session, rehearsal: "Rehearsal", faults: "Sequence[Fault]") -> int:
    from sendspec.rehearse import run

    started = time.monotonic()
    runs = run.rehearse_faults(rehearsal, faults, session.options.today, session.console.fault)
    untried = len(faults) - len(runs)
    session.console.faults(runs, time.monotonic() - started, untried)
    if any(each.applies and each.named_by is None for each in runs):
        return FINDINGS
    return INTERRUPTED if untried else OK


def _chosen(names: Sequence[str], faults: "Sequence[Fault]") -> "Sequence[Fault]":
    """Give the faults that are meant. Raises UsageError for a name that no fault has."""
    known = {fault.id: fault for fault in faults}
    for name in names:
        if name != ALL and name not in known:
            close = difflib.get_close_matches(name, [*known, ALL])
            hint = f"did you mean {' or '.join(f'`{each}`' for each in close)}?" if close else "--list shows them"
            raise UsageError(f"no fault is called `{name}`", hint)
    return list(faults) if ALL in names else [known[name] for name in dict.fromkeys(names)]
