"""The template for GitLab, carried out against a GitLab that keeps notes and issues, and a remote that takes push options."""

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from workflow_runner import Runner

MARK, TITLE = "<!-- sendspec plan -->", "sendspec: the world is not what specs/ says"
TOKEN = "glpat-made-up"
ME, OTHER = {"id": 7}, {"id": 8}
VARIABLES = {"SENDSPEC_TOKEN": TOKEN, "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "5", "CI_DEFAULT_BRANCH": "main"}
HOOK = """#!/bin/sh
number=0
while [ "$number" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
  eval "printf '%s\\n' \\"\\$GIT_PUSH_OPTION_$number\\"" >> options
  number=$((number + 1))
done
"""


class GitLab(BaseHTTPRequestHandler):
    """Notes and issues of one project, by pages; refuses a token it does not know and fields that its API does not have."""

    def handle_any(self):
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        if self.headers["PRIVATE-TOKEN"] != TOKEN:
            return self.reply(401, {"message": "401 Unauthorized"})
        if path == "/api/v4/user":
            return self.reply(200, ME)
        kind = "issues" if "/issues" in path else "notes"
        base = "/api/v4/projects/42/issues" if kind == "issues" else "/api/v4/projects/42/merge_requests/5/notes"
        allowed = {"issues": {"title", "description", "state_event"}, "notes": {"body"}}[kind]
        if not path.startswith(base) or not set(body) <= allowed:
            return self.reply(400, {"message": "400 Bad request"})
        items, number = self.server.state[kind], path.removeprefix(base).strip("/")
        if self.command == "GET":
            if kind == "issues":
                items = [each for each in items if each["state"] == query["state"][0]]
                items = [each for each in items if str(each["author"]["id"]) == query["author_id"][0]]
            page, size = int(query["page"][0]), int(query["per_page"][0])
            return self.reply(200, items[(page - 1) * size : page * size])
        if self.command == "POST":
            made = {"id": len(items) + 1000, "iid": len(items) + 1, "author": ME, "state": "opened", **body}
            items.append(made)
            return self.reply(201, made)
        found = next(each for each in items if str(each["iid" if kind == "issues" else "id"]) == number)
        found |= body
        if body.get("state_event") == "close":
            found["state"] = "closed"
        return self.reply(200, found)

    do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - the library calls them so

    def reply(self, status, value):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def gitlab():
    server = ThreadingHTTPServer(("127.0.0.1", 0), GitLab)
    server.state = {"notes": [], "issues": []}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def template(repository):
    return yaml.safe_load((repository / ".gitlab" / "sendspec.yml").read_text(encoding="utf-8"))


@pytest.fixture
def runner(tmp_path, find_tool):
    made = Runner(tmp_path, find_tool("bash"))
    made.git("config", "receive.advertisePushOptions", "true", cwd=made.origin)
    hook = made.origin / "hooks" / "post-receive"
    hook.write_text(HOOK, encoding="utf-8")
    hook.chmod(0o755)
    return made


@pytest.fixture
def carry_out(runner, template, gitlab):
    """Give a function that runs a job of the template; it gives the status and what was printed."""

    def run(job, **told):
        (runner.world / "told.json").write_text(json.dumps(told), encoding="utf-8")
        known = {
            **VARIABLES,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(runner.folder),
            "LC_ALL": "C.UTF-8",
            "TEST_WORLD": str(runner.world),
            "CI_API_V4_URL": f"http://127.0.0.1:{gitlab.server_port}/api/v4",
            "CI_JOB_URL": "https://gitlab.example/northwind/mail/-/jobs/77",
            "CI_PROJECT_DIR": str(runner.work),
            "CI_PROJECT_URL": str(runner.origin).removesuffix(".git"),
        }
        script = "\n".join(template[job]["script"])
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=runner.work,
            env=known,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert TOKEN not in done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_template_is_what_gitlabs_schema_says(template, ci_schema):
    ci_schema("gitlab-ci").validate(template)


def test_scripts_have_no_finding_of_shellcheck(template, find_tool, tmp_path):
    shellcheck = find_tool("shellcheck")
    scripts = []
    for name, job in template.items():
        if isinstance(job, dict) and "script" in job:
            scripts.append(tmp_path / f"{name}.sh")
            scripts[-1].write_text("#!/bin/bash\n" + "\n".join(job["script"]) + "\n", encoding="utf-8")
    done = subprocess.run([shellcheck, *map(str, scripts)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_credentials_are_for_jobs_of_an_environment_and_never_for_merge_requests_from_forks(template):
    jobs = {name: job for name, job in template.items() if name.startswith("sendspec-")}
    assert [name for name, job in jobs.items() if "environment" not in job] == ["sendspec-spec"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in jobs["sendspec-plan"]["rules"][0]["if"]
    assert all(re.search(r"SENDSPEC_(LIVE|APPLY) ==", job["rules"][0]["if"]) for job in list(jobs.values())[1:])
    [rule] = jobs["sendspec-apply"]["rules"]
    assert rule["when"] == "manual"


@pytest.mark.parametrize(("found", "differs", "code"), [(0, 0, 0), (1, 0, 1), (0, 2, 2), (1, 2, 2)])
def test_findings_and_an_output_that_differs_fail_the_job_and_are_shown(carry_out, found, differs, code, runner):
    told = {"validate": {"code": found, "said": "<testsuites/>"}, "render": {"code": differs}}
    assert carry_out("sendspec-spec", **told)[0] == code
    assert (runner.work / "sendspec-validate.xml").read_text(encoding="utf-8") == "<testsuites/>"


def test_the_first_plan_is_a_note_and_every_later_one_updates_it(carry_out, gitlab):
    for number in range(120):  # more than a page
        gitlab.state["notes"].append({"id": number, "author": OTHER, "body": f"{MARK}\nall is well"})
    assert carry_out("sendspec-plan", plan={"said": "first\n"})[0] == 0
    assert carry_out("sendspec-plan", plan={"said": "", "code": 4})[0] == 4
    assert carry_out("sendspec-plan", plan={"said": "third\n"})[0] == 0
    notes = gitlab.state["notes"]
    assert [each["body"] for each in notes[120:]] == [f"{MARK}\nthird\n"]
    assert all("all is well" in each["body"] for each in notes[:120])


def test_drift_opens_one_issue_updates_it_leaves_it_when_nothing_is_known_and_closes_it(carry_out, gitlab):
    issues = gitlab.state["issues"]
    issues.append({"iid": 1, "author": OTHER, "state": "opened", "title": TITLE, "description": "planted"})
    for code, said in ((2, "one"), (1, "two"), (4, "three"), (70, "four")):
        assert carry_out("sendspec-drift", drift={"code": code, "said": said})[0] == code
    planted, ours = issues
    assert planted["description"] == "planted"
    assert ours["description"].startswith("two\n")
    assert ours["state"] == "opened"
    assert carry_out("sendspec-drift", drift={"said": ""})[0] == 0
    assert [each["state"] for each in issues] == ["opened", "closed"]
    assert carry_out("sendspec-drift", drift={"said": ""})[0] == 0
    assert len(issues) == 2


def test_a_pull_brings_lock_file_and_output_as_one_merge_request(carry_out, runner):
    for week in ("one", "two"):
        runner.fresh()
        pull = {
            "said": f"words of week {week}\n# kept\n",
            "code": 4,
            "does": f"echo '# {week}' >> specs/sendspec.lock.yaml",
        }
        render = {"does": "echo new > output/README.md"}
        assert carry_out("sendspec-pull", pull=pull, render=render)[0] == 4
    message = runner.git("log", "--format=%B", "main..sendspec/pull", cwd=runner.origin)
    assert message.strip() == "Refresh sendspec's lock file\n\nwords of week two\n# kept"
    changed = runner.git("diff", "--name-only", "main", "sendspec/pull", cwd=runner.origin)
    assert changed.split() == ["output/README.md", "specs/sendspec.lock.yaml"]
    options = (runner.origin / "options").read_text(encoding="utf-8").splitlines()[-4:]
    assert options == [
        "merge_request.create",
        "merge_request.target=main",
        "merge_request.title=Refresh sendspec's lock file",
        "merge_request.remove_source_branch",
    ]


def test_the_token_is_handed_to_git_when_it_asks(template, find_tool):
    helper = re.search(r"credential\.helper='([^']+)'", "\n".join(template["sendspec-pull"]["script"]))[1]
    done = subprocess.run(
        [find_tool("git"), "-c", f"credential.helper={helper}", "credential", "fill"],
        input="protocol=https\nhost=gitlab.example\n\n",
        env={"PATH": os.environ["PATH"], "SENDSPEC_TOKEN": TOKEN, "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"password={TOKEN}\n" in done.stdout


def test_a_pull_that_brings_nothing_pushes_nothing(carry_out, runner):
    assert carry_out("sendspec-pull")[0] == 0
    assert runner.git("branch", "--list", cwd=runner.origin).split() == ["*", "main"]


def test_apply_gets_the_plan_that_was_shown_and_the_next_one_waits_for_the_merge(carry_out, runner):
    assert carry_out("sendspec-proposal", plan={"out": '{"changes": []}'})[0] == 0
    told = {"apply": {"said": "done\n", "does": "echo '# made' >> specs/sendspec.lock.yaml"}}
    assert carry_out("sendspec-apply", **told)[0] == 0
    assert (runner.world / "applied.json").read_text(encoding="utf-8") == '{"changes": []}'
    assert "# made" in runner.git("show", "sendspec/apply:specs/sendspec.lock.yaml", cwd=runner.origin)
    runner.fresh()
    status, said = carry_out("sendspec-proposal", plan={"out": "{}"})
    assert status == 1
    assert "merge the branch sendspec/apply first" in said
