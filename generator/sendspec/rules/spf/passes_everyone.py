"""SPF record passes every sender in the world.

Why it matters: anyone's mail passes SPF and, because it aligns, DMARC: the domain can be forged at will.
Do instead: end with `~all` (`all: softfail`) or `-all`, and name only networks that send for you.
Source: RFC 7208 sections 5.1 and 11
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import Qualifier, Term
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record with a passing term that matches every address."""
    for value in setup.index.spf_values:
        for term in value.record.reachable if value.record else ():
            if term.qualifier is Qualifier.PASS and _matches_all(term):
                message = f"{value.name}: `{term.to_text()}` lets everyone send as it"
                yield Problem(at=value.origin, message=message, related=as_related(value.value.records[:-1]))


def _matches_all(term: Term) -> bool:
    if term.mechanism in {"a", "mx", "ip4", "ip6"}:
        return term.cidr4 == 0 or term.cidr6 == 0
    return term.mechanism == "all"


RULE = Rule(id="spf-passes-everyone", severity=Severity.ERROR, find=find)
