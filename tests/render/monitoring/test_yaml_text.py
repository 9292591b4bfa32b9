import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from sendspec.render.monitoring.yaml_text import block, scalar

# What YAML itself cannot hold: lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WORDS = st.sampled_from(["yes", "No", "null", "~", "1e3", "0x1f", "1:30", "10s", "- a", "#", "{{ $x }}", "'", '"', ""])
SCALARS = TEXT | WORDS | st.integers() | st.booleans()
NODES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | WORDS, inner, max_size=4), max_leaves=12
)


@given(NODES.filter(lambda node: isinstance(node, list | dict) and node))
@example([[1, 2], [[]], [{}], {"a": {}}, [["x"]], [{"b": [["c"], 1]}]])
@example({"on": "off", "y": "n", "a\tb": "\r\n", "é\u2028": "\ufeff"})
def test_what_is_written_is_read_back(node) -> None:
    assert yaml.safe_load("\n".join(block(node, 0))) == node


@given(NODES.filter(lambda node: isinstance(node, list | dict) and node))
def test_it_reads_the_same_below_a_key_at_any_depth(node) -> None:
    assert yaml.safe_load("\n".join(["outer:", "  inner:", *block(node, 2)])) == {"outer": {"inner": node}}


def test_plain_words_and_durations_stay_plain() -> None:
    assert [scalar(text) for text in ("smtp_starttls", "10s", "targets/dns.yml")] == [
        "smtp_starttls",
        "10s",
        "targets/dns.yml",
    ]
