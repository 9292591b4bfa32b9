"""The engine: what it adds to problems, and what it does with those the team lives with."""

from datetime import date
from pathlib import Path

from sendspec.model.finding import Severity
from sendspec.pipeline import validate
from sendspec.rules.run import run_rules

SPEC = """
version: 1
domains:
  shop.example:
    txt: ["v=spf1 include:a.example ~all", "v=spf1 include:b.example ~all"]
    dmarc: {policy: none, reports: ["mailto:dmarc@shop.example"]}
esps:
  pm:
    kind: postmark
    credentials: {server_token: {from: "op://mail/postmark/token"}}
streams:
  news:
    kind: marketing
    from: Shop <hello@news.shop.example>
ACCEPT    routes: [{role: primary, via: api, esp: pm}]
"""
ACCEPT = "    accept: [{rule: streams-marketing-without-one-click, because: moving, until: 2026-12-31}]\n"


def run(folder: Path, accept: str = "", today: date | None = None):
    (folder / "spec.yaml").write_text(SPEC.replace("ACCEPT", accept), encoding="utf-8")
    return validate(folder, today)


def test_a_finding_carries_place_cure_source_and_the_other_places(tmp_path):
    found = {finding.rule: finding for finding in run(tmp_path).findings}["spf-two-records"]
    assert (found.severity, found.where.line, found.where.column) == (Severity.ERROR, 5, 44)
    assert found.fix.startswith("keep one")
    assert found.source.startswith("RFC 7208")
    assert [(span.line, span.label) for span in found.related] == [
        (5, "domains.shop.example.txt[0] wants TXT v=spf1 include:a.example ~all")
    ]


def test_an_accepted_finding_is_kept_apart(tmp_path):
    result = run(tmp_path, ACCEPT)
    assert [finding.rule for finding in result.accepted] == ["streams-marketing-without-one-click"]
    assert "streams-marketing-without-one-click" not in {finding.rule for finding in result.findings}


def test_without_a_date_no_acceptance_expires(tmp_path):
    day_after = date(2027, 1, 1)
    assert "accept-expired" in {finding.rule for finding in run(tmp_path, ACCEPT, day_after).findings}
    assert "accept-expired" not in {finding.rule for finding in run(tmp_path, ACCEPT).findings}


def test_an_expired_acceptance_still_hides_the_finding_it_is_about(tmp_path):
    rules = [finding.rule for finding in run(tmp_path, ACCEPT, date(2027, 1, 1)).findings]
    assert "streams-marketing-without-one-click" not in rules


def test_findings_are_sorted_by_place_and_the_same_every_time(tmp_path):
    validation = run(tmp_path)
    once = run_rules(validation.setup, validation.positions, None)
    assert once == run_rules(validation.setup, validation.positions, None)
    assert [finding.sort_key() for finding in once.findings] == sorted(finding.sort_key() for finding in once.findings)
