"""DKIM key is copied where the ESP offers a CNAME.

Why it matters: behind a CNAME the ESP changes keys by itself; a copied key stays the same until somebody remembers it.
Do instead: take the ESP's automatic keys (Easy DKIM, automatic security); with a key of your own, put its change into a calendar.
A warning for a key that the ESP issued, information for one of your own, which is a choice.
Source: RFC 6376 section 3.6.2.1; M3AAWG DKIM key rotation best common practices, 2019
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Capability
from sendspec.rules.dkim_keys import signer
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each account once that publishes keys as TXT and need not."""
    seen: set[str] = set()
    for published in setup.index.dkim_keys:
        account = setup.account(published.record.account)
        if account.id in seen or Capability.DKIM_CNAME not in account.capabilities:
            continue
        seen.add(account.id)
        identity = signer(setup, published)
        is_own = identity is not None and identity.has_own_key
        yield Problem(
            at=account.origin.key("settings"),
            message=f"{account.id}: {published.record.name} holds a copy of the key; {account.title} offers a CNAME",
            related=((published.record.origin, "the key"),),
            severity=Severity.INFO if is_own else Severity.WARNING,
        )


RULE = Rule(id="dkim-txt-where-cname-offered", severity=Severity.WARNING, find=find)
