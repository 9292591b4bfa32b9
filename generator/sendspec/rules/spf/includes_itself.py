"""SPF record includes itself.

Why it matters: a receiver goes round until the tenth lookup and answers permerror for every sender.
Do instead: delete the include or redirect that leads back; a record already covers its own name.
Source: RFC 7208 sections 4.6.4 and 5.2 (SPF-05)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.spf_tree import spf_trees


def find(setup: Setup) -> Iterator[Problem]:
    """Give each of our records whose includes lead back to it."""
    trees, values = spf_trees(setup)
    for value in values:
        if trees.returns_to(value.name):
            yield Problem(at=value.origin, message=f"{value.name}: the SPF record leads back to itself")


RULE = Rule(id="spf-includes-itself", severity=Severity.ERROR, find=find)
