"""Make or refresh `.venv`: `environment.py runtime` for users, `environment.py dev` for tests and linters.

Needs nothing but the standard library. Does nothing when `.venv` already holds what is asked for, so that make can
run it before every command. Two runs at once wait for each other.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = REPOSITORY / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "sendspec-environment"
KINDS = ("runtime", "dev")
CONSTRAINTS = "constraints.txt"


def wanted_stamp(kind: str) -> str:
    """Give what STAMP holds once `kind` is installed: it changes with the pins, the interpreter and the folder."""
    digest = hashlib.sha256()
    for part in ("pyproject.toml", CONSTRAINTS):
        digest.update((REPOSITORY / part).read_bytes())
    # An editable install points at this folder: a moved or copied one would go on running the old code.
    digest.update(f"{REPOSITORY}\n{sys.version_info[:2]}".encode())
    return f"{kind} {digest.hexdigest()}\n"


def is_ready(kind: str) -> bool:
    """Tell whether `.venv` holds what `kind` needs; the dev environment holds the runtime one."""
    if not STAMP.is_file() or not PYTHON.exists():
        return False
    found = STAMP.read_text()
    return any(found == wanted_stamp(enough) for enough in KINDS[KINDS.index(kind) :])


def requirements(kind: str) -> list[str]:
    """Give pip's arguments for `kind`. Dependency groups are read here: Python 3.11 brings a pip that cannot."""
    if kind == "runtime":
        return ["--editable", "."]
    # Only what is missing: installing sendspec itself again would take it away from a command that runs meanwhile.
    itself = [] if is_ready("runtime") else requirements("runtime")
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        return [*itself, *tomllib.load(file)["dependency-groups"]["dev"]]


def run(step: str, command: list[str]) -> None:
    """Run one command in the repository, quietly. Ends the program with its output and one line where it fails."""
    # PIP_CONSTRAINT, in the two spellings that pip has had, pins the build backend too. The path is relative, because
    # pip splits the variable at blanks.
    pinned = {**os.environ, "PIP_CONSTRAINT": CONSTRAINTS, "PIP_BUILD_CONSTRAINT": CONSTRAINTS}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=pinned, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{done.stdout}sendspec: {step} failed; mend the cause shown above and run make again")


def install(kind: str) -> None:
    """Create `.venv` where it is missing or broken, and install what `kind` needs."""
    sys.stderr.write(f"sendspec: preparing .venv for {kind}; this happens once\n")
    if not has_pip():
        run("creating .venv", [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    run("installing packages", [*pip, "--constraint", CONSTRAINTS, *requirements(kind)])
    STAMP.write_text(wanted_stamp(kind))


def has_pip() -> bool:
    """Tell whether `.venv` is a working environment: an upgraded or removed system Python leaves a broken one."""
    return (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )


def main() -> None:
    """Make sure of the environment named on the command line."""
    if len(sys.argv) != 2 or sys.argv[1] not in KINDS:  # noqa: PLR2004 - program and kind
        sys.exit(f"usage: environment.py {'|'.join(KINDS)}")
    kind = sys.argv[1]
    if is_ready(kind):
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships it apart
    except ImportError:
        sys.exit("sendspec: this Python cannot create environments; on Debian and Ubuntu: apt install python3-venv")
    lock = os.open(REPOSITORY / CONSTRAINTS, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not is_ready(kind):
        install(kind)


if __name__ == "__main__":
    main()
