"""SPF record costs more than ten DNS lookups.

Why it matters: past the tenth lookup a receiver answers permerror, so senders listed late fail SPF.
Do instead: drop unused includes, or move a stream to its own subdomain.
Counted from our own records and the trees in the lock file; an include that is not there counts once.
Source: RFC 7208 section 4.6.4 (SPF-02)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import LOOKUP_LIMIT
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.spf_tree import spf_trees


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record whose known lookups are too many. One that includes itself has a rule of its own."""
    trees, values = spf_trees(setup)
    for value in values:
        if value.record is None or trees.returns_to(value.name):
            continue
        lookups, _ = trees.lookups(value.record)
        if lookups > LOOKUP_LIMIT:
            message = f"{value.name}: SPF costs at least {lookups} DNS lookups, {LOOKUP_LIMIT} are allowed"
            yield Problem(at=value.origin, message=message, related=value.related)


RULE = Rule(id="spf-too-many-lookups", severity=Severity.ERROR, find=find)
