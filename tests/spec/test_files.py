"""Which files are the spec, and what happens to those that cannot be read."""

import os
from pathlib import Path

import pytest

from sendspec.spec.load import load_spec


def rules(loaded):
    return [(finding.where.to_text() if finding.where else "-", str(finding.rule)) for finding in loaded.findings]


def test_a_missing_folder_is_a_finding(specs):
    (finding,) = load_spec(Path("spex")).findings
    assert (str(finding.rule), finding.where, finding.severity) == ("spec-not-found", None, "error")
    assert finding.message == "there is no spec at `spex`: no such file or directory"
    assert "--spec" in finding.fix


def test_a_path_through_a_file_and_one_too_long_are_findings_too(load):
    load("version: 1\n")
    assert rules(load_spec(Path("specs/a.yaml/b"))) == [("-", "spec-not-found")]
    assert rules(load_spec(Path("x" * 5000))) == [("-", "spec-not-found")]


@pytest.mark.parametrize("files", [{}, {"notes.txt": "version: 1\n"}, {"a": "# nothing\n"}, {"a": "---\n", "b": "\n"}])
def test_a_folder_without_a_spec_is_a_finding(load, files):
    (finding,) = load(**files).findings
    assert (str(finding.rule), finding.where) == ("spec-empty", None)
    assert finding.message == "`specs` holds no YAML file with anything in it"


def test_hidden_files_lock_file_and_schema_are_no_spec(load):
    loaded = load(
        "version: 1\n",
        **{
            ".b.yaml": "oops: 1\n",
            ".git/c.yaml": "oops: 1\n",
            "sendspec.lock.yaml": "version: 1\n",
            "sub/sendspec.lock.yaml": "version: 1\n",
            "sendspec.schema.json": "{}",
        },
    )
    assert (rules(loaded), loaded.files) == ([], ("a.yaml",))


def test_a_single_file_can_be_the_spec_with_the_lock_file_beside_it(load, specs):
    load("version: 1\n", **{"b": "oops: 1\n", "sendspec.lock.yaml": "version: 2\n"})
    loaded = load_spec(specs / "a.yaml")
    assert loaded.files == ("a.yaml",)
    assert rules(loaded) == [("specs/sendspec.lock.yaml:1:10", "spec-bad-value")]


def test_a_link_out_of_the_folder_is_not_followed_and_told(load, specs, tmp_path):
    (tmp_path / "outside.yaml").write_text("oops: 1\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "c.yaml").write_text("oops: 1\n")
    (specs / "b.yaml").symlink_to("../outside.yaml")
    (specs / "gone.yaml").symlink_to("nowhere.yaml")
    (specs / "loop.yaml").symlink_to("loop.yaml")
    (specs / "folder").symlink_to(tmp_path / "elsewhere")
    loaded = load("version: 1\n")
    assert loaded.spec is not None
    assert loaded.files == ("a.yaml",)
    assert {finding.severity for finding in loaded.findings} == {"warning"}
    assert rules(loaded) == [
        (f"specs/{name}:1:1", "spec-link-outside") for name in ("b.yaml", "folder", "gone.yaml", "loop.yaml")
    ]


def test_a_lock_file_that_is_a_link_out_of_the_folder_is_not_followed_and_nothing_of_it_is_shown(
    load, specs, tmp_path, all_text
):
    (tmp_path / "passwords").write_text("root:hunter2hunter2\n")
    (specs / "sendspec.lock.yaml").symlink_to(tmp_path / "passwords")
    loaded = load("version: 1\n")
    assert loaded.spec is None
    assert rules(loaded) == [("specs/sendspec.lock.yaml:1:1", "spec-link-outside")]
    assert "hunter2" not in all_text(loaded)


def test_a_lock_file_may_be_a_link_within_the_folder(load, specs):
    (specs / "locks").mkdir()
    (specs / "locks" / "mail.lock").write_text("version: 1\nowned: {x: 1}\n")
    (specs / "sendspec.lock.yaml").symlink_to("locks/mail.lock")
    assert load("version: 1\n").lock.owned == {"x": 1}


def test_a_secret_in_the_name_of_a_file_is_an_error_and_never_shown(load, all_text):
    secret = "ghp_" + "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2"
    loaded = load("version: 1\n", **{f"{secret}.yaml": "oops: 1\n"})
    assert loaded.spec is None
    assert "spec-secret" in [rule for _, rule in rules(loaded)]
    assert "Ab1Cd2" not in all_text(loaded)
    assert "Ab1Cd2" not in str(loaded.files)


def test_a_link_within_the_folder_is_read_once(load, specs):
    (specs / ".data").mkdir()
    (specs / ".data" / "real.yaml").write_text("version: 1\ndomains: {a.example: {}}\n")
    (specs / "linked.yaml").symlink_to(".data/real.yaml")
    (specs / "again.yaml").symlink_to("linked.yaml")
    (specs / "sub").symlink_to(".data")
    loaded = load(b="domains: {b.example: {}}\n", c="")
    (specs / "d.yaml").symlink_to("b.yaml")
    loaded = load_spec(specs)
    assert loaded.findings == ()
    assert loaded.files == ("again.yaml", "b.yaml", "c.yaml")
    assert sorted(loaded.spec.domains) == ["a.example", "b.example"]


def test_a_pipe_with_the_name_of_a_spec_is_not_waited_for(load, specs):
    os.mkfifo(specs / "b.yaml")
    assert rules(load("version: 1\n")) == [("specs/b.yaml:1:1", "spec-unreadable")]


def test_a_folder_with_the_name_of_a_file_is_a_folder(load):
    assert load("version: 1\n", **{"b.yaml/c.yaml": "domains: {a.example: {}}\n"}).files == ("a.yaml", "b.yaml/c.yaml")


def test_files_are_named_relative_to_the_current_folder_if_below_it(load, specs, tmp_path, monkeypatch):
    load("oops: 1\nversion: 1\n")
    assert rules(load_spec(specs.resolve()))[0][0] == "specs/a.yaml:1:1"
    monkeypatch.chdir(specs)
    assert rules(load_spec(Path()))[0][0] == "a.yaml:1:1"
    assert rules(load_spec(Path("../specs")))[0][0] == "../specs/a.yaml:1:1"
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert rules(load_spec(tmp_path / "specs"))[0][0] == f"{tmp_path}/specs/a.yaml:1:1"


def test_a_file_name_cannot_write_to_the_terminal(load):
    loaded = load(**{"a\x1b[31m\n.yaml": "version: 1\noops: 1\n"})
    assert rules(loaded) == [("specs/a?[31m?.yaml:2:1", "spec-unknown-key")]


def test_a_file_name_that_is_no_utf8_can_be_shown(load, specs):
    Path(os.fsdecode(os.fsencode(specs) + b"/\xff.yaml")).write_text("version: 1\noops: 1\n")
    loaded = load_spec(specs)
    assert rules(loaded) == [("specs/?.yaml:2:1", "spec-unknown-key")]
    "".join(loaded.files).encode()


def test_the_order_of_files_is_that_of_their_paths(load):
    names = ["b.yaml", "a/z.yaml", "a.yml", "B.yaml", "a/b/c.yaml"]
    assert load(**dict.fromkeys(names, "version: 1\n")).files == ("B.yaml", "a.yml", "a/b/c.yaml", "a/z.yaml", "b.yaml")
