"""The command that sends one real message: what will run, consent, the run, its report."""

import base64
import binascii
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sendspec.cli.commands import cli, no_such
from sendspec.cli.exit_codes import FINDINGS, INTERRUPTED, OK, REFUSED, UNDETERMINED
from sendspec.cli.help import EXIT_CODES, SMOKE_HELP
from sendspec.cli.options import Session, shared_options, start_session
from sendspec.report.console import REPORT_FORMATS

if TYPE_CHECKING:
    from sendspec.live import Smoked
    from sendspec.model.smoke import SmokePlan
    from sendspec.pipeline import Compiled

WAIT_SECONDS = 120.0
LONGEST_WAIT = 3600.0
PLACE = re.compile(r"(?:(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):|:)?(?P<port>[0-9]{1,5})\Z")
LAST_PORT = 65_535
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _listen(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """Read `127.0.0.1:8025`, `[::1]:8025` or a port of this machine alone."""
    if value is None:
        return None
    match = PLACE.match(value)
    port = int(match["port"]) if match else LAST_PORT + 1
    if match is None or port > LAST_PORT:
        raise click.BadParameter("write HOST:PORT, as 127.0.0.1:8025")
    return (match["host"] or "127.0.0.1").strip("[]"), port


def _key(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Read a public key: Base64 of DER, as the ESP shows it, or `@FILE`."""
    try:
        text = Path(value[1:]).read_text(encoding="ascii") if value.startswith("@") else value
        wanted = "".join(line for line in text.split() if "-----" not in line)
        base64.b64decode(wanted, validate=True)
    except (OSError, UnicodeError, binascii.Error):
        raise click.BadParameter("give the public key of the webhook in Base64, or @FILE") from None
    return wanted


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    from sendspec.spec.syntax import SyntaxProblem, parse_address

    try:
        return parse_address(value) if value else ""
    except SyntaxProblem as problem:
        raise click.BadParameter(f"{problem}") from None


def _variables(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    wrong = [name for name in values if not VARIABLE.match(name)]
    if wrong:
        raise click.BadParameter("give names of variables; their values are taken from this shell")
    return tuple(values)


@cli.command(help=SMOKE_HELP, short_help="One real message, and the event that must come back.", epilog=EXIT_CODES)
@click.argument("stream")
@click.option("--yes", is_flag=True, help="send without asking")
@click.option("--app", default="", metavar="APP", help="whose path, where several apps send the stream")
@click.option("--route", default="", metavar="ROUTE", help="this route only: primary, fallback or its id")
@click.option(
    "--to",
    default="",
    callback=_address,
    metavar="ADDRESS",
    help="an address YOU OWN, in place of the ESP's test address",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1, LONGEST_WAIT),
    default=WAIT_SECONDS,
    metavar="SECONDS",
    help=f"for the app's command, for an answer, and for the event, each; default: {WAIT_SECONDS:g}",
)
@click.option(
    "--listen",
    envvar="SENDSPEC_SMOKE_LISTEN",
    callback=_listen,
    metavar="HOST:PORT",
    help="receive events here, over plain HTTP behind a tunnel",
)
@click.option(
    "--event-key",
    default="",
    envvar="SENDSPEC_SMOKE_EVENT_KEY",
    callback=_key,
    metavar="KEY",
    help="with --listen: public key of signed events, or @FILE",
)
@click.option(
    "--queue", default="", envvar="SENDSPEC_SMOKE_QUEUE", metavar="URL", help="read SES events from this SQS queue"
)
@click.option(
    "--pass-env",
    "passed_on",
    multiple=True,
    callback=_variables,
    metavar="NAME",
    help="give the command this variable too",
)
@click.option("--metrics", type=click.Path(path_type=Path), metavar="FILE", help="write what came of it for Prometheus")
@shared_options()
@click.pass_context
def smoke(
    context: click.Context,
    *,
    stream: str,
    yes: bool,
    app: str,
    route: str,
    to: str,
    timeout: float,
    listen: tuple[str, int] | None,
    event_key: str,
    queue: str,
    passed_on: tuple[str, ...],
    metrics: Path | None,
) -> int:
    """Send one message."""
    from sendspec import pipeline
    from sendspec.smoke.metrics import check_place, write_metrics
    from sendspec.smoke.plan import Choices, plan_smoke

    session = start_session(context, REPORT_FORMATS)
    session = replace(session, console=replace(session.console, documents=pipeline.all_live_documents))
    with session.console.working("reading the spec"):
        compiled = pipeline.compile_folder(session.options.spec)
    if stream not in compiled.setup.index.streams:
        raise no_such("stream", stream, list(compiled.setup.index.streams))
    choices = Choices(app, route, to, listen, queue, event_key, passed_on, timeout)
    folder = session.options.spec.resolve().parent
    plan = plan_smoke(compiled.setup, compiled.setup.stream(stream), choices, folder)
    if metrics is not None:
        check_place(metrics)
    session.console.smoke_plan(plan)
    if not yes and not _is_agreed(session):
        return REFUSED
    smoked = _carry_out(session, compiled, plan)
    session.console.smoke(smoked.run, smoked.findings, smoked.accepted)
    if metrics is not None:
        write_metrics(metrics, smoked.run, smoked.ended)
    return _exit_code(session, smoked)


def _is_agreed(session: Session) -> bool:
    """Ask. Where nobody can be asked, say how to agree beforehand."""
    if not sys.stdin.isatty():
        hint = "look at what will run above, then say --yes"
        session.console.failure("nothing was sent: this sends a real message, and nobody is here to be asked", hint)
        return False
    if not click.confirm("Send it?", default=False, err=True):
        session.console.failure("nothing was sent", "")
        return False
    return True


def _carry_out(session: Session, compiled: "Compiled", plan: "SmokePlan") -> "Smoked":
    from sendspec import live
    from sendspec.net.open import NetSettings

    seconds = plan.wait_seconds * (2 * len(plan.routes) + 2)  # resolving and answering for each route, app and event
    settings = NetSettings(deadline_seconds=seconds)
    return live.smoke(compiled, plan, settings, session.options.today, session.console.smoke_step)


def _exit_code(session: Session, smoked: "Smoked") -> int:
    """Give 0 only when the message was taken by the first route and its event came back."""
    if session.options.fail(smoked.findings):
        return FINDINGS
    if smoked.is_interrupted:
        return INTERRUPTED
    return OK if not smoked.is_unknown and (smoked.run.is_through or smoked.accepted) else UNDETERMINED
