"""SPF of a name that sends ends in `-all`.

Why it matters: receivers may refuse a forwarded message at MAIL FROM, before DKIM and DMARC are looked at, and it never shows in reports.
Do instead: `all: softfail` on names that send, with DKIM and an enforced DMARC policy; keep `-all` for names that never send.
Source: RFC 9989 section 7.1, RFC 7208 section 8.4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import Qualifier
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each such record at a return-path, or where people's mailboxes are."""
    senders = {identity.envelope_domain for identity in setup.identities}
    senders |= {domain.name for domain in setup.domains if domain.mailboxes}
    for value in setup.index.spf_values:
        if value.record and value.record.all_qualifier is Qualifier.FAIL and value.name in senders:
            yield Problem(at=value.origin, message=f"{value.name} sends mail, and its SPF ends in `-all`")


RULE = Rule(id="spf-hard-fail-on-sending-name", severity=Severity.INFO, find=find)
