"""Whether a live value means what is declared: parsed by the record types that compile uses, never as raw text.

Spacing, the order of tags and defaults that are spelled out change nothing. What cannot be read means nothing.
"""

import re
from collections.abc import Callable, Hashable
from dataclasses import replace

from sendspec.model.dns_record import Purpose
from sendspec.records import dkim, dmarc, mta_sts, spf, tls_rpt
from sendspec.records.error import RecordError
from sendspec.records.spf import Modifier, SpfRecord, Term
from sendspec.records.tag_list import has_version, parse_tags

WHOLE_ADDRESS = {"ip4": 32, "ip6": 128}
HARMLESS = frozenset({"pct=100", "rf=afrf"})
"""Removed DMARC tags at the value that everybody applied without them (RFC 7489 section 6.3)."""


def means_the_same(purpose: Purpose, declared: str, live: str) -> bool:
    """Tell whether a live text is the declared one, or another way to write it."""
    if declared == live or on_the_wire(declared) == live:
        return True
    reading = READINGS.get(purpose)
    if reading is None:
        return False
    try:
        return reading(declared) == reading(live)
    except RecordError:
        return False


def on_the_wire(text: str) -> str:
    """Give a text as an answer holds it: its octets, those outside ASCII as latin-1."""
    return text if text.isascii() else text.encode().decode("latin-1")


def is_of_kind(purpose: Purpose, text: str) -> bool:
    """Tell whether a live text is meant as a record of this kind, sound or not."""
    claims = CLAIMS.get(purpose)
    return claims is not None and claims(text)


def unescaped(text: str) -> str:
    """Give a text without the quotes and backslashes that a panel or a program escaped once too often."""
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = re.sub(r'"\s*"', "", bare[1:-1])
    return re.sub(r"\\(.)", r"\1", bare)


def _spf(text: str) -> Hashable:
    record: SpfRecord = spf.parse(text)
    return tuple(_term(term) for term in record.terms), frozenset(_modifier(each) for each in record.modifiers)


def _term(term: Term) -> Term:
    value = term.value if "%" in term.value else term.value.lower()
    bits = WHOLE_ADDRESS.get(term.mechanism)
    if bits is None:
        return replace(term, value=value)
    return replace(
        term,
        value=value,
        cidr4=None if term.cidr4 == bits else term.cidr4,
        cidr6=None if term.cidr6 == bits else term.cidr6,
    )


def _modifier(modifier: Modifier) -> Modifier:
    return modifier if "%" in modifier.value else Modifier(modifier.name, modifier.value.lower())


def _dkim(text: str) -> Hashable:
    key = dkim.parse(text)
    services = frozenset(key.services) - {"*"}
    return key.public_key, key.key_type, frozenset(key.hashes), services, frozenset(key.flags)


def _dmarc(text: str) -> Hashable:
    """Give what receivers of both generations act on (RFC 9989 section 4.7)."""
    record = dmarc.parse(text)
    below = record.subdomain_policy or record.policy
    removed = {each.lower() for each in record.removed if each.lower().startswith("pct=")} - HARMLESS
    return (
        replace(
            record,
            subdomain_policy=below,
            nonexistent_policy=record.nonexistent_policy or below,
            reports=tuple(sorted(uri.lower() for uri in record.reports)),
            failure_reports=tuple(sorted(uri.lower() for uri in record.failure_reports)),
            failure_options=tuple(sorted(set(record.failure_options) - {"0"})) if record.failure_reports else (),
        ),
        frozenset(removed),
    )


def _tls_rpt(text: str) -> Hashable:
    return frozenset(uri.lower() for uri in tls_rpt.parse(text).rua)


def _bimi(text: str) -> Hashable:
    return tuple(sorted((name.lower(), value) for name, value in parse_tags(text, "v", "BIMI1").items() if value))


def _report_authorisation(text: str) -> Hashable:
    return tuple(sorted(parse_tags(text, "v", "DMARC1").items()))


READINGS: dict[Purpose, Callable[[str], Hashable]] = {
    Purpose.SPF: _spf,
    Purpose.DKIM: _dkim,
    Purpose.DMARC: _dmarc,
    Purpose.DMARC_REPORTS: _report_authorisation,
    Purpose.TLS_REPORTS: _tls_rpt,
    Purpose.MTA_STS: mta_sts.parse,
    Purpose.BIMI: _bimi,
}
CLAIMS: dict[Purpose, Callable[[str], bool]] = {
    Purpose.SPF: spf.is_spf,
    Purpose.DKIM: lambda _: True,  # whatever stands at a selector is read as its key (RFC 6376 section 3.6.2.2)
    Purpose.DMARC: dmarc.is_dmarc,
    Purpose.DMARC_REPORTS: dmarc.is_dmarc,
    Purpose.TLS_REPORTS: lambda text: has_version(text, "v", "TLSRPTv1"),
    Purpose.MTA_STS: lambda text: has_version(text, "v", "STSv1"),
    Purpose.BIMI: lambda text: has_version(text, "v", "BIMI1"),
}
