"""JSON of others: never an exception, whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from sendspec.net.json_reply import read_json


class Answer(BaseModel):
    name: str
    inner: dict[str, object] = {}


def test_a_good_body_is_read_and_what_is_not_asked_for_is_not_kept():
    read = read_json(b'{"name": "x", "ApiTokens": ["secret"]}', Answer)
    assert read == Answer(name="x")
    assert "secret" not in repr(read)


@given(st.binary())
def test_octets_of_any_sort_are_no_exception(body):
    assert read_json(body, Answer) is None or body


@pytest.mark.parametrize("body", [b"[" * 1_000_000, b'{"inner":' * 300_000, b'{"name": ' + b"1" * 1_000_000 + b"}"])
def test_bombs_are_nothing(body):
    assert read_json(body, Answer) is None
