"""When to come back: seconds, dates, nonsense."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.net.account_call import retry_after
from sendspec.net.http import Reply

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def at(text: str) -> datetime | None:
    return retry_after(Reply(429, headers={"retry-after": text}), NOW)


def test_seconds_and_dates_are_read():
    assert at("90") == NOW + timedelta(seconds=90)
    assert at(format_datetime(NOW + timedelta(minutes=5), usegmt=True)) == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("text", ["", "soon", "-1", "9" * 5000, "Mon, 01 Jan 1990 00:00:00 GMT", "²"])
def test_what_is_no_time_to_come_is_nothing(text):
    assert at(text) is None


@given(st.text())
def test_no_text_is_an_exception(text):
    found = at(text)
    assert found is None or found >= NOW
