"""The command that refreshes the lock file."""

from typing import TYPE_CHECKING

import click

from sendspec.cli.commands import cli
from sendspec.cli.exit_codes import FINDINGS, INTERRUPTED, OK, UNDETERMINED
from sendspec.cli.help import EXIT_CODES, PULL_HELP
from sendspec.cli.live import deadline_option, resolvers_option
from sendspec.cli.options import shared_options, start_session
from sendspec.report.console import PLAN_FORMATS

if TYPE_CHECKING:
    from sendspec.net.address import Server
    from sendspec.pull.result import PullRun


@cli.command(help=PULL_HELP, short_help="Issued values and SPF trees into the lock file.", epilog=EXIT_CODES)
@deadline_option("what is not known after so long stays as it was")
@resolvers_option
@shared_options()
@click.pass_context
def pull(context: click.Context, *, deadline: float, resolvers: "tuple[Server, ...]") -> int:
    """Refresh the lock file."""
    from sendspec import manage
    from sendspec.lock.load import LOCK_FILE
    from sendspec.net.open import NetSettings
    from sendspec.spec.files import read_files

    session = start_session(context, PLAN_FORMATS)
    files = read_files(session.options.spec)
    terms = manage.Terms(session.options.today, NetSettings(deadline_seconds=deadline, resolvers=resolvers))
    with session.console.teller() as teller:
        run = manage.pull(files, terms, teller)
    session.console.pulled(run, files.display(LOCK_FILE))
    return _code(run)


def _code(run: "PullRun") -> int:
    """Give 1 for what was seen and should not be so, 4 where not everything could be read."""
    from sendspec.live import INTERRUPTED as WORD

    if run.found.troubles:
        return FINDINGS
    if run.stopped == WORD:
        return INTERRUPTED
    return OK if run.is_complete else UNDETERMINED
