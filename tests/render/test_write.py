import errno
import fcntl
import json
import os
import resource
import shutil
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from sendspec.errors import OutputError
from sendspec.model.output_file import OutputFile
from sendspec.render import write as write_module
from sendspec.render.tree import WritePlan
from sendspec.render.workspace import _is_current, open_workspace, workspace_path
from sendspec.render.write import write_output

FilesOf = Callable[[dict[str, str]], tuple[OutputFile, ...]]
Tree = Callable[[Path], dict[str, bytes | str | None]]
OLD = {"README.md": "old\n", "dns/a.example/zone.db": "a\n", "dns/b.example/zone.db": "b\n", "gone/x.txt": "x\n"}
NEW = {"README.md": "new\n", "dns/a.example/zone.db": "a\n", "dns/c.example/zone.db": "c\n", "apps/x/.env": "X=1\n"}


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Give inode, mtime and ctime of everything, the folder itself included."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): (s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for path in paths for s in [path.lstat()]}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_the_first_run_makes_the_folder_and_those_above_it(output: Path, files_of: FilesOf, tree: Tree) -> None:
    result = write_output(output, files_of(OLD))
    assert {k: v.decode() for k, v in tree(output).items() if v and k != "manifest.json"} == OLD
    assert result.created == tuple(sorted({*OLD, "manifest.json"}))
    assert names(output.parent) == ["output"]


def test_the_second_run_makes_the_folder_what_the_spec_says_now(output: Path, files_of: FilesOf, tree: Tree) -> None:
    write_output(output, files_of(OLD))
    result = write_output(output, files_of(NEW))
    assert {k: v.decode() for k, v in tree(output).items() if v and k != "manifest.json"} == NEW
    assert result.created == ("apps/x/.env", "dns/c.example/zone.db")
    assert result.changed == ("README.md", "manifest.json")
    assert result.removed == ("dns/b.example/zone.db", "gone/x.txt")
    assert result.unchanged == ("dns/a.example/zone.db",)
    assert not (output / "gone").exists()
    assert not (output / "dns/b.example").exists()
    assert names(output.parent) == ["output"]


