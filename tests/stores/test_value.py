"""What can be sent as a credential."""

import pytest

from sendspec.model.secret import Secret
from sendspec.stores.value import MAX_CHARACTERS, text_of, usable


@pytest.mark.parametrize("value", ["hunter2\n", "hunter2\r\n", "\nhunter2", "hunter2\n\n", "hunter2"])
def test_line_ends_around_a_value_are_not_part_of_it(revealed, value):
    assert revealed(usable(Secret(value))) == "hunter2"


@pytest.mark.parametrize("value", [" hunter2 ", "pass word", "pässwörd", "😀", 'a"b\\c', "x" * MAX_CHARACTERS])
def test_everything_else_is(revealed, value):
    assert revealed(usable(Secret(value))) == value


@pytest.mark.parametrize("value", ["", "\n", "\r\n\r\n", "   ", "\t\n"])
def test_nothing_is_no_value(unresolved, value):
    assert unresolved(usable(Secret(value))).reason == "the value is empty"


@pytest.mark.parametrize("sign", ["\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028"])
def test_a_control_character_is_refused(unresolved, sign):
    found = unresolved(usable(Secret(f"hunter2{sign}hunter3")))
    assert "control characters" in found.reason
    assert "hunter" not in repr(found)


def test_octets_of_the_environment_that_are_no_text_are_refused(unresolved):
    value = b"hunter2\xff".decode("utf-8", "surrogateescape")
    assert "no text in UTF-8" in unresolved(usable(Secret(value))).reason


def test_a_value_that_is_a_whole_file_is_refused(unresolved):
    assert "4,096 characters" in unresolved(usable(Secret("x" * (MAX_CHARACTERS + 1)))).reason


def test_octets_that_are_no_text_are_refused_by_place(unresolved):
    assert unresolved(text_of(b"\xff", "the file key")).reason == "the file key holds octets that are no text in UTF-8"
