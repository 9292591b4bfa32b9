"""Where a command's answer goes: text for a person, or one document for a program, on stdout."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from sendspec.model.explanation import Explanation
from sendspec.model.finding import Finding, Severity
from sendspec.model.observation import Measurement
from sendspec.model.rule_document import RuleDocument
from sendspec.report import json, text
from sendspec.report.live import Ticker, measurement_part, measurements_text, passed_text
from sendspec.report.page import Page
from sendspec.report.progress import Teller, progress
from sendspec.report.report import Report
from sendspec.report.terminal import BOLD, RED, Paint, visible

if TYPE_CHECKING:
    from sendspec.model.decision import Decision
    from sendspec.model.live import Outcome
    from sendspec.model.plan import Change, Plan
    from sendspec.model.rehearsal import FaultRun
    from sendspec.model.rotation import Rotated, RotationRun
    from sendspec.model.smoke import SmokePlan, SmokeRun
    from sendspec.pull.result import PullRun
    from sendspec.report.applied import Result
    from sendspec.report.drift import Drift
    from sendspec.report.plan import Places

FORMATS = ("text", "json")
"""What every command writes."""
REPORT_FORMATS = (*FORMATS, "markdown", "github", "sarif", "junit")
"""What commands that give findings write."""
PLAN_FORMATS = (*FORMATS, "markdown")
"""What commands that give changes write."""
PIPED_COLUMNS = 160
"""How wide excerpts may be where nobody says how wide the reader is."""


@dataclass(frozen=True, slots=True)
class Console:
    """The two streams of a command, and what the reader wants: a format, failures from a severity on, colour.

    `environment` decides on colour; `documents` gives what the ids of findings mean, for formats that say so.
    """

    command: str
    stdout: TextIO
    stderr: TextIO
    format: str
    fail_on: Severity
    environment: Mapping[str, str]
    documents: Callable[[], Sequence[RuleDocument]]

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Show what takes so long, on stderr, from the second second on."""
        with progress(what, self.stderr):
            yield

    def validation(self, findings: Sequence[Finding], accepted: Sequence[Finding]) -> None:
        """Say all that was found."""
        if self.format == "json":
            self._document(json.findings_parts(findings, accepted))
        elif self.format == "text":
            # The worst comes last, beside the summary and the prompt; within a severity a reader walks through the files.
            ordered = sorted(findings, key=lambda finding: finding.severity.rank)
            self.stdout.write(text.findings_text(ordered, len(accepted), self._paint, self._width))
        else:
            self._report(Report(self.command, findings, accepted, self.documents(), self.fail_on))

    def ticker(self) -> Ticker:
        """Give what tells a live run while it goes on: in text each finding at once, in other formats nothing."""
        return Ticker(self.stderr, self._tell if self.format == "text" else None)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(text.finding_text(finding, self._paint, self._width) + "\n")
        self.stdout.flush()

    def live(
        self,
        findings: Sequence[Finding],
        accepted: Sequence[Finding],
        measurements: Sequence[Measurement],
        passed: int,
        seconds: float,
        stopped: str,
    ) -> None:
        """Say what a live run came to. In text its findings have been told already."""
        if self.format == "json":
            parts = json.findings_parts(findings, accepted)
            self._document(
                {
                    **parts,
                    "passed": passed,
                    "measurements": [measurement_part(seen) for seen in measurements],
                    "stopped": stopped,
                }
            )
        elif self.format == "text":
            self.stdout.write(measurements_text(measurements, self._paint))
            self.stdout.write(text.summary(findings, len(accepted), self._paint) + "; ")
            self.stdout.write(passed_text(passed, seconds, stopped, self._paint))
        else:
            self._report(Report(self.command, findings, accepted, self.documents(), self.fail_on))

    def smoke_plan(self, plan: "SmokePlan") -> None:
        """Show what a smoke test will do: where the answer goes if that is text, else on stderr."""
        from sendspec.report.smoke import plan_text

        stream = self.stdout if self.format == "text" else self.stderr
        stream.write(plan_text(plan, Paint.for_stream(stream, self.environment)))
        stream.flush()

    def smoke_step(self, what: str) -> None:
        """Tell what a smoke test does just now, to a person who watches."""
        if self.stderr.isatty():
            self.stderr.write(f"sendspec: {visible(what)}\n")
            self.stderr.flush()

    def smoke(self, run: "SmokeRun", findings: Sequence[Finding], accepted: Sequence[Finding]) -> None:
        """Say what a smoke test came to: the path with times, then what is wrong with it."""
        from sendspec.report.smoke import plan_part, run_part, run_text

        if self.format == "json":
            parts = json.findings_parts(findings, accepted)
            self._document({**parts, "plan": plan_part(run.plan), "run": run_part(run)})
        elif self.format == "text":
            self.stdout.write(run_text(run, self._paint))
            if findings:
                self.stdout.write("\n" + text.findings_text(findings, len(accepted), self._paint, self._width))
        else:
            self._report(Report(self.command, findings, accepted, self.documents(), self.fail_on))

    def fault_list(self, faults: Sequence[tuple[str, str, str]]) -> None:
        """Say which faults there are: (id, title, id of the finding that names it)."""
        if self.format == "json":
            self._document({"faults": [{"id": each, "title": title, "expects": kind} for each, title, kind in faults]})
            return
        width = max((len(each) for each, _, _ in faults), default=0)
        for each, title, kind in faults:
            self.stdout.write(f"{self._paint(each.ljust(width), BOLD)}  {visible(title)}  [{kind}]\n")

    def fault(self, run: "FaultRun") -> None:
        """Tell of a rehearsed fault as soon as it is done; formats that are one document tell at the end."""
        from sendspec.report import rehearsal

        if self.format == "text":
            self.stdout.write(rehearsal.fault_text(run, self._paint))
            self.stdout.flush()

    def faults(self, runs: "Sequence[FaultRun]", seconds: float, untried: int) -> None:
        """Say what all rehearsed faults came to. In text each has been told already. `untried` were left by Ctrl-C."""
        from sendspec.report import rehearsal

        if self.format == "json":
            self._document({"faults": [rehearsal.fault_part(run) for run in runs], "untried": untried})
        else:
            self.stdout.write(rehearsal.summary_text(runs, seconds, untried, self._paint))

    def accepting(self, findings: Sequence[Finding], accepted: Sequence[Finding], path: str, added: int) -> None:
        """Say what was accepted just now, and all that is left."""
        if self.format == "json":
            self._document({**json.findings_parts(findings, accepted), "written": {"file": path, "added": added}})
            return
        self.validation(findings, accepted)
        if self.format == "text":
            said = f"{added} acceptance{'s' if added != 1 else ''} added" if added else "nothing to add"
            self.stdout.write(f"{visible(path)}: {said}\n")

    def rendering(
        self,
        findings: Sequence[Finding],
        accepted: Sequence[Finding],
        folder: str,
        changes: Mapping[str, Sequence[str]],
    ) -> None:
        """Say what was written. Infos are counted only: `validate` is where they are read."""
        if self.format == "json":
            self._document(
                {**json.findings_parts(findings, accepted), "files": {k: list(v) for k, v in changes.items()}}
            )
            return
        if self.format != "text":
            documents = self.documents()
            self._report(Report(self.command, findings, accepted, documents, self.fail_on, folder, changes=changes))
            return
        self._notable(findings, accepted)
        self.stdout.write(text.changes_text(folder, changes, self._paint))

    def differences(
        self,
        findings: Sequence[Finding],
        accepted: Sequence[Finding],
        folder: str,
        differences: Sequence[tuple[str, str, str]],
    ) -> None:
        """Say how the folder differs from what render would write: (path, change, unified diff)."""
        if self.format == "json":
            self._document({**json.findings_parts(findings, accepted), **json.differences_part(differences)})
            return
        if self.format != "text":
            documents = self.documents()
            report = Report(self.command, findings, accepted, documents, self.fail_on, folder, differences=differences)
            self._report(report)
            return
        self._notable(findings, accepted)
        self.stdout.write(text.differences_text(((path, diff) for path, _, diff in differences), self._paint))
        count = len(differences)
        verdict = f"differs in {count} file{'s' if count > 1 else ''}; `sendspec render` writes them" if count else ""
        self.stdout.write(f"{visible(folder)}: {verdict or 'is what the spec says'}\n")

    def teller(self) -> Teller:
        """Give what shows, on stderr, what is being done just now."""
        return Teller(self.stderr)

    def plan(self, plan: "Plan", places: "Places", written: str = "") -> None:
        """Say what differs, and what would be done about it. `written` is the file it was saved to."""
        from sendspec.report.plan import plan_part, plan_text

        if self.format == "json":
            self._document({"plan": plan_part(plan, places), "written": written})
        elif self.format == "markdown":
            from sendspec.report.plan_markdown import plan_markdown

            self.stdout.write(plan_markdown(plan, places))
        else:
            self.stdout.write(plan_text(plan, self._page(self.stdout), places))
            if written:
                self.stdout.write(f"saved to {visible(written)}; `sendspec apply {visible(written)}` carries it out\n")

    def proposal(self, plan: "Plan", places: "Places") -> None:
        """Show what will be done, before anybody agrees to it: where the answer goes if that is text, else on stderr."""
        from sendspec.report.plan import plan_text

        stream = self.stdout if self.format == "text" else self.stderr
        stream.write(plan_text(plan, self._page(stream), places))
        stream.flush()

    def done(self, change: "Change", outcome: "Outcome") -> None:
        """Tell what came of a change as soon as it did; formats that are one document tell at the end."""
        from sendspec.report.applied import done_text

        if self.format == "text":
            self.stdout.write(done_text(change, outcome, self._page(self.stdout)))
            self.stdout.flush()

    def applied(self, result: "Result", places: "Places") -> None:
        """Say what a run of changes came to, and what is left; on stderr too why it was refused."""
        from sendspec.report.applied import applied_markdown, applied_part, applied_text

        if self.format == "json":
            self._document(applied_part(result, places))
            return
        for what, lines in result.refusals():
            self.failure(what, "\n".join(lines))
        if self.format == "markdown":
            self.stdout.write(applied_markdown(result, places))
        else:
            self.stdout.write(applied_text(result, self._page(self.stdout), places))

    def rotation_proposal(self, run: "RotationRun") -> None:
        """Show which keys will be replaced or revoked, before anybody agrees to it."""
        from sendspec.report.rotate import proposal_text

        stream = self.stdout if self.format == "text" else self.stderr
        stream.write(proposal_text(run, Paint.for_stream(stream, self.environment)))
        stream.flush()

    def rotated(self, rotated: "Rotated") -> None:
        """Tell what came of one key as soon as it did."""
        from sendspec.report.rotate import rotated_text

        if self.format == "text":
            self.stdout.write(rotated_text(rotated, self._paint))
            self.stdout.flush()

    def rotation(self, run: "RotationRun") -> None:
        """Say what a rotation came to. In text each key has been told already."""
        from sendspec.report.rotate import rest_text, run_part

        if self.format == "json":
            if run.is_agreed:
                self._document(run_part(run))
        else:
            self.stdout.write(rest_text(run, self._paint))

    def pulled(self, run: "PullRun", file: str) -> None:
        """Say what a pull brought into the lock file."""
        from sendspec.report.pull import pull_markdown, pull_part, pull_text

        if self.format == "json":
            self._document({"pull": pull_part(run), "file": file})
        elif self.format == "markdown":
            self.stdout.write(pull_markdown(run, file))
        else:
            self.stdout.write(pull_text(run, file, self._page(self.stdout)))

    def quiet_ticker(self) -> Ticker:
        """Give what shows how far a run is and tells its findings to nobody: they are for one report at the end."""
        return Ticker(self.stderr, None)

    def drift(self, drift: "Drift", places: "Places") -> None:
        """Say what has drifted. Where nothing has, text for a pipe is empty: a nightly job sends no mail about it."""
        from sendspec.report.drift import clean_text, drift_part, drift_text, plan_findings

        if self.format == "json":
            self._document(drift_part(drift, places))
        elif self.format == "text":
            said = drift_text(drift, self._page(self.stdout), places, self._width)
            if not said and self.stdout.isatty():
                said = clean_text(drift, self._paint)
            self.stdout.write(said)
        else:
            findings = (*drift.findings, *plan_findings(drift.plan, places))
            documents = self.documents()
            self._report(
                Report(
                    self.command,
                    findings,
                    drift.accepted,
                    documents,
                    self.fail_on,
                    drift.folder,
                    differences=drift.files,
                )
            )

    def explanations(self, explanations: Sequence[Explanation]) -> None:
        """Say why something exists."""
        if self.format == "json":
            self._document(json.explanations_part(explanations))
        else:
            self.stdout.write(text.explanations_text(explanations, self._paint, self._width))

    def advice(self, decisions: "Sequence[Decision]") -> None:
        """Say SMTP or API, and why, for each stream."""
        from sendspec.report.advice import advice_parts, advice_text

        if self.format == "json":
            self._document(advice_parts(decisions))
        else:
            self.stdout.write(advice_text(decisions, self._paint, self._width))

    def failure(self, message: str, hint: str) -> None:
        """Say why the command could not do its work: on stderr, or as a document."""
        if self.format == "json":
            self._document({"error": {"message": message, "hint": hint}})
            return
        if self.format == "github":
            from sendspec.report import github

            self.stdout.write(github.failure(message, hint))
            return
        paint = Paint.for_stream(self.stderr, self.environment)
        self.stderr.write(f"{paint('sendspec:', RED, BOLD)} {visible(message)}\n")
        for line in hint.splitlines():
            self.stderr.write(f"  {visible(line)}\n")

    def _notable(self, findings: Sequence[Finding], accepted: Sequence[Finding]) -> None:
        notable = [finding for finding in findings if finding.severity is not Severity.INFO]
        if notable:
            self.stdout.write(text.findings_text(notable, 0, self._paint, self._width) + "\n")
        if len(notable) < len(findings):
            said = text.summary(findings, len(accepted), self._paint)
            self.stdout.write(f"{said}; `sendspec validate` shows all of them\n")

    def _report(self, report: Report) -> None:
        """Write one of the formats that know nothing but findings; each loads when it is asked for."""
        from sendspec.report import github, junit, markdown, sarif

        writers = {"markdown": markdown.write, "github": github.write, "sarif": sarif.write, "junit": junit.write}
        self.stdout.write(writers[self.format](report))

    def _document(self, parts: Mapping[str, object]) -> None:
        self.stdout.write(json.document(self.command, parts))

    @property
    def _paint(self) -> Paint:
        return Paint.for_stream(self.stdout, self.environment)

    def _page(self, stream: TextIO) -> Page:
        """Give what sentences are written on; only a terminal has a width."""
        width = shutil.get_terminal_size().columns if stream.isatty() else 0
        return Page(Paint.for_stream(stream, self.environment), width)

    @property
    def _width(self) -> int:
        return shutil.get_terminal_size().columns if self.stdout.isatty() else PIPED_COLUMNS
