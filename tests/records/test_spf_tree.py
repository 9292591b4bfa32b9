"""Who spends the ten lookups of a record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.records.spf import Known, LookupTrees, count_lookups, parse
from sendspec.records.spf.tree import MAX_FOLLOWED, MAX_LINES


def tree_of(text, texts=None, claimed=None, name="shop.example"):
    return LookupTrees(texts or {}, claimed or {}).of(name, text)


def test_a_tree_shows_each_term_with_what_it_costs_and_what_is_known_of_it():
    texts = {
        "a.example": "v=spf1 include:b.example mx ~all",
        "c.example": "v=spf1 redirect=d.example",
        "bad.example": "x",
    }
    text = "v=spf1 include:a.example include:C.example. include:bad.example exists:%{i}.x.example a ip4:192.0.2.1 -all"
    tree = tree_of(text, texts, {"a.example": 6})
    assert tree.to_lines({"a.example": "read 2026-11-20"}) == [
        "shop.example: 11 of 10 lookups",
        "  include:a.example: 6 (read 2026-11-20)",
        "    include:b.example: 1 (text not in the lock file; part of the number above)",
        "    mx: 1",
        "  include:C.example.: 2",
        "    redirect=d.example: 1 (not in the lock file; counted as 1)",
        "  include:bad.example: 1 (its text cannot be read: a permanent error)",
        "  exists:%{i}.x.example: 1 (a macro: what it leads to depends on the message; counted as 1)",
        "  a: 1",
    ]
    assert (tree.lookups, tree.missing, tree.may_be_void) == (11, ("d.example",), 2)


def test_nested_texts_that_are_known_are_counted_and_outweigh_a_smaller_claim():
    texts = {"a.example": "v=spf1 include:b.example -all", "b.example": "v=spf1 a mx ptr -all"}
    assert tree_of("v=spf1 include:a.example -all", texts, {"a.example": 2}).lookups == 5
    assert tree_of("v=spf1 include:a.example -all", texts, {"a.example": 9}).lookups == 9


def test_what_stands_after_all_costs_nothing_and_a_redirect_counts_only_without_all():
    assert tree_of("v=spf1 a -all mx include:x.example redirect=y.example").lookups == 1
    assert tree_of("v=spf1 a redirect=y.example").lookups == 2


def test_the_same_include_twice_is_paid_twice():
    texts = {"a.example": "v=spf1 mx -all", "b.example": "v=spf1 include:a.example -all"}
    assert tree_of("v=spf1 include:a.example include:b.example -all", texts).lookups == 5


@pytest.mark.parametrize(
    "texts",
    [
        {"shop.example": "v=spf1 include:shop.example -all"},
        {"shop.example": "v=spf1 include:b.example -all", "b.example": "v=spf1 redirect=shop.example"},
        {"shop.example": "v=spf1 include:b.example -all", "b.example": "v=spf1 include:b.example -all"},
    ],
)
def test_a_circle_is_seen_and_ends(texts):
    tree = tree_of(texts["shop.example"], texts)
    assert tree.has_loop
    assert tree.lookups <= 3


def test_one_text_at_two_names_is_a_circle_only_where_it_leads_back():
    text = "v=spf1 include:shop.example -all"
    trees = LookupTrees({"shop.example": text})
    assert [branch.known for branch in trees.of("shop.example", text).walk()] == [Known.LOOP]
    assert [branch.known for branch in trees.of("other.example", text).walk()] == [Known.RECORD, Known.LOOP]


def test_records_that_double_at_each_step_neither_hang_nor_fill_the_screen():
    texts = {f"n{n}.example": f"v=spf1 include:n{n + 1}.example include:n{n + 1}.example -all" for n in range(60)}
    tree = tree_of("v=spf1 include:n0.example -all", texts)
    assert MAX_FOLLOWED - 60 < len(list(tree.walk())) < MAX_FOLLOWED * 2
    assert any(branch.known is Known.CUT for branch in tree.walk())
    assert tree.lookups > 10
    assert len(tree.to_lines()) == MAX_LINES + 1


def test_the_fewest_terms_to_drop_are_the_dearest():
    claimed = {"a.example": 4, "b.example": 6, "c.example": 3}
    tree = tree_of("v=spf1 include:a.example include:b.example include:c.example mx -all", {}, claimed)
    assert [branch.term for branch in tree.to_drop(tree.branches)] == ["include:b.example"]
    assert tree.to_drop([]) == ()
    assert tree_of("v=spf1 mx -all").to_drop(tree.branches) == ()


def test_an_unreadable_record_has_no_tree():
    assert tree_of("v=spf1 ip4:nonsense") is None


NAMES = [f"n{n}.example" for n in range(4)]
TERMS = st.sampled_from(["a", "mx", "exists:%{i}.x.example", "ip4:192.0.2.1", *(f"include:{name}" for name in NAMES)])
TEXTS = st.lists(TERMS, max_size=4).map(lambda terms: " ".join(["v=spf1", *terms, "-all"]))


@given(
    TEXTS, st.dictionaries(st.sampled_from(NAMES), TEXTS), st.dictionaries(st.sampled_from(NAMES), st.integers(1, 9))
)
def test_a_tree_is_the_sum_of_its_branches_and_never_less_than_its_own_terms(text, texts, claimed):
    tree = tree_of(text, texts, claimed, "n0.example")
    assert tree.lookups == sum(branch.lookups for branch in tree.branches) >= count_lookups(parse(text))
    for branch in tree.walk():
        assert branch.lookups >= 1 + sum(inner.lookups for inner in branch.branches)
