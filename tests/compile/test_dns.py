"""Records become RRsets."""

from hypothesis import given
from hypothesis import strategies as st

from sendspec.compile.dns import Placement, SpfMerger, build_rrsets, canonical
from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType
from sendspec.model.origin import Origin


def record(name, value, purpose=Purpose.FOREIGN, record_type=RecordType.TXT, why="because"):
    return DnsRecord(name, record_type, value, purpose, why, "breaks", "RFC 1035", Origin(("domains", name)))


def spf(name, text):
    return record(name, text, Purpose.SPF, why=text)


def test_two_senders_on_one_name_share_one_spf_record():
    (rrset,) = build_rrsets(
        [spf("a.example", "v=spf1 include:x.example ~all"), spf("a.example", "v=spf1 include:y.example -all")],
        3600,
        SpfMerger(),
    )
    (value,) = rrset.values
    assert value.value == "v=spf1 include:x.example include:y.example -all"
    assert [reason.why for reason in value.records] == [
        "v=spf1 include:x.example ~all",
        "v=spf1 include:y.example -all",
    ]


def test_foreign_values_stay_beside_ours_and_an_foreign_spf_is_not_merged_silently():
    (rrset,) = build_rrsets(
        [record("a.example", "v=spf1 -all"), record("a.example", "verify=1"), spf("a.example", "v=spf1 mx ~all")],
        3600,
        SpfMerger(),
    )
    assert [value.value for value in rrset.values] == ["v=spf1 mx ~all", "v=spf1 -all", "verify=1"]


def test_a_broken_spf_part_is_kept_as_it_is_for_the_rules_to_report():
    (rrset,) = build_rrsets(
        [spf("a.example", "v=spf1 ip4:1.2.3.4~all"), spf("a.example", "v=spf1 mx ~all")], 3600, SpfMerger()
    )
    assert {value.value for value in rrset.values} == {"v=spf1 ip4:1.2.3.4~all", "v=spf1 mx ~all"}


def test_the_same_value_from_two_causes_is_one_value_with_both_reasons():
    first, second = record("a.example", "x", why="one"), record("a.example", "x", why="two")
    (rrset,) = build_rrsets([first, second], 60, SpfMerger())
    assert [reason.why for reason in rrset.values[0].records] == ["one", "two"]


def test_sets_are_sorted_from_the_apex_down_and_mx_by_preference():
    rrsets = build_rrsets(
        [
            record("b.a.example", Mx(20, "y.example"), record_type=RecordType.MX),
            record("b.a.example", Mx(10, "z.example"), record_type=RecordType.MX),
            record("aa.example", "x"),
            record("a.example", "x"),
        ],
        60,
        SpfMerger(),
    )
    assert [rrset.name for rrset in rrsets] == ["a.example", "b.a.example", "aa.example"]
    assert [value.value.preference for value in rrsets[1].values] == [10, 20]


NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda labels: ".".join([*labels, "example"]))


@given(st.lists(st.tuples(NAMES, st.text(max_size=5))))
def test_no_value_is_lost_and_the_order_of_the_causes_does_not_matter(pairs):
    records = [record(name, text) for name, text in pairs]
    rrsets = build_rrsets(records, 60, SpfMerger())
    assert {(rrset.name, value.value) for rrset in rrsets for value in rrset.values} == set(pairs)
    assert [(rrset.name, [value.value for value in rrset.values]) for rrset in rrsets] == [
        (rrset.name, [value.value for value in rrset.values]) for rrset in build_rrsets(records[::-1], 60, SpfMerger())
    ]
    assert [canonical(rrset.name) for rrset in rrsets] == sorted(canonical(rrset.name) for rrset in rrsets)


def test_a_record_goes_to_the_longest_declared_domain_and_a_stranger_to_none():
    placement = Placement(["example.com", "eu.example.com"])
    placement.add(record("news.eu.example.com", "x"))
    placement.add(record("eu.example.com", "x"))
    placement.add(record("news.example.com", "x"))
    placement.add(record("notexample.com", "x"))
    assert [found.name for found in placement.zones["eu.example.com"].records] == [
        "news.eu.example.com",
        "eu.example.com",
    ]
    assert [found.name for found in placement.zones["example.com"].records] == ["news.example.com"]
    assert [found.name for found in placement.unplaced] == ["notexample.com"]
