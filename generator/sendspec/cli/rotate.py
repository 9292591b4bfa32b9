"""The command that replaces credentials and DKIM keys: options in, the run, report, exit code."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sendspec.cli.ask import can_ask, is_agreed
from sendspec.cli.commands import cli, no_such
from sendspec.cli.exit_codes import DIFFERS, FINDINGS, INTERRUPTED, OK, REFUSED, UNDETERMINED
from sendspec.cli.help import EXIT_CODES, ROTATE_HELP
from sendspec.cli.live import resolvers_option
from sendspec.cli.options import Session, shared_options, start_session
from sendspec.cli.plan import APPLY_SECONDS, sound_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.model.rotation import Rotated, RotationRun
    from sendspec.model.setup import Setup
    from sendspec.net.address import Server
    from sendspec.rotate.workshop import Wish


def _overlap(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """Read a duration such as `2h`."""
    from sendspec.spec.syntax import SyntaxProblem, parse_duration

    try:
        return None if value is None else parse_duration(value)
    except SyntaxProblem as problem:
        raise click.BadParameter(f"{problem}; {problem.fix}") from None


@cli.command(help=ROTATE_HELP, short_help="Replace credentials and DKIM keys, with an overlap.", epilog=EXIT_CODES)
@click.argument("esp", required=False)
@click.option(
    "--credential", default="", metavar="NAME", help="this one only, as `credentials:` of the account names it"
)
@click.option(
    "--due", is_flag=True, help="what is older than rotate_every, and what is under way; quiet where nothing is"
)
@click.option("--overlap", callback=_overlap, metavar="DURATION", help="how long the old one stays valid; default: 24h")
@click.option(
    "--dkim", is_flag=False, flag_value="", default=None, metavar="[DOMAIN]", help="DKIM keys, of one domain or all"
)
@click.option("--yes", is_flag=True, help="do it without asking")
@click.option(
    "--metrics", type=click.Path(path_type=Path), metavar="FILE", help="write the age of credentials for Prometheus"
)
@resolvers_option
@shared_options()
@click.pass_context
def rotate(
    context: click.Context,
    *,
    esp: str | None,
    credential: str,
    due: bool,
    overlap: int | None,
    dkim: str | None,
    yes: bool,
    metrics: Path | None,
    resolvers: "tuple[Server, ...]",
) -> int:
    """Replace what is named, or what is due."""
    from sendspec import manage
    from sendspec.rotate.metrics import check_place, write_metrics

    session = start_session(context)
    if esp is None and not due:
        raise click.UsageError("Name an ESP account, or say --due.")
    if credential and dkim is not None:
        raise click.UsageError("--credential and --dkim name different things.")
    if metrics is not None:
        check_place(metrics)
    sound = sound_spec(session, (), (), (), resolvers, APPLY_SECONDS)
    wish = _wish(_setup(session), esp, credential, dkim, overlap, is_due_only=due)
    teller = session.console.teller()
    consent = _Consent(session, teller.clear, is_given=yes)

    def seen(rotated: "Rotated") -> None:
        teller.clear()
        session.console.rotated(rotated)

    run = manage.rotate(sound.files, sound.terms, wish, consent, seen, teller)
    teller.clear()
    session.console.rotation(run)
    if metrics is not None:
        write_metrics(metrics, run)
    return exit_code(run, is_due_only=due)


def _setup(session: Session) -> "Setup":
    from sendspec import pipeline

    return pipeline.compile_folder(session.options.spec).setup


def _wish(
    setup: "Setup", esp: str | None, credential: str, dkim: str | None, overlap: int | None, *, is_due_only: bool
) -> "Wish":
    """Give what is asked for. Raises UsageError for an account or a credential that the spec does not have."""
    from sendspec.model.credential_use import credentials_of
    from sendspec.rotate.workshop import Wish

    if esp is not None and esp not in setup.index.accounts:
        raise no_such("ESP account", esp, list(setup.index.accounts))
    accounts = (esp,) if esp is not None else tuple(setup.index.accounts)
    if credential:
        known = {
            name
            for each in accounts
            for one in credentials_of(setup, setup.account(each))
            for name in (one.id, one.name)
        }
        if credential not in known:
            raise no_such("credential", credential, sorted(known))
    return Wish(accounts, credential, is_due_only, overlap, dkim.lower().rstrip(".") if dkim is not None else None)


class _Consent:
    """Shows what will be done, and asks."""

    def __init__(self, session: Session, clear: "Callable[[], None]", *, is_given: bool) -> None:
        self.session, self.clear, self.is_given = session, clear, is_given

    def __call__(self, run: "RotationRun") -> bool:
        """Tell whether it is agreed to."""
        self.clear()
        console = self.session.console
        if self.is_given:
            return True
        console.rotation_proposal(run)
        if not can_ask():
            console.failure(
                "nothing was changed: nobody is here to be asked", "look at what will be done above, then say --yes"
            )
            return False
        try:
            if is_agreed("Do it?"):
                return True
        except click.Abort:
            console.failure("nothing was changed", "")
            raise
        console.failure("nothing was changed", "")
        return False


def exit_code(run: "RotationRun", *, is_due_only: bool) -> int:
    """Give 3 for what is refused, 1 for what needs somebody, 2 for what people are to do and is due, 4 for what nobody knows."""
    from sendspec.model.live import Failure
    from sendspec.model.rotation import Todo

    if run.refused or not run.is_agreed:
        return REFUSED
    failures = {each.failure for each in run.rotated}
    if failures & {Failure.REFUSED, Failure.NEEDS}:
        return FINDINGS
    if run.stopped:
        return INTERRUPTED
    if is_due_only and any(each.todo is Todo.BY_HAND for each in run.prospects):
        return DIFFERS
    return UNDETERMINED if failures - {None} else OK
