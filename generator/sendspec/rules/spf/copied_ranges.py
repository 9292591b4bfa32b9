"""SPF record copies the addresses of another record.

Why it matters: the owner of the original changes it without telling; the copy then refuses his new servers and passes whoever got the old ones.
Do instead: write `include:` of the original; if lookups are short, give the stream a subdomain of its own.
Source: RFC 7208 section 10.1.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records import spf
from sendspec.records.error import RecordError
from sendspec.rules.interface import Problem, Rule

ADDRESSES = {"ip4", "ip6"}


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record that repeats ranges of a record in the lock file."""
    owners = _owners(setup)
    if not owners:
        return
    for value in setup.index.spf_values:
        texts = [term.to_text() for term in value.record.reachable] if value.record else []
        copied = [text for text in texts if text in owners]
        if copied:
            more = f" and {len(copied) - 1} more" if len(copied) > 1 else ""
            message = f"{value.name}: `{copied[0]}`{more} stands in the SPF record of {owners[copied[0]]}"
            yield Problem(at=value.origin_of(copied[0]), message=message)


def _owners(setup: Setup) -> dict[str, str]:
    """Give each address range of the lock file with the record it stands in."""
    owners: dict[str, str] = {}
    for tree in setup.spf_trees:
        try:
            terms = spf.parse(tree.text).reachable
        except RecordError:
            continue
        for term in terms:
            if term.mechanism in ADDRESSES:
                owners.setdefault(term.to_text(), tree.name)
    return owners


RULE = Rule(id="spf-copied-ranges", severity=Severity.INFO, find=find)
