"""SPF record cannot be read.

Why it matters: one bad term makes the whole record a permanent error, for every sender at that name.
Do instead: correct the term named in the message: no blank after a colon, one between terms, no quotes around the text.
Source: RFC 7208 sections 4.6, 7.1 and 12
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records import spf
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, values_for

QUOTES = " \t\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"


def find(setup: Setup) -> Iterator[Problem]:
    """Give each SPF text with what is wrong in it; then texts that quotes or blanks around them keep from being SPF."""
    for value in setup.index.spf_values:
        if value.record is None:
            yield Problem(
                at=value.origin, message=f"{value.name}: {value.error}", related=as_related(value.value.records[:-1])
            )
    for rrset, sourced in values_for(setup, Purpose.FOREIGN):
        text = str(sourced.value)
        if not spf.is_spf(text) and spf.is_spf(text.strip(QUOTES)):
            message = f"{rrset.name}: quotes or blanks around the text keep it from being an SPF record"
            yield Problem(at=sourced.records[0].origin, message=message, fix=f"write {text.strip(QUOTES)}")


RULE = Rule(id="spf-unreadable-record", severity=Severity.ERROR, find=find)
