"""The commands: options in, pipeline call, report out, exit code. Heavy modules load when a command runs."""

from typing import TYPE_CHECKING

import click

from sendspec import __version__
from sendspec.cli.exit_codes import DIFFERS, FINDINGS, OK
from sendspec.cli.options import Options, Session, shared_options, start_session
from sendspec.errors import UsageError

if TYPE_CHECKING:
    from sendspec.pipeline import Validation

HELP = """One YAML description of how you send mail, turned into DNS records, ESP configuration and app settings.

\b
Start here:
  sendspec validate               what is wrong with specs/, and how to cure it
  sendspec render                 specs/ -> output/
  sendspec render --check         in CI: is output/ what the spec says?
  sendspec explain NAME           why a rule, record, variable or file exists
  sendspec schema > FILE          completion and checks in your editor

\b
Everything here works offline. Options stand before or after the command;
SENDSPEC_SPEC, SENDSPEC_OUTPUT, SENDSPEC_FORMAT, SENDSPEC_FAIL_ON and
SENDSPEC_TODAY set them too.
"""
EXIT_CODES = """\b
Exit codes:
  0   clean
  1   findings at or above --fail-on; render has written nothing
  2   output/ differs (render --check)
  3   refused as unsafe
  4   could not determine or could not write; the message says what to do
  64  the command line is wrong
  70  a fault of sendspec itself
"""
VALIDATE_HELP = """Check the spec and its lock file with every rule, offline, and show each finding with its place and its cure.

\b
  sendspec validate
  sendspec validate --fail-on warning        stricter, for CI
  sendspec validate --format json            for programs
"""
SCHEMA_HELP = """Print the JSON Schema of the spec.

Written beside the spec, it gives completion and checks in every editor that reads this first line of a YAML file:

\b
  # yaml-language-server: $schema=./sendspec.schema.json
"""
RENDER_HELP = """Write what the spec says: the old output folder is replaced as a whole or not at all.

Files that the spec no longer produces are removed, files that are not sendspec's stay. With findings at or above
--fail-on nothing is written.

\b
  sendspec render
  sendspec render --output /tmp/try     look at it somewhere else
  sendspec render --check               exit code 2 and a diff when output/ differs
"""
EXPLAIN_HELP = """Say why something exists: from which line, by which standard, and what breaks without it.

NAME is a rule id, a stream, a DNS record, an environment variable or an output file. For a record that waits for its ESP, the
entry to paste into the lock file is printed.

\b
  sendspec explain spf-two-records
  sendspec explain receipts                         what carries a stream through DMARC
  sendspec explain pm-bounces.mail.example.com
  sendspec explain _dmarc TXT                       relative to the zone
  sendspec explain '*._domainkey.mail.example.com'
  sendspec explain MAIL_RECEIPTS_PRIMARY_HOST
  sendspec explain output/dns/example.com/zone.db
"""


@click.group(
    help=HELP, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@shared_options(environment=True)
def cli() -> None:
    """Hold the commands."""


@cli.command(help=VALIDATE_HELP, short_help="What is wrong with the spec, and the cure.", epilog=EXIT_CODES)
@shared_options()
@click.pass_context
def validate(context: click.Context) -> int:
    """Report all findings."""
    session = start_session(context)
    validation = _validation(session)
    session.console.validation(validation.findings, validation.accepted)
    return FINDINGS if session.options.fail(validation.findings) else OK


@cli.command(help=RENDER_HELP, short_help="Write output/ from the spec, or --check it.", epilog=EXIT_CODES)
@click.option("--check", is_flag=True, help="write nothing; show the diff, and exit with 2 if there is one")
@shared_options()
@click.pass_context
def render(context: click.Context, *, check: bool) -> int:
    """Write the output folder, or compare it."""
    session = start_session(context)
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


@cli.command(help=EXPLAIN_HELP, short_help="Why a rule, record, variable or file exists.", epilog=EXIT_CODES)
@click.argument("name", nargs=-1, required=True)
@shared_options()
@click.pass_context
def explain(context: click.Context, name: tuple[str, ...]) -> int:
    """Explain what has a name."""
    from sendspec import pipeline
    from sendspec.explain.answer import explain_rule, explain_setup
    from sendspec.model.spec_rule import SpecRule
    from sendspec.render.run import render_files
    from sendspec.rules.run import documentation, rule_ids

    session, wanted = start_session(context), " ".join(name)
    documented = {str(rule): rule.explanation for rule in SpecRule} | {rule: documentation(rule) for rule in rule_ids()}
    found = explain_rule(wanted, documented)
    if not found:
        with session.console.working("reading the spec"):
            compiled = pipeline.compile_folder(session.options.spec)
        files = lambda: render_files(compiled.setup, compiled.positions)  # noqa: E731 - asked for only when needed
        found = explain_setup(wanted, compiled.setup, compiled.positions, files, tuple(documented))
    session.console.explanations(found)
    return OK


def _validation(session: Session) -> "Validation":
    from sendspec import pipeline

    with session.console.working("checking the spec"):
        return pipeline.validate(session.options.spec, session.options.today)


def _write(session: Session, validation: "Validation") -> int:
    from sendspec.render.run import render_files
    from sendspec.render.write import write_output

    output = session.options.output
    with session.console.working(f"writing {output}"):
        result = write_output(output, render_files(validation.setup, validation.positions))
    changes = {
        "created": result.created,
        "changed": result.changed,
        "removed": result.removed,
        "unchanged": result.unchanged,
    }
    session.console.rendering(validation.findings, validation.accepted, str(output), changes)
    return OK


def _compare(session: Session, validation: "Validation") -> int:
    from sendspec.render.diff import compare
    from sendspec.render.run import render_files

    output = session.options.output
    with session.console.working(f"comparing {output}"):
        diffs = compare(output, render_files(validation.setup, validation.positions))
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
