"""The tree and its places, by themselves."""

import math
import time
import tracemalloc

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.yaml_source import MappingNode, ScalarNode, SequenceNode, parse, split_lines, to_plain
from sendspec.yaml_source.build import MAX_ALIASED_NODES, MAX_DEPTH, MAX_FLAWS, TreeBuilder
from sendspec.yaml_source.pure_parser import PureParser


def read(text: str):
    parsed = parse(text.encode(), "f.yaml")
    return to_plain(parsed.root) if parsed.root is not None else None


def flaws(text: str | bytes) -> list[str]:
    parsed = parse(text.encode() if isinstance(text, str) else text, "f.yaml")
    return [f"{flaw.place.line}:{flaw.place.column} {flaw.rule}" for flaw in parsed.flaws]


def test_keys_and_values_know_where_they_stand():
    root = parse(b'a:\n  "b": [x, {c: 12}]\nd: |\n  text\n', "f.yaml").root
    assert isinstance(root, MappingNode)
    key = root.items["a"].item.items["b"]
    value = key.item
    assert (key.line, key.column, key.end_line, key.end_column) == (2, 3, 2, 6)
    assert isinstance(value, SequenceNode)
    assert (value.line, value.column, value.end_line, value.end_column) == (2, 8, 2, 20)
    number = value.items[1].items["c"].item
    assert (number.value, number.line, number.column, number.end_column) == (12, 2, 16, 18)
    assert (root.items["d"].item.line, root.items["d"].item.end_line) == (3, 5)


