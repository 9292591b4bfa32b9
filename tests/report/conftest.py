"""Reports that hold everything a report can hold, and text that wants to be more than text."""

from collections.abc import Callable

import pytest

from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.rule_document import RuleDocument
from sendspec.report.report import Report

PLACE = SourceSpan("specs/shop.yaml", 14, 7, 12, "    spf: {include: [a]}")
OTHER = SourceSpan("specs/other one.yaml", 3, 1, 4, "spf:", "the rest is here")


def document(rule: str, severity: Severity = Severity.ERROR) -> RuleDocument:
    return RuleDocument(rule, severity, f"{rule} is broken.", "mail bounces", "mend it", "RFC 0", f"{rule} is broken.")


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """Give a function that makes a report; `hostile` stands wherever a spec's or a reader's text can come in."""

    def make(hostile: str = "", **changes: object) -> Report:
        place = SourceSpan(f"specs/{hostile}.yaml", 2, 1, 4, hostile, hostile) if hostile else PLACE
        findings = (
            Finding("spf-two-records", Severity.ERROR, f"two{hostile}", place, (OTHER,), f"drop one{hostile}\n  a: 4"),
            Finding("spf-two-records", Severity.ERROR, f"two more{hostile}", OTHER),
            Finding("dmarc-no-reports", Severity.WARNING, f"no `rua`{hostile}", place, source="RFC 9989"),
            Finding("pending-values", Severity.INFO, f"waits{hostile}"),
        )
        accepted = (Finding("apex-sends", Severity.WARNING, f"apex{hostile}", place, because=f"until spring{hostile}"),)
        known = ("spec-tabs", "apex-sends", "dmarc-no-reports", "pending-values", "spf-two-records", "spf-unused")
        given = {
            "command": "validate",
            "findings": findings,
            "accepted": accepted,
            "documents": tuple(document(rule) for rule in known),
            "fail_on": Severity.ERROR,
            **changes,
        }
        return Report(**given)  # type: ignore[arg-type]

    return make
