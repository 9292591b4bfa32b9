"""The steps of the workflows, carried out: what gets into pull requests and issues, and when a job fails."""

import json
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import yaml
from gh_stand_in import BOT
from moto.server import ThreadedMotoServer
from workflow_runner import Runner, load_workflow

PLAN_MARK = "<!-- sendspec plan -->"
TITLE = "sendspec: the world is not what specs/ says"
CONTEXTS = {
    "github.token": "token-of-this-run",
    "github.repository": "northwind/mail",
    "github.ref_name": "main",
    "github.server_url": "https://github.example",
    "github.run_id": "77",
    "github.event.pull_request.number": "5",
}
REFRESH = "echo 'issued: {}' >> specs/sendspec.lock.yaml"


@pytest.fixture
def runner(tmp_path, find_tool):
    find_tool("jq")
    return Runner(tmp_path, find_tool("bash"), dict(CONTEXTS))


@pytest.fixture
def job(repository):
    def load(file, name):
        return load_workflow(repository / ".github" / "workflows" / f"{file}.yml")["jobs"][name]

    return load


def failed(ran):
    return [each.name for each in ran if each.status]


def test_the_first_plan_is_a_comment_and_every_later_one_updates_it(runner, job):
    plan = job("sendspec", "plan")
    runner.told["plan"] = {"said": "## sendspec plan: 1 to create\n"}
    assert failed(runner.run(plan)) == []
    runner.told["plan"] = {"said": "## sendspec plan: nothing\n"}
    assert failed(runner.run(plan)) == []
    [comment] = runner.github["comments"]
    assert comment["on"] == 5
    assert comment["body"] == f"{PLAN_MARK}\n## sendspec plan: nothing\n"


def test_a_comment_of_somebody_else_that_begins_alike_is_left_alone(runner, job):
    for number in range(150):  # more than a page
        runner.put("comments", on=5, user={"login": "mallory"}, body=f"{PLAN_MARK}\nall is well {number}")
    runner.put("comments", on=5, user={"login": BOT}, body="coverage: 90 %")
    runner.told["plan"] = {"said": "true plan\n"}
    for _ in range(2):
        assert failed(runner.run(job("sendspec", "plan"))) == []
    changed = [each for each in runner.github["comments"] if "true plan" in each["body"]]
    assert [each["user"]["login"] for each in changed] == [BOT]
    assert len(runner.github["comments"]) == 152


@pytest.mark.parametrize("code", [1, 4, 70])
def test_a_plan_that_is_not_whole_is_shown_and_the_job_fails(runner, job, code):
    runner.told["plan"] = {"said": "### Could not be looked at\n", "code": code}
    ran = runner.run(job("sendspec", "plan"))
    assert failed(ran) == ["Could everything be looked at?"]
    assert ran[-1].status == code
    assert "Could not be looked at" in runner.github["comments"][0]["body"]


def test_where_there_is_no_plan_the_comment_leads_to_the_job(runner, job):
    runner.told["plan"] = {"code": 1}
    runner.run(job("sendspec", "plan"))
    assert "https://github.example/northwind/mail/actions/runs/77" in runner.github["comments"][0]["body"]


def test_gh_never_sees_a_secret_of_an_esp_and_sendspec_never_sees_the_token(runner, job):
    runner.run(job("sendspec", "plan"))
    runner.run(job("sendspec-drift", "drift"))
    secrets = {"AWS_SECRET_ACCESS_KEY", "CLOUDFLARE_API_TOKEN", "OP_SERVICE_ACCOUNT_TOKEN"}
    assert secrets & set(runner.github["seen"]) == set()
    assert [arguments[0] for arguments, _ in runner.calls] == ["plan", "drift"]
    for _, names in runner.calls:
        assert secrets <= set(names)
        assert "GH_TOKEN" not in names


@pytest.mark.parametrize("code", [1, 2])
def test_what_drifted_is_one_issue_that_is_updated_and_the_job_fails(runner, job, code):
    drift = job("sendspec-drift", "drift")
    runner.put("issues", user={"login": "mallory"}, title=TITLE, body="nothing to see here")
    for night in ("first night", "second night"):
        runner.told["drift"] = {"said": f"{night}\n", "code": code}
        ran = runner.run(drift)
        assert failed(ran) == ["Is everything as the spec says?"]
        assert ran[-1].status == code
    planted, issue = runner.github["issues"]
    assert planted["body"] == "nothing to see here"
    assert (issue["title"], issue["state"]) == (TITLE, "open")
    assert issue["body"].startswith("second night\n")
    assert "/actions/runs/77" in issue["body"]
    summary = (runner.world / "GITHUB_STEP_SUMMARY").read_text(encoding="utf-8")
    assert "first night\nsecond night\n" in summary


