"""What may stand in a tracked file."""

import re
import subprocess
import tomllib

import pytest

# Patterns, so that they do not match themselves.
MACHINE_PATHS = re.compile(r"(?<![\w.:/-])/(?:work|root|home/\w+|Users/\w+|opt/pypi)/")
REGISTRY_HOSTS = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.\w+|npmjs\.org|deb\.debian\.org|proxy\.golang\.org)"
)
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b")


@pytest.fixture(scope="module")
def texts(repository, find_tool) -> dict[str, str]:
    listed = subprocess.run(
        [find_tool("git"), "-c", "safe.directory=*", "ls-files", "-z"], cwd=repository, capture_output=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    files = {name: repository / name for name in names}
    return {name: file.read_text(encoding="utf-8") for name, file in files.items() if file.is_file()}


def lines_with(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_tracked_file_names_a_path_of_one_machine(texts):
    assert lines_with(MACHINE_PATHS, texts) == []


def test_no_tracked_file_names_a_package_registry(texts):
    assert lines_with(REGISTRY_HOSTS, texts) == []


def test_no_tracked_file_leaves_work_for_later(texts):
    assert lines_with(UNFINISHED, texts) == []


def test_every_line_that_ought_to_be_found_is_found():
    bad = {
        "a": "cd /ro" + "ot/x",
        "b": "https://pypi" + ".org/simple",
        "c": "# TO" + "DO: later",
        "d": "https://example.com/root/x",
    }
    hits = [lines_with(pattern, bad) for pattern in (MACHINE_PATHS, REGISTRY_HOSTS, UNFINISHED)]
    assert [[line[0] for line in lines] for lines in hits] == [["a"], ["b"], ["c"]]


def test_every_runtime_dependency_says_what_it_is_for(repository):
    text = (repository / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in tomllib.loads(text)["project"]["dependencies"]:
        assert re.search(rf'"{re.escape(requirement)}",\s*# \w', text), requirement


def test_every_dependency_is_pinned_to_one_version_and_no_address(repository):
    lines = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9A-Za-z.]+", line)] == []
    pinned = {line.partition("==")[0] for line in lines}
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower() for requirement in wanted}
    assert names - pinned == set()
