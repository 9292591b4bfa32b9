"""Write the output folder: the old tree or the new one, never a mixture, whenever we are stopped.

The new tree is built beside the output and takes its place in one step of the kernel. Files that stay the same are
hard links to what is there, so they keep inode and time; so is everything that is not ours. Nothing is ever written
through a link, for nothing is ever written into the old tree.

There is no fsync. It would protect against a power cut in the seconds after a run, costs seconds for 10,000 files,
and what it protects is made again by the same command: `render --check` reads every byte and finds any damage.
"""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sendspec.errors import OutputError
from sendspec.model.output_file import OutputFile
from sendspec.render.mounts import refuse_mounts
from sendspec.render.swap import exchange
from sendspec.render.tree import Entry, Kind, WritePlan, make_plan, read_root, scan
from sendspec.render.workspace import open_workspace, remove_tree, workspace_path

Step = Callable[[str], None]
"""Told the name of each step before it happens; tests stop the process there."""

LINK_REFUSED = frozenset({errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES})
"""No hard link here: foreign owner (fs.protected_hardlinks), too many links, a file system without links."""

HINTS = {
    errno.ENOSPC: "free some space; the output folder is as it was",
    errno.EDQUOT: "free some space or raise the quota; the output folder is as it was",
    errno.EACCES: "give yourself access to it; the output folder is as it was",
    errno.EPERM: "give yourself access to it; the output folder is as it was",
    errno.EROFS: "the file system is read-only; name another folder in --output",
    errno.EBUSY: "a mount point cannot be replaced as a whole: mount the folder above it, or name a folder inside it",
    errno.EXDEV: "this folder cannot be replaced as a whole (a mount point, or a lower layer of a container image): "
    "name a folder inside it in --output",
}


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What happened, as sorted relative paths."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


def write_output(
    folder: Path,
    files: Sequence[OutputFile],
    *,
    step: Step = lambda _name: None,
    swap: Callable[[Path, Path], bool] = exchange,
) -> WriteResult:
    """Make the folder hold these files, and leave in it what is not ours.

    Touches nothing at all when there is nothing to do. Files that the manifest of the last run lists and `files` does
    not are removed, also when somebody has edited them: they are ours.

    Raises:
        OutputError: it cannot be done; the folder is as it was.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a link that we must refuse
    if folder == folder.parent:
        raise OutputError(f"{folder} is the root of the file system", "name a folder in --output")
    try:
        return _write(folder, files, step, swap)
    except OSError as error:
        raise _explained(folder, error) from error


def _write(folder: Path, files: Sequence[OutputFile], step: Step, swap: Callable[[Path, Path], bool]) -> WriteResult:
    step("read")
    plan = _plan_unlocked(folder, files)
    if plan and plan.is_empty and not os.path.lexists(workspace_path(folder)):
        return _result(plan)
    _check_current_folder(folder)
    if plan:
        _refuse_mounts(folder, plan)
    folder.parent.mkdir(parents=True, exist_ok=True)
    step("lock")
    with open_workspace(folder) as workspace:
        # another run was faster, or one was recovered
        if plan is None or _identity(read_root(folder)) != _identity(plan.root):
            plan = make_plan(folder, files)
            _refuse_mounts(folder, plan)
        if plan.is_empty:
            return _result(plan)
        step("build")
        _build(folder, workspace / "new", plan, step)
        step("swap")
        old = _put_in_place(folder, workspace, plan, step, swap)
        step("clear")
        if old is not None:
            _rescue(old, folder, plan)
            with suppress(OSError):  # the new tree stands; the next run clears what is left of the old one
                remove_tree(old)
        step("unlock")
    return _result(plan)


def _plan_unlocked(folder: Path, files: Sequence[OutputFile]) -> WritePlan | None:
    """Plan before taking the lock. None when another run replaces the folder meanwhile: what was read does not hold."""
    before = _identity(read_root(folder))
    try:
        return make_plan(folder, files)
    except (OutputError, OSError):
        if not os.path.lexists(workspace_path(folder)) and _identity(read_root(folder)) == before:
            raise
        return None


def _refuse_mounts(folder: Path, plan: WritePlan) -> None:
    if plan.root:
        refuse_mounts(folder, plan.root, ((path, entry.status) for path, entry in plan.entries.items()))


def _result(plan: WritePlan) -> WriteResult:
    return WriteResult(plan.created, plan.changed, plan.removed, plan.unchanged)


def _identity(root: os.stat_result | None) -> tuple[int, int, int] | None:
    return (root.st_dev, root.st_ino, root.st_ctime_ns) if root else None


def _check_current_folder(folder: Path) -> None:
    """Refuse to pull the folder away from under the caller's feet: a shell that stands in it would see it empty."""
    try:
        current = Path.cwd()
    except FileNotFoundError:
        return
    real = folder.resolve()
    if current == real or real in current.parents:
        raise OutputError(
            f"the current folder is inside {folder}, which is replaced as a whole",
            "run this from outside of the output folder",
        )


