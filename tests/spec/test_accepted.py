"""The file that `--write-accept` writes: read back by the loader, whatever it holds, and never half of it."""

import errno
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sendspec.errors import OutputError, UsageError
from sendspec.spec.accepted import FILE_NAME, AcceptedEntry, add_accepted
from sendspec.yaml_source import parse, to_plain

ENTRY = AcceptedEntry("spf-two-records", "domains.a.example", "an old setup", "2027-01-31")
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


def read(folder: Path) -> list[dict[str, str]]:
    parsed = parse((folder / FILE_NAME).read_bytes(), FILE_NAME)
    assert parsed.flaws == ()
    assert parsed.root is not None
    plain = to_plain(parsed.root)
    assert plain.keys() == {"accept"}
    return plain["accept"]


def test_an_entry_is_a_line_that_people_can_read(tmp_path: Path) -> None:
    assert add_accepted(tmp_path, [ENTRY]) == 1
    *header, key, line = (tmp_path / FILE_NAME).read_text().splitlines()
    assert all(each.startswith("# ") for each in header)
    assert key == "accept:"
    assert line == '  - {rule: spf-two-records, at: "domains.a.example", because: "an old setup", until: 2027-01-31}'


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_any_place_and_any_reason_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("spec")
    assert add_accepted(folder, [AcceptedEntry("a-rule", at, because) for at, because in pairs]) == len(pairs)
    assert sorted((entry["at"], entry["because"]) for entry in read(folder)) == sorted(pairs)
    assert yaml.safe_load((folder / FILE_NAME).read_text()) == {"accept": read(folder)}
    assert add_accepted(folder, [AcceptedEntry("a-rule", at, "another") for at, _ in pairs]) == 0


def test_what_is_there_keeps_its_reason_and_its_date_and_the_file_its_mode(tmp_path: Path) -> None:
    add_accepted(tmp_path, [ENTRY])
    (tmp_path / FILE_NAME).chmod(0o640)
    again = AcceptedEntry(ENTRY.rule, ENTRY.at, "another reason", "2030-01-01")
    assert add_accepted(tmp_path, [again, AcceptedEntry("a-rule", "streams.a", "b")]) == 1
    assert read(tmp_path) == [
        {"rule": "a-rule", "at": "streams.a", "because": "b"},
        {"rule": ENTRY.rule, "at": ENTRY.at, "because": ENTRY.because, "until": ENTRY.until},
    ]
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    "content", ["accept:\n  - {rule: a, because: b}\n", "domains: {}\n", "# mine\nstreams:\n", "# notes\n"]
)
def test_a_file_that_somebody_wrote_is_refused_as_it_is(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(UsageError, match="was written by hand"):
        add_accepted(tmp_path, [ENTRY])
    assert (tmp_path / FILE_NAME).read_text() == content


def test_a_file_emptied_by_hand_is_filled_again(tmp_path: Path) -> None:
    add_accepted(tmp_path, [ENTRY])
    file = tmp_path / FILE_NAME
    file.write_text(file.read_text().partition("  - ")[0])
    assert add_accepted(tmp_path, [ENTRY]) == 1
    file.write_text("")
    assert add_accepted(tmp_path, [ENTRY]) == 1


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_accepted(tmp_path, [ENTRY])
    before = (tmp_path / FILE_NAME).read_bytes()

    def full(_self: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        add_accepted(tmp_path, [AcceptedEntry("a-rule", "b", "c")])
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_link_in_its_place_is_replaced_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "specs", tmp_path / "outside.yaml"
    folder.mkdir()
    add_accepted(folder, [ENTRY])
    (folder / FILE_NAME).rename(outside)
    (folder / FILE_NAME).symlink_to(outside)
    before = outside.read_bytes()
    add_accepted(folder, [AcceptedEntry("a-rule", "b", "c")])
    assert outside.read_bytes() == before
    assert not (folder / FILE_NAME).is_symlink()
