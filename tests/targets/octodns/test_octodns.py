"""octoDNS itself reads what we write, the way the file's own header says to set it up."""

import os
import subprocess
import sys
from pathlib import Path

import natsort
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from octodns.provider.yaml import YamlProvider
from octodns.zone import Zone

from sendspec.targets.octodns.scalars import key, needs_leniency, quoted

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
KEYS = st.from_regex(r"\A[a-z0-9_*-]{1,12}(\.[a-z0-9_-]{1,12}){0,3}\Z") | st.sampled_from(
    ["", "no", "on", "y", "null", "true", "1", "1e3", "0x1f", "1:30", "2026-11-20", "_", "-", "~", "*", ".inf", "="]
)


def _octodns(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / command
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, check=False, env=environment, timeout=120
    )


def _lay_out(files, folder):
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content, encoding="utf-8")


def _config(content: str, folder: Path, zones) -> Path:
    """Make a configuration from the provider block in a file's header."""
    lines = content.splitlines()
    start = lines.index("#     providers:")
    block = [line.removeprefix("#") for line in lines[start : start + 5]]
    config = yaml.safe_load("\n".join(block))
    config["providers"]["sendspec"]["directory"] = str(folder / config["providers"]["sendspec"]["directory"])
    (folder / "live").mkdir()
    config["providers"]["live"] = {**config["providers"]["sendspec"], "directory": str(folder / "live")}
    config["zones"] = {f"{zone}.": {"sources": ["sendspec"], "targets": ["live"]} for zone in zones}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def test_octodns_validates_every_zone_set_up_as_the_header_says(example_rrsets, make_rrset, render_zones, tmp_path):
    zones = ("northwind.example", example_rrsets), ("shop.example", [make_rrset("shop.example", "TXT", "a;b")])
    files = render_zones("octodns", *zones)
    _lay_out(files, tmp_path)
    config = _config(files[0].content, tmp_path, [name for name, _ in zones])
    done = _octodns("octodns-validate", "--config-file", str(config))
    assert done.returncode == 0, done.stderr


def test_octodns_refuses_a_file_without_our_escapes(example_rrsets, render_zone, tmp_path):
    [file] = render_zone("octodns", example_rrsets)
    _lay_out([file], tmp_path)
    config = _config(file.content, tmp_path, ["northwind.example"])
    (tmp_path / file.path).write_text(file.content.replace("\\;", ";"), encoding="utf-8")
    assert _octodns("octodns-validate", "--config-file", str(config)).returncode != 0


def test_a_second_sync_has_nothing_to_do(example_rrsets, render_zone, tmp_path):
    [file] = render_zone("octodns", example_rrsets)
    _lay_out([file], tmp_path)
    config = _config(file.content, tmp_path, ["northwind.example"])
    first = _octodns("octodns-sync", "--config-file", str(config), "--doit", "--force")
    assert first.returncode == 0, first.stderr
    second = _octodns("octodns-sync", "--config-file", str(config))
    assert "No changes were planned" in second.stdout + second.stderr


@given(text=TEXTS)
def test_any_text_in_quotes_reads_back_as_itself(text):
    assert yaml.safe_load(f"a: {quoted(text)}\n") == {"a": text}
    assert quoted(text).isascii()


@given(name=KEYS)
def test_any_name_as_a_key_reads_back_as_itself(name):
    assert yaml.safe_load(f"{key(name)}:\n  - 1\n") == {name: [1]}


@given(names=st.lists(KEYS.filter(bool), min_size=1, max_size=8, unique=True))
def test_names_stand_in_the_order_octodns_enforces(names, make_rrset, render_zone):
    rrsets = [make_rrset(f"{name}.northwind.example", "TXT", "v") for name in names]
    [file] = render_zone("octodns", rrsets)
    found = list(yaml.safe_load(file.content))
    assert found == natsort.natsorted(found)
    assert sorted(found) == sorted(names)


@given(text=TEXTS.filter(bool))
def test_octodns_holds_any_text_in_memory(text, make_rrset, render_zone, tmp_path_factory):
    # How a text that is not ASCII gets from there to the wire is each octoDNS provider's own matter.
    [file] = render_zone("octodns", [make_rrset("northwind.example", "TXT", text)])
    folder = tmp_path_factory.mktemp("zones")
    (folder / "northwind.example.yaml").write_text(file.content, encoding="utf-8")
    zone = Zone("northwind.example.", [])
    YamlProvider("sendspec", str(folder), escaped_semicolons=True).populate(zone)
    [record] = zone.records
    assert [value.to_raw_text() for value in record.values] == [text]


def test_leniency_is_asked_for_only_where_octodns_refuses_a_legal_text(example_rrsets, make_rrset, render_zone):
    assert "lenient: true" not in render_zone("octodns", example_rrsets)[0].content
    assert "lenient: true" in render_zone("octodns", [make_rrset("northwind.example", "TXT", "é")])[0].content
    assert needs_leniency("a\\;b")
    assert not needs_leniency("v=DKIM1; p=\\")


@given(text=TEXTS)
def test_no_text_gets_out_of_a_comment(text, make_rrset, make_pending, render_zone):
    hostile = f"x\ninjected: {{}}\n{text}"
    rrsets = [make_rrset("a.northwind.example", "TXT", "v", why=hostile, source=text, account=text, streams=(hostile,))]
    pending = (make_pending(hostile, value=hostile, cure=hostile, why=hostile),)
    [file] = render_zone("octodns", rrsets, pending=pending)
    assert yaml.safe_load(file.content) == {"a": [{"ttl": 3600, "type": "TXT", "value": "v"}]}


def test_a_zone_where_all_is_pending_is_an_empty_zone_that_says_so(render_zone, make_pending, read_octodns):
    [file] = render_zone("octodns", [], pending=(make_pending("s1._domainkey.news.northwind.example"),))
    assert read_octodns(file) == {}
    assert "# PENDING, sendgrid-eu: newsletter\n#     to get it: run `sendspec pull`\n" in file.content


def test_all_zones_share_the_folder_one_provider_looks_into(make_rrset, render_zones):
    zones = [(name, [make_rrset(name, "TXT", "v")]) for name in ("a.example", "b.example")]
    files = render_zones("octodns", *zones)
    assert [file.path for file in files] == ["dns/octodns/a.example.yaml", "dns/octodns/b.example.yaml"]


@pytest.mark.parametrize("promise", ["generated by sendspec from @SPEC@; edit the spec", "DELETES"])
def test_the_header_says_where_it_comes_from_and_what_octodns_would_delete(promise, example_rrsets, render_zone):
    [file] = render_zone("octodns", example_rrsets)
    assert promise in file.content.partition("---")[0]
