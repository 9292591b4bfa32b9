"""The workflows that this repository uses and its users copy."""

import re
import subprocess

import pytest
import yaml
from workflow_runner import load_workflow

from sendspec.cli import cli

COPIED = ("sendspec.yml", "sendspec-drift.yml", "sendspec-pull.yml", "sendspec-apply.yml")
AWS_STEP = re.compile(r"^ +# - name: A short-lived token for AWS\n(?: +#.*\n)+", re.MULTILINE)
MAY_WRITE = {
    ("sendspec.yml", "plan"): {"pull-requests"},
    ("sendspec-drift.yml", "drift"): {"issues"},
    ("sendspec-pull.yml", "pull"): {"contents", "pull-requests"},
    ("sendspec-apply.yml", "apply"): {"contents", "pull-requests"},
}


@pytest.fixture
def folder(repository):
    return repository / ".github" / "workflows"


@pytest.fixture(params=[*COPIED, "ci.yml"])
def named(request, folder):
    """Give the name of a workflow and what it says."""
    return request.param, load_workflow(folder / request.param)


@pytest.fixture
def workflow(named):
    return named[1]


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def uncommented(text):
    """Give a workflow with the steps in it that take AWS's token by OpenID Connect."""
    text = AWS_STEP.sub(lambda found: re.sub(r"(?m)^( +)# ", r"\1", found[0]), text)
    return text.replace("# id-token: write", "id-token: write")


def test_every_workflow_that_users_copy_is_here(folder):
    assert {path.name for path in folder.iterdir()} == {*COPIED, "ci.yml"}


def test_a_workflow_may_read_the_repository_and_a_job_what_it_says_beyond_that(named):
    name, workflow = named
    assert workflow["permissions"] == {"contents": "read"}
    for job_name, job in workflow["jobs"].items():
        wider = {right for right, level in job.get("permissions", {}).items() if level == "write"}
        assert wider == MAY_WRITE.get((name, job_name), set())


def test_secrets_are_variables_of_the_one_step_that_needs_them_and_of_no_step_with_the_repositorys_token(workflow):
    assert "secrets." not in str({**workflow, "jobs": ""})
    for job in workflow["jobs"].values():
        assert "secrets." not in str({**job, "steps": ""})
        with_secrets = [step for step in job["steps"] if "secrets." in str(step)]
        assert len(with_secrets) <= 1
        for step in with_secrets:
            assert "secrets." not in str({**step, "env": ""})
            assert "GH_TOKEN" not in step["env"]
            assert "gh " not in step["run"]


def test_nothing_that_others_write_gets_into_a_script(workflow):
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_pull_requests_from_forks_get_no_secret(folder):
    for name in COPIED:
        workflow = load_workflow(folder / name)
        assert "pull_request_target" not in workflow["on"]
        if "pull_request" in workflow["on"]:
            for job in workflow["jobs"].values():
                if "secrets." in str(job):
                    assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]


def test_what_needs_accounts_runs_only_where_somebody_switched_it_on(folder):
    for name in COPIED:
        for job in load_workflow(folder / name)["jobs"].values():
            if "secrets." in str(job):
                is_on = re.search(r"vars\.SENDSPEC_(LIVE|APPLY) == 'true'", job["if"])
                assert is_on or job.get("needs") == "plan"


def test_every_action_is_pinned_to_a_major_version(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"actions/(checkout|setup-python)@v\d+", name)] == []


def test_the_token_stays_out_of_the_clone(folder):
    for name in COPIED:
        for step in steps(load_workflow(folder / name)):
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] == "false"


def test_every_job_ends_by_itself(workflow):
    assert all(1 <= int(job["timeout-minutes"]) <= 60 for job in workflow["jobs"].values())


def test_what_changes_accounts_or_branches_is_never_cut_off(folder):
    for name in COPIED[1:]:
        assert load_workflow(folder / name)["concurrency"]["cancel-in-progress"] == "false"


def test_every_call_of_sendspec_is_one_that_it_understands(folder):
    calls = re.findall(r"\.venv/bin/sendspec (.+?)(?: (?:>|\||\|\|) |$)", _scripts(folder), re.MULTILINE)
    assert {call.split()[0] for call in calls} >= {"validate", "render", "plan", "drift", "pull", "apply", "rehearse"}
    for call in calls:
        name, *arguments = call.split()
        command = cli.get_command(None, name)
        assert command is not None
        with cli.make_context("sendspec", [], resilient_parsing=True) as parent:
            parent.obj = {}
            command.make_context(name, arguments, parent=parent)


