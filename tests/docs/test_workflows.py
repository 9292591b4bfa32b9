"""The workflows that this repository uses and its users copy."""

import re

import pytest
import yaml


@pytest.fixture(params=["sendspec.yml", "ci.yml"])
def workflow(request, repository):
    text = (repository / ".github" / "workflows" / request.param).read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.BaseLoader)


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_a_workflow_may_read_the_repository_and_nothing_else(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())
    assert "secrets." not in str(workflow)


def test_every_action_is_pinned_to_a_major_version(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", name)] == []


def test_every_job_ends_by_itself(workflow):
    assert all(1 <= int(job["timeout-minutes"]) <= 60 for job in workflow["jobs"].values())


def test_what_users_copy_passes_on_the_shipped_example(repository, shell):
    text = (repository / ".github" / "workflows" / "sendspec.yml").read_text(encoding="utf-8")
    commands = [step["run"] for step in steps(yaml.safe_load(text)) if "run" in step]
    assert any("render --check" in command for command in commands)
    done = shell("\n".join(commands))
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_users_copy_fails_when_output_is_not_what_the_spec_says(repository, shell, fresh_copy):
    text = (repository / ".github" / "workflows" / "sendspec.yml").read_text(encoding="utf-8")
    *_, last = [step["run"] for step in steps(yaml.safe_load(text)) if "run" in step]
    zone = fresh_copy / "output" / "dns" / "northwind.example" / "zone.db"
    zone.write_text(zone.read_text(encoding="utf-8").replace("p=quarantine", "p=none"), encoding="utf-8")
    done = shell(last)
    assert done.returncode == 2
    assert "p=none" in done.stdout
