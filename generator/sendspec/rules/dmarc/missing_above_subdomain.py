"""Subdomain has a DMARC policy, its domain has none.

Why it matters: the subdomain becomes an organizational domain of its own, so signatures and return-paths of the domain and its other subdomains no longer align with it.
Do instead: declare `dmarc:` on the domain too; then the subdomain inherits and often needs none.
Only a warning for a name that may itself have a parent with a policy elsewhere.
Source: RFC 9989 sections 4.10.2 and 8
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.alignment import names_cut_off
from sendspec.rules.interface import Problem, Rule

ORGANIZATIONAL_LABELS = 2
"""With more labels a name may lie below an organizational domain that the spec does not show."""


def find(setup: Setup) -> Iterator[Problem]:
    """Give each of our own domains whose subdomains alone have a policy."""
    for name in names_cut_off(setup):
        domain = setup.index.domains[name]
        is_sure = len(domain.name.split(".")) == ORGANIZATIONAL_LABELS
        yield Problem(
            at=domain.dmarc[0].origin,
            message=f"{domain.dmarc[0].name} has a DMARC policy, {domain.name} has none",
            fix=f"add `dmarc: {{policy: none, reports: [...]}}` to {domain.name} too, and raise it once the reports are clean; "
            "the subdomain then inherits and often needs none of its own",
            related=((domain.origin, "the domain"),),
            severity=Severity.ERROR if is_sure else Severity.WARNING,
        )


RULE = Rule(id="dmarc-missing-above-subdomain", severity=Severity.ERROR, find=find)
