"""The lock file under change: one command at a time, nothing lost when killed, text that other parsers read alike."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sendspec.errors import SendspecError
from sendspec.lock.book import JOURNAL, BusyError, open_book, read_book
from sendspec.lock.load import LOCK_FILE
from sendspec.lock.write import lock_text
from sendspec.yaml_source import parse, to_plain

TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)
LEAVES = st.one_of(TEXT, st.integers(), st.booleans(), st.lists(TEXT, max_size=3))
TREES = st.recursive(LEAVES, lambda inner: st.dictionaries(TEXT, inner, min_size=1, max_size=3), max_leaves=12)


def read(folder: Path) -> bytes | None:
    path = folder / LOCK_FILE
    return path.read_bytes() if path.exists() else None


@given(st.dictionaries(TEXT, TREES, min_size=1, max_size=3))
def test_what_is_written_is_read_back_the_same(owned):
    root = parse(lock_text({"version": 1, "owned": owned}).encode(), "lock").root
    assert root is not None
    assert to_plain(root)["owned"] == owned


def test_other_parsers_read_days_versions_and_odd_words_as_they_were_meant():
    contents = {"version": 1, "owned": {"dns": {"a": {"yes": ["no", "on", "1.0", "null", "~", "2026-11-26x", "0x1f"]}}}}
    assert yaml.safe_load(lock_text(contents)) == contents


def test_an_edit_is_one_line_of_the_diff_and_comments_at_the_start_stay(tmp_path):
    (tmp_path / LOCK_FILE).write_text(
        "# ours\n# since 2026\nversion: 1\n\n# lost\nissued: {a: {b.example: {dkim: {x: y, read: 2026-01-01}}}}\n"
    )
    with open_book(tmp_path, read(tmp_path)) as book:
        book.edit(("owned", "dns", "b.example", "b.example TXT"), {"by": "made", "values": ["v=spf1 -all"]})
    before = (tmp_path / LOCK_FILE).read_text()
    assert before.startswith("# ours\n# since 2026\nversion: 1\n")
    with open_book(tmp_path, read(tmp_path)) as book:
        book.edit(("owned", "dns", "b.example", "b.example TXT", "values"), ["v=spf1 ~all"])
    after = (tmp_path / LOCK_FILE).read_text()
    changed = [line for line in zip(before.splitlines(), after.splitlines(), strict=True) if line[0] != line[1]]
    start = '      "b.example TXT": {by: made, values: '
    assert changed == [(start + '["v=spf1 -all"]}', start + '["v=spf1 ~all"]}')]


def test_nothing_new_writes_nothing(tmp_path):
    with open_book(tmp_path, None) as book:
        book.edit(("owned", "dns", "a", "b TXT"), ["x"])
    stamp = (tmp_path / LOCK_FILE).stat().st_mtime_ns
    with open_book(tmp_path, read(tmp_path)) as book:
        book.edit(("owned", "dns", "a", "b TXT"), ["x"])
    assert (tmp_path / LOCK_FILE).stat().st_mtime_ns == stamp
    assert not (tmp_path / JOURNAL).exists()


def test_a_file_that_says_the_same_is_left_as_somebody_laid_it_out(tmp_path):
    text = "version:   1\nowned: { dns:  {a: {b TXT: [x]}} } # by hand\n"
    (tmp_path / LOCK_FILE).write_text(text)
    with open_book(tmp_path, read(tmp_path)) as book:
        book.edit(("owned", "dns", "a", "b TXT"), ["x"])
        book.drop(("owned", "dns", "c"))
    assert (tmp_path / LOCK_FILE).read_text() == text


def test_a_dropped_entry_takes_empty_mappings_with_it(tmp_path):
    with open_book(tmp_path, None) as book:
        book.edit(("owned", "dns", "a.example", "x TXT"), ["1"])
        book.edit(("owned", "dns", "b.example", "x TXT"), ["2"])
        book.drop(("owned", "dns", "a.example", "x TXT"))
        assert book.get("owned", "dns") == {"b.example": {"x TXT": ["2"]}}
        book.drop(("owned", "dns", "nowhere", "x TXT"))


def test_one_command_at_a_time(tmp_path):
    with open_book(tmp_path, None), pytest.raises(BusyError), open_book(tmp_path, None):
        pass
    with open_book(tmp_path, None) as book:
        book.edit(("owned", "a"), "b")
    assert read(tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
from sendspec.lock.book import open_book
with open_book(Path(sys.argv[1]), None) as book:
    book.edit(("owned", "esp", "ses", "identity/a.example"), {"by": "begun"})
    book.edit(("owned", "esp", "ses", "identity/b.example"), {"by": "begun"})
    book.drop(("owned", "esp", "ses", "identity/b.example"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_command_noted_is_not_lost(tmp_path):
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert read(tmp_path) is None
    expected = {"version": 1, "owned": {"esp": {"ses": {"identity/a.example": {"by": "begun"}}}}}
    assert read_book(tmp_path, None).contents == expected
    with open_book(tmp_path, None) as book:
        assert book.contents == expected
    assert yaml.safe_load((tmp_path / LOCK_FILE).read_text()) == expected
    assert not (tmp_path / JOURNAL).exists()


def test_a_note_that_was_cut_off_is_left_out(tmp_path):
    note = json.dumps({"path": ["owned", "a"], "value": "b"})
    (tmp_path / JOURNAL).write_text(f"{note}\n{note[:20]}")
    assert read_book(tmp_path, None).contents == {"version": 1, "owned": {"a": "b"}}


def test_what_another_command_wrote_before_the_journal_was_ours_is_kept(tmp_path):
    before = read(tmp_path)
    with open_book(tmp_path, before) as book:
        book.edit(("owned", "esp", "ses", "identity/a.example"), {"by": "made"})
    with open_book(tmp_path, before) as book:  # it read the file before the other had written it
        book.edit(("owned", "esp", "ses", "identity/b.example"), {"by": "made"})
    assert set(yaml.safe_load((tmp_path / LOCK_FILE).read_text())["owned"]["esp"]["ses"]) == {
        "identity/a.example",
        "identity/b.example",
    }


def test_what_somebody_edits_while_a_command_runs_is_kept_with_what_the_command_noted(tmp_path):
    path = tmp_path / LOCK_FILE
    path.write_text("version: 1\nowned: {dns: {a: {x TXT: [one], y TXT: [two]}}}\n")
    with open_book(tmp_path) as book:
        book.edit(("owned", "dns", "a", "z TXT"), ["three"])
        book.drop(("owned", "dns", "a", "x TXT"))
        path.write_text("# mine\nversion: 1\nowned: {dns: {a: {x TXT: [one], y TXT: [edited]}, b: {x TXT: [other]}}}\n")
    assert path.read_text().startswith("# mine\n")
    assert yaml.safe_load(path.read_text())["owned"]["dns"] == {
        "a": {"y TXT": ["edited"], "z TXT": ["three"]},
        "b": {"x TXT": ["other"]},
    }
    assert not (tmp_path / JOURNAL).exists()


CONFLICT = "version: 1\n<<<<<<< HEAD\nowned: {a: {b: 1}}\n=======\nowned: {a: {b: 2}}\n>>>>>>> other\n"


def test_a_lock_file_with_a_merge_conflict_is_never_written_over(tmp_path):
    path = tmp_path / LOCK_FILE
    path.write_text(CONFLICT)
    with pytest.raises(SendspecError, match="not sound YAML"), open_book(tmp_path):
        pass
    path.write_text("version: 1\n")

    def merged_meanwhile() -> None:
        with open_book(tmp_path) as book:
            book.edit(("owned", "esp", "ses", "identity/a.example"), {"by": "made"})
            path.write_text(CONFLICT)

    with pytest.raises(SendspecError, match="not sound YAML"):
        merged_meanwhile()
    assert path.read_text() == CONFLICT
    path.write_text("version: 1\n")  # somebody resolves it
    with open_book(tmp_path) as book:
        assert book.get("owned", "esp", "ses", "identity/a.example") == {"by": "made"}


def _full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_an_error_in_words_and_what_was_noted_before_stays(tmp_path, monkeypatch):
    def run() -> None:
        with open_book(tmp_path) as book:
            book.edit(("owned", "esp", "ses", "identity/a.example"), {"by": "made"})
            monkeypatch.setattr(os, "fsync", _full)
            book.edit(("owned", "esp", "ses", "identity/b.example"), {"by": "begun"})

    with pytest.raises(SendspecError, match="No space left on device"):
        run()
    assert list(tmp_path.iterdir()) == [tmp_path / JOURNAL]
    monkeypatch.undo()
    with open_book(tmp_path) as book:
        assert book.get("owned", "esp", "ses") == {"identity/a.example": {"by": "made"}}


def test_half_a_line_that_fitted_on_the_disk_does_not_spoil_the_next(tmp_path, monkeypatch):
    real = os.write
    room = [20]

    def write(descriptor: int, octets: memoryview) -> int:
        if not room[0]:
            _full()
        part = octets[: room[0]]
        room[0] -= len(part)
        return real(descriptor, part)

    with open_book(tmp_path) as book:
        monkeypatch.setattr(os, "write", write)
        with pytest.raises(SendspecError, match="No space left"):
            book.edit(("owned", "a"), "b")
        monkeypatch.undo()
        assert book.get("owned", "a") is None
        book.edit(("owned", "c"), "d")
        assert read_book(tmp_path, None).contents == {"version": 1, "owned": {"c": "d"}}


def test_a_line_that_was_cut_off_does_not_spoil_the_next_run(tmp_path):
    (tmp_path / JOURNAL).write_text('{"path": ["owned", "a"], "va')
    with open_book(tmp_path) as book:
        book.edit(("owned", "c"), "d")
        assert read_book(tmp_path, None).contents == {"version": 1, "owned": {"c": "d"}}


@pytest.mark.parametrize("line", ['{"path": [["a"]], "value": 1}', '{"path": [1]}', "[]", "7", '{"path": "ab"}'])
def test_a_line_that_no_command_writes_is_left_out(tmp_path, line):
    (tmp_path / JOURNAL).write_text(line + "\n")
    assert read_book(tmp_path, None).contents == {"version": 1}


def test_a_journal_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / JOURNAL).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SendspecError), open_book(tmp_path, None):
        pass
    assert (tmp_path / "elsewhere").read_text() == "precious"


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_done(tmp_path):
    with pytest.raises(SendspecError, match="cannot be written"), open_book(tmp_path / "gone", None):
        pass


def test_the_lock_file_keeps_its_mode(tmp_path):
    path = tmp_path / LOCK_FILE
    path.write_text("version: 1\n")
    path.chmod(0o640)
    with open_book(tmp_path, read(tmp_path)) as book:
        book.edit(("owned", "a"), "b")
    assert path.stat().st_mode & 0o777 == 0o640
