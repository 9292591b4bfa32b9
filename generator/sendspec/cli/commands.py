"""The commands: options in, pipeline call, report out, exit code. Heavy modules load when a command runs."""

import difflib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sendspec import __version__
from sendspec.cli.exit_codes import DIFFERS, FINDINGS, OK
from sendspec.cli.help import ADVISE_HELP, EXIT_CODES, EXPLAIN_HELP, HELP, RENDER_HELP, SCHEMA_HELP, VALIDATE_HELP
from sendspec.cli.options import Options, Session, shared_options, start_session
from sendspec.cli.planned import Commands
from sendspec.errors import UsageError
from sendspec.model.finding import Severity
from sendspec.report.console import REPORT_FORMATS

if TYPE_CHECKING:
    from sendspec.pipeline import Validation

DEFAULT_REASON = "here before sendspec; nobody has looked at it yet"


@click.group(
    cls=Commands,
    help=HELP,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@shared_options(environment=True)
def cli() -> None:
    """Hold the commands."""


@cli.command(help=VALIDATE_HELP, short_help="What is wrong with the spec, and the cure.", epilog=EXIT_CODES)
@click.option("--write-accept", is_flag=True, help="accept what is found today, in accepted.yaml of the spec folder")
@click.option("--because", metavar="TEXT", help="with --write-accept: why the team lives with it")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="with --write-accept: an error past this day"
)
@shared_options()
@click.pass_context
def validate(context: click.Context, *, write_accept: bool, because: str | None, until: datetime | None) -> int:
    """Report all findings."""
    session = start_session(context, REPORT_FORMATS)
    if not write_accept and (because is not None or until):
        raise click.UsageError("--because and --until belong to --write-accept.")
    validation = _validation(session)
    if write_accept:
        validation = _accept(session, validation, DEFAULT_REASON if because is None else because, until)
    else:
        session.console.validation(validation.findings, validation.accepted)
    return FINDINGS if session.options.fail(validation.findings) else OK


@cli.command(help=RENDER_HELP, short_help="Write output/ from the spec, or --check it.", epilog=EXIT_CODES)
@click.option("--check", is_flag=True, help="write nothing; show the diff, and exit with 2 if there is one")
@shared_options()
@click.pass_context
def render(context: click.Context, *, check: bool) -> int:
    """Write the output folder, or compare it."""
    session = start_session(context, REPORT_FORMATS)
    _refuse_overlap(session.options)
    validation = _validation(session)
    if session.options.fail(validation.findings):
        session.console.validation(validation.findings, validation.accepted)
        return FINDINGS
    return _compare(session, validation) if check else _write(session, validation)


@cli.command(help=SCHEMA_HELP, short_help="The JSON Schema of the spec, for editors.", epilog=EXIT_CODES)
@shared_options()
@click.pass_context
def schema(context: click.Context) -> int:
    """Print the schema."""
    from sendspec import pipeline

    session = start_session(context)
    session.console.stdout.write(pipeline.schema())
    return OK


@cli.command(help=ADVISE_HELP, short_help="SMTP or API for each stream, and why.", epilog=EXIT_CODES)
@click.argument("stream", required=False)
@shared_options()
@click.pass_context
def advise(context: click.Context, stream: str | None) -> int:
    """Advise on one stream or all."""
    from sendspec import pipeline

    session = start_session(context)
    with session.console.working("reading the spec"):
        decisions = pipeline.advise(session.options.spec)
    wanted = [decision for decision in decisions if stream in {None, decision.stream}]
    if not wanted:
        raise no_such("stream", stream, [decision.stream for decision in decisions])
    session.console.advice(wanted)
    return OK


