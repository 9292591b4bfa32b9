from string import ascii_letters, ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.records import spf
from sendspec.records.error import RecordError
from sendspec.records.spf import Modifier, Qualifier, SpfRecord, Term

labels = st.text(ascii_lowercase + digits + "-_", min_size=1, max_size=12)
macros = st.sampled_from(["%{i}", "%{d}", "%{ir}", "%{d2}", "%{l1r-}", "%{S}", "%%", "%_", "%-"])
endings = st.sampled_from([".example", ".co.uk", ".x1", ".xn--p1ai", "%{d}", ".example."])
domains = st.builds(
    lambda parts, end: ".".join(parts) + end, st.lists(labels | macros, min_size=1, max_size=3), endings
)
prefix4 = st.none() | st.integers(0, 32)
prefix6 = st.none() | st.integers(0, 128)
qualifiers = st.sampled_from(Qualifier)
terms = st.one_of(
    st.builds(Term, st.sampled_from(["include", "exists"]), domains, qualifiers),
    st.builds(
        Term,
        st.sampled_from(["a", "mx"]),
        domains | st.just(""),
        qualifiers,
        prefix4,
        prefix6,
    ),
    st.builds(lambda value, q: Term("ptr", value, q), domains | st.just(""), qualifiers),
    st.builds(lambda value, q, four: Term("ip4", str(value), q, four), st.ip_addresses(v=4), qualifiers, prefix4),
    st.builds(lambda value, q, six: Term("ip6", str(value), q, None, six), st.ip_addresses(v=6), qualifiers, prefix6),
    st.builds(lambda q: Term("all", qualifier=q), qualifiers),
)
unknown = st.builds(
    lambda name, value: Modifier("x" + name, value),
    st.text(ascii_letters, max_size=5),
    st.sampled_from(["", "y", "%{d}", "a:b/c"]),
)
modifiers = st.lists(
    st.builds(Modifier, st.sampled_from(["redirect", "exp"]), domains) | unknown,
    max_size=3,
    unique_by=lambda modifier: modifier.name,
)
records = st.builds(lambda t, m: SpfRecord(tuple(t), tuple(m)), st.lists(terms, max_size=6), modifiers)


@given(records)
def test_every_record_reads_back_as_itself(record):
    assert spf.parse(record.to_text()) == record


@given(st.text())
def test_any_text_is_a_record_or_a_record_error(text):
    for candidate in (text, "v=spf1 " + text):
        try:
            record = spf.parse(candidate)
        except RecordError:
            continue
        assert spf.parse(record.to_text()) == record


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 include: a.example -all",
        "v=spf1 ip4:8.8.8.8~all",
        "v=spf1 ip:192.0.2.1",
        "v=spf1 ip4:2001:db8::1",
        "v=spf1 ip6:192.0.2.1",
        "v=spf1 ip4:192.0.2.0/33",
        "v=spf1 ip4:192.0.2.0/08",
        "v=spf1 ip4:192.0.2.01",
        "v=spf1 ip6:fe80::1%eth0",
        "v=spf1 ip6:2001:db8::/129",
        "v=spf1 a:x.example/33",
        "v=spf1 a:x.example//129",
        "v=spf1 a/100",
        "v=spf1 include:x.example/24",
        "v=spf1 include:localhost",
        "v=spf1 include:x.example.123",
        "v=spf1 include",
        "v=spf1 -all:x",
        "v=spf1 --all",
        "v=spf1 exists:%{z}.example",
        "v=spf1 exists:%{i0}.example",
        "v=spf1 exists:%{c}.example",
        "v=spf1 exists:%i.example",
        "v=spf1 redirect=a.example redirect=b.example",
        "v=spf1 exp=a.example exp=b.example",
        "v=spf1 redirect=",
        "v=spf1 incldue:x.example",
        "v=spf1 inclüde:x.example",
        "v=spf1\t-all",
        "v=spf10 -all",
        "spf1 -all",
        "",
    ],
)
def test_what_the_grammar_forbids_is_refused(text):
    with pytest.raises(RecordError):
        spf.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1",
        "v=spf1  ",
        "V=SPF1 +MX -ALL",
        "v=spf1 a/24//64 a:b.example//96 mx/0 ?ptr -all",
        "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all",
        "v=spf1 exists:%{l1r-+,/_=}.x.example -all",
        "v=spf1 exists:a/b.example -all",
        "v=spf1 moo=%{d}/x redirect=%{o}",
        "v=spf1 include:_spf.google.com include:x-1.example. ~all",
        "v=spf1 ip6:::ffff:192.0.2.1/120 ip4:192.0.2.0/24 -all",
    ],
)
def test_what_the_grammar_allows_is_read(text):
    spf.parse(text)


def test_the_error_names_the_term_at_fault():
    with pytest.raises(RecordError) as caught:
        spf.parse("v=spf1 mx ip4:300.1.1.1 -all")
    assert caught.value.part == "ip4:300.1.1.1"


@pytest.mark.parametrize(
    ("text", "lookups"),
    [
        ("v=spf1 -all", 0),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 exp=x.example -all", 0),
        ("v=spf1 include:a.example a mx ptr exists:b.example -all", 5),
        ("v=spf1 mx redirect=a.example", 2),
        ("v=spf1 mx redirect=a.example -all", 1),
        ("v=spf1 mx -all include:a.example", 1),
    ],
)
def test_only_terms_that_query_and_are_reached_cost_a_lookup(text, lookups):
    assert spf.count_lookups(spf.parse(text)) == lookups


def merged(*texts):
    return spf.merge([spf.parse(text) for text in texts]).to_text()


def test_merging_keeps_first_seen_order_drops_duplicates_and_ends_in_the_strictest_all():
    assert (
        merged("v=spf1 include:b.example mx ~all", "v=spf1 include:a.example include:B.example -all")
        == "v=spf1 include:b.example mx include:a.example -all"
    )


def test_merging_keeps_modifiers_and_invents_no_all():
    assert merged("v=spf1 mx redirect=a.example", "v=spf1 a redirect=a.example") == "v=spf1 mx a redirect=a.example"


def test_macros_that_differ_in_case_are_two_terms():
    assert merged("v=spf1 exists:%{l}.x.example", "v=spf1 exists:%{L}.x.example").count("exists") == 2


def test_merging_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        spf.merge([])


@given(st.lists(records.filter(lambda record: not record.modifiers), min_size=1, max_size=4))
def test_merging_loses_no_term_and_a_second_time_changes_nothing(parts):
    once = spf.merge(parts)
    assert spf.merge([once]) == once
    kept = {term.to_text() if "%" in term.value else term.to_text().lower() for term in once.terms}
    for part in parts:
        for term in part.reachable:
            text = term.to_text() if "%" in term.value else term.to_text().lower()
            assert term.mechanism == "all" or text in kept
