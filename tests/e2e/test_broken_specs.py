"""Specs as people really break them: what they are told, and that doing what they are told cures it.

`broken/<name>.yaml` is such a spec; its comments say where it was seen and which findings it must give. `<name>.txt` is
what a person reads; `make golden` rewrites it, and the diff is reviewed like code.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "broken"
SPECS = sorted(path for path in FOLDER.glob("*.yaml") if not path.name.endswith(".lock.yaml"))
EXPECTED = re.compile(r"^# findings: (?P<rules>.+)$", re.MULTILINE)
KEY = "SG." + "a1B2" * 5 + "xy." + "c3D4" * 10 + "xyz"
"""Of the shape of a SendGrid key; put together here, so that no scanner stumbles over this repository."""

NEWS_KEY = '      api_key: {from: "env://NEWS_KEY", env: SENDGRID_NEWS_KEY, rotate_every: 90d}\n'
CURES = {
    "dmarc-only-on-subdomain": [
        (
            "    spf: {all: softfail}\n",
            '    spf: {all: softfail}\n    dmarc: {policy: none, reports: ["mailto:dmarc@acme.example"]}\n',
        ),
    ],
    "doubled-zone-name": [("mail_from: bounce.mail.acme.example", "mail_from: bounce")],
    "fallback-nobody-prepared": [
        ("    settings: {dkim: none}\n", ""),
        ("via: api, esp: postmark", "via: smtp, esp: postmark"),
    ],
    "from-a-free-mail-address": [("acme.shop@gmail.com", "shop@mail.acme.example")],
    "newsletter-with-password-resets": [
        ("news@mail.acme.example", "news@news.acme.example"),
        (
            "    kind: marketing\n",
            '    kind: marketing\n    unsubscribe: {one_click: "https://acme.example/u/{token}"}\n',
        ),
        (
            "streams:\n",
            f"  sendgrid-news:\n    kind: sendgrid\n    settings: {{subuser: news}}\n    credentials:\n{NEWS_KEY}streams:\n",
        ),
        ("esp: sendgrid}", "esp: sendgrid-news}"),
    ],
    "port-465-with-starttls": [("port: 465", "port: 587")],
    "reject-with-spf-only": [("    settings: {dkim: none}\n", "")],
    "second-spf-record": [('      - "v=spf1 include:sendgrid.net ~all"\n', "")],
    "secret-in-the-spec": [("@KEY@", "aws-sm://mail#key")],
    "ses-region-without-smtp": [("via: smtp", "via: api"), ("speaks: [smtp], ", "")],
    "too-many-includes": [("spf.crm.example, spf.shop.example, ", "")],
    "typing-mistakes": [
        ("polcy", "policy"),
        ("suport", "support"),
        ('"2,000"', "2000"),
        ("postmark-mian", "postmark-main"),
    ],
}
"""What somebody does who reads only the `fix:` lines."""


@pytest.fixture(params=SPECS, ids=lambda path: path.stem)
def broken(request, tmp_path):
    """Give one spec, and a function that validates it in a folder `specs` of its own, changed by (old, new) pairs."""
    path = request.param

    def validate(sendspec, *arguments, changes=()):
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        folder = tmp_path / "specs"
        folder.mkdir(exist_ok=True)
        (folder / path.name).write_text(text.replace("@KEY@", KEY), encoding="utf-8")
        lock = path.with_name(f"{path.stem}.lock.yaml")
        if lock.exists():
            shutil.copy(lock, folder / "sendspec.lock.yaml")
        return sendspec("validate", "--today", "2026-12-01", *arguments, cwd=tmp_path)

    return path, validate


def test_there_are_ten_at_least_and_each_has_a_cure():
    assert len(SPECS) >= 10
    assert sorted(CURES) == [path.stem for path in SPECS]


def test_what_is_wrong_is_found_and_nothing_else(broken, sendspec):
    path, validate = broken
    expected = set(EXPECTED.search(path.read_text(encoding="utf-8"))["rules"].split(", "))
    done = validate(sendspec, "--format", "json")
    assert done.returncode == 1, done.stdout + done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert {each["rule"] for each in findings if each["severity"] != "info"} <= expected
    assert expected <= {each["rule"] for each in findings}


def test_each_says_what_where_and_what_to_write_instead_and_rules_say_why(broken, sendspec):
    _, validate = broken
    for finding in json.loads(validate(sendspec, "--format", "json").stdout)["findings"]:
        if finding["severity"] != "info":
            assert finding["where"]["line"] > 1
            assert finding["fix"]
            assert finding["rule"].startswith("spec-") or (finding["why"] and finding["source"])


def test_what_people_read_is_what_was_reviewed(broken, sendspec):
    path, validate = broken
    shown = validate(sendspec).stdout
    golden = path.with_suffix(".txt")
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == shown
    assert KEY[3:] not in shown


def test_doing_what_the_fixes_say_cures_it(broken, sendspec):
    path, validate = broken
    done = validate(sendspec, "--fail-on", "warning", changes=CURES[path.stem])
    assert done.returncode == 0, done.stdout
