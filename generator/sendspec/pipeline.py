"""The order of the stages, and nothing else.

folder of YAML -> spec + lock -> setup -> findings -> files
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.compile.settings import read_plugin_settings
from sendspec.compile.setup import compile_setup
from sendspec.deliveries.interface import delivery_ids
from sendspec.errors import SpecError
from sendspec.esp.interface import esp_ids, load_esp
from sendspec.hosts.interface import host_ids
from sendspec.model.finding import Finding, Severity
from sendspec.model.observation import Kind
from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.model.rule_document import RuleDocument
from sendspec.model.setup import Setup
from sendspec.model.spec_rule import SpecRule
from sendspec.rules.acceptances import exact_glob
from sendspec.rules.run import rule_documents, run_rules
from sendspec.spec.accepted import AcceptedEntry, add_accepted
from sendspec.spec.files import SpecFiles, read_files
from sendspec.spec.load import load_files
from sendspec.spec.positions import Positions
from sendspec.spec.problems import FindingCollector
from sendspec.targets.interface import Layer, load_target, target_ids

if TYPE_CHECKING:
    from sendspec.model.decision import Decision

LIVE = "live-"
"""How the ids of findings start that only a live command has."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A sound spec, resolved. `findings` came up while loading and are no errors; `spec_files` are relative to the folder."""

    setup: Setup
    positions: Positions
    findings: tuple[Finding, ...]
    spec_files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validation:
    """A setup with all findings of all rules, sorted by place. `accepted` are those the spec says it lives with.

    `origins` says what each finding that can be accepted is about.
    """

    setup: Setup
    positions: Positions
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    origins: Mapping[Finding, tuple[Origin, ...]]


Issued = Mapping[str, Mapping[str, Mapping[str, object]]]
"""What ESPs have issued, as the lock file keeps it: account id -> domain -> entry."""


def compile_folder(folder: Path, fill: Callable[[Setup, Issued], Issued] | None = None) -> Compiled:
    """Load and compile a spec.

    `fill` may add to what the lock file holds: it gets the setup as it stands and gives what is issued then. A
    rehearsal makes up in this way what is still pending.

    Raises:
        SpecError: it cannot be compiled; with every problem found.
    """
    return compile_files(read_files(folder), fill)


def compile_files(found: SpecFiles, fill: Callable[[Setup, Issued], Issued] | None = None) -> Compiled:
    """Load and compile a spec whose files have been read. Raises SpecError."""
    loaded = load_files(found)
    collector = FindingCollector(loaded.positions)
    plugins = read_plugin_settings(loaded.raw, loaded.lock.issued, collector)
    findings = tuple(sorted({*loaded.findings, *collector.findings}, key=Finding.sort_key))
    if loaded.spec is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise SpecError(findings)
    spec = loaded.spec
    if fill is None:  # what plug-ins have read is read no more: for 10,000 domains 20 MB
        loaded = replace(loaded, raw={}, lock=replace(loaded.lock, issued={}))
    setup = compile_setup(spec, loaded.lock, plugins)
    if fill is not None:
        lock = replace(loaded.lock, issued=fill(setup, loaded.lock.issued))
        setup = compile_setup(spec, lock, read_plugin_settings(loaded.raw, lock.issued, collector))
    return Compiled(setup, loaded.positions, findings, loaded.files)


def validate(folder: Path, today: date | None = None) -> Validation:
    """Compile a spec and run all rules over it. `today` None leaves out rules that depend on the date."""
    compiled = compile_folder(folder)
    run = run_rules(compiled.setup, compiled.positions, today, _live_ids(compiled.setup))
    findings = tuple(sorted((*compiled.findings, *run.findings), key=Finding.sort_key))
    return Validation(compiled.setup, compiled.positions, findings, run.accepted, run.origins)


def _live_ids(setup: Setup) -> frozenset[str]:
    """Give the ids of live findings, if any is accepted: without that, offline commands need not load the checks."""
    if not any(acceptance.rule.startswith(LIVE) for acceptance in setup.acceptances):
        return frozenset()
    return frozenset(document.id for document in all_live_documents())


def all_live_documents() -> tuple[RuleDocument, ...]:
    """Give what the id of every live finding means, sorted by id."""
    return tuple(kind.document for kind in all_live_kinds())


def all_live_kinds() -> tuple[Kind, ...]:
    """Give everything that a live command can find, sorted by id."""
    from sendspec.check.run import live_kinds
    from sendspec.check.shares import KINDS as SHARES
    from sendspec.smoke.kinds import KINDS as SMOKE

    return tuple(sorted((*live_kinds(), *SHARES, *SMOKE), key=lambda kind: kind.id))


def accept_findings(folder: Path, validation: Validation, accepted: Sequence[Finding], because: str, until: str) -> int:
    """Write into the spec that the team lives with these findings; give how many acceptances are new.

    Findings about the files and about acceptances themselves cannot be accepted and are passed over.

    Raises:
        UsageError: the spec is a single file, or somebody wrote `accepted.yaml` by hand.
        OutputError: the file cannot be written.
    """
    return add_accepted(
        folder,
        (
            AcceptedEntry(finding.rule, exact_glob(origin.to_text()), because, until)
            for finding in accepted
            for origin in validation.origins.get(finding, ())
        ),
    )


def advise(folder: Path) -> "tuple[Decision, ...]":
    """Compile a spec and decide SMTP or API for every stream, sorted by stream."""
    from sendspec.advice.decide import decide  # validate and check need none of it

    return decide(compile_folder(folder).setup)


def output_files(compiled: Compiled | Validation) -> tuple[OutputFile, ...]:
    """Give every file of the output folder. Raises OutputError when two want one place."""
    from sendspec.advice.decide import decide
    from sendspec.render.run import render_files  # validate needs neither it nor the template engine

    return render_files(compiled.setup, compiled.positions, decide(compiled.setup))


def all_rule_documents() -> tuple[RuleDocument, ...]:
    """Give what every id that a finding can have means: problems of the files first, then the rules, each sorted by id."""
    files = (
        RuleDocument(str(rule), Severity.ERROR, rule.explanation.partition(". ")[0], "", "", "", rule.explanation)
        for rule in sorted(SpecRule)
    )
    return (*files, *rule_documents())


def schema() -> str:
    """Give the JSON Schema of the spec for editors, with every ESP's own settings."""
    from sendspec.spec.json_schema import schema_text  # no other command needs it

    esps = {esp_id: load_esp(esp_id) for esp_id in esp_ids()}
    targets = [load_target(target_id) for target_id in target_ids()]
    return schema_text(
        settings={esp_id: esp.settings_model for esp_id, esp in esps.items()},
        route_settings={esp_id: esp.route_settings_model for esp_id, esp in esps.items()},
        targets=[target.id for target in targets if target.layer is Layer.APP],
        formats=[target.id for target in targets if target.layer is Layer.DNS],
        deliveries=delivery_ids(),
        hosts=host_ids(),
    )
