"""Whatever the files hold: findings with places, never an exception, never an endless run."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendspec.model.finding import Severity
from sendspec.spec.load import load_spec

EXAMPLE = (Path(__file__).resolve().parents[2] / "specs" / "northwind.yaml").read_text(encoding="utf-8")
LOCK = (Path(__file__).resolve().parents[2] / "specs" / "sendspec.lock.yaml").read_text(encoding="utf-8")
RELAXED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def check(specs: Path, content: str | bytes, name: str = "a.yaml") -> None:
    path = specs / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    loaded = load_spec(specs)
    is_broken = any(finding.severity is Severity.ERROR for finding in loaded.findings)
    assert (loaded.spec is None) == is_broken
    for finding in loaded.findings:
        assert finding.message
        assert finding.fix
        for span in (finding.where, *finding.related):
            if span is None:
                continue
            assert span.line >= 1
            assert 1 <= span.column <= span.end_column
            if span.excerpt:
                assert span.excerpt.isprintable()
        json.dumps([finding.message, finding.fix]).encode()


@given(st.binary(max_size=300))
@RELAXED
def test_bytes_are_findings(specs, content):
    check(specs, content)


pieces = st.sampled_from(
    [*string.punctuation, *"\n\t\r \0", "\n  ", "\n- ", ": ", "&a ", "*a", "---\n", "null", "9" * 30, "ü", "\u2028"]
)


@given(st.data())
@RELAXED
@pytest.mark.parametrize(("text", "name"), [(EXAMPLE, "a.yaml"), (LOCK, "sendspec.lock.yaml")])
def test_a_sound_file_with_mutations_is_a_spec_or_findings(specs, text, name, data):
    (specs / "a.yaml").write_text(EXAMPLE)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 0, 1, 3, 20, 200]))
        text = text[:start] + data.draw(pieces) + text[start + length :]
    check(specs, text, name)


KEYS = [
    "version",
    "domains",
    "esps",
    "streams",
    "apps",
    "defaults",
    "accept",
    "advice",
    "a.example",
    "main",
    "kind",
    "from",
    "settings",
    "credentials",
    "routes",
    "esp",
    "senders",
    "subdomains",
    "dmarc",
    "issued",
    "spf",
    "manage",
    "through",
]
keys = st.sampled_from(KEYS)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["main", "x", "env://A"])
)
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=25,
)


@given(st.dictionaries(keys, trees, max_size=6), st.sampled_from(["a.yaml", "sendspec.lock.yaml"]))
@RELAXED
def test_any_value_anywhere_is_a_spec_or_findings(specs, data, name):
    (specs / "a.yaml").write_text("version: 1\n")
    check(specs, json.dumps(data, ensure_ascii=False).replace("NaN", ".nan").replace("Infinity", ".inf"), name)
