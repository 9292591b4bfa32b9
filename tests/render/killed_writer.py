"""Writes an output folder and is killed on the way; a program of its own, so that a real SIGKILL ends it.

python killed_writer.py steps FOLDER        at every step, one child for each; checks what is left each time
python killed_writer.py write FOLDER NAME   writes the tree `old` or `new`, for the parent to kill
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.render.manifest import MANIFEST_PATH, read_manifest
from sendspec.render.write import write_output

FOREIGN = "dns/zone-1/notes.txt"


def files(name: str, count: int) -> list[OutputFile]:
    """Give a tree: a third of the files are in both, a third differs, a third is in one only."""
    shared = {f"dns/zone-{n}/zone.db": "same\n" for n in range(0, count, 3)}
    differing = {f"dns/zone-{n}/zone.db": f"{name}\n" * 50 for n in range(1, count, 3)}
    alone = {f"{name}/zone-{n}.txt": f"{name}\n" for n in range(2, count, 3)}
    contents = shared | differing | alone
    listed = ",".join(f'"{path}": {{}}' for path in sorted(contents))
    contents[MANIFEST_PATH] = f'{{"generator": "sendspec", "version": 1, "tree": "{name}", "files": {{{listed}}}}}\n'
    return [OutputFile(path, text, (Origin(),), path) for path, text in contents.items()]


def state(folder: Path, count: int) -> str:
    """Say what stands there: old, new, nothing or a mixture."""
    if not folder.exists():
        return "nothing"
    found = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}
    if found.pop(FOREIGN, None) != "mine":
        return f"{FOREIGN} is lost"
    for name in ("old", "new"):
        if found == {file.path: file.content for file in files(name, count)}:
            assert read_manifest((folder / MANIFEST_PATH).read_bytes(), "") == set(found)
            return name
    return f"a mixture: {sorted(found)}"


def start(folder: Path, count: int) -> None:
    """Make the old tree, with a foreign file in it."""
    shutil.rmtree(folder.parent, ignore_errors=True)
    write_output(folder, files("old", count))
    (folder / FOREIGN).parent.mkdir(parents=True, exist_ok=True)
    (folder / FOREIGN).write_text("mine")


def killed_at(folder: Path, count: int, number: int, swap_works: bool) -> bool:
    """Run a child that kills itself at a step; tell whether it came that far."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == signal.SIGKILL
    seen = 0

    def step(_name: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    options = {} if swap_works else {"swap": lambda _new, _old: False}
    write_output(folder, files("new", count), step=step, **options)
    os._exit(0)


def every_step(folder: Path, count: int, swap_works: bool) -> set[str]:
    """Give every state that a kill left; each must be mended by the next run."""
    left = set()
    number = 1
    while True:
        start(folder, count)
        was_killed = killed_at(folder, count, number, swap_works)
        left.add(state(folder, count))
        write_output(folder, files("new", count))
        assert state(folder, count) == "new", f"not mended after step {number}"
        assert [path.name for path in folder.parent.iterdir()] == [folder.name], f"left behind after step {number}"
        if not was_killed:
            return left
        number += 1


if __name__ == "__main__":
    command, place = sys.argv[1], Path(sys.argv[2])
    if command == "steps":
        for swap_works in (True, False):
            sys.stdout.write(f"{swap_works} {','.join(sorted(every_step(place, 9, swap_works)))}\n")
    else:
        os.write(1, b"ready\n")
        while True:
            write_output(place, files(sys.argv[3], 300))
            sys.argv[3] = "old" if sys.argv[3] == "new" else "new"