@cli.command(help=EXPLAIN_HELP, short_help="Why a rule, record, variable or file exists.", epilog=EXIT_CODES)
@click.argument("name", nargs=-1, required=True)
@shared_options()
@click.pass_context
def explain(context: click.Context, name: tuple[str, ...]) -> int:
    """Explain what has a name."""
    from sendspec import pipeline
    from sendspec.explain.answer import explain_rule, explain_setup
    from sendspec.report.drift import DOCUMENTS
    from sendspec.report.report import OUTPUT_DIFFERS

    session, wanted = start_session(context), " ".join(name)
    documents = (*pipeline.all_rule_documents(), *pipeline.all_live_documents(), *DOCUMENTS, OUTPUT_DIFFERS)
    documented = {document.id: document.text for document in documents}
    found = explain_rule(wanted, documented)
    if not found:
        with session.console.working("reading the spec"):
            compiled = pipeline.compile_folder(session.options.spec)
        files = lambda: pipeline.output_files(compiled)  # noqa: E731 - asked for only when needed
        found = explain_setup(wanted, compiled.setup, compiled.positions, files, tuple(documented))
    session.console.explanations(found)
    return OK


def _validation(session: Session) -> "Validation":
    from sendspec import pipeline

    with session.console.working("checking the spec"):
        return pipeline.validate(session.options.spec, session.options.today)


def _accept(session: Session, validation: "Validation", because: str, until: datetime | None) -> "Validation":
    """Accept errors and warnings, and infos where they would fail; report what is left."""
    from sendspec import pipeline
    from sendspec.spec.accepted import FILE_NAME

    options = session.options
    if not because.strip() or not because.isprintable():
        raise UsageError("--because holds no text that people can read", 'say why: --because "migration until spring"')
    if until and until.date() < options.today:
        raise UsageError(f"--until {until.date()} has passed", "name a day that is still to come")
    level = min(options.fail_on, Severity.WARNING, key=lambda severity: severity.rank)
    found = [finding for finding in validation.findings if finding.severity.rank >= level.rank]
    day = until.date().isoformat() if until else ""
    added = pipeline.accept_findings(options.spec, validation, found, because, day)
    validation = _validation(session)
    session.console.accepting(validation.findings, validation.accepted, str(options.spec / FILE_NAME), added)
    return validation


def no_such(what: str, name: str | None, known: Sequence[str]) -> UsageError:
    """Give the error for a name that the spec does not have, with what comes close."""
    if not known:
        return UsageError(f"the spec declares no {what}", "`sendspec validate` shows what is there")
    close = difflib.get_close_matches(name or "", known)
    hint = f"did you mean {' or '.join(f'`{each}`' for each in close)}?" if close else f"{what}s: {', '.join(known)}"
    return UsageError(f"no {what} is called `{name}`", hint)


def _write(session: Session, validation: "Validation") -> int:
    from sendspec import pipeline
    from sendspec.render.write import write_output

    output = session.options.output
    with session.console.working(f"writing {output}"):
        result = write_output(output, pipeline.output_files(validation))
    changes = {
        "created": result.created,
        "changed": result.changed,
        "removed": result.removed,
        "unchanged": result.unchanged,
    }
    session.console.rendering(validation.findings, validation.accepted, str(output), changes)
    return OK


def _compare(session: Session, validation: "Validation") -> int:
    from sendspec import pipeline
    from sendspec.render.diff import compare

    output = session.options.output
    with session.console.working(f"comparing {output}"):
        diffs = compare(output, pipeline.output_files(validation))
    differences = [(diff.path, diff.change, diff.text) for diff in diffs]
    session.console.differences(validation.findings, validation.accepted, str(output), differences)
    return DIFFERS if diffs else OK


def _refuse_overlap(options: Options) -> None:
    """Refuse one folder inside the other: render would carry the spec along, or read its own output as a spec."""
    spec, output = options.spec.resolve(), options.output.resolve()
    if spec == output or spec in output.parents or output in spec.parents:
        raise UsageError(
            f"--spec {options.spec} and --output {options.output} lie inside one another",
            "give each a folder of its own, side by side",
        )
