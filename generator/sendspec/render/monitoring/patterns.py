r"""Regular expressions (RE2) for DNS records as the blackbox exporter sees them.

It matches against the text that its DNS library prints: name, TTL, class, type and value with tabs between; names with
a dot at the end; a TXT value as quoted strings in which `"` and `\` have a backslash before them and octets that are
not printable ASCII are `\DDD`.
Source: prometheus/blackbox_exporter @ 01e2b32 prober/dns.go (validRRs), miekg/dns @ 1.1.50 types.go (sprintTxt), read
2026-11-26.
"""

import re

from sendspec.model.dns_record import Mx, Purpose, RecordType, Value
from sendspec.records import dkim
from sendspec.records.error import RecordError

META = re.compile(r"[\\.+*?()|\[\]{}^$]")
"""What means something outside a class (https://github.com/google/re2/wiki/Syntax, 2026-11-26)."""
STRING_OCTETS = 255
"""A TXT string holds no more (RFC 1035 section 3.3), so a longer value is several strings."""
JOINT = '(?:" ")?'
ANY_CNAME, ANY_TXT = r"\tCNAME\t", r"\tTXT\t"
"""Any record of the type. A CNAME on the way to a TXT record is as good as the record."""
FIRST_PRINTABLE, LAST_PRINTABLE = 0x20, 0x7E


def record_pattern(record_type: RecordType, value: Value, purpose: Purpose) -> str:
    """Give a pattern for one record. What spells the same differently matches too, as far as a pattern can say it.

    SPF may have more blanks, DMARC more or fewer; of a DKIM key in TXT only the key counts. A value of more than 255
    octets may be split anywhere.
    """
    if isinstance(value, Mx):
        return rf"(?i:\tMX\t{value.preference} {escape(value.exchange)}\.$)"
    if record_type is RecordType.CNAME:
        return rf"(?i:\tCNAME\t{escape(value)}\.$)"
    is_long = len(value.encode()) > STRING_OCTETS
    key = _public_key(value) if purpose is Purpose.DKIM else ""
    if key:
        tag = f"p *{JOINT}= *{JOINT}" if is_long else "p *= *"
        return rf'\tTXT\t"(?:.*[; "])?{tag}{_text(key, is_long=is_long)}(?:[; "].*)?"$'
    if purpose is Purpose.SPF:
        return rf'\tTXT\t"{" +".join(_text(term, is_long=is_long) for term in value.split())} *"$'
    if purpose is Purpose.DMARC:
        tags = (_text(tag.strip(), is_long=is_long) for tag in value.split(";") if tag.strip())
        return rf'\tTXT\t"{" *; *".join(tags)} *;? *"$'
    return rf'\tTXT\t"{_text(value, is_long=is_long)}"$'


def escape(text: str) -> str:
    """Give a pattern that matches exactly this text."""
    return META.sub(r"\\\g<0>", text)


def _public_key(value: str) -> str:
    """Give `p=` of a key record; empty for what is none and for a key that is revoked."""
    try:
        return dkim.parse(value).public_key
    except RecordError:
        return ""


def _text(value: str, *, is_long: bool) -> str:
    """Give a pattern for text inside a TXT value; a long one may be split at any octet."""
    return (JOINT if is_long else "").join(escape(_printed(octet)) for octet in value.encode())


def _printed(octet: int) -> str:
    if not FIRST_PRINTABLE <= octet <= LAST_PRINTABLE:
        return f"\\{octet:03d}"
    return f"\\{chr(octet)}" if chr(octet) in '"\\' else chr(octet)
