import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sendspec.json_text import json_text
from sendspec.model.vocabulary import Via

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.sampled_from(Via)
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.sampled_from(Via), inner)
    ),
    max_leaves=30,
)


@given(DOCUMENTS)
def test_it_is_what_json_writes_with_an_indentation_of_two(document: Any) -> None:
    assert json_text(document) == json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@given(DOCUMENTS)
def test_ascii_only_escapes_what_json_escapes(document: Any) -> None:
    assert json_text(document, ascii_only=True) == json.dumps(document, indent=2) + "\n"
