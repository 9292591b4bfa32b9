"""Account names a region that its ESP does not have.

Why it matters: host names are made from the region, so nothing can connect, and every record points nowhere.
Do instead: write the region as the ESP's list of endpoints spells it.
Source: the ESP's list of regions, as its facts cite it
"""

import difflib
from collections.abc import Iterator

from sendspec.model.account import Region
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each account whose region is not in its ESP's list."""
    for account in setup.accounts:
        if account.region and not account.region.known:
            message = f"{account.id}: {account.title} has no region `{account.region.id}`"
            yield Problem(at=account.region.origin, message=message, fix=_suggest(account.region))


def _suggest(region: Region) -> str:
    near = difflib.get_close_matches(region.id, region.choices, n=1)
    return f"did you mean `{near[0]}`?" if near else f"write one of: {', '.join(region.choices)}"


RULE = Rule(id="esps-unknown-region", severity=Severity.ERROR, find=find)
