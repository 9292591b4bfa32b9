"""Contents in Cloudflare's spelling, both ways; dnspython, which reads zone files, is the judge of what was written."""

import dns.rdata
import pytest
from cloudflare_world import QUOTED
from hypothesis import given
from hypothesis import strategies as st

from sendspec.hosts.cloudflare.records import Record, body, read_text, to_rrsets, write_text
from sendspec.model.dns_record import Mx

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=900)
NAME = "mail.shop.example"


def record(record_type, content, **others):
    return Record(id="1", name=NAME, type=record_type, content=content, **others)


@given(TEXTS)
def test_a_text_means_the_same_after_it_was_written_and_read(text):
    assert read_text(write_text(text)) == text


@given(TEXTS)
def test_what_is_written_is_what_zone_files_hold(text):
    written = write_text(text)
    strings = dns.rdata.from_text("IN", "TXT", written).strings
    assert b"".join(strings) == text.encode()
    assert QUOTED.match(written)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("v=spf1 -all", "v=spf1 -all"),  # from before quotation marks were asked for
        ('"v=spf1 -all"', "v=spf1 -all"),
        ('"one" "two"', "onetwo"),
        ('"one"  "two"', "onetwo"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"back\\slash"', "back\\slash"),
        (r'"gr\195\188n"', "grün"),
        ('"grün"', "grün"),
        ('say "hi"', 'say "hi"'),
        (r'"\999"', "999"),
        ('""', ""),
        ("", ""),
    ],
)
def test_texts_are_read_as_cloudflare_has_them(content, text):
    assert record("TXT", content).value == text


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (record("CNAME", "K.Dkim.Example"), "k.dkim.example"),
        (record("CNAME", "k.dkim.example."), "k.dkim.example"),
        (record("MX", "MX.shop.example", priority=10), Mx(10, "mx.shop.example")),
        (record("MX", ".", priority=0), Mx(0, "")),
        (record("A", "192.0.2.1"), "192.0.2.1"),
    ],
)
def test_other_values_are_logical_ones(written, value):
    assert written.value == value


def test_a_null_mx_and_a_cname_are_written_whole():
    assert body(NAME, "MX", Mx(0, ""), 300) == {"name": NAME, "type": "MX", "ttl": 300, "content": ".", "priority": 0}
    assert body(NAME, "CNAME", "x.example", 300)["proxied"] is False


def test_a_record_that_two_pages_show_is_one():
    (rrset,) = to_rrsets([record("TXT", "a"), record("TXT", "a")], "shop.example").values()
    assert rrset.native == ("1",)