def test_columns_count_characters_and_not_bytes():
    root = parse("ключ: {ü: 1}\n".encode(), "f.yaml").root
    key = root.items["ключ"].item.items["ü"]
    value = key.item
    assert (key.column, value.column) == (8, 11)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("2027-03-01", "2027-03-01"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("010", 10),
        ("-5", -5),
        ("+7", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text, value):
    found = read(f"key: {text}\n")["key"]
    assert (found, type(found)) == (value, type(value))


def test_not_a_number_is_read_as_such():
    assert math.isnan(read("key: .nan\n")["key"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b: c\n", "1:5 spec-yaml-syntax"),
        ("a: [1, 2\nb: 3\n", "2:2 spec-yaml-syntax"),
        ('a: 1\nb: "x\n', "2:4 spec-yaml-syntax"),
        ("a: @x\n", "1:4 spec-yaml-syntax"),
        ('a: "\\d"\n', "1:5 spec-yaml-syntax"),
        ("a: 1\nb:\n\tc: 2\n", "3:1 spec-tabs"),
        ("a:\n  b: 1\n \tc: 2\n", "3:2 spec-tabs"),
        ("a: 1\n---\nb: 2\n", "2:1 spec-several-documents"),
        ("a: 1\nb: 2\na: 3\n", "3:1 spec-duplicate-key"),
        ("a: {b: 1, b: 2}\n", "1:11 spec-duplicate-key"),
        ("a: *b\n", "1:4 spec-anchor"),
        ("a: &a [*a]\n", "1:8 spec-anchor"),
        ("a: !x y\n", "1:4 spec-tag"),
        ("a: !!python/object:os.system x\n", "1:4 spec-tag"),
        ("a: !!int x\n", "1:4 spec-tag"),
        ("1: x\n", "1:1 spec-key-not-text"),
        ("a: {true: x}\n", "1:5 spec-key-not-text"),
        ("? [a]\n: x\n", "1:3 spec-key-not-text"),
        ("a:\n  <<: {b: 1}\n", "2:3 spec-merge-key"),
        ("a: 1\nb: \x07\n", "2:4 spec-yaml-syntax"),
        (b"a: 1\nb: caf\xe9\n", "2:7 spec-not-utf8"),
        ("a: 1\n".encode("utf-16"), "1:1 spec-not-utf8"),
        ("[" * 10_000, f"1:{MAX_DEPTH + 1} spec-too-deep"),
        ("- " * 10_000 + "x", f"1:{2 * MAX_DEPTH + 1} spec-too-deep"),
        ("{a: " * 10_000, f"1:{4 * MAX_DEPTH + 1} spec-too-deep"),
        ("".join(f"{' ' * level}a:\n" for level in range(1000)), f"{MAX_DEPTH + 1}:{MAX_DEPTH + 1} spec-too-deep"),
    ],
)
def test_a_flaw_has_its_exact_place(text, expected):
    assert flaws(text) == [expected]


def test_a_duplicate_key_shows_both_places_and_the_first_value_stays():
    parsed = parse(b"a: 1\nb: 2\na: 3\n", "f.yaml")
    assert to_plain(parsed.root) == {"a": 1, "b": 2}
    assert [(place.line, place.column) for place in parsed.flaws[0].related] == [(1, 1)]


def test_all_flaws_that_do_not_stop_reading_come_at_once():
    assert flaws("a: !x 1\na: *b\n2: 3\n<<: 4\n") == [
        "1:4 spec-tag",
        "2:4 spec-anchor",
        "2:1 spec-duplicate-key",
        "3:1 spec-key-not-text",
        "4:1 spec-merge-key",
    ]


def test_aliases_share_what_they_name():
    assert read("a: &x {b: [1]}\nc: *x\n") == {"a": {"b": [1]}, "c": {"b": [1]}}


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_a_billion_laughs_are_refused_where_they_get_too_many():
    started = time.monotonic()
    found = parse(laughs(30).encode(), "f.yaml")
    assert [flaw.rule for flaw in found.flaws] == ["spec-anchor-explosion"]
    assert found.root is None
    assert time.monotonic() - started < 2


def test_as_many_aliases_as_allowed_are_no_flaw():
    text = "a: &a [x]\nb: [" + ", ".join(["*a"] * (MAX_ALIASED_NODES // 2)) + "]\n"
    assert flaws(text) == []
    assert flaws(text + "c: *a\n") == ["3:4 spec-anchor-explosion"]


def test_a_chain_of_aliases_cannot_nest_without_bound():
    text = "a0: &a0 []\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 400))
    last = MAX_DEPTH - 1  # the root, the list that holds the alias, and what the alias names
    assert flaws(text) == [f"{last + 1}:{len(f'a{last}: &a{last} [') + 1} spec-too-deep"]


def test_a_file_with_a_byte_order_mark_reads_like_one_without():
    assert read("\ufeffa: 1\n") == {"a": 1}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n"])
def test_an_empty_file_is_no_flaw(text):
    parsed = parse(text.encode(), "f.yaml")
    assert (parsed.flaws, parsed.complete) == ((), True)
    assert parsed.root is None or parsed.root.value is None


def test_a_huge_file_is_refused_by_size_alone():
    assert flaws(b"#" * (64 * 1024 * 1024 + 1)) == ["1:1 spec-unreadable"]


def test_values_that_look_different_in_the_file_are_known():
    parsed = parse(b"a: \"x\\x41\"\nb: plain\nc: |\n  block\nd: \"quoted\"\ne: 'it''s'\n", "f.yaml")
    assert [node.value for node in parsed.altered] == ["xA", "block\n", "it's"]


def test_a_line_break_is_what_yaml_calls_one():
    assert split_lines("a\r\nb\rc\nd\x85e\u2028f") == ["a", "b", "c", "d", "e", "f"]
    root = parse(b"a: 1\r\nb: 2\rc: 3\n", "f.yaml").root
    assert [key.line for key in root.items.values()] == [1, 2, 3]


def places(node):
    if isinstance(node, ScalarNode):
        return (node.value, node.line, node.column, node.end_line, node.end_column)
    if isinstance(node, MappingNode):
        return (node.line, node.column, [(places(key), places(key.item)) for key in node.items.values()])
    return (node.line, node.column, [places(item) for item in node.items])


def test_a_key_is_found_whatever_the_size_of_its_mapping():
    for count in (3, 500):
        text = "".join(f"k{number}: {{v: {number}}}\n" for number in range(count)) + "k1: again\n? [x]\n: 1\n"
        root = parse(text.encode(), "f.yaml").root
        assert [places(root.get(name).item) for name in root.items] == [places(key.item) for key in root.items.values()]
        assert (root.get("k1").line, root.get("k1").item.items["v"].item.value) == (2, 1)
        assert root.get("?").item.value == 1
        assert [root.get(name) for name in ("no", "v", 1, 0)] == [None] * 4


def test_what_a_flaw_keeps_out_is_still_there_to_be_masked():
    root = parse(b"a: 1\na: {b: secret}\n? [other]\n: 2\n", "f.yaml").root
    assert to_plain(root) == {"a": 1, "?": 2}
    assert [to_plain(node) for node in root.dropped] == [{"b": "secret"}, ["other"]]


def test_a_key_that_is_an_alias_leads_to_its_own_value():
    root = parse(b"&a name: 1\nb: &n 7\nc: {*a : *n, *n : *a}\n", "f.yaml").root
    assert to_plain(root) == {"name": 1, "b": 7, "c": {"name": 7, "7": "name"}}
    assert places(root.items["c"].item.items["name"])[1:3] == (1, 1)


def test_an_alias_stands_where_its_anchor_stands():
    root = parse(b"a: &x {b: 1}\nc: *x\nd: [*x]\n", "f.yaml").root
    shared = places(root.items["a"].item)
    assert places(root.items["c"].item) == places(root.items["d"].item.items[0]) == shared


def test_half_a_million_nodes_are_no_half_a_million_objects():
    text = "".join(f"  host-{number}: {{dns: {{formats: [bind]}}, spf: softfail}}\n" for number in range(2_000))
    tracemalloc.start()
    parsed = parse(f"domains:\n{text}".encode(), "f.yaml")
    kept = tracemalloc.get_traced_memory()[0] - len(parsed.text)
    tracemalloc.stop()
    nodes = 2_000 * 9
    assert len(parsed.root.items["domains"].item.items) == 2_000
    assert kept / nodes < 60  # 30 of them, and the texts


# PyYAML writes these line breaks into single quotes, where a reader folds them.
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029"), max_size=12)
plain_data = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=15,
)


@given(data=st.dictionaries(words, plain_data, max_size=5), flow=st.booleans())
def test_what_a_serialiser_wrote_is_read_back_by_both_parsers_alike(data, flow):
    # In double quotes, for PyYAML decides by YAML 1.1 which words need none.
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow, default_style='"')
    parsed = parse(text.encode(), "f.yaml")
    pure = TreeBuilder("f.yaml")
    pure.feed(PureParser(text).get_event)
    assert parsed.flaws == ()
    assert to_plain(parsed.root) == data
    assert to_plain(pure.root) == data


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_bytes_are_a_tree_or_flaws_and_never_an_exception(content):
    parsed = parse(content, "f.yaml")
    assert parsed.complete or parsed.flaws
    for flaw in parsed.flaws:
        assert flaw.place.line >= 1
        assert flaw.place.column >= 1
        assert flaw.place.end_column >= flaw.place.column
        assert flaw.message
        assert flaw.fix


PIECES = [
    ": ",
    "\n",
    "  ",
    "- ",
    "&x ",
    "*x",
    "!t ",
    "!!int ",
    "|\n",
    ">\n",
    "---\n",
    "...\n",
    "? ",
    "<<",
    "%YAML 1.2\n",
    "\\x",
]
YAML_PIECES = st.sampled_from([*PIECES, *"a[]{},'\"#\t~1\u2028\x85ü\r=@`<>"])


@given(st.lists(YAML_PIECES, max_size=40).map("".join))
@settings(max_examples=1000)
def test_pieces_of_yaml_are_a_tree_or_flaws_and_never_an_exception(text):
    parsed = parse(text.encode(), "f.yaml")
    assert parsed.complete or parsed.flaws
    if parsed.root is not None:
        to_plain(parsed.root)


def test_reading_stops_after_a_thousand_flaws():
    parsed = parse(b"a: 1\n" * 5000, "f.yaml")
    assert (len(parsed.flaws), parsed.complete, parsed.root) == (MAX_FLAWS, False, None)


REPEATED = 60_000
HOSTILE = {
    "an endless list": "[" + "a," * REPEATED,
    "keys over and over": "{" + "a: b," * REPEATED + "}",
    "open mappings": "{a: " * REPEATED,
    "question marks": "{?" * REPEATED,
    "an open quote": '"' + "a\n" * REPEATED,
    "anchors": "".join(f"a{number}: &a{number} x\n" for number in range(REPEATED // 10)),
    "aliases": "a: &a x\nb: [" + "*a," * REPEATED + "]",
    "colons": ":" * REPEATED,
    "a long key": "a" * REPEATED + ": b",
    "lines of one scalar": "a: b\n" + " c\n" * REPEATED,
    "line breaks": "\n" * REPEATED,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_takes_no_longer_than_its_size(name):
    started = time.process_time()
    parse(HOSTILE[name].encode(), "f.yaml")
    assert time.process_time() - started < 2
