"""MTA-STS policy cannot be read.

Why it matters: senders discard it, and TLS towards the domain is not protected; in enforce mode a wrong `mx` stops mail.
Do instead: list the MX hosts of the domain, `*.` for exactly one leftmost label; `max_age` is at most a year.
Source: RFC 8461 section 3.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records import mta_sts
from sendspec.records.error import RecordError
from sendspec.rules.interface import Problem, Rule

PREFIX = "_mta-sts."


def find(setup: Setup) -> Iterator[Problem]:
    """Give each policy with what is wrong in it, at the `mta_sts:` it is made from."""
    for domain in setup.domains:
        texts = {f"{PREFIX}{name}": text for name, text in domain.zone.mta_sts_policies}
        for rrset in domain.zone.rrsets if texts else ():
            record = rrset.values[0].records[0]
            if rrset.name in texts:
                try:
                    mta_sts.parse_policy(texts[rrset.name])
                except RecordError as error:
                    message = f"{rrset.name.removeprefix(PREFIX)}: {error}"
                    yield Problem(at=record.origin, message=message)


RULE = Rule(id="mta-sts-unreadable-policy", severity=Severity.ERROR, find=find)
