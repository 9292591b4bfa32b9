"""The lock file beside a spec: what is read of it, and what is refused."""

from pathlib import Path

import pytest

from sendspec.lock.load import LOCK_FILE, LockFile
from sendspec.model.origin import Document, Origin
from sendspec.spec.load import LoadedSpec, load_spec

SPEC = "version: 1\nesps: {main: {kind: postmark}}\n"
LOCK = """\
version: 1
issued:
  main:
    Mail.Shop.Example:
      dkim: {selector: 20261120pm, value: "k=rsa; p=MIGf", read: 2026-11-20}
spf:
  _spf.google.com: {text: "v=spf1 ~all", lookups: 4, read: 2026-11-20}
owned: {zone: {id: Z1}}
"""


def load(folder: Path, lock: str | None, monkeypatch: pytest.MonkeyPatch) -> LoadedSpec:
    monkeypatch.chdir(folder)
    Path("specs").mkdir()
    Path("specs/a.yaml").write_text(SPEC)
    if lock is not None:
        Path("specs", LOCK_FILE).write_text(lock)
    return load_spec(Path("specs"))


def test_no_lock_file_is_an_empty_one(tmp_path, monkeypatch):
    loaded = load(tmp_path, None, monkeypatch)
    assert loaded.findings == ()
    assert loaded.lock == LockFile()


def test_what_was_issued_is_given_raw_by_account_and_domain_in_lower_case(tmp_path, monkeypatch):
    loaded = load(tmp_path, LOCK, monkeypatch)
    assert loaded.findings == ()
    assert loaded.lock.issued == {
        "main": {
            "mail.shop.example": {"dkim": {"selector": "20261120pm", "value": "k=rsa; p=MIGf", "read": "2026-11-20"}}
        }
    }
    assert loaded.lock.owned == {"zone": {"id": "Z1"}}
    place = loaded.positions.span(Origin(("issued", "main", "mail.shop.example"), Document.LOCK), key=True)
    assert place.to_text() == "specs/sendspec.lock.yaml:4:5"


def test_spf_trees_carry_their_place(tmp_path, monkeypatch):
    entry = load(tmp_path, LOCK, monkeypatch).lock.spf["_spf.google.com"]
    assert (entry.text, entry.lookups, entry.read) == ("v=spf1 ~all", 4, "2026-11-20")
    assert entry.origin == Origin(("spf", "_spf.google.com"), Document.LOCK)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("version: 1\n", "", "1:1 spec-missing-key the lock file has no `version`"),
        ("version: 1", "version: 2", "1:10 spec-bad-value `version` must be 1, not the number 2"),
        (
            "version: 1",
            "version: true",
            "1:10 spec-wrong-type `version` must be a whole number, not the truth value true",
        ),
        ("owned:", "ownd:", "8:1 spec-unknown-key `ownd` is not a key of the lock file"),
        ("lookups: 4", "lookups: '4'", '7:51 spec-wrong-type `lookups` must be a whole number, not the text "4"'),
        ("lookups: 4, ", "", "7:3 spec-missing-key `_spf.google.com` has no `lookups`"),
        (
            "lookups: 4, read: 2026-11-20",
            "lookups: 4, read: 2026-11-31",
            "7:60 spec-bad-value `2026-11-31` is not a date",
        ),
        (
            "lookups: 4, read: 2026-11-20",
            "lookups: 4, read: '20261120'",
            "7:60 spec-bad-value `20261120` is not a date",
        ),
        ("lookups: 4, read: 2026-11-20", "lookups: 4, read: 20261120", "7:60 spec-wrong-type"),
        ("  main:", "  mian:", "3:3 spec-unknown-reference `mian` is not an ESP account of the spec"),
        ("owned:", "  _SPF.google.com.: {text: x, lookups: 1, read: 2026-11-20}\nowned:", "8:3 spec-duplicate-name"),
        ("owned: {zone: {id: Z1}}", "owned: [", "9:1 spec-yaml-syntax"),
        (LOCK, "[a]\n", "1:1 spec-wrong-type the file must be a mapping"),
        ("      dkim: {", "\t      dkim: {", "5:1 spec-tabs"),
        ("issued:\n  main:\n    Mail.Shop.Example:\n      dkim:", "issued:\n  main:\n    dkim:", None),
    ],
)
def test_a_mistake_in_the_lock_file_is_a_finding(tmp_path, monkeypatch, old, new, expected):
    assert old in LOCK
    loaded = load(tmp_path, LOCK.replace(old, new), monkeypatch)
    if expected is None:  # the entry of a domain belongs to the ESP's own model
        assert loaded.findings == ()
        return
    (finding,) = loaded.findings
    shown = f"{finding.where.line}:{finding.where.column} {finding.rule} {finding.message}"
    assert shown.startswith(expected)
    assert finding.where.file == "specs/sendspec.lock.yaml"
    assert (loaded.spec is None) == (finding.severity == "error")


def test_an_account_that_is_gone_is_a_warning_with_a_suggestion(tmp_path, monkeypatch):
    loaded = load(tmp_path, LOCK.replace("  main:", "  mian:"), monkeypatch)
    assert [(finding.severity, finding.fix) for finding in loaded.findings] == [("warning", "did you mean `main`?")]
    assert loaded.spec is not None


def test_the_rest_of_a_broken_lock_file_is_still_there_to_be_checked(tmp_path, monkeypatch):
    loaded = load(tmp_path, LOCK.replace("lookups: 4", "lookups: x"), monkeypatch)
    assert loaded.spec is None
    assert "mail.shop.example" in loaded.lock.issued["main"]


def test_a_private_key_in_the_lock_file_is_refused_without_being_shown(tmp_path, monkeypatch):
    key = (
        "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\\n-----END PRIVATE KEY-----"
    )
    loaded = load(tmp_path, LOCK.replace("k=rsa; p=MIGf", key), monkeypatch)
    (finding,) = loaded.findings
    assert (str(finding.rule), finding.severity) == ("spec-secret", "error")
    assert "lock file holds public data only" in finding.fix
    assert "MIIEvQ" not in finding.where.excerpt