def test_a_clean_night_closes_the_issue_and_the_next_bad_one_opens_another(runner, job):
    drift = job("sendspec-drift", "drift")
    for code in (2, 0, 0, 2):
        runner.told["drift"] = {"said": "report\n", "code": code}
        assert failed(runner.run(drift)) == (["Is everything as the spec says?"] if code else [])
    assert [each["state"] for each in runner.github["issues"]] == ["closed", "open"]


def test_a_clean_night_without_an_issue_says_nothing(runner, job):
    assert failed(runner.run(job("sendspec-drift", "drift"))) == []
    assert runner.github["issues"] == []


@pytest.mark.parametrize("code", [4, 64, 70, 130])
def test_a_night_in_which_not_everything_was_seen_fails_and_leaves_the_issue_as_it_is(runner, job, code):
    drift = job("sendspec-drift", "drift")
    runner.told["drift"] = {"said": "known\n", "code": 2}
    runner.run(drift)
    runner.told["drift"] = {"said": "unknown\n", "code": code}
    ran = runner.run(drift)
    assert ran[-1].status == code
    [issue] = runner.github["issues"]
    assert issue["state"] == "open"
    assert issue["body"].startswith("known\n")


def test_a_pull_brings_lock_file_and_output_as_one_pull_request_that_is_updated(runner, job):
    pull = job("sendspec-pull", "pull")
    runner.put("pulls", head="sendspec/pull", isCrossRepository=True, user={"login": "fork"}, body="of a fork")
    for week in ("first week", "second week"):
        runner.fresh()
        runner.told = {
            "pull": {"said": f"{week}\n", "does": f"{REFRESH}; echo '# {week}' >> specs/sendspec.lock.yaml"},
            "render": {"does": "echo new > output/README.md; echo more > output/more.md"},
        }
        assert failed(runner.run(pull)) == []
    planted, ours = runner.github["pulls"]
    assert planted["body"] == "of a fork"
    assert (ours["head"], ours["body"]) == ("sendspec/pull", "second week\n")
    shown = runner.git("log", "--format=%an", "--name-only", "-1", "sendspec/pull", cwd=runner.origin)
    assert shown.split() == [BOT, "output/README.md", "output/more.md", "specs/sendspec.lock.yaml"]
    assert "# second week" in runner.git("show", "sendspec/pull:specs/sendspec.lock.yaml", cwd=runner.origin)
    assert runner.git("log", "--oneline", "main..sendspec/pull", cwd=runner.origin).count("\n") == 1


def test_a_pull_that_brings_nothing_opens_nothing(runner, job):
    assert failed(runner.run(job("sendspec-pull", "pull"))) == []
    assert runner.github["pulls"] == []
    assert runner.git("branch", "--list", cwd=runner.origin).split() == ["*", "main"]


@pytest.mark.parametrize("code", [1, 4])
def test_a_pull_that_could_not_read_everything_proposes_what_it_read_and_fails(runner, job, code):
    runner.told = {"pull": {"said": "half\n", "code": code, "does": REFRESH}, "render": {"code": 1}}
    ran = runner.run(job("sendspec-pull", "pull"))
    assert failed(ran) == ["Could everything be read?"]
    assert ran[-1].status == code
    assert [each["body"] for each in runner.github["pulls"]] == ["half\n"]
    assert "::warning::" in ran[1].said


def test_apply_gets_the_very_plan_that_was_shown_and_brings_back_what_it_noted(runner, job):
    plan = json.dumps({"changes": [f"change {number}" for number in range(500)]})
    runner.told = {"plan": {"said": "500 to make\n", "code": 2, "out": plan}}
    assert failed(runner.run(job("sendspec-apply", "plan"))) == []
    runner.contexts["needs.plan.outputs.plan"] = runner.contexts["steps.plan.outputs.plan"]
    runner.told = {"apply": {"said": "done\n", "does": REFRESH}}
    assert failed(runner.run(job("sendspec-apply", "apply"))) == []
    assert (runner.world / "applied.json").read_text(encoding="utf-8") == plan
    assert [(each["head"], each["body"]) for each in runner.github["pulls"]] == [("sendspec/apply", "done\n")]


