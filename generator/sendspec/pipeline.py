"""The order of the stages, and nothing else.

folder of YAML -> spec + lock -> setup -> findings -> files
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sendspec.compile.settings import read_plugin_settings
from sendspec.compile.setup import compile_setup
from sendspec.errors import SpecError
from sendspec.esp.interface import esp_ids, load_esp
from sendspec.model.finding import Finding, Severity
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.render.run import render_files
from sendspec.rules.run import run_rules
from sendspec.spec.load import load_spec
from sendspec.spec.positions import Positions
from sendspec.spec.problems import FindingCollector
from sendspec.targets.interface import Layer, load_target, target_ids


@dataclass(frozen=True, slots=True)
class Compiled:
    """A sound spec, resolved. `findings` came up while loading and are no errors; `spec_files` are relative to the folder."""

    setup: Setup
    positions: Positions
    findings: tuple[Finding, ...]
    spec_files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validation:
    """A setup with all findings of all rules, sorted by place. `accepted` are those the spec says it lives with."""

    setup: Setup
    positions: Positions
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]


def compile_folder(folder: Path) -> Compiled:
    """Load and compile a spec. Raises SpecError with every problem found when it cannot be compiled."""
    loaded = load_spec(folder)
    collector = FindingCollector(loaded.positions)
    plugins = read_plugin_settings(loaded.raw, loaded.lock.issued, collector)
    findings = tuple(sorted({*loaded.findings, *collector.findings}, key=Finding.sort_key))
    if loaded.spec is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise SpecError(findings)
    setup = compile_setup(loaded.spec, loaded.lock, plugins)
    return Compiled(setup, loaded.positions, findings, loaded.files)


def validate(folder: Path, today: date | None = None) -> Validation:
    """Compile a spec and run all rules over it. `today` None leaves out rules that depend on the date."""
    compiled = compile_folder(folder)
    run = run_rules(compiled.setup, compiled.positions, today)
    findings = tuple(sorted((*compiled.findings, *run.findings), key=Finding.sort_key))
    return Validation(compiled.setup, compiled.positions, findings, run.accepted)


def render(folder: Path, today: date | None = None) -> tuple[Validation, tuple[OutputFile, ...]]:
    """Validate a spec and make its files. The caller decides whether the findings allow writing them."""
    validation = validate(folder, today)
    return validation, render_files(validation.setup, validation.positions)


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
    )