def _scripts(folder):
    runs = [step["run"] for name in COPIED for step in steps(load_workflow(folder / name)) if "run" in step]
    return "\n".join(runs)


@pytest.mark.parametrize("with_aws", [False, True])
def test_a_workflow_is_what_githubs_schema_says(folder, with_aws, ci_schema):
    for name in (*COPIED, "ci.yml"):
        text = (folder / name).read_text(encoding="utf-8")
        # the schema knows numbers and booleans; of what YAML 1.1 reads otherwise, `on` is the one key here
        workflow = yaml.safe_load(uncommented(text) if with_aws else text)
        workflow["on"] = workflow.pop(True)
        ci_schema("github-workflows").validate(workflow)


def test_scripts_have_no_finding_of_shellcheck(workflow, find_tool, tmp_path):
    shellcheck = find_tool("shellcheck")
    scripts = []
    for number, step in enumerate(step for step in steps(workflow) if "run" in step):
        scripts.append(tmp_path / f"{number}.sh")
        known = "".join(f"# {name}\nexport {name}\n" for name in step.get("env", {}))
        scripts[-1].write_text(f"#!/bin/bash\n{known}{step['run']}\n", encoding="utf-8")
    done = subprocess.run([shellcheck, *map(str, scripts)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_script_that_brings_a_pull_request_is_the_same_wherever_it_stands(folder):
    found = {
        step["run"]
        for name in COPIED
        for step in steps(load_workflow(folder / name))
        if "gh pr create" in step.get("run", "")
    }
    assert len(found) == 1


def test_what_users_copy_passes_on_the_shipped_example(folder, shell):
    commands = [
        step["run"] for step in load_workflow(folder / "sendspec.yml")["jobs"]["spec"]["steps"] if "run" in step
    ]
    assert any("render --check" in command for command in commands)
    done = shell("\n".join(commands))
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_users_copy_fails_when_output_is_not_what_the_spec_says(folder, shell, fresh_copy):
    *_, last = [
        step["run"] for step in load_workflow(folder / "sendspec.yml")["jobs"]["spec"]["steps"] if "run" in step
    ]
    zone = fresh_copy / "output" / "dns" / "northwind.example" / "zone.db"
    zone.write_text(zone.read_text(encoding="utf-8").replace("p=quarantine", "p=none"), encoding="utf-8")
    done = shell(last)
    assert done.returncode == 2
    assert "p=none" in done.stdout


def test_without_accounts_the_night_rehearses_the_shipped_example(folder, shell, tmp_path):
    job = load_workflow(folder / "sendspec-drift.yml")["jobs"]["rehearse"]
    done = shell(job["steps"][-1]["run"], GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sendspec rehearse" in (tmp_path / "summary").read_text(encoding="utf-8")


def test_the_page_about_ci_knows_every_file_variable_and_right(repository, folder):
    page = (repository / "docs" / "ci.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\((\.\./[^)]+)\)", page):
        assert (repository / "docs" / link).exists(), link
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in COPIED}
    texts["GitLab"] = (repository / ".gitlab" / "sendspec.yml").read_text(encoding="utf-8")
    for name in COPIED:
        assert f"../.github/workflows/{name})" in page
    for name, text in texts.items():
        for variable in re.findall(r"vars\.([A-Z_]+)|\$(SENDSPEC_(?:LIVE|APPLY))", text):
            assert f"`{''.join(variable)}`" in page, name
    rows = re.findall(r"^\| (`[a-z`, ]+`) \| ([a-z, ]+) \| (?:the|issue)", page, re.MULTILINE)
    said = {job: set(rights.split(", ")) for jobs, rights in rows for job in re.findall(r"[a-z]+", jobs)}
    wanted = {job: {right.replace("-", " ") for right in rights} for (_, job), rights in MAY_WRITE.items()}
    assert said == wanted


@pytest.mark.parametrize("name", ["plan", "drift", "pull"])
def test_make_has_the_command_of_each_job(shell, name):
    done = shell(f"make --no-print-directory --dry-run {name} ARGS=--help")
    assert done.returncode == 0, done.stderr
    assert f"sendspec {name} --help" in done.stdout
