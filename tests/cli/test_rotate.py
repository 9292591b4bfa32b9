"""`sendspec rotate` as its users run it: with files as a store, AWS's own calls, and exit codes."""

import json
import os
import re

import pytest
import yaml
from aws_world import aws_world, make_empty
from iam_user import IamUser

from sendspec.cli import run
from sendspec.esp.ses.smtp_password import smtp_password
from sendspec.lock.load import LOCK_FILE
from sendspec.model.secret import Secret

SPEC = """
version: 1
domains:
  northwind.example: {{dmarc: {{policy: none, reports: ["mailto:dmarc@northwind.example"]}}}}
esps:
  ses-eu:
    kind: ses
    managed: {managed}
    settings: {{region: eu-west-1}}
    credentials:
      smtp_username: {{from: "file://{folder}/username", env: SES_SMTP_USERNAME}}
      smtp_password: {{from: "file://{folder}/password", env: SES_SMTP_PASSWORD, rotate_every: 90d}}
  sendgrid-eu:
    kind: sendgrid
    settings: {{region: global}}
streams: {{}}
"""


@pytest.fixture(scope="module")
def aws():
    with aws_world() as world:
        yield world


@pytest.fixture
def user(aws, monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    make_empty(aws)
    found = IamUser(aws)
    found.folder = tmp_path
    key, secret = found.make()
    (tmp_path / "username").write_text(key)
    (tmp_path / "password").write_text(smtp_password(Secret(secret), "eu-west-1").reveal())
    (tmp_path / "specs").mkdir()
    write_spec(found, "apply")
    return found


def write_spec(user, managed: str) -> None:
    text = SPEC.format(managed=managed, folder=user.folder)
    (user.folder / "specs" / "spec.yaml").write_text(text)


@pytest.fixture
def rotate(user, capsys):
    """Run the command; give its exit code and what it wrote, which never holds a secret."""

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(["--spec", str(user.folder / "specs"), "rotate", *arguments])
        out, err = capsys.readouterr()
        lock = user.folder / "specs" / LOCK_FILE
        told = out + err + (lock.read_text() if lock.exists() else "")
        for secret in (*user.secrets, *user.secrets.values()):
            assert secret not in told
        assert (user.folder / "password").read_text() not in told
        return code, out, err

    return command


def test_a_login_in_files_is_replaced(user, rotate):
    first = (user.folder / "username").read_text()
    code, out, _ = rotate("ses-eu", "--yes")
    assert code == 0, out
    second = (user.folder / "username").read_text()
    assert second != first
    assert set(user.states()) == {first, second}
    assert re.fullmatch(r"B[A-P][A-Za-z0-9+/]{42}", (user.folder / "password").read_text())
    assert f"…{second[-4:]}" in out
    assert "next:" in out
    lock = yaml.safe_load((user.folder / "specs" / LOCK_FILE).read_text())
    assert set(lock["rotations"]) == {"ses-eu.smtp_password"}
    assert rotate("--due", "--yes") == (0, "", "")
    assert set(user.states()) == {first, second}


def test_nobody_is_there_to_be_asked(user, rotate):
    before = user.states()
    code, out, err = rotate("ses-eu")
    assert code == 3
    assert "a new access key of IAM user mailer" in out
    assert "--yes" in err
    assert user.states() == before


def test_json_says_what_was_done_and_what_comes_next(user, rotate):
    code, out, _ = rotate("ses-eu", "--yes", "--format", "json")
    assert code == 0
    document = json.loads(out)
    [key] = document["rotated"]
    assert key["id"] == "ses-eu.smtp_password"
    assert key["done"]
    assert key["next"]
    assert key["failure"] is None


def test_cron_writes_what_the_alerts_ask_for(user, rotate):
    code, out, _ = rotate("--due", "--yes", "--metrics", str(user.folder / "credentials.prom"))
    assert (code, out) == (0, "")
    text = (user.folder / "credentials.prom").read_text()
    assert re.search(
        r'^sendspec_credential_rotated_timestamp_seconds\{credential="ses-eu.smtp_password"\} \d{10}$',
        text,
        re.MULTILINE,
    )


def test_somebody_elses_accounts_are_refused(user, rotate):
    write_spec(user, "files")
    code, out, _ = rotate("ses-eu", "--yes")
    assert code == 3
    assert "managed: apply" in out


def test_a_store_that_cannot_be_read_is_unknown(user, rotate):
    (user.folder / "username").unlink()
    code, out, _ = rotate("ses-eu", "--yes")
    assert code == 4
    assert "does not exist" in out


def test_dkim_that_rotates_by_itself_is_said(user, rotate):
    code, out, _ = rotate("ses-eu", "--dkim")
    assert code == 0
    assert "by itself" in out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nobody",),
        ("ses-eu", "--credential", "nothing"),
        ("ses-eu", "--overlap", "soon"),
        ("ses-eu", "--credential", "smtp_password", "--dkim"),
    ],
)
def test_a_wrong_command_line(rotate, arguments):
    assert rotate(*arguments)[0] == 64
