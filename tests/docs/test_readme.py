"""Everything the README tells a reader to type works, and what it shows is what happens."""

import re

import pytest

NOT_RUN = re.compile(r"<!-- not run: (?P<reason>\w.*?) -->\n```sh\n.*?```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(?P<commands>.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)(?P<path>[^)#]+)")


@pytest.fixture(scope="module")
def readme(repository):
    return (repository / "README.md").read_text(encoding="utf-8")


def test_every_command_block_runs_in_order_in_a_fresh_clone(readme, shell):
    blocks = [found["commands"] for found in COMMANDS.finditer(NOT_RUN.sub("", readme))]
    assert len(blocks) >= 2
    done = shell("\n".join(blocks))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_output_shown_is_the_output_printed(shell):
    done = shell(".venv/bin/python tools/readme.py --check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_output_that_went_stale_is_noticed(shell, fresh_copy):
    readme = fresh_copy / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("Exit codes:", "Exit statuses:"), encoding="utf-8")
    done = shell(".venv/bin/python tools/readme.py --check")
    assert done.returncode != 0
    assert "make docs" in done.stderr


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "output/README.md"])
def test_every_relative_link_leads_somewhere(page, repository):
    text = (repository / page).read_text(encoding="utf-8")
    folder = (repository / page).parent
    assert [found["path"] for found in LINK.finditer(text) if not (folder / found["path"]).exists()] == []


def test_the_accepted_finding_of_the_readme_names_a_rule_that_exists(readme, shell):
    rule = re.search(r"rule: ([a-z0-9-]+)", readme)[1]
    done = shell(f".venv/bin/sendspec explain {rule}")
    assert done.returncode == 0, done.stdout + done.stderr
