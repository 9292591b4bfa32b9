"""A runner of GitHub's for one job: its `run` steps, in a repository of their own, with the files and variables they expect.

The `sendspec` that steps call is a stand-in: it says what the file `said` holds, exits with what `code` holds, does what
the shell text in `does` says, and notes its arguments and the names of its variables.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from gh_stand_in import EMPTY, install_gh

SENDSPEC = f"""#!{sys.executable}
import json, os, pathlib, subprocess, sys
world = pathlib.Path(os.environ["TEST_WORLD"])
command = sys.argv[1]
with (world / "sendspec.log").open("a") as log:
    log.write(json.dumps([sys.argv[1:], sorted(os.environ)]) + "\\n")
told = json.loads((world / "told.json").read_text()).get(command, {{}})
subprocess.run(["sh", "-euc", told.get("does", ":")], check=True)
if "--out" in sys.argv:
    pathlib.Path(sys.argv[sys.argv.index("--out") + 1]).write_text(told.get("out", ""))
if command == "apply":
    (world / "applied.json").write_text(pathlib.Path(sys.argv[-1]).read_text())
sys.stdout.write(told.get("said", ""))
sys.exit(told.get("code", 0))
"""
EXPRESSION = re.compile(r"\$\{\{ *([^}]+?) *\}\}")
ALWAYS = {"always()", "success() || failure()"}


@dataclass
class Ran:
    """What came of one step. `environment` is what it was given."""

    name: str
    status: int
    said: str
    environment: Mapping[str, str]


@dataclass
class Runner:
    """One repository with a remote, and the state of GitHub beside it."""

    folder: Path
    bash: str
    contexts: dict[str, str] = field(default_factory=dict)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the repository: a spec, a lock file, an output folder, one commit, a bare remote."""
        self.world, self.work, self.origin = self.folder / "world", self.folder / "a clone", self.folder / "origin.git"
        self.bin, self.temporary = self.folder / "bin", self.folder / "runner temp"
        for each in (self.world, self.work / "specs", self.work / "output", self.bin, self.temporary):
            each.mkdir(parents=True, exist_ok=True)
        (self.work / "specs" / "sendspec.lock.yaml").write_text("version: 1\n", encoding="utf-8")
        (self.work / "output" / "README.md").write_text("old\n", encoding="utf-8")
        (self.work / ".venv" / "bin").mkdir(parents=True)
        (self.work / ".gitignore").write_text(".venv/\n", encoding="utf-8")
        program = self.work / ".venv" / "bin" / "sendspec"
        program.write_text(SENDSPEC, encoding="utf-8")
        program.chmod(0o755)
        install_gh(self.bin)
        self.state_file.write_text(json.dumps(EMPTY), encoding="utf-8")
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin), cwd=self.folder)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", str(self.origin))
        self.git("add", "--all")
        self.git("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "--quiet", "--message", "start")
        self.git("push", "--quiet", "origin", "main")
        self.fresh()

    @property
    def state_file(self) -> Path:
        """Give the file that the stand-in for gh keeps."""
        return self.world / "github.json"

    @property
    def github(self) -> dict[str, Any]:
        """Give what GitHub holds now."""
        return json.loads(self.state_file.read_text(encoding="utf-8"))

    def put(self, kind: str, **members: object) -> None:
        """Add something that somebody else made at GitHub."""
        state = self.github
        state["last"] += 1
        number = state["last"]
        common = {"number": number, "id": number, "state": "open", "isCrossRepository": False}
        state[kind].append({**common, **members})
        self.state_file.write_text(json.dumps(state), encoding="utf-8")

    @property
    def calls(self) -> list[tuple[list[str], list[str]]]:
        """Give each call of sendspec: its arguments, and the names of its variables."""
        log = self.world / "sendspec.log"
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run git in the clone, without the settings of the machine."""
        known = {**self._common(), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.work, env=known, capture_output=True, text=True, check=True
        )
        return done.stdout

    def fresh(self) -> None:
        """Check out the default branch anew, as each run does."""
        self.git("switch", "--quiet", "--discard-changes", "--detach", "origin/main")
        self.git("clean", "--quiet", "-fd")

    def run(self, job: Mapping[str, Any]) -> list[Ran]:
        """Run a job's steps; after one that fails only those that say so."""
        (self.world / "told.json").write_text(json.dumps(self.told), encoding="utf-8")
        kept: dict[str, str] = {}
        outputs: dict[str, str] = {}
        ran: list[Ran] = []
        for step in job["steps"]:
            has_failed = any(each.status for each in ran)
            if "run" not in step or step["run"] == "make runtime" or (has_failed and step.get("if") not in ALWAYS):
                continue
            done = self._step(step, kept, outputs)
            ran.append(done)
        return ran

    def _step(self, step: Mapping[str, Any], kept: dict[str, str], outputs: dict[str, str]) -> Ran:
        files = {name: self.world / name for name in ("GITHUB_OUTPUT", "GITHUB_ENV")}
        for each in files.values():
            each.write_text("", encoding="utf-8")
        summary = self.world / "GITHUB_STEP_SUMMARY"
        given = {name: self._filled(str(value), outputs) for name, value in step.get("env", {}).items()}
        known = {
            **self._common(),
            **{name: str(path) for name, path in files.items()},
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.temporary),
            "TEST_WORLD": str(self.world),
            "GH_STATE": str(self.state_file),
            **{name: value for name, value in self.contexts.items() if name.isupper()},
            **kept,
            **given,
        }
        script = self.world / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        # as GitHub runs `shell: bash`
        command = [self.bash, "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(
            command, cwd=self.work, env=known, capture_output=True, text=True, check=False, timeout=60
        )
        kept.update(_pairs(files["GITHUB_ENV"]))
        for name, value in _pairs(files["GITHUB_OUTPUT"]).items():
            outputs[f"steps.{step.get('id')}.outputs.{name}"] = value
        self.contexts.update(outputs)
        return Ran(step.get("name", ""), done.returncode, done.stdout + done.stderr, given)

    def _filled(self, text: str, outputs: Mapping[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("secrets."):
                return f"value-of-{name}"
            return {**self.contexts, **outputs}[name]

        return EXPRESSION.sub(value, text)

    def _common(self) -> dict[str, str]:
        return {"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "GITHUB_ACTIONS": "true"}


def _pairs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())


def load_workflow(path: Path) -> dict[str, Any]:
    """Read a workflow; `on` stays a string."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
