"""SPF record passes a very wide range of addresses.

Why it matters: each address in it passes SPF and, because it aligns, DMARC; a range of this size is seldom one sender's alone.
Do instead: list the addresses that send; accept the finding where the whole network is yours.
The bound of /20 (4096 addresses) is sendspec's own; the standard asks for a careful review of extensive ranges.
Source: RFC 9989 section 7.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import Qualifier, Term
from sendspec.rules.interface import Problem, Rule

WIDEST_PREFIX = 20
BY_ADDRESS = {"ip4", "a", "mx"}


def find(setup: Setup) -> Iterator[Problem]:
    """Give each wide passing term that no ESP has issued. `/0` has a rule of its own."""
    for value in setup.index.spf_values:
        for term in value.record.reachable if value.record else ():
            if not _is_wide(term):
                continue
            text = term.to_text()
            asked_by = next((record for record in value.value.records if text in str(record.value)), None)
            if asked_by and not asked_by.account:
                yield Problem(at=asked_by.origin, message=f"{value.name}: `{text}` lets a very wide range send as it")


def _is_wide(term: Term) -> bool:
    passes = term.qualifier is Qualifier.PASS and term.mechanism in BY_ADDRESS
    return passes and term.cidr4 is not None and 0 < term.cidr4 < WIDEST_PREFIX


RULE = Rule(id="spf-range-too-wide", severity=Severity.WARNING, find=find)
