"""One return-path host is wanted by two ESPs or regions.

Why it matters: the host can lead to one of them only; the other loses its bounces and its SPF leg, or refuses to send.
Do instead: give one of the accounts another host label: `settings.mail_from`, `settings.return_path`.
Source: RFC 2181 section 10.1, RFC 5321 section 5.1 (DUAL-02)
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, first_of_each_value, records_by_name, wanted_by


def find(setup: Setup) -> Iterator[Problem]:
    """Give each name that several accounts want as return-path with different records; the same record is shared."""
    for domain in setup.domains:
        for name, records in records_by_name(domain.zone):
            wanted = first_of_each_value(record for record in records if record.purpose is Purpose.RETURN_PATH)
            if len({record.account for record in wanted}) > 1:
                message = f"{name}: {wanted_by(wanted[-1])}, but {wanted_by(wanted[0])}"
                yield Problem(at=wanted[-1].origin, message=message, related=as_related(wanted[:-1]))


RULE = Rule(id="dns-return-path-wanted-twice", severity=Severity.ERROR, find=find)
