"""What a newcomer meets first: make."""

import sys
from pathlib import Path

import pytest

RENDER = "make --no-print-directory render"


def fake_pythons(folder: Path, status: int) -> str:
    """Give a PATH on which every Python is too old (status 1) or broken."""
    folder.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        program = folder / name
        program.write_text(f"#!/bin/sh\nexit {status}\n", encoding="utf-8")
        program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_make_render_writes_the_output_and_says_so(shell, fresh_copy):
    expected = (fresh_copy / "output" / "manifest.json").read_bytes()
    (fresh_copy / "output").rename(fresh_copy / "before")
    done = shell(RENDER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "output" in done.stdout
    assert (fresh_copy / "output" / "manifest.json").read_bytes() == expected


def test_make_without_a_python_new_enough_says_so_in_one_line(shell, tmp_path):
    done = shell(RENDER, PATH=fake_pythons(tmp_path / "bin", 1))
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1
    assert "Python 3.11 or newer" in lines[0]


def test_make_without_the_venv_module_names_the_package_to_install(shell, fresh_copy, tmp_path):
    (fresh_copy / ".venv" / "sendspec-environment").unlink()
    bare = tmp_path / "bare-python"
    # A Python as Debian ships it without python3-venv: ensurepip cannot be imported.
    hide = "import sys, runpy; sys.modules['ensurepip'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{hide}" "$@"\n', encoding="utf-8")
    bare.chmod(0o755)
    done = shell(f"{RENDER} PYTHON={bare}")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_that_cannot_be_installed_ends_with_what_failed(shell, fresh_copy):
    (fresh_copy / ".venv" / "sendspec-environment").unlink()
    # A pip that fails at once, in the place where python -m pip looks first.
    module = next((fresh_copy / ".venv" / "lib").glob("python*")) / "site-packages" / "pip"
    module.mkdir()
    (module / "__init__.py").touch()
    (module / "__main__.py").write_text(
        "import sys\nsys.exit(0 if '--version' in sys.argv else 'no route to the package index')\n", encoding="utf-8"
    )
    done = shell(f'{RENDER} PYTHON="{sys.executable}"')
    assert done.returncode != 0
    assert "no route to the package index" in done.stderr
    assert "sendspec: installing packages failed" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_makes_at_once_do_not_disturb_each_other(shell, fresh_copy):
    done = shell(f"{RENDER} & first=$!; {RENDER}; wait $first")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "goal", ["render", "validate", "test", "ci", "format", "golden", "docs", "benchmark", "peers", "clean"]
)
def test_make_help_lists(goal, shell):
    done = shell("make help")
    assert f"make {goal} " in done.stdout
