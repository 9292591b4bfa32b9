"""Values are compared by what they mean to whoever reads them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.check.dns.meaning import means_the_same, on_the_wire, unescaped
from sendspec.model.dns_record import Purpose
from sendspec.records import dkim, dmarc, spf, tls_rpt

BLANKS = st.sampled_from(["", " ", "  ", "\t"])
POLICIES = st.sampled_from(list(dmarc.Policy))
ADDRESSES = st.lists(
    st.from_regex(r"mailto:[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True), max_size=3, unique=True
).map(tuple)
DMARC = st.builds(
    dmarc.DmarcRecord,
    policy=POLICIES,
    subdomain_policy=st.none() | POLICIES,
    strict_dkim=st.booleans(),
    reports=ADDRESSES,
    testing=st.booleans(),
)
KEYS = st.builds(
    dkim.DkimKey,
    public_key=st.binary(min_size=1, max_size=60).map(lambda octets: base64.b64encode(octets).decode()),
    flags=st.sampled_from([(), ("y",), ("y", "s")]),
)
TERMS = st.lists(
    st.sampled_from(["a", "mx", "ip4:192.0.2.1", "include:a.example", "?include:b.example", "exists:c.example"]),
    max_size=5,
    unique=True,
)


def respelled(draw, text: str) -> str:
    """Give a tag list with other blanks and the tags after the first in another order."""
    first, *rest = [tag.strip() for tag in text.split(";") if tag.strip()]
    tags = [first, *draw(st.permutations(rest))]
    return "".join(
        f"{tag.replace('=', draw(BLANKS) + '=' + draw(BLANKS), 1)}{draw(BLANKS)};{draw(BLANKS)}" for tag in tags
    )


@given(st.data(), DMARC)
def test_a_dmarc_record_written_otherwise_means_the_same(data, record):
    declared = record.to_text()
    assert means_the_same(Purpose.DMARC, declared, respelled(data.draw, declared))


@given(st.data(), KEYS)
def test_a_key_written_otherwise_is_the_same_key(data, key):
    declared = key.to_text()
    assert means_the_same(Purpose.DKIM, declared, respelled(data.draw, declared))


@given(DMARC, DMARC)
def test_dmarc_records_mean_the_same_exactly_when_receivers_do_the_same(one, other):
    def meaning(record):
        below = record.subdomain_policy or record.policy
        return record.policy, below, record.strict_dkim, frozenset(record.reports), record.testing

    assert means_the_same(Purpose.DMARC, one.to_text(), other.to_text()) == (meaning(one) == meaning(other))


@given(KEYS, KEYS)
def test_another_key_is_another_key(one, other):
    same = (one.public_key, set(one.flags)) == (other.public_key, set(other.flags))
    assert means_the_same(Purpose.DKIM, one.to_text(), other.to_text()) == same


@given(TERMS, TERMS)
def test_spf_terms_in_another_order_are_another_record(one, other):
    texts = [" ".join(["v=spf1", *terms, "-all"]) for terms in (one, other)]
    assert means_the_same(Purpose.SPF, *texts) == (one == other)


@given(TERMS)
def test_spf_in_other_letters_and_with_more_blanks_means_the_same(terms):
    declared = " ".join(["v=spf1", *terms, "~all"])
    assert means_the_same(Purpose.SPF, declared, declared.replace(" ", "   ").upper().replace("V=SPF1", "v=spf1") + " ")
    assert spf.parse(declared)


@pytest.mark.parametrize(
    ("purpose", "declared", "live", "same"),
    [
        (Purpose.SPF, "v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1/32 -all", True),
        (Purpose.SPF, "v=spf1 a -all", "v=spf1 a -all exp=why.example", False),
        (Purpose.SPF, "v=spf1 -all", "v=spf1 ip4:nothing -all", False),
        (Purpose.DMARC, "v=DMARC1; p=none", "v=DMARC1; p=none; pct=100; rf=afrf; ri=86400; fo=0", True),
        (Purpose.DMARC, "v=DMARC1; p=reject", "v=DMARC1; p=reject; pct=50", False),
        (Purpose.DMARC, "v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none", False),
        (Purpose.DMARC, "v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=reject; np=reject", True),
        (Purpose.MTA_STS, "v=STSv1; id=abc", "v=STSv1;id=abc;", True),
        (Purpose.MTA_STS, "v=STSv1; id=abc", "v=STSv1; id=abd", False),
        (Purpose.TLS_REPORTS, "v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1;rua=mailto:a@b.example", True),
        (Purpose.BIMI, "v=BIMI1; l=https://x.example/a.svg;", "v=BIMI1;l=https://x.example/a.svg; a=", True),
        (Purpose.DMARC_REPORTS, "v=DMARC1", "v=DMARC1;", True),
        (Purpose.FOREIGN, "code=1", "code=2", False),
        (Purpose.FOREIGN, "größe", "größe".encode().decode("latin-1"), True),
    ],
)
def test_what_is_the_same_and_what_is_not(purpose, declared, live, same):
    assert means_the_same(purpose, declared, live) is same


def test_a_report_address_written_twice_or_in_another_order_changes_nothing():
    declared = tls_rpt.TlsRptRecord(("mailto:a@b.example", "https://c.example/r")).to_text()
    assert means_the_same(Purpose.TLS_REPORTS, declared, "v=TLSRPTv1; rua=https://c.example/r,mailto:a@b.example")


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1))
def test_what_was_escaped_once_too_often_comes_back(text):
    bare = text.strip()
    if bare:
        assert unescaped('"' + bare.replace(";", "\\;") + '"') == bare


def test_octets_outside_ascii_are_compared_as_octets():
    assert on_the_wire("ü") == "\xc3\xbc"
