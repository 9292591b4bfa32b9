"""The plan that README.md shows is one that `sendspec plan` printed, in the world of these tests; its notes are left out."""

import os
import re
from pathlib import Path

import cli_in_world
import pytest
from aws_world import aws_world
from whole_world import whole_world

import sendspec.net.open as opening
from sendspec.cli import run

BLOCK = re.compile(r"(<!-- output in the world of tests/manage: sendspec plan -->\n```text\n)(.*?)(```\n)", re.DOTALL)
INPUTS = ("subuser_email", "subuser_password", "subuser_ip")


def test_the_plan_that_the_readme_shows_is_one_that_was_printed(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with aws_world() as amazon, whole_world(tmp_path, amazon, monkeypatch) as world:
        monkeypatch.setattr(opening, "NetSettings", cli_in_world.lead_into(world.settings))
        monkeypatch.chdir(tmp_path)
        given = [part for name in INPUTS for part in ("--input", f"{name}=file://{world.secrets}/{name}")]
        assert run(["apply", "--yes", *given]) == 0
        world.look_at_dns()
        assert run(["apply", "--yes"]) == 0
        amazon.ses.sets["ses-receipts"]["SendingOptions"]["SendingEnabled"] = False
        world.zone.put("_dmarc.shop.example", "TXT", 3600, '"v=DMARC1; p=reject; rua=mailto:dmarc@shop.example"')
        capsys.readouterr()
        assert run(["plan"]) == 0
    printed = "".join(
        line for line in capsys.readouterr().out.splitlines(keepends=True) if not line.startswith("note:")
    )
    readme = repository / "README.md"
    text = readme.read_text(encoding="utf-8")
    if os.environ.get("WRITE_GOLDEN"):
        readme.write_text(BLOCK.sub(lambda block: block[1] + printed + block[3], text), encoding="utf-8")
    shown = BLOCK.search(readme.read_text(encoding="utf-8"))
    assert shown is not None
    assert shown[2] == printed