def test_an_apply_that_fails_half_way_brings_back_what_it_noted_all_the_same(runner, job):
    runner.contexts["needs.plan.outputs.plan"] = "H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA=="
    runner.told = {"apply": {"said": "half\n", "code": 4, "does": REFRESH}}
    ran = runner.run(job("sendspec-apply", "apply"))
    assert failed(ran) == ["Was everything done?"]
    assert [each["head"] for each in runner.github["pulls"]] == ["sendspec/apply"]


def test_nothing_is_applied_as_long_as_what_the_last_run_noted_is_not_merged(runner, job):
    runner.put("pulls", head="sendspec/apply", user={"login": BOT}, body="")
    ran = runner.run(job("sendspec-apply", "plan"))
    assert failed(ran) == ["Is everything merged that the last run noted?"]
    assert runner.calls == []


@pytest.mark.parametrize(("code", "hands_on"), [(0, False), (1, False), (4, False), (2, True)])
def test_apply_waits_for_approval_only_where_there_is_something_to_do(runner, job, code, hands_on):
    runner.told = {"plan": {"said": "words\n", "code": code, "out": "{}"}}
    ran = runner.run(job("sendspec-apply", "plan"))
    assert ran[-1].status == (0 if hands_on else code)
    assert bool(runner.contexts.get("steps.plan.outputs.plan")) is hands_on
    apply = job("sendspec-apply", "apply")
    assert (apply["if"], apply["environment"]) == ("needs.plan.outputs.plan != ''", "mail")


def test_a_plan_that_finds_no_room_in_a_variable_is_left_to_people(runner, job):
    noise = "".join(f"{number * 2654435761 % 2**32:08x}" for number in range(40_000))
    runner.told = {"plan": {"code": 2, "out": noise}}
    ran = runner.run(job("sendspec-apply", "plan"))
    assert ran[-1].status == 1
    assert "too large" in ran[-1].said


class TokenIssuer(BaseHTTPRequestHandler):
    """GitHub's OpenID provider, as a runner asks it."""

    def do_GET(self):
        audience = parse_qs(urlsplit(self.path).query)["audience"]
        is_known = self.headers["Authorization"] == "Bearer request-token"
        self.send_response(200 if is_known and audience == ["sts.amazonaws.com"] else 401)
        self.end_headers()
        self.wfile.write(b'{"count": 1, "value": "header.claims.signature"}')

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def issuer():
    server = HTTPServer(("127.0.0.1", 0), TokenIssuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token?api-version=2.0"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("file", ["sendspec", "sendspec-drift", "sendspec-pull", "sendspec-apply"])
def test_the_step_for_aws_gives_boto3_a_session_without_a_stored_key(
    runner, repository, issuer, file, monkeypatch, find_tool
):
    find_tool("curl")
    text = (repository / ".github" / "workflows" / f"{file}.yml").read_text(encoding="utf-8")
    commented = re.findall(r"(?m)^      # - name: A short-lived token for AWS\n(?:      #.*\n)+", text)
    assert len(commented) == text.count("# id-token: write")
    [step] = yaml.safe_load(re.sub(r"(?m)^      # ", "", commented[-1]))
    runner.contexts |= {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token", "ACTIONS_ID_TOKEN_REQUEST_URL": issuer}
    names = ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")
    show = {"name": "show", "run": "".join(f'printf "%s=%s\\n" {name} "${name}"\n' for name in names)}
    taken, shown = runner.run({"steps": [step, show]})
    assert (taken.status, shown.status) == (0, 0), taken.said
    for name in list(shutil.os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for line in shown.said.splitlines():
        monkeypatch.setenv(*line.split("=", 1))
    # what the next step gives for secrets that nobody set
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("HOME", str(runner.folder))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*server.get_host_and_port()))
        caller = boto3.Session(region_name="eu-west-1").client("sts").get_caller_identity()
    finally:
        server.stop()
    assert re.search(r":assumed-role/sendspec-(plan|apply)/", caller["Arn"])
