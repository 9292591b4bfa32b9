"""Names of streams become ids that Postmark takes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sendspec.esp.postmark.facts import DEFAULT_STREAMS, STREAM_ID_PATTERN
from sendspec.esp.postmark.message_streams import message_stream_id
from sendspec.esp.postmark.settings import RouteSettings
from sendspec.spec.syntax import NAME_PATTERN

names = st.from_regex(NAME_PATTERN.replace("$", r"\Z"))


@given(names)
def test_every_name_a_spec_allows_becomes_an_id_that_postmark_allows(name):
    found = message_stream_id(name, None)
    assert re.fullmatch(STREAM_ID_PATTERN.value, found)
    assert found not in DEFAULT_STREAMS.value


@given(st.lists(names, min_size=2, max_size=40, unique=True))
def test_two_streams_never_share_an_id_by_accident(found):
    assert len({message_stream_id(name, None) for name in found}) == len(found)


@pytest.mark.parametrize("name", ["receipts", "password-reset", "a", "x" * 30])
def test_a_name_that_postmark_takes_stays_as_it_is(name):
    assert message_stream_id(name, None) == name


@pytest.mark.parametrize("name", ["x" * 31, "2fa", "a--b", "all", "pm-news", "outbound", "inbound"])
def test_a_name_that_postmark_refuses_stays_readable(name):
    found = message_stream_id(name, None)
    assert found != name
    assert found.startswith(f"s-{name.replace('--', '-')}"[:15])


@pytest.mark.parametrize("chosen", ["Receipts", "2fa", "a--b", "all", "inbound", "pm-x", "x" * 31, "", "a\n", "a b"])
def test_a_chosen_id_that_postmark_would_refuse_is_refused_here(chosen):
    with pytest.raises(ValidationError, match="cannot be the id of a message stream"):
        RouteSettings(message_stream=chosen)


@pytest.mark.parametrize("chosen", ["outbound", "broadcast", "receipts_2"])
def test_a_chosen_id_is_used_untouched(chosen):
    assert message_stream_id("anything", RouteSettings(message_stream=chosen).message_stream) == chosen
