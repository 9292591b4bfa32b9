"""Acceptance matches no finding.

Why it matters: a stale or misspelt acceptance hides nothing today and something unexpected tomorrow.
Do instead: delete it, or correct its rule or its place; write it on the object that the finding points at.
Source: sendspec: one way to live with a finding, kept honest
"""

import difflib
from collections.abc import Collection, Iterator, Sequence

from sendspec.model.finding import Severity
from sendspec.model.setup import Acceptance
from sendspec.rules.interface import AcceptanceRule, Problem


def find(unused: Sequence[Acceptance], rule_ids: Collection[str]) -> Iterator[Problem]:
    """Give every acceptance that matched nothing, with the rule it may have meant."""
    for acceptance in unused:
        message, fix = f"no finding of {acceptance.rule} is here to accept", ""
        if acceptance.rule not in rule_ids:
            message = f"`{acceptance.rule}` is not the id of a rule"
            near = difflib.get_close_matches(acceptance.rule, rule_ids, n=1)
            fix = f"did you mean `{near[0]}`?" if near else "copy the id from the brackets of the finding"
        yield Problem(at=acceptance.origin.key("rule"), message=message, fix=fix)


RULE = AcceptanceRule(id="accept-unused", severity=Severity.INFO, find=find)
