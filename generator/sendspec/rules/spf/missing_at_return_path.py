"""Return-path has an MX and no SPF record.

Why it matters: SPF is read at the return-path; without a record it is none, so that leg is lost and DMARC hangs on DKIM alone.
Do instead: add the TXT record that the ESP asks for beside its MX to the lock file (`sendspec pull`).
Source: RFC 7208 section 2.4, RFC 9989 section 4.4.2
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose, RecordType
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each MX that an account wants at its return-path, where nothing is or will be SPF."""
    with_record = {value.name for value in setup.index.spf_values}
    for identity in setup.identities:
        name = identity.envelope_domain
        wanted = {record.name for record in identity.records if record.purpose is Purpose.SPF}
        if name in with_record or name in wanted:
            continue
        for record in identity.records:
            if record.type is RecordType.MX and record.name == name:
                message = f"{name}: the return-path of {identity.account} has an MX, but no SPF record"
                yield Problem(at=record.origin, message=message)


RULE = Rule(id="spf-missing-at-return-path", severity=Severity.WARNING, find=find)