def test_an_unchanged_file_keeps_inode_and_time(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    before = (output / "dns/a.example/zone.db").stat()
    write_output(output, files_of(NEW))
    after = (output / "dns/a.example/zone.db").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_nothing_to_do_touches_nothing(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    before = snapshot(output.parent)
    result = write_output(output, files_of(OLD))
    assert snapshot(output.parent) == before
    assert result.created + result.changed + result.removed == ()


def test_nothing_to_do_works_on_a_read_only_checkout(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    steps: list[str] = []
    write_output(output, files_of(OLD), step=steps.append)
    assert steps == ["read"]


def test_foreign_files_folders_and_links_stay_as_they_are(output: Path, tmp_path: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    (output / "notes.txt").write_text("mine")
    (output / "notes.txt").chmod(0o640)
    (output / "dns/b.example/keep.txt").write_text("mine too")
    (output / "empty").mkdir(mode=0o750)
    (output / "link").symlink_to("../elsewhere")
    os.mkfifo(output / "pipe")
    (output / "locked").mkdir()
    (output / "locked/inner.txt").write_text("inner")
    (output / "locked").chmod(0o555)
    before = (output / "notes.txt").stat()
    write_output(output, files_of(NEW))
    after = (output / "notes.txt").stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_mode) == (after.st_ino, after.st_mtime_ns, after.st_mode)
    assert (output / "dns/b.example/keep.txt").read_text() == "mine too"
    assert not (output / "dns/b.example/zone.db").exists()
    assert stat.S_IMODE((output / "empty").stat().st_mode) == 0o750
    assert (output / "link").readlink() == Path("../elsewhere")
    assert stat.S_ISFIFO((output / "pipe").stat().st_mode)
    assert stat.S_IMODE((output / "locked").stat().st_mode) == 0o555
    assert (output / "locked/inner.txt").read_text() == "inner"
    assert names(output.parent) == ["output"]
    (output / "locked").chmod(0o755)


def test_a_file_of_ours_that_was_edited_is_written_again_or_removed(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    (output / "README.md").write_text("edited\n")
    (output / "gone/x.txt").write_text("edited\n")
    result = write_output(output, files_of(NEW))
    assert (output / "README.md").read_text() == "new\n"
    assert "gone/x.txt" in result.removed
    (output / "README.md").write_text("xxx\n")  # of the same size
    assert write_output(output, files_of(NEW)).changed == ("README.md",)


def test_a_changed_file_and_the_folder_keep_their_modes(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    (output / "README.md").chmod(0o600)
    (output / "dns").chmod(0o700)
    output.chmod(0o711)
    write_output(output, files_of(NEW))
    assert stat.S_IMODE((output / "README.md").stat().st_mode) == 0o600
    assert stat.S_IMODE((output / "dns").stat().st_mode) == 0o700
    assert stat.S_IMODE(output.stat().st_mode) == 0o711


@pytest.mark.parametrize("swap", [None, lambda _new, _old: False], ids=["exchange", "two renames"])
def test_a_file_becomes_a_folder_and_a_folder_a_file(
    output: Path, swap: Callable[[Path, Path], bool] | None, files_of: FilesOf, tree: Tree
) -> None:
    options = {"swap": swap} if swap else {}
    write_output(output, files_of({"a": "1\n", "b/c": "2\n"}), **options)
    write_output(output, files_of({"a/x": "1\n", "b": "2\n"}), **options)
    assert tree(output).keys() == {"a", "a/x", "b", "manifest.json"}
    assert os.access(output / "a", os.X_OK)
    assert stat.S_IMODE((output / "a").stat().st_mode) & 0o700 == 0o700


def test_a_foreign_file_in_the_way_is_refused_and_nothing_is_written(
    output: Path, files_of: FilesOf, tree: Tree
) -> None:
    write_output(output, files_of(OLD))
    (output / "apps").write_text("mine")
    before = tree(output)
    with pytest.raises(OutputError, match=r"did not write is in the way: .*/output/apps"):
        write_output(output, files_of(NEW))
    assert tree(output) == before
    assert names(output.parent) == ["output"]


def test_a_foreign_file_of_one_name_is_refused_unless_it_says_the_same(output: Path, files_of: FilesOf) -> None:
    output.mkdir(parents=True)
    (output / "README.md").write_text("new\n")
    write_output(output, files_of(NEW))
    (output / "manifest.json").unlink()
    write_output(output, files_of(NEW))  # a lost manifest is no obstacle while the files are ours
    (output / "manifest.json").unlink()
    (output / "README.md").write_text("not ours\n")
    with pytest.raises(OutputError, match=r"README\.md"):
        write_output(output, files_of(NEW))
    assert (output / "README.md").read_text() == "not ours\n"


@pytest.mark.parametrize("where", ["dns", "dns/c.example", "dns/c.example/zone.db", "README.md", "manifest.json"])
def test_no_link_is_written_through(output: Path, tmp_path: Path, where: str, files_of: FilesOf, tree: Tree) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious")
    write_output(output, files_of({"apps/x/.env": "X=1\n"}))
    (output / where).parent.mkdir(parents=True, exist_ok=True)
    (output / where).unlink(missing_ok=True)
    (output / where).symlink_to(outside if not Path(where).suffix else outside / "precious")
    with pytest.raises(OutputError, match="symbolic link"):
        write_output(output, files_of(NEW))
    assert tree(outside) == {"precious": b"precious"}


def test_a_folder_of_ours_that_became_a_link_is_left_alone(output: Path, tmp_path: Path, files_of: FilesOf) -> None:
    outside = tmp_path / "outside"
    write_output(output, files_of(OLD))
    shutil.move(output / "gone", outside)
    (output / "gone").symlink_to(outside)
    write_output(output, files_of(NEW))
    assert (output / "gone").is_symlink()
    assert (outside / "x.txt").read_text() == "x\n"


def test_an_output_folder_that_is_a_link_is_refused(
    output: Path, tmp_path: Path, files_of: FilesOf, tree: Tree
) -> None:
    real = tmp_path / "real"
    real.mkdir()
    output.parent.mkdir()
    output.symlink_to(real)
    with pytest.raises(OutputError, match="symbolic link"):
        write_output(output, files_of(NEW))
    output.unlink()
    output.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="symbolic link"):
        write_output(output, files_of(NEW))
    assert tree(real) == {}


def test_an_output_folder_that_is_a_file_is_refused(output: Path, files_of: FilesOf) -> None:
    output.parent.mkdir()
    output.write_text("a file")
    with pytest.raises(OutputError, match="is not a folder"):
        write_output(output, files_of(NEW))
    assert output.read_text() == "a file"


def test_the_root_of_the_file_system_is_refused(files_of: FilesOf) -> None:
    with pytest.raises(OutputError, match="root"):
        write_output(Path("/"), files_of(NEW))


@pytest.mark.parametrize(
    "path", ["../outside", "/etc/passwd", "a/../../b", "", "a//b", "./a", "a\\b", "a\nb", ".git/hooks/x", "a/.GIT/b"]
)
def test_a_manifest_cannot_name_a_path_that_leads_outside(
    output: Path, path: str, files_of: FilesOf, tree: Tree
) -> None:
    write_output(output, files_of(OLD))
    outside = output.parent / "outside"
    outside.write_text("precious")
    manifest = json.loads((output / "manifest.json").read_text())
    manifest["files"][path] = {}
    (output / "manifest.json").write_text(json.dumps(manifest))
    before = tree(output.parent)
    with pytest.raises(OutputError, match=r"manifest\.json does not say which files are ours"):
        write_output(output, files_of(NEW))
    assert tree(output.parent) == before


@pytest.mark.parametrize(
    "text", ["", "<<<<<<< HEAD", "[]", "{}", '{"generator": "sendspec", "version": 1}', "[" * 100_000, "\xff"]
)
def test_a_manifest_that_is_not_ours_stops_the_run(output: Path, text: str, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    (output / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(OutputError) as caught:
        write_output(output, files_of(NEW))
    assert "manifest.json" in str(caught.value)
    assert caught.value.hint
    assert (output / "README.md").read_text() == "old\n"


def test_a_manifest_of_a_newer_version_stops_the_run(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    text = (output / "manifest.json").read_text().replace('"version": 1', '"version": 2')
    (output / "manifest.json").write_text(text)
    with pytest.raises(OutputError, match="has version 2"):
        write_output(output, files_of(NEW))


def test_two_writers_wait_for_each_other(output: Path, files_of: FilesOf, tree: Tree) -> None:
    write_output(output, files_of(OLD))
    failures: list[BaseException] = []

    def write(contents: dict[str, str]) -> None:
        try:
            for number in range(5):
                write_output(output, files_of(contents | {"count": f"{number}\n"}))
        except OutputError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(contents,)) for contents in (OLD, NEW)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    got = {path: text.decode() for path, text in tree(output).items() if text and path != "manifest.json"}
    assert got in (OLD | {"count": "4\n"}, NEW | {"count": "4\n"})
    assert names(output.parent) == ["output"]


def test_a_folder_replaced_while_it_is_read_is_read_again_under_the_lock(
    output: Path, files_of: FilesOf, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_output(output, files_of(OLD))
    real, calls = write_module.make_plan, []

    def interrupted(folder: Path, files: Sequence[OutputFile]) -> WritePlan:
        calls.append(folder)
        if len(calls) == 1:  # another run swaps the folder between two of our reads
            monkeypatch.setattr(write_module, "make_plan", real)
            write_output(folder, files_of(OLD | {"other": "1\n"}))
            monkeypatch.setattr(write_module, "make_plan", interrupted)
            raise FileNotFoundError(2, "No such file or directory", str(folder / "gone"))
        return real(folder, files)

    monkeypatch.setattr(write_module, "make_plan", interrupted)
    write_output(output, files_of(NEW))
    assert len(calls) == 2
    assert {path: text.decode() for path, text in tree(output).items() if text and path != "manifest.json"} == NEW


def test_a_writer_that_waits_too_long_says_who_holds_the_lock(output: Path) -> None:
    output.parent.mkdir()
    with (
        open_workspace(output),
        pytest.raises(OutputError, match="another sendspec is writing"),
        open_workspace(output, patience_seconds=0.1),
    ):
        pass


def test_a_foreign_thing_with_the_name_of_the_workspace_is_refused(
    output: Path, tmp_path: Path, files_of: FilesOf
) -> None:
    output.parent.mkdir()
    workspace_path(output).symlink_to(tmp_path)
    with pytest.raises(OutputError, match="is in the way"):
        write_output(output, files_of(NEW))


def test_what_a_killed_run_left_is_cleared_even_when_there_is_nothing_to_do(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    left = workspace_path(output)
    (left / "new/dns").mkdir(parents=True, mode=0o700)
    (left / "new/dns/half.txt").write_text("half")
    (left / "new/dns").chmod(0o555)
    write_output(output, files_of(OLD))
    assert names(output.parent) == ["output"]


def test_an_output_that_a_killed_run_had_moved_aside_comes_back(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    workspace_path(output).mkdir()
    output.rename(workspace_path(output) / "old")
    result = write_output(output, files_of(OLD))
    assert result.unchanged == tuple(sorted({*OLD, "manifest.json"}))
    assert names(output.parent) == ["output"]


def test_a_failure_between_the_two_renames_brings_the_old_folder_back(
    output: Path, files_of: FilesOf, tree: Tree
) -> None:
    write_output(output, files_of(OLD))
    before = tree(output)

    def interrupted(name: str) -> None:
        if name == "between":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_output(output, files_of(NEW), step=interrupted, swap=lambda _new, _old: False)
    assert tree(output) == before
    assert names(output.parent) == ["output"]


def test_an_interrupt_at_any_step_leaves_one_tree_and_nothing_beside_it(
    output: Path, files_of: FilesOf, tree: Tree
) -> None:
    steps: list[str] = []
    write_output(output, files_of(OLD))
    old = tree(output)
    write_output(output, files_of(NEW), step=steps.append)
    new = tree(output)
    for number in range(len(steps)):
        write_output(output, files_of(OLD))
        waiting = iter(range(number))

        def interrupt(_name: str, waiting: Iterator[int] = waiting) -> None:
            if next(waiting, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_output(output, files_of(NEW), step=interrupt)
        assert tree(output) in (old, new)
        assert names(output.parent) == ["output"]


def test_what_an_editor_saves_during_the_run_is_not_lost(output: Path, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))
    (output / "notes.txt").write_text("first")

    def edit(name: str) -> None:
        if name == "swap":
            (output / "notes.new").write_text("second")
            (output / "notes.new").rename(output / "notes.txt")
            (output / "late").mkdir()
            (output / "late/more.txt").write_text("more")
            (output / "README.md").write_text("edited at the last moment\n")

    write_output(output, files_of(NEW), step=edit)
    assert (output / "notes.txt").read_text() == "second"
    assert (output / "late/more.txt").read_text() == "more"
    assert (output / "README.md").read_text() == "new\n"


def test_running_from_inside_the_output_folder_is_refused(
    output: Path, monkeypatch: pytest.MonkeyPatch, files_of: FilesOf
) -> None:
    write_output(output, files_of(OLD))
    monkeypatch.chdir(output / "dns")
    write_output(Path(".."), files_of(OLD))
    with pytest.raises(OutputError, match="current folder is inside"):
        write_output(Path(".."), files_of(NEW))
    assert (output / "README.md").read_text() == "old\n"


def test_a_relative_output_is_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files_of: FilesOf
) -> None:
    monkeypatch.chdir(tmp_path)
    write_output(Path("made/output"), files_of(OLD))
    assert (tmp_path / "made/output/README.md").read_text() == "old\n"


def test_where_no_hard_link_can_be_made_files_are_copied(
    output: Path, monkeypatch: pytest.MonkeyPatch, files_of: FilesOf
) -> None:
    write_output(output, files_of(OLD))
    (output / "notes.txt").write_text("mine")
    (output / "link").symlink_to("nowhere")
    before = (output / "notes.txt").stat().st_mtime_ns

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    write_output(output, files_of(NEW))
    assert (output / "notes.txt").read_text() == "mine"
    assert (output / "notes.txt").stat().st_mtime_ns == before
    assert (output / "link").is_symlink()
    assert (output / "dns/a.example/zone.db").read_text() == "a\n"


def test_a_file_system_that_is_full_leaves_the_old_folder(output: Path, files_of: FilesOf, tree: Tree) -> None:
    write_output(output, files_of(OLD))
    before = tree(output)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1]))  # EFBIG for a longer file, as a full disk is ENOSPC
    try:
        with pytest.raises(OutputError, match="cannot be written") as caught:
            write_output(output, files_of(NEW | {"big.txt": "x" * 5000 + "\n"}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert "as it was" in caught.value.hint
    assert tree(output) == before
    assert names(output.parent) == ["output"]


@pytest.mark.parametrize(
    ("code", "cure"),
    [(errno.ENOSPC, "free some space"), (errno.EACCES, "access"), (errno.EBUSY, "mount"), (errno.EIO, "as it was")],
)
def test_each_failure_says_what_to_do(output: Path, code: int, cure: str, files_of: FilesOf) -> None:
    write_output(output, files_of(OLD))

    def fail(_new: Path, _old: Path) -> bool:
        raise OSError(code, os.strerror(code))

    with pytest.raises(OutputError) as caught:
        write_output(output, files_of(NEW), swap=fail)
    assert cure in caught.value.hint
    assert (output / "README.md").read_text() == "old\n"
    assert names(output.parent) == ["output"]


def test_a_lock_file_does_not_outlive_a_run_that_waited(output: Path, files_of: FilesOf) -> None:
    output.parent.mkdir()
    place = workspace_path(output)
    place.mkdir()
    descriptor = os.open(place / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    timer = threading.Timer(0.2, os.close, (descriptor,))
    timer.start()
    write_output(output, files_of(OLD))
    timer.join()
    assert names(output.parent) == ["output"]


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_none(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as held:
        assert _is_current(held.fileno(), tmp_path / "lock")
        (tmp_path / "lock").unlink()
        assert not _is_current(held.fileno(), tmp_path / "lock")
        (tmp_path / "lock").touch()
        assert not _is_current(held.fileno(), tmp_path / "lock")


def test_the_lock_is_taken_again_when_its_file_was_removed_in_between(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.parent.mkdir()
    lock = fcntl.flock
    seen = []

    def remove_first(descriptor: int, operation: int) -> None:
        if not seen:
            (workspace_path(output) / "lock").unlink()
        seen.append(descriptor)
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    with open_workspace(output) as place:
        assert (place / "lock").exists()
    assert len(seen) == 2


def test_half_a_surrogate_pair_is_refused_before_anything_is_written(output: Path, files_of: FilesOf) -> None:
    with pytest.raises(OutputError, match="surrogate"):
        write_output(output, files_of({"a.txt": "\ud800\n"}))
    assert not output.parent.exists()
