"""Name with a CNAME holds something else too.

Why it matters: a CNAME is alone at its name; name servers refuse the zone, or one of the two is never seen.
Do instead: move one of them to another name: another host label in `settings:`, another subdomain.
Source: RFC 1034 section 3.6.2, RFC 2181 section 10.1
"""

from collections.abc import Iterator

from sendspec.model.dns_record import DnsRecord, Purpose, RecordType
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, first_of_each_value, wanted_by


def find(setup: Setup) -> Iterator[Problem]:
    """Give each name with a CNAME and another type, except where a narrower rule names the clash."""
    for name, records in setup.index.contested_names:
        cnames = [record for record in records if record.type is RecordType.CNAME]
        others = first_of_each_value(record for record in records if record.type is not RecordType.CNAME)
        if not cnames or not others or _has_narrower_rule(records):
            continue
        message = f"{name}: {wanted_by(others[0])}, but {wanted_by(cnames[0])}, which allows nothing beside it"
        yield Problem(at=others[0].origin, message=message, related=as_related((cnames[0], *others[1:])))


def _has_narrower_rule(records: tuple[DnsRecord, ...]) -> bool:
    """Tell whether all are DKIM keys, or two accounts want their return-path here."""
    if all(record.purpose is Purpose.DKIM for record in records):
        return True
    return len({record.account for record in records if record.purpose is Purpose.RETURN_PATH}) > 1


RULE = Rule(id="dns-cname-beside-other", severity=Severity.ERROR, find=find)
