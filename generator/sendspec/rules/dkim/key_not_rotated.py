"""DKIM key has been in use for more than half a year.

Why it matters: a key that leaked unseen signs as the domain until it is changed.
Do instead: have a new key under a new selector, publish it, wait for one TTL, switch, and keep the old record for a week. Then run `sendspec pull`.
Counted from the day the key was read into the lock file: it is at least that old. A warning for a key of your own, information where the ESP holds it.
Source: M3AAWG DKIM key rotation best common practices, 2019; RFC 6376 section 3.1
"""

from collections.abc import Iterator
from datetime import date

from sendspec.model.finding import Severity
from sendspec.model.published import PublishedKey
from sendspec.model.setup import Setup
from sendspec.rules.dkim_keys import signer
from sendspec.rules.interface import DatedRule, Problem

LONGEST_DAYS = 183


def find(setup: Setup, today: date) -> Iterator[Problem]:
    """Give each account with its oldest key. Keys behind a CNAME are the ESP's to change."""
    oldest: dict[str, PublishedKey] = {}
    for published in setup.index.dkim_keys:  # each was issued, so each has its day
        account_id, read = published.record.account, published.record.read
        if account_id not in oldest or read < oldest[account_id].record.read:
            oldest[account_id] = published
    for account_id, published in oldest.items():
        days = (today - date.fromisoformat(published.record.read)).days
        if days <= LONGEST_DAYS:
            continue
        identity = signer(setup, published)
        is_own = identity is not None and identity.has_own_key
        yield Problem(
            at=published.record.origin,
            message=f"{published.record.name}: {account_id} has signed with this key for at least {days} days",
            severity=Severity.WARNING if is_own else Severity.INFO,
        )


RULE = DatedRule(id="dkim-key-not-rotated", severity=Severity.WARNING, find=find)
