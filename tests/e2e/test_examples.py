"""The other setups under examples/: sound, and their committed output is what their specs say."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = sorted(folder.name for folder in (REPOSITORY / "examples").iterdir() if folder.is_dir())


@pytest.fixture(params=EXAMPLES)
def example(request):
    return REPOSITORY / "examples" / request.param


def test_an_example_has_no_error_and_no_warning(sendspec, example):
    done = sendspec("--fail-on", "warning", "validate", cwd=example)
    assert done.returncode == 0, done.stdout


def test_the_committed_output_of_an_example_is_what_its_spec_says(sendspec, example):
    done = sendspec("render", "--check", cwd=example)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_example_gives_the_same_bytes_from_elsewhere(sendspec, example, tmp_path, read_tree):
    done = sendspec("--spec", example / "specs", "--output", "out", "render", cwd=tmp_path, PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert read_tree(tmp_path / "out") == read_tree(example / "output")


def test_an_editor_finds_the_schema_of_an_example_and_nothing_to_complain_about(example):
    for spec in sorted((example / "specs").glob("*.yaml")):
        if spec.name == "sendspec.lock.yaml":
            continue
        text = spec.read_text(encoding="utf-8")
        schema = spec.parent / text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
        assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []


def test_every_example_is_listed_in_the_readme_and_shows_what_it_is_there_for():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert {"many-apps", "saas", "small-shop", "two-regions"} <= set(EXAMPLES)
    assert [name for name in EXAMPLES if f"(examples/{name}/output/README.md)" not in readme] == []


def test_nothing_of_a_customers_own_policy_is_ever_written():
    zones = sorted((REPOSITORY / "examples" / "saas" / "output" / "dns").glob("*/zone.db"))
    own = "deskflow.example"
    assert len(zones) == 6
    texts = {zone.parent.name: zone.read_text(encoding="utf-8") for zone in zones}
    assert [name for name, text in texts.items() if "_dmarc" in text] == [own]
    assert [name for name, text in texts.items() if "; To be handed to whoever" not in text] == [own]
