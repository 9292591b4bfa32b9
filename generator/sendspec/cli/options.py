"""The options that every command takes, before or after its name, and what they come to."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from sendspec.model.finding import LEVELS, Finding, Severity
from sendspec.model.rule_document import RuleDocument
from sendspec.report.console import FORMATS, REPORT_FORMATS, Console


@dataclass(frozen=True, slots=True)
class Options:
    """What the options before and after the command, the environment and the defaults come to."""

    spec: Path
    output: Path
    fail_on: Severity
    today: date

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Fill in the defaults. The day is the machine's, in UTC, unless it is given."""
        moment = given.get("today") or datetime.now(UTC)
        return cls(
            spec=Path(given.get("spec") or "specs"),
            output=Path(given.get("output") or "output"),
            fail_on=_fail_on(given),
            today=moment.date(),
        )

    def fail(self, findings: Sequence[Finding]) -> bool:
        """Tell whether a finding is at or above --fail-on."""
        return any(finding.severity.rank >= self.fail_on.rank for finding in findings)


@dataclass(frozen=True, slots=True)
class Session:
    """One command: its options, and the console that its answer goes to."""

    options: Options
    console: Console


def _remember(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Keep what was given, so that the last place wins: environment, before the command, after the command."""
    if value is not None and parameter.name:
        context.find_root().obj[parameter.name] = value


def shared_options(*, environment: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options that every command takes. The environment is read once, before the command."""
    choices: tuple[tuple[str, Any, str, str], ...] = (
        (
            "--today",
            click.DateTime(["%Y-%m-%d"]),
            "DATE",
            "the day that ages and deadlines are measured on; default: today (UTC)",
        ),
        (
            "--fail-on",
            click.Choice([str(severity) for severity in LEVELS]),
            "LEVEL",
            "findings from error, warning or info on mean exit code 1; default: error",
        ),
        (
            "--format",
            click.Choice(REPORT_FORMATS),
            "FORMAT",
            (
                "text or json; validate, render and live commands also markdown, github, sarif, junit; of these pull, plan and "
                "apply only markdown; default: text"
            ),
        ),
        ("--output", click.Path(), "PATH", "the folder that render writes; default: output"),
        ("--spec", click.Path(), "PATH", "the folder of YAML files; default: specs"),
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name, kind, metavar, text in choices:
            variable = f"SENDSPEC_{name[2:].replace('-', '_').upper()}" if environment else None
            command = click.option(
                name,
                type=kind,
                metavar=metavar,
                help=text,
                envvar=variable,
                expose_value=False,
                callback=_remember,
                is_eager=False,
            )(command)
        return command

    return add


def start_session(context: click.Context, formats: Sequence[str] = FORMATS) -> Session:
    """Give the options and the console of a command that has been parsed.

    Raises:
        click.UsageError: a format was asked for that this command does not write.
    """
    given = context.find_root().obj
    given["command"] = context.info_name
    wanted = given.get("format") or FORMATS[0]
    if wanted not in formats:
        known = ", ".join(repr(name) for name in formats)
        raise click.UsageError(f"Invalid value for '--format': {context.info_name} writes no {wanted}, but {known}.")
    return Session(Options.of(given), console_for(given))


def console_for(given: Mapping[str, Any]) -> Console:
    """Give the console for what is known of the command line so far, which may be nothing."""
    return Console(
        command=given.get("command", ""),
        stdout=sys.stdout,
        stderr=sys.stderr,
        format=given.get("format") or FORMATS[0],
        fail_on=_fail_on(given),
        environment=os.environ,
        documents=_documents,
    )


def _fail_on(given: Mapping[str, Any]) -> Severity:
    return Severity(given.get("fail_on") or "error")


def _documents() -> tuple[RuleDocument, ...]:
    from sendspec.pipeline import all_rule_documents

    return all_rule_documents()
