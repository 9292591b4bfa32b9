"""Mount points, tried for real where this process may mount; in a private mount namespace, so nothing outlives it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sendspec.errors import OutputError
from sendspec.model.output_file import OutputFile
from sendspec.render.mounts import refuse_mounts
from sendspec.render.write import write_output

FilesOf = Callable[[dict[str, str]], tuple[OutputFile, ...]]
PROGRAM = """
import subprocess, sys
from pathlib import Path
from sendspec.errors import OutputError
from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.render.write import write_output

place, kind = Path(sys.argv[1]), sys.argv[2]
output, source = place / "output", place / "source"
MANIFEST = '{"generator": "sendspec", "version": 1, "files": {"a": {}}}\\n'

def files(text):
    return [OutputFile(path, content, (Origin(),), path) for path, content in (("a", text), ("manifest.json", MANIFEST))]

write_output(output, files("1\\n"))
source.mkdir()
(source / "precious").write_text("precious")
inside = output if kind == "output" else output / "inside"
inside.mkdir(exist_ok=True)
options = ["--bind", source] if kind != "tmpfs" else ["-t", "tmpfs", "none"]
subprocess.run(["mount", *options, inside], check=True)
if kind == "tmpfs":
    (inside / "precious").write_text("precious")
try:
    write_output(output, files("2\\n"))
except OutputError as error:
    print(error, error.hint)
assert (inside / "precious").read_text() == "precious"
assert sorted(path.name for path in place.iterdir()) == ["output", "source"]
subprocess.run(["umount", inside], check=True)
assert (output / "a").read_text() == "1\\n"
"""


@pytest.fixture(scope="module")
def unshare(find_tool: Callable[[str], str]) -> str:
    tool = find_tool("unshare")
    if os.geteuid() or subprocess.run([tool, "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this process may not mount")
    return tool


@pytest.mark.parametrize(
    ("kind", "cure"), [("tmpfs", "mount it elsewhere"), ("bind", "mount it elsewhere"), ("output", "mount")]
)
def test_what_is_mounted_in_the_output_folder_is_never_emptied(
    tmp_path: Path, unshare: str, kind: str, cure: str
) -> None:
    ran = subprocess.run(
        [unshare, "-m", sys.executable, "-c", PROGRAM, tmp_path, kind], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert cure in ran.stdout


def test_a_folder_on_another_device_is_refused(tmp_path: Path) -> None:
    root = tmp_path.stat()
    with pytest.raises(OutputError, match=r"mounted inside the output folder: .*/elsewhere"):
        refuse_mounts(tmp_path, root, [("elsewhere", Path("/proc").stat())])
    refuse_mounts(tmp_path, root, [("here", root)])


def test_a_full_disk_leaves_the_old_folder(tmp_path: Path, unshare: str, files_of: FilesOf) -> None:
    program = (
        "import subprocess, sys\n"
        "subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', sys.argv[1]], check=True)\n"
        + PROGRAM.partition("place, kind")[0]
        + "output = Path(sys.argv[1]) / 'output'\n"
        "def files(text):\n    return [OutputFile('a', text, (Origin(),), 'a')]\n"
        "write_output(output, files('1\\n'))\n"
        "try:\n    write_output(output, [*files('1\\n'), OutputFile('b', 'x' * 100_000, (Origin(),), 'b')])\n"
        "except OutputError as error:\n    print(error.hint)\n"
        "assert [path.name for path in output.parent.iterdir()] == ['output']\n"
        "assert (output / 'a').read_text() == '1\\n'\n"
    )
    ran = subprocess.run(
        [unshare, "-m", sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "free some space" in ran.stdout


def test_an_ordinary_folder_is_written(tmp_path: Path, files_of: FilesOf) -> None:
    write_output(tmp_path / "output", files_of({"a": "1\n"}))
    write_output(tmp_path / "output", files_of({"a": "2\n"}))
    assert (tmp_path / "output/a").read_text() == "2\n"
