"""Patterns against records as the exporter's DNS library prints them; test_blackbox.py asks the real one."""

import re

import dns.rdata
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sendspec.model.dns_record import Mx, Purpose, RecordType, Value
from sendspec.render.monitoring.patterns import escape, record_pattern

NAME = "x.shop.example"
KEY = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC6Uh9ysKxrt6jisbNrfPi4f0gi6//ck9jihO93+BF2fDkmrt34YsC8RROyfDUNH751g3tajCsP"
LONG_KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + "q+/7" * 84 + "IDAQ"
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def printed(record_type: str, *strings: str) -> str:
    """Give a record as miekg/dns prints it; dnspython writes TXT strings by the same rules (RFC 1035 section 5.1)."""
    if record_type == "TXT":
        rdata = dns.rdata.from_text("IN", "TXT", " ".join(f'"{_master(text)}"' for text in strings))
        return f"{NAME}.\t3600\tIN\tTXT\t{rdata.to_text()}"
    return f"{NAME}.\t3600\tIN\t{record_type}\t{strings[0]}"


def _master(text: str) -> str:
    return "".join(f"\\{octet:03d}" for octet in text.encode())


def matches(pattern: str, record: str) -> bool:
    return re.search(pattern, record) is not None


@pytest.mark.parametrize(
    ("value", "same", "other"),
    [
        (
            "pm.mtasv.net",
            ["pm.mtasv.net.", "PM.MTASV.NET."],
            ["pmxmtasv.net.", "pm.mtasv.net.evil.example.", "a.pm.mtasv.net."],
        ),
    ],
)
def test_a_cname_is_compared_without_case_and_to_the_end(value, same, other) -> None:
    pattern = record_pattern(RecordType.CNAME, value, Purpose.RETURN_PATH)
    assert all(matches(pattern, printed("CNAME", text)) for text in same)
    assert not any(matches(pattern, printed("CNAME", text)) for text in other)


def test_an_mx_is_compared_with_its_preference() -> None:
    pattern = record_pattern(RecordType.MX, Mx(10, "feedback-smtp.eu-west-1.amazonses.com"), Purpose.RETURN_PATH)
    assert matches(pattern, printed("MX", "10 feedback-smtp.eu-west-1.amazonses.com."))
    assert not matches(pattern, printed("MX", "110 feedback-smtp.eu-west-1.amazonses.com."))
    assert not matches(pattern, printed("MX", "10 feedback-smtp.us-east-1.amazonses.com."))


def test_spf_may_have_more_blanks_and_no_other_word() -> None:
    pattern = record_pattern(RecordType.TXT, "v=spf1 include:a.example ~all", Purpose.SPF)
    assert matches(pattern, printed("TXT", "v=spf1  include:a.example   ~all "))
    for other in (
        "v=spf1 include:a.example -all",
        "v=spf1 include:axexample ~all",
        "v=spf1 ~all",
        "x v=spf1 include:a.example ~all",
    ):
        assert not matches(pattern, printed("TXT", other))


def test_dmarc_may_be_spaced_otherwise_and_end_in_a_semicolon() -> None:
    pattern = record_pattern(RecordType.TXT, "v=DMARC1; p=quarantine; rua=mailto:a@b.example", Purpose.DMARC)
    assert matches(pattern, printed("TXT", "v=DMARC1;p=quarantine ;  rua=mailto:a@b.example;"))
    for other in (
        "v=DMARC1; p=none; rua=mailto:a@b.example",
        "v=DMARC1; p=quarantine",
        "v=DMARC1; p=quarantine; rua=mailto:a@bxexample",
    ):
        assert not matches(pattern, printed("TXT", other))


def test_of_a_dkim_key_only_the_key_counts() -> None:
    pattern = record_pattern(RecordType.TXT, f"k=rsa; p={KEY}", Purpose.DKIM)
    for same in (f"p={KEY}", f"v=DKIM1; k=rsa; p={KEY};", f"v=DKIM1;k=rsa;p={KEY} ; t=s"):
        assert matches(pattern, printed("TXT", same)), same
    for other in (f"p={KEY[:-1]}", f"p={KEY}A", f"p={KEY[1:]}", "p=", f"xp={KEY}", f"p={KEY.lower()}"):
        assert not matches(pattern, printed("TXT", other)), other


def split(text: str, first: int) -> list[str]:
    """Give strings of at most 255 octets, the first of them `first` long."""
    rest = text[first:]
    return [text[:first], *(rest[start : start + 255] for start in range(0, len(rest), 255))]


@pytest.mark.parametrize("tags", ["v=DKIM1; k=rsa; ", ""])
def test_a_long_key_may_be_split_anywhere(tags: str) -> None:
    value = f"{tags}p={LONG_KEY}"
    pattern = re.compile(record_pattern(RecordType.TXT, value, Purpose.DKIM))
    for first in range(1, 256):
        assert pattern.search(printed("TXT", *split(value, first))), first
        assert not pattern.search(printed("TXT", *split(value[:-1], first))), first


@given(ANYTHING, st.sampled_from([Purpose.DKIM, Purpose.FOREIGN]))
def test_any_text_is_matched_by_its_own_pattern_only(value: str, purpose: Purpose) -> None:
    assume(len(value.encode()) <= 255)
    pattern = record_pattern(RecordType.TXT, value, purpose)
    assert matches(pattern, printed("TXT", value))
    assert not matches(pattern, printed("TXT", f"{value}x"))
    assert not matches(pattern, printed("TXT", f"x{value}"))


@given(ANYTHING, ANYTHING)
def test_escaped_text_matches_itself_and_nothing_else(text: str, other: str) -> None:
    assert re.fullmatch(escape(text), text)
    assert (re.fullmatch(escape(text), other) is not None) == (text == other)


def value_of(record_type: RecordType) -> Value:
    return Mx(10, "mx.shop.example") if record_type is RecordType.MX else "mx.shop.example"


@pytest.mark.parametrize("record_type", [RecordType.CNAME, RecordType.MX])
def test_no_type_is_taken_for_another(record_type: RecordType) -> None:
    pattern = record_pattern(record_type, value_of(record_type), Purpose.RETURN_PATH)
    others = {
        RecordType.CNAME: printed("MX", "10 mx.shop.example."),
        RecordType.MX: printed("CNAME", "mx.shop.example."),
    }
    assert not matches(pattern, others[record_type])
