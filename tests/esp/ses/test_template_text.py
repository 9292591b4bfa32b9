"""The writer of templates: whatever it is given, PyYAML reads back."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sendspec.esp.ses.template_text import block, comment

TEXTS = st.text() | st.sampled_from(
    [
        "yes",
        "No",
        "null",
        "~",
        "1.0",
        "0x10",
        "2026-11-20",
        "12:30:00",
        "-",
        "a: b",
        "a #b",
        "'",
        '"',
        "!Ref x",
        "a:",
        "=",
        "<<",
    ]
)
SCALARS = TEXTS | st.booleans() | st.integers() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
NODES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


@given(st.dictionaries(TEXTS, NODES, min_size=1))
def test_what_is_written_reads_back_as_itself(node):
    assert yaml.safe_load("\n".join(block(node, 0))) == node


@given(TEXTS)
def test_a_comment_is_never_more_than_a_comment(text):
    lines = "\n".join([*comment(text, 1), "after: 1"])
    assert yaml.safe_load(lines) == {"after": 1}


@pytest.mark.parametrize("text", ["a\nb: c", "a\x85b: c", "a\u2028b: c", "a\x00b"])
def test_no_line_break_leads_out_of_a_comment(text):
    assert all(line.startswith("  #") for line in comment(text, 1))
    assert len(list(comment(text, 1))) == 1
