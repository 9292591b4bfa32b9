"""`advise` as a program: the answer for every stream, for people and for programs."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
DIMENSIONS = [
    "integration effort",
    "latency",
    "throughput",
    "feature access",
    "deliverability feedback",
    "dependency on the ESP",
    "template management",
    "typical use case",
]


def test_json_says_for_each_stream_what_is_advised_and_what_is_declared(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("advise", "--format", "json")
    document = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert document.keys() == {"version", "command", "streams"}
    assert (document["version"], document["command"]) == (1, "advise")
    streams = {stream["stream"]: stream for stream in document["streams"]}
    assert list(streams) == ["newsletter", "password-reset", "receipts", "support"]
    for stream in streams.values():
        assert stream.keys() == {
            "stream", "recommended", "declared", "dimensions", "reasons", "capacity", "loses", "would_change"
        }  # fmt: skip
        assert [dimension["name"] for dimension in stream["dimensions"]] == DIMENSIONS
        assert all(each.keys() == {"name", "smtp", "api", "favours"} for each in stream["dimensions"])
        assert all(each.keys() == {"code", "text", "source"} for each in stream["reasons"])
    assert streams["newsletter"]["recommended"] == {"primary": {"via": "api", "esp": "sendgrid-eu"}, "fallback": None}
    assert streams["receipts"]["declared"] == {
        "primary": {"via": "api", "esp": "postmark-main"},
        "fallback": {"via": "smtp", "esp": "ses-eu"},
    }


def test_text_names_the_advice_and_every_dimension(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("advise", "newsletter")
    assert ran.returncode == 0
    assert "advice       API at sendgrid-eu, no fallback" in ran.stdout
    assert all(f"  {dimension}: favours " in ran.stdout for dimension in DIMENSIONS)
    assert "receipts" not in ran.stdout


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_unknown_stream_is_a_usage_error_with_a_suggestion(sendspec: Run, northwind: Path, form: str) -> None:
    ran = sendspec("advise", "newsleter", "--format", form)
    assert ran.returncode == 64
    assert "did you mean `newsletter`?" in ran.stdout + ran.stderr
    assert "streams: newsletter, password-reset" in sendspec("advise", "zzz").stderr


def test_a_spec_without_streams_says_so(sendspec: Run, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/a.yaml").write_text("version: 1\n")
    ran = sendspec("advise")
    assert (ran.returncode, ran.stdout) == (64, "")
    assert "the spec declares no stream" in ran.stderr


def test_advice_follows_the_spec(sendspec: Run, northwind: Path) -> None:
    spec = northwind / "northwind.yaml"
    text = spec.read_text().replace("speaks: [smtp]               # this", "speaks: [api]               # this")
    spec.write_text(text)
    ran = sendspec("advise", "password-reset")
    assert "advice       API at postmark-main" in ran.stdout
    assert "declared     SMTP at postmark-main" in ran.stdout


def test_the_advice_stands_in_the_readme_of_the_output(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    assert sendspec("render").returncode == 0
    _, _, section = (tmp_path / "output/README.md").read_text().partition("\n## Decisions\n")
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    assert [row.split(" | ")[0] for row in rows] == [
        "| `newsletter`",
        "| `password-reset`",
        "| `receipts`",
        "| `support`",
    ]
    assert rows[3].startswith(
        "| `support` | SMTP at ses-eu, no fallback | as declared | helpdesk speaks SMTP and nothing else"
    )
    assert sendspec("render", "--check").returncode == 0
    ran = sendspec("explain", "README.md")
    assert ran.returncode == 0
