import difflib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.errors import OutputError
from sendspec.model.output_file import OutputFile
from sendspec.render.diff import MAX_COMPARED, compare, unified
from sendspec.render.write import write_output

FilesOf = Callable[[dict[str, str]], tuple[OutputFile, ...]]
LINES = st.lists(st.sampled_from(["a", "b", "c", "--- x", "@@ -1 +1 @@", ""]), max_size=30)
ENDS = st.sampled_from(["\n", ""])


def text_of(lines: list[str], end: str) -> bytes:
    return ("\n".join(lines) + (end if lines else "")).encode()


def patched(patch: str, folder: Path, old: bytes, diff: str) -> bytes:
    """Let patch(1) turn the old file into the new one."""
    (folder / "file").write_bytes(old)
    subprocess.run(
        [patch, "--quiet", "-p1", "--posix", "file"], input=diff.encode(), cwd=folder, check=True, capture_output=True
    )
    return (folder / "file").read_bytes() if (folder / "file").exists() else b""


@given(LINES, ENDS, LINES, ENDS)
def test_patch_turns_the_old_file_into_the_new_one(
    tmp_path_factory: pytest.TempPathFactory,
    find_tool: Callable[[str], str],
    one: list[str],
    end: str,
    other: list[str],
    other_end: str,
) -> None:
    old, new = text_of(one, end), text_of(other, other_end)
    diff = unified("file", old, new)
    assert (diff == "") == (old == new)
    if diff and old and new:
        assert patched(find_tool("patch"), tmp_path_factory.mktemp("patch"), old, diff) == new


def test_a_long_change_is_one_block_and_still_a_patch(tmp_path: Path, find_tool: Callable[[str], str]) -> None:
    old = "".join(f"{n}\n" for n in range(3 * MAX_COMPARED)).encode()
    new = b"0\n1\n" + b"x\n" * 5 + old[-40:]
    diff = unified("file", old, new)
    assert diff.count("@@ -") == 1
    assert patched(find_tool("patch"), tmp_path, old, diff) == new


def test_lines_are_counted_from_the_start_of_the_file() -> None:
    old = [f"{n}\n" for n in range(1, 200)]
    new = [*old[:99], "x\n", *old[100:]]
    diff = unified("file", "".join(old).encode(), "".join(new).encode())
    assert diff == "".join(difflib.unified_diff(old, new, "a/file", "b/file"))
    assert "@@ -97,7 +97,7 @@" in diff


def test_a_long_insertion_names_the_line_before_it() -> None:
    diff = unified("file", b"1\n2\n3\n", b"1\n2\n" + b"x\n" * (MAX_COMPARED + 1) + b"3\n")
    assert f"@@ -2,0 +3,{MAX_COMPARED + 1} @@" in diff


def test_a_folder_that_is_right_has_no_differences(tmp_path: Path, files_of: FilesOf) -> None:
    write_output(tmp_path / "out", files_of({"a": "1\n"}))
    assert compare(tmp_path / "out", files_of({"a": "1\n"})) == ()


def test_each_difference_is_shown_and_nothing_is_written(tmp_path: Path, files_of: FilesOf) -> None:
    write_output(tmp_path / "out", files_of({"gone": "g\n", "changed": "1\n2\n"}))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    diffs = compare(tmp_path / "out", files_of({"changed": "1\n3\n", "new": "n\n"}))
    assert [(diff.path, diff.change) for diff in diffs] == [
        ("changed", "changed"),
        ("gone", "removed"),
        ("manifest.json", "changed"),
        ("new", "created"),
    ]
    assert diffs[0].text == "--- a/changed\n+++ b/changed\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"
    assert diffs[3].text == "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+n\n"
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_missing_folder_differs_in_every_file(tmp_path: Path, files_of: FilesOf) -> None:
    diffs = compare(tmp_path / "out", files_of({"a": "1\n"}))
    assert [(diff.path, diff.change) for diff in diffs] == [("a", "created"), ("manifest.json", "created")]
    assert not (tmp_path / "out").exists()


def test_an_edited_file_is_a_difference_even_when_its_size_is_right(tmp_path: Path, files_of: FilesOf) -> None:
    write_output(tmp_path / "out", files_of({"a": "1\n"}))
    (tmp_path / "out/a").write_bytes(b"\xff\n")
    (diff,) = compare(tmp_path / "out", files_of({"a": "1\n"}))
    assert "-\\xff\n+1\n" in diff.text


def test_what_render_would_refuse_check_refuses_too(tmp_path: Path, files_of: FilesOf) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a").symlink_to("nowhere")
    with pytest.raises(OutputError, match="symbolic link"):
        compare(tmp_path / "out", files_of({"a": "1\n"}))


def test_equal_lines_paired_up_elsewhere_leave_a_patch_that_applies(
    tmp_path: Path, find_tool: Callable[[str], str]
) -> None:
    old, new = text_of(["b"] * 3 + ["a"] + ["b"] * 4, ""), text_of(["b"] * 8, "")
    assert patched(find_tool("patch"), tmp_path, old, unified("file", old, new)) == new