def _build(folder: Path, new: Path, plan: WritePlan, step: Step) -> None:
    """Make the whole new tree. String paths and bare system calls: with 10,000 files anything else doubles the time."""
    old_root, new_root = f"{folder}/", f"{new}/"
    new.mkdir()
    for path in plan.folders:
        os.mkdir(new_root + path)  # noqa: PTH102
    for path in (*plan.unchanged, *plan.carried):
        step("link")
        _link(old_root + path, new_root + path, plan.entries[path])
    for path in (*plan.created, *plan.changed):
        step("write")
        _create(new_root + path, plan.contents[path], plan.entries.get(path))
    for path in reversed(plan.folders):  # last: a read-only folder could not be filled
        old = plan.entries.get(path)
        if old and old.kind is Kind.FOLDER:
            _make_alike(new_root + path, old.status)
    if plan.root:
        _make_alike(str(new), plan.root)


def _link(source: str, destination: str, entry: Entry) -> None:
    try:
        os.link(source, destination, follow_symlinks=False)
    except OSError as error:
        if error.errno not in LINK_REFUSED or entry.kind not in {Kind.FILE, Kind.LINK}:
            raise
        shutil.copy2(source, destination, follow_symlinks=False)


def _create(path: str, content: bytes, old: Entry | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
    if old and old.kind is Kind.FILE:
        _make_alike(path, old.status)


def _make_alike(path: str, old: os.stat_result) -> None:
    """Give a path the mode of what it replaces, and for root (a container writing into a checkout) its owner."""
    if os.geteuid() == 0:
        os.chown(path, old.st_uid, old.st_gid)
    os.chmod(path, stat.S_IMODE(old.st_mode))  # noqa: PTH101


def _put_in_place(
    folder: Path, workspace: Path, plan: WritePlan, step: Step, swap: Callable[[Path, Path], bool]
) -> Path | None:
    """Put the new tree in place; give where the old one is now."""
    new, old = workspace / "new", workspace / "old"
    if plan.root is None:
        new.rename(folder)
        return None
    if swap(new, folder):
        return new
    # No exchange here (NFS, old kernels): for a moment there is no output folder. Stopped in it, the end of the
    # workspace puts `old` back; killed in it, the next run does.
    folder.rename(old)
    step("between")
    new.rename(folder)
    return old


def _rescue(old: Path, folder: Path, plan: WritePlan) -> None:
    """Bring over what came into the old tree while the new one was built: a file that an editor saved just then."""
    for path, entry in scan(old).items():
        known = plan.entries.get(path)
        is_known = known is not None and known.status.st_ino == entry.status.st_ino
        if entry.kind is Kind.FOLDER or is_known or path in plan.contents or path in plan.removed:
            continue
        destination = folder / path
        destination.parent.mkdir(parents=True, exist_ok=True)
        (old / path).replace(destination)


def _explained(folder: Path, error: OSError) -> OutputError:
    place = error.filename if isinstance(error.filename, str) else str(folder)
    hint = HINTS.get(error.errno or 0, "the output folder is as it was")
    return OutputError(f"{folder} cannot be written: {error.strerror or error} ({place})", hint)
