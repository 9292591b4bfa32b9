"""One return-path host is wanted by two ESPs or regions.

Why it matters: the host can lead to one of them only; the other loses its bounces and its SPF leg, or refuses to send.
Do instead: give one of the accounts another host label: `settings.mail_from`, `settings.return_path`.
Source: RFC 2181 section 10.1, RFC 5321 section 5.1
"""

from collections.abc import Iterator

from sendspec.model.dns_record import DnsRecord, Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, first_of_each_value, wanted_by


def find(setup: Setup) -> Iterator[Problem]:
    """Give each pair of accounts that want different records at one name, once for all such names."""
    clashes: dict[tuple[str, ...], list[tuple[DnsRecord, ...]]] = {}
    for _, records in setup.index.contested_names:
        wanted = first_of_each_value(record for record in records if record.purpose is Purpose.RETURN_PATH)
        accounts = tuple(dict.fromkeys(record.account for record in wanted))
        if len(accounts) > 1:
            clashes.setdefault(accounts, []).append(wanted)
    for found in clashes.values():
        first, *others, last = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        message = f"{last.name}{more}: {wanted_by(last)}, but {wanted_by(first)}"
        yield Problem(at=last.origin, message=message, related=as_related((first, *others)))


RULE = Rule(id="dns-return-path-wanted-twice", severity=Severity.ERROR, find=find)
