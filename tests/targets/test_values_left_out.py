"""A value of the spec: the real readers give it back, or it is a finding. Never neither, never both."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from app_setups import SPEC, compile_text, write_files
from env_readers import DOTENV_READERS, SYSTEMD_READERS, TRICKY, VERBATIM_READERS, Reader, some_values

from sendspec.model.app import Variable
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.pipeline import validate
from sendspec.targets.interface import load_target

PLACE = Origin(("streams", "codes", "from"))
MORE = (
    "two\nlines",
    "cr\r",
    "tab\t",
    "\u2028",
    "form\x0cfeed",
    " x",
    "x ",
    "it's",
    "${x}",
    'a="b',
    '"x"',
    "\\\\",
    "end\\",
)
TARGETS = "targets: [dotenv, django, nodemailer, postfix]"


def _config_map(file: Path) -> Mapping[str, str]:
    return yaml.safe_load(file.read_text(encoding="utf-8"))["data"]


FORMATS: dict[str, tuple[str, Mapping[str, Reader]]] = {
    "dotenv": ("mail.env", DOTENV_READERS),
    "sdk-env": ("mail.sdk.env", DOTENV_READERS),
    "docker-env": ("mail.docker.env", VERBATIM_READERS),
    "systemd-env": ("mail.systemd.env", SYSTEMD_READERS),
    "kubernetes": ("kubernetes.configmap.yaml", {"PyYAML": _config_map}),
}
SLOW = {"sdk-env": ("python-dotenv", "node-env-file", "phpdotenv")}
"""Its env file is dotenv's dialect, which every reader reads there: here three are enough."""
CASES = [
    pytest.param(target, file, read, id=f"{target}-{name}")
    for target, (file, readers) in FORMATS.items()
    for name, read in readers.items()
    if name in SLOW.get(target, readers)
]


def with_values(setup: Setup, target: str) -> tuple[Setup, Mapping[str, str]]:
    """Give the setup whose app has a variable for each hard or generated value, and these by name."""
    values = dict.fromkeys((*TRICKY, *MORE, *filter(None, some_values())))
    named = {f"V{number}": value for number, value in enumerate(values)}
    variables = tuple(Variable(name, value, None, "header From", PLACE) for name, value in named.items())
    (app,) = setup.apps
    bindings = (replace(app.bindings[0], variables=variables), *app.bindings[1:])
    return replace(setup, apps=(replace(app, targets=(target,), bindings=bindings),)), named


@pytest.mark.parametrize(("target", "file", "read"), CASES)
def test_a_value_reads_back_as_itself_or_is_a_finding(target, file, read, tmp_path):
    setup, values = with_values(compile_text(tmp_path / "specs"), target)
    refused = {left.reason.partition(" ")[0] for left in load_target(target).leaves_out(setup.apps[0])}
    found = read(write_files(setup, target, tmp_path) / file)
    assert {name for name, value in values.items() if found.get(name) == value} == set(values) - refused
    assert not refused & set(found)
    assert bool(refused) is (target != "kubernetes")


@pytest.mark.parametrize(
    ("target", "name", "problem", "way_out"),
    [
        ("dotenv", "O'Brien", "cannot be written in a dotenv file: it holds a single quote", "`docker-env`"),
        ("sdk-env", "a ${x}", "cannot be written in a dotenv file: it holds ${,", "`systemd-env`"),
        ("docker-env", "a\u200bb", "cannot be written in an env file of docker: it holds a line end", "`kubernetes`"),
        ("systemd-env", "a\u200bb", "cannot be written in an env file of systemd: it holds a line end", "`kubernetes`"),
    ],
)
def test_the_finding_names_app_target_stream_place_reason_and_the_way_out(target, name, problem, way_out, tmp_path):
    spec = SPEC.replace(TARGETS, f"targets: [{target}]").replace(
        "from: Shop <receipts@mail.shop.example>", f"from: {{name: {json.dumps(name)}, address: r@mail.shop.example}}"
    )
    setup = compile_text(tmp_path, spec)
    (finding,) = (
        each
        for each in validate(tmp_path, None).findings
        if each.rule == "apps-target-leaves-out" and "receipts" in each.message
    )
    assert finding.message.startswith(f"shop, {target}: receipts (streams.receipts.from): MAIL_RECEIPTS_FROM {problem}")
    assert way_out in finding.fix
    (place, *_) = finding.related
    assert "r@mail.shop.example" in (tmp_path / "spec.yaml").read_text().splitlines()[place.line - 1]
    text = "\n".join(file.content for file in load_target(target).render(setup))
    assert f"MAIL_RECEIPTS_FROM {problem}" in " ".join(text.replace("#", " ").split())
    assert "\nMAIL_RECEIPTS_FROM" not in text


@pytest.mark.parametrize("target", ["laravel", "symfony", "wordpress"])
def test_a_display_name_that_php_loses_is_a_finding(target, tmp_path):
    spec = SPEC.replace("Shop <receipts@", "0 <receipts@").replace("Shop <hello@", '"0" <hello@')
    (app,) = compile_text(tmp_path, spec.replace('from: "0" <', "from: 0 <")).apps
    left = {each.bindings[0].stream.id: each for each in load_target(target).leaves_out(app)}
    assert sorted(left) == ["news", "receipts"]
    assert left["news"].at == Origin(("streams", "news", "from"))


def test_an_address_that_an_env_file_of_discourse_cannot_hold_is_a_finding(tmp_path):
    spec = SPEC.replace("address: no-reply@auth.shop.example", "address: o'brien@auth.shop.example")
    setup = compile_text(tmp_path, spec.replace(TARGETS, "targets: [discourse]"))
    (app,) = setup.apps
    left = [each for each in load_target("discourse").leaves_out(app) if not each.is_whole]
    assert {each.at for each in left} == {Origin(("streams", "codes", "from"))}
    assert {each.reason.partition(" ")[0] for each in left} == {"DISCOURSE_NOTIFICATION_EMAIL"}
    files = {file.path.rpartition("/")[2]: file.content for file in load_target("discourse").render(setup)}
    assert 'notification_email = "o\'brien@auth.shop.example"' in files["discourse.conf"]
    assert "\nDISCOURSE_NOTIFICATION_EMAIL" not in files["discourse.env"]
    assert left[0].reason in " ".join(files["discourse.env"].replace("#", " ").split())
