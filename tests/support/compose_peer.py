"""Docker Compose as the reader of generated Compose files; it needs no engine for that."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml


def compose(program: str, folder: Path, file: Path, secrets: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Give what Compose makes of a file that adds to a service's own one. The service has the file's first name."""
    service = next(iter(yaml.safe_load(file.read_text(encoding="utf-8"))["services"]))
    base = folder / "docker-compose.yml"
    base.write_text(f"version: '3'\nservices: {{{service}: {{image: own, environment: {{OWN: word}}}}}}\n")
    return subprocess.run(
        [program, "-f", str(base), "-f", str(file), "config"],
        env={"PATH": os.environ["PATH"], **secrets},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def environment_of(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Give the environment that the one service starts with. Compose shows a `$` doubled."""
    assert done.returncode == 0, done.stderr
    (service,) = yaml.safe_load(done.stdout)["services"].values()
    variables = {name: str(value or "").replace("$$", "$") for name, value in service["environment"].items()}
    assert variables.pop("OWN") == "word"
    return variables
