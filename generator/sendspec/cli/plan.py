"""The commands that compare accounts and zones with the spec, and change them: options in, stages, report, exit code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sendspec.cli.ask import can_ask, is_agreed
from sendspec.cli.commands import cli
from sendspec.cli.exit_codes import DIFFERS, FINDINGS, INTERRUPTED, OK, REFUSED, UNDETERMINED
from sendspec.cli.help import APPLY_HELP, EXIT_CODES, PLAN_HELP
from sendspec.cli.live import DEADLINE_SECONDS, no_such_stream, resolvers_option
from sendspec.cli.options import Session, shared_options, start_session
from sendspec.errors import SpecError
from sendspec.model.finding import Finding
from sendspec.report.console import PLAN_FORMATS

if TYPE_CHECKING:
    from sendspec.manage import Terms
    from sendspec.model.plan import Plan
    from sendspec.net.address import Server
    from sendspec.plan.apply import Applied, Done
    from sendspec.plan.approval import Approval
    from sendspec.report.applied import Result
    from sendspec.report.plan import Places
    from sendspec.spec.files import SpecFiles

APPLY_SECONDS = 86_400.0
"""A run over thousands of identities at one call a second takes hours, and can be interrupted at any moment."""

adopt_option = click.option(
    "--adopt",
    "adopt",
    multiple=True,
    metavar="KEY",
    help="make what exists sendspec's: a key as the plan shows it, its start (esp/ses-eu), a glob, or all; repeatable",
)
input_option = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=REFERENCE",
    help="where something is kept that only you can give, as in subuser_password=op://mail/sendgrid/subuser; repeatable",
)


@dataclass(frozen=True, slots=True)
class Sound:
    """A spec without findings that would stop a command, ready to be compared with the world."""

    files: "SpecFiles"
    terms: "Terms"
    places: "Places"


@cli.command(help=PLAN_HELP, short_help="What differs at ESPs and DNS hosts, and what that means.", epilog=EXIT_CODES)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="save the plan, for `sendspec apply FILE`")
@click.option("--exit-code", "tells", is_flag=True, help="exit with 2 when something differs")
@adopt_option
@input_option
@resolvers_option
@shared_options()
@click.pass_context
def plan(
    context: click.Context,
    *,
    out: Path | None,
    tells: bool,
    adopt: Sequence[str],
    inputs: Sequence[str],
    resolvers: "tuple[Server, ...]",
) -> int:
    """Show what differs."""
    session = start_session(context, PLAN_FORMATS)
    if out is not None:
        refuse_unwritable(out)
    sound = sound_spec(session, adopt, inputs, (), resolvers, DEADLINE_SECONDS)
    from sendspec import manage

    try:
        with session.console.teller() as teller:
            found = manage.plan(sound.files, sound.terms, teller)
    except KeyboardInterrupt:
        session.console.failure("interrupted before everything was looked at: there is no plan", "")
        return INTERRUPTED
    if out is not None:
        save_plan(out, found)
    session.console.plan(found, sound.places, str(out) if out is not None else "")
    return plan_code(found, tells=tells)


@cli.command(help=APPLY_HELP, short_help="Carry out a plan, after it was reviewed.", epilog=EXIT_CODES)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="carry it out without asking")
@click.option("--allow-outage", "allowed", multiple=True, metavar="STREAM", help="mail of it may stop; repeatable")
@adopt_option
@input_option
@resolvers_option
@shared_options()
@click.pass_context
def apply(
    context: click.Context,
    *,
    file: Path | None,
    yes: bool,
    allowed: Sequence[str],
    adopt: Sequence[str],
    inputs: Sequence[str],
    resolvers: "tuple[Server, ...]",
) -> int:
    """Carry out what differs."""
    from sendspec import manage
    from sendspec.lock.load import LOCK_FILE
    from sendspec.plan.store import read_plan

    session = start_session(context, PLAN_FORMATS)
    saved = read_plan(file) if file is not None else None
    if saved is not None:
        adopt = (*adopt, *saved.adopted)
    sound = sound_spec(session, adopt, inputs, allowed, resolvers, APPLY_SECONDS)
    with session.console.teller() as teller:
        consent = _Consent(session, sound.places, saved, frozenset(allowed), teller.clear, is_given=yes)

        def seen(done: "Done") -> None:
            teller.clear()
            session.console.done(done.change, done.outcome)

        applied = manage.apply(sound.files, sound.terms, consent, seen, teller)
    if applied is None:
        return consent.code
    session.console.applied(_result(applied, sound.files.display(LOCK_FILE)), sound.places)
    return _applied_code(applied)


class _Consent:
    """Shows a plan and asks; what was saved and reviewed before is agreed to already."""

    def __init__(
        self,
        session: Session,
        places: "Places",
        saved: "Plan | None",
        allowed: frozenset[str],
        clear: Callable[[], None],
        *,
        is_given: bool,
    ) -> None:
        self.session, self.places, self.saved, self.allowed = session, places, saved, allowed
        self.clear, self.is_given = clear, is_given
        self.code = OK

    def __call__(self, plan: "Plan") -> "Approval | None":
        """Give what is agreed to; None: nothing."""
        from sendspec.plan.approval import Approval

        self.clear()
        console = self.session.console
        console.proposal(plan, self.places)
        approval = Approval(self.saved if self.saved is not None else plan)
        stops = sorted({stream for change in plan.stopping() for stream in change.stops} - self.allowed)
        if stops or any(True for _ in approval.beyond(plan.changes)):
            return approval  # it will be refused, with reasons; nobody needs to be asked
        if self.is_given or self._asks(len(plan.changes)):
            return approval
        return None

    def _asks(self, count: int) -> bool:
        console = self.session.console
        self.code = REFUSED
        if not can_ask():
            hint = "review the plan above, then say --yes; in CI: `plan --out FILE`, review, `apply FILE --yes`"
            console.failure("nothing was changed: nobody is here to be asked", hint)
            return False
        try:
            if is_agreed(f"Make {count:,} change{'s' if count != 1 else ''}?"):
                return True
        except click.Abort:
            self.code = INTERRUPTED
        console.failure("nothing was changed", "")
        return False


def _result(applied: "Applied", lock: str) -> "Result":
    from sendspec.report.applied import Result

    outcomes = [(done.change, done.outcome) for done in (*applied.done, *applied.failed)]
    return Result(applied.before, outcomes, applied.after, applied.stopped, applied.unseen, applied.stopping, lock)


def _applied_code(applied: "Applied") -> int:
    from sendspec.model.live import Failure

    if applied.unseen or applied.stopping:
        return REFUSED
    failures = {done.outcome.failure for done in applied.failed}
    if failures & {Failure.REFUSED, Failure.NEEDS}:
        return FINDINGS
    if applied.stopped:
        return INTERRUPTED
    left = applied.before if applied.after is None else applied.after
    return UNDETERMINED if failures or left.unread else OK


def plan_code(plan: "Plan", *, tells: bool) -> int:
    """Give 2 for a world that differs, where that was asked for; 4 where not all of it could be looked at."""
    if tells and not plan.is_clean:
        return DIFFERS
    return UNDETERMINED if plan.unread else OK


def refuse_unwritable(path: Path) -> None:
    """Raise OutputError for a file that cannot be written, before the world is read for it."""
    from sendspec.errors import OutputError

    if path.is_dir() or not path.absolute().parent.is_dir():
        what = "is a folder" if path.is_dir() else "cannot be written: its folder does not exist"
        raise OutputError(f"{path} {what}", "name another file in --out")


def save_plan(path: Path, plan: "Plan") -> None:
    """Write a plan to a file. Raises OutputError."""
    from sendspec.errors import OutputError
    from sendspec.plan.store import plan_text

    text = plan_text(plan)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}", "name another file in --out"
        ) from error


def sound_spec(
    session: Session,
    adopt: Sequence[str],
    inputs: Sequence[str],
    allowed: Sequence[str],
    resolvers: "tuple[Server, ...]",
    deadline_seconds: float,
) -> Sound:
    """Read and check a spec before the world is compared with it.

    Raises:
        SpecError: it has findings that --fail-on counts: what is wrong in the spec must not get into accounts.
        UsageError: an option is wrong.
    """
    from sendspec import pipeline
    from sendspec.manage import Terms
    from sendspec.net.open import NetSettings
    from sendspec.spec.files import read_files
    from sendspec.stores.keeper import parse_inputs

    given = parse_inputs(inputs)
    with session.console.working("checking the spec"):
        validation = pipeline.validate(session.options.spec, session.options.today)
        refuse_unsound(session, validation.findings)
        files = read_files(session.options.spec)
    for stream in allowed:
        if stream not in validation.setup.index.streams:
            raise no_such_stream(stream, validation.setup)
    settings = NetSettings(deadline_seconds=deadline_seconds, resolvers=resolvers)
    terms = Terms(session.options.today, settings, tuple(adopt), given, tuple(allowed))
    return Sound(files, terms, validation.positions.span)


def refuse_unsound(session: Session, findings: Sequence[Finding]) -> None:
    """Raise SpecError for findings that --fail-on counts."""
    failing = [finding for finding in findings if finding.severity.rank >= session.options.fail_on.rank]
    if failing:
        raise SpecError(failing)
