"""Where what exists differs from what the spec states."""

from hypothesis import given
from hypothesis import strategies as st

from sendspec.model.plan import PropertyChange
from sendspec.plan.differences import differences, only, without

LEAVES = st.one_of(st.booleans(), st.integers(), st.text(max_size=4), st.lists(st.integers(), max_size=2))
NAMES = st.sampled_from(["a", "b", "c"])
TREES = st.dictionaries(
    NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3)), max_size=3
)


@given(TREES)
def test_what_is_as_stated_does_not_differ(tree):
    assert differences(tree, tree) == ()


@given(TREES, TREES)
def test_setting_every_difference_makes_both_equal(wanted, live):
    mended = live
    for each in differences(wanted, live):
        mended = _set(mended, each.path.split("."), each.after)
    assert differences(wanted, mended) == ()


def _set(tree, way, value):
    name, *rest = way
    inner = tree.get(name)
    return {**tree, name: _set(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


@given(TREES, st.sets(st.sampled_from(["a", "b.a", "c.b.a", "c"])))
def test_a_split_loses_and_doubles_nothing(tree, places):
    first, later = without(tree, places), only(tree, places)
    assert differences(tree, _merge(first, later)) == ()
    assert differences(later, first) == differences(later, {}) or not later


def _merge(one, other):
    merged = dict(one)
    for name, value in other.items():
        mine = merged.get(name)
        merged[name] = _merge(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return merged


def test_what_the_spec_does_not_state_is_not_compared():
    assert differences({"a": 1}, {"a": 1, "b": 2}) == ()


def test_true_is_not_one():
    assert differences({"a": True}, {"a": 1}) == (PropertyChange("a", 1, True),)


def test_nothing_equals_an_empty_mapping_and_an_empty_list():
    assert differences({"a": {}, "b": [], "c": None}, {}) == ()


def test_what_cannot_be_read_is_left_out():
    assert differences({"a": {"key": "x", "other": 1}}, {"a": {"other": 1}}, {"a.key"}) == ()
