"""DNS answer with the SPF record is too large.

Why it matters: an answer that does not fit is cut and asked for again over TCP, which firewalls block: SPF then ends in a temporary error.
Do instead: drop verification codes that nobody asks for any more, replace long lists of addresses by an include, or move a stream to its own subdomain.
Only information while the record alone fits into 512 octets and the whole answer into 1232, which resolvers accept today.
Source: RFC 7208 section 3.4; https://www.dnsflagday.net/2020/ for the 1232 octets
"""

from collections.abc import Iterable, Iterator

from sendspec.model.dns_record import Purpose, RecordType, SourcedValue
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records import spf
from sendspec.rules.interface import Problem, Rule

UDP_OCTETS = 512
"""RFC 1035 section 2.3.4: an answer without EDNS."""
EDNS_OCTETS = 1232
HEADER_OCTETS = 12
QUESTION_OCTETS = 6
"""Beside the characters of the name: its first length octet, its end, type and class."""
RECORD_OCTETS = 12
"""Pointer to the name, type, class, TTL and length (RFC 1035 section 4.1.3)."""
STRING_OCTETS = 255


def find(setup: Setup) -> Iterator[Problem]:
    """Give each name with an SPF record whose TXT answer does not fit into a plain DNS packet."""
    for _, rrset in setup.rrsets():
        if rrset.type is not RecordType.TXT:
            continue
        records = [value for value in rrset.values if value.purpose is Purpose.SPF or spf.is_spf(str(value.value))]
        octets = _answer_octets(rrset.name, rrset.values) if records else 0
        if octets <= UDP_OCTETS:
            continue
        is_serious = octets > EDNS_OCTETS or _answer_octets(rrset.name, records) > UDP_OCTETS
        yield Problem(
            at=records[0].records[-1].origin,
            message=f"{rrset.name}: the answer with the SPF record has {octets} octets, {UDP_OCTETS} fit into a plain packet",
            severity=Severity.WARNING if is_serious else Severity.INFO,
        )


def _answer_octets(name: str, values: Iterable[SourcedValue]) -> int:
    """Give the size of the DNS message that answers with these values."""
    return HEADER_OCTETS + len(name) + QUESTION_OCTETS + sum(_record_octets(str(value.value)) for value in values)


def _record_octets(text: str) -> int:
    octets = len(text.encode())
    return RECORD_OCTETS + octets + -(-octets // STRING_OCTETS)


RULE = Rule(id="spf-answer-too-large", severity=Severity.WARNING, find=find)
