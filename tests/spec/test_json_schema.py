"""The schema that editors check with: it takes what the loader takes, and refuses plain mistakes."""

import json
import os
import re
import subprocess
import sys

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict

from sendspec.pipeline import schema
from sendspec.spec.json_schema import schema_text


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    document = json.loads(schema())
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def mistakes(validator, text: str) -> list[str]:
    return [f"{'/'.join(map(str, error.absolute_path))}" for error in validator.iter_errors(yaml.safe_load(text))]


def test_the_example_is_valid(validator, repository):
    assert mistakes(validator, (repository / "specs" / "northwind.yaml").read_text()) == []


def test_a_small_spec_and_a_part_of_one_are_valid(validator, minimal):
    assert mistakes(validator, minimal) == []
    assert mistakes(validator, "domains: {a.example: {}}\n") == []
    assert mistakes(validator, "version: 1\ndomains:\nesps:\n") == []
    assert mistakes(validator, "{}\n") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("version: 1", "version: '1'"),
        ("domains:", "domians:"),
        ("shop.example:", "shop:"),
        ("shop.example:", "shop_.example:"),
        ("purpose: transactional", "porpose: transactional"),
        ("policy: reject", "policy: rejekt"),
        ("policy: reject", "reports: []"),
        ("      mail:", "      -mail:"),
        ("kind: postmark", "kind: postmrk"),
        ("    kind: postmark", "    settings: {}"),
        ("kind: postmark", "kind: postmark\n    settings: {srever: x}"),
        ("kind: postmark", "kind: postmark\n    settings: []"),
        ('from: "env://TOKEN"', "from: token"),
        ("env: POSTMARK_TOKEN", "env: postmark-token"),
        ("kind: transactional", "kind: transactionl"),
        ("    kind: transactional\n", ""),
        ("    from: Shop <receipts@mail.shop.example>\n", ""),
        ("kind: transactional", "kind: transactional\n    senders: {c: a@b.example}"),
        ("kind: transactional", "kind: transactional\n    volume: {per_day: '5'}"),
        ("kind: transactional", "kind: transactional\n    volume: {per_day: -5}"),
        ("kind: transactional", "kind: transactional\n    needs: [everything]"),
        ("kind: transactional", "kind: transactional\n    events: {url: http://x.example/, types: [bounced]}"),
        ("receipts:\n", "Receipts:\n"),
        ("via: smtp", "via: smpt"),
        ("via: smtp", "via: smtp, port: 0"),
        ("via: smtp", "via: smtp, settings: {nothing: of-the-kind}"),
        ("streams: [receipts]", "streams: []"),
        ("streams: [receipts]", "streams: receipts"),
        ("streams: [receipts]", "streams: [receipts]\n    targets: [dotnev]"),
        ("policy: reject}", "policy: reject}\n    dns: {formats: [bnd]}"),
    ],
)
def test_a_plain_mistake_is_refused(validator, minimal, old, new):
    assert old in minimal
    assert mistakes(validator, minimal.replace(old, new)) != []


DEFAULTS = """\
version: 1
defaults:
  esps: {kind: postmark, credentials: {server_token: {env: TOKEN}}}
  domains: {dmarc: {reports: ["mailto:d@x.example"]}}
  streams: {routes: [{role: primary, via: smtp, esp: main}]}
esps: {main: {}}
domains: {a.example: {dmarc: {policy: none}}, b.example: {}}
streams: {s: {kind: support, from: a@a.example}}
"""


def test_defaults_are_parts_of_entries_and_entries_parts_beside_them(validator):
    assert mistakes(validator, DEFAULTS) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reports: [", "repotrs: ["),
        ("esps: {kind", "esp: {kind"),
        ("kind: postmark", "kind: postmrk"),
        ("{env: TOKEN}", "{env: token}"),
        ("role: primary, ", ""),
        ("policy: none", "policy: nun"),
        ("b.example: {}", "b.example: {x: 1}"),
    ],
)
def test_a_plain_mistake_in_defaults_is_refused(validator, old, new):
    assert old in DEFAULTS
    assert mistakes(validator, DEFAULTS.replace(old, new)) != []


def test_what_the_loader_takes_the_schema_takes(validator, load, minimal):
    for text in (minimal, DEFAULTS, "version: 1\nstreams: ~\n"):
        loaded = load(text)
        if text is not DEFAULTS:
            assert loaded.findings == ()
        assert mistakes(validator, text) == []


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: str


class RouteSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")


def test_settings_belong_to_their_kind():
    text = schema_text(
        {"a": Settings, "b": RouteSettings}, {"a": RouteSettings, "b": RouteSettings}, ["t"], ["f"], ["d"], ["h"]
    )
    validator = Draft202012Validator(json.loads(text))
    assert mistakes(validator, "esps: {x: {kind: a, settings: {region: eu}}, y: {kind: b, settings: {}}}\n") == []
    assert mistakes(validator, "esps: {x: {kind: a, settings: {}}}\n") == ["esps/x/settings"]
    assert mistakes(validator, "esps: {x: {kind: b, settings: {region: eu}}}\n") == ["esps/x/settings"]
    assert mistakes(validator, "defaults: {esps: {kind: a, settings: {}}}\n") == []


def test_the_schema_is_the_same_bytes_in_every_process(repository):
    code = "import sys; from sendspec.pipeline import schema; sys.stdout.write(schema())"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(repository / "generator")},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {schema().encode()}


def test_every_reference_in_the_schema_leads_somewhere():
    document = json.loads(schema())
    references = set()

    def collect(node):
        if isinstance(node, dict):
            references.add(node.get("$ref"))
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(document)
    assert {reference.removeprefix("#/$defs/") for reference in references if reference} == set(document["$defs"])


def test_a_description_that_is_left_open_keeps_its_dots_and_a_sentence_loses_its_full_stop():
    descriptions = re.findall(r'"description": "(.*)"', schema())
    assert any(description.endswith("domain, ...") for description in descriptions)
    assert [description for description in descriptions if description.endswith((", ", "e."))] == []
