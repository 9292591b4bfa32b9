"""Where a zone file may go: below the output folder, under plain names, and decided before anything is rendered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.errors import SpecError
from sendspec.pipeline import compile_folder
from sendspec.render.paths import path_problem
from sendspec.spec.syntax import SyntaxProblem, parse_path

SPEC = "version: 1\ndomains:\n  shop.example:\n    dns:\n      zone_file: {path}\n"


@pytest.mark.parametrize(
    "path", ["../evil.db", "/etc/x.db", "a/../../x", "a//b", ".git/config", "a\\b", "a b", "", "x/"]
)
def test_a_path_that_leads_elsewhere_is_a_finding_at_its_place(path, tmp_path):
    (tmp_path / "a.yaml").write_text(SPEC.format(path=json.dumps(path)), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        compile_folder(tmp_path)
    (finding,) = caught.value.findings
    assert (finding.where.line, finding.where.column, finding.rule) == (5, 18, "spec-bad-value")
    assert "is not a path below the output folder" in finding.message


def test_a_zone_may_go_into_a_folder_of_its_own(tmp_path):
    (tmp_path / "a.yaml").write_text(SPEC.format(path="zones/shop.example.db"), encoding="utf-8")
    (domain,) = compile_folder(tmp_path).setup.domains
    assert domain.zone.zone_file == "zones/shop.example.db"


@given(st.one_of(st.text(max_size=20), st.text(alphabet="./ab-_~ ", max_size=20)))
def test_what_the_spec_allows_is_never_refused_when_it_is_written(path):
    try:
        allowed = parse_path(path)
    except SyntaxProblem:
        return
    assert path_problem(allowed) == ""
