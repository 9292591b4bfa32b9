"""No value resolved so far is left in a text that came from the world."""

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.stores.hiding import SHORTEST, SIGN, Veil

VALUES = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters=SIGN), min_size=SHORTEST, max_size=40
)
BESIDE = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def veil_over(*values: str) -> Veil:
    veil = Veil()
    for value in values:
        veil.add(value)
    return veil


def decoded_words(text: str) -> list[bytes]:
    """Give what the words of a text are when read as Base64, from each of the first four characters on."""
    found = []
    for word in text.replace("-", "+").replace("_", "/").split():
        for start in range(4):
            part = word[start:].rstrip("=")
            part = part[: len(part) // 4 * 4]
            found.append(base64.b64decode(part + "=" * (-len(part) % 4)))
    return found


@given(VALUES, BESIDE, BESIDE)
def test_the_value_is_gone(value, before, after):
    assert value not in veil_over(value).hide(before + value + after)


@given(VALUES, BESIDE)
def test_text_without_the_value_stays_as_it_is(value, text):
    veil = veil_over(f"{value}{value}never said")
    assert veil.hide(text) == text


@given(VALUES)
def test_every_encoding_of_it_is_gone(value):
    veil = veil_over(value)
    for form in (
        json.dumps(value),
        json.dumps(value, ensure_ascii=False),
        json.dumps({"password": value}).replace("/", "\\/"),
        f"https://x.test/?key={quote(value, safe='')}&b=c",
        f"key={quote_plus(value)}&b=c",
        quote(value),
        quote(value, safe="").lower(),
        f"<p>{html.escape(value)}</p>",
        value.upper() if len(value.upper()) == len(value) and value.upper().lower() == value.lower() else value,
    ):
        assert SIGN in veil.hide(form), form


@given(
    VALUES, BESIDE.filter(lambda user: "\0" not in user), st.sampled_from([base64.b64encode, base64.urlsafe_b64encode])
)
def test_logins_that_carry_it_in_base64_are_gone_as_a_whole(value, user, encode):
    veil = veil_over(value)
    plain = encode(b"\0" + user.encode() + b"\0" + value.encode()).decode()
    basic = encode(f"{user}:{value}".encode()).decode()
    assert veil.hide(f"AUTH PLAIN {plain}") == f"AUTH PLAIN {SIGN}"
    assert veil.hide(f"Authorization: Basic {basic} was refused") == f"Authorization: Basic {SIGN} was refused"
    assert veil.hide(encode(value.encode()).decode()) == SIGN
    assert veil.hide(encode(f"{user}{value}{user}".encode()).decode()) == SIGN


@given(VALUES, VALUES)
def test_values_that_overlap_are_both_gone(first, second):
    text = first[:-1] + second + first[-1] + second + first
    hidden = veil_over(first, second).hide(text)
    assert first not in hidden
    assert second not in hidden


def test_one_value_inside_another_leaves_nothing_of_the_longer_one():
    assert veil_over("hunter", "xhunter2y").hide("a xhunter2y b hunter c") == f"a {SIGN} b {SIGN} c"


def test_repeated_parts_of_a_value_leave_nothing_over():
    assert veil_over("abab").hide("ababab!") == f"{SIGN}!"


def test_another_letter_case_does_not_help():
    assert veil_over("hunter2").hide("535 HUNTER2 is wrong, İ Hunter2") == f"535 {SIGN} is wrong, İ {SIGN}"


@pytest.mark.parametrize("value", ["", "a", "587"])
def test_very_short_values_are_not_searched_for(value):
    assert veil_over(value).hide("port 587 and a") == "port 587 and a"


def test_a_hostile_text_takes_no_time():
    veil = veil_over("aaaaaaaa", "AAAAhunter2")
    started = time.monotonic()
    veil.hide("a" * 20_000)
    veil.hide(base64.b64encode(b"aaaaaaaa" * 10_000).decode())
    assert time.monotonic() - started < 5
