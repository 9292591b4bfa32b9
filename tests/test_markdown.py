import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sendspec.markdown import escape_block, escape_code, escape_mermaid, escape_prose, escape_text

READER = MarkdownIt("gfm-like", {"linkify": False})
HOSTILE = st.text(st.sampled_from("ab `|\\*_[]()<>&#!~$\n\r\t\"'-+=.:1{}\x1b\u202e\u00a0é"), max_size=30)


def inline(source: str) -> list[Token]:
    """Give the tokens of the only cell of a table."""
    tokens = READER.parse(f"| h |\n| --- |\n| {source} |\n")
    cells = [tokens[n + 1] for n, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 1, source
    return cells[0].children or []


def visible(text: str) -> str:
    """Spell what cannot be seen, as the README does."""
    return "".join(sign if sign.isprintable() or sign == "\u00a0" else f"\\u{ord(sign):04x}" for sign in text)


@given(HOSTILE)
def test_text_reads_as_itself_in_a_table_cell(text: str) -> None:
    children = inline(escape_text(text).strip() or "-")
    assert {token.type for token in children} <= {"text", "text_special"}
    assert "".join(token.content for token in children).strip() == (visible(text).strip() or "-")


@given(HOSTILE)
def test_code_reads_as_itself_in_a_table_cell(text: str) -> None:
    shown = escape_code(text)
    if not text:
        assert shown == ""
        return
    children = inline(shown)
    assert [token.type for token in children] == ["code_inline"]
    assert children[0].content.strip(" ") == visible(text).strip(" ")


@given(HOSTILE)
def test_prose_keeps_to_text_and_code(text: str) -> None:
    kinds = {token.type for token in inline(escape_prose(text) or "-")}
    assert kinds <= {"text", "text_special", "code_inline"}


def test_a_sentence_keeps_its_code_spans() -> None:
    assert escape_prose("the *host* `a|b` waits") == r"the \*host\* `a\|b` waits"


@given(st.lists(HOSTILE, min_size=1, max_size=4).map("\n".join))
def test_a_block_holds_its_lines_and_ends_where_it_should(text: str) -> None:
    tokens = READER.parse(f"before\n\n{escape_block(text)}\n\nafter\n")
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == 1
    assert fences[0].content == "\n".join(visible(line) for line in text.rstrip("\n").split("\n")) + "\n"
    assert tokens[-2].content == "after"


@given(HOSTILE)
def test_a_mermaid_label_cannot_leave_its_quotes(text: str) -> None:
    label = escape_mermaid(text)
    assert not set(label) & set('"`<>[]{}|\n\\')
    assert re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label) == visible(text)


@pytest.mark.parametrize("hostile", ['"]; click x "javascript:x"', "`**x**`", "</text><script>", "%%{init: {}}%%"])
def test_hostile_labels_are_only_text(hostile: str) -> None:
    assert not set(escape_mermaid(hostile)) & set('"`<>[]{}%')
