"""Lock entry of an SPF include counts other lookups than its text shows.

Why it matters: the budget of every record that includes it is counted from this entry; one of the two numbers is wrong.
Do instead: run `sendspec pull`, or correct `lookups:`: the include itself, each term of the text that costs a lookup, and what those lead to.
Texts that the lock file holds too are followed; where one is missing, `lookups:` may be greater than what can be counted, never smaller.
Source: RFC 7208 section 4.6.4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.error import RecordError
from sendspec.records.spf import Known, LookupTrees, parse
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each entry whose text cannot be read, or whose count cannot be right."""
    trees = LookupTrees({tree.name: tree.text for tree in setup.spf_trees})  # what the texts show, without the claims
    for entry in setup.spf_trees:
        error = _error(entry.text)
        if error:
            yield Problem(at=entry.origin.key("text"), message=f"{entry.name}: this SPF text cannot be read: {error}")
            continue
        shown = trees.of("", f"v=spf1 include:{entry.name}")
        if shown is None:
            continue
        is_exact = all(branch.known in {Known.HOST, Known.MACRO, Known.RECORD} for branch in shown.walk())
        if entry.lookups < shown.lookups or (is_exact and entry.lookups != shown.lookups):
            count = f"{'' if is_exact else 'at least '}{shown.lookups}"
            yield Problem(
                at=entry.origin.key("lookups"),
                message=f"{entry.name}: the lock file counts {entry.lookups} lookups, its text shows {count}",
                fix="\n".join(["run `sendspec pull`, or write what the text shows:", *shown.to_lines()[1:]]),
            )


def _error(text: str) -> str:
    """Say what keeps a text from being read, empty for a sound one."""
    try:
        parse(text)
    except RecordError as error:
        return str(error)
    return ""


RULE = Rule(id="spf-tree-contradicts-itself", severity=Severity.WARNING, find=find)
