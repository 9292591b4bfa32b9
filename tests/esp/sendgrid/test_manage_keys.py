"""Keys that streams send with: one each, its secret in its store, or none at all."""

import json
from contextlib import suppress

import pytest
from sendgrid_estate import MANAGE, MANAGED, SEND, Estate, KilledError, tracking

from sendspec.model.live import Failure
from sendspec.model.plan import Action

KEY = "api-key/sendgrid-eu.api_key"
NAME = "sendgrid-eu.api_key"


@pytest.fixture
def made(variant):
    """Give an account that holds what the spec says, and that sendspec remembers as its own."""
    with Estate(variant(MANAGED), is_direct=True) as estate:
        yield estate.remembered()


@pytest.fixture
def keyless(made):
    """Give an account that lacks nothing but its key for sending."""
    forget(made)
    return made


def forget(estate):
    for secret in set(estate.user.keys) - estate.user.managing:
        del estate.user.keys[secret], estate.user.names[secret]
    estate.owned.pop(KEY, None)
    estate.vault.values.pop(SEND, None)


def sending(estate):
    return [secret for secret in estate.user.keys if estate.user.names[secret] == NAME]


def foreign(estate, number=1, name=NAME):
    """Let somebody make a key in the app."""
    secret = f"SG.foreign{number}foreign{number}.{'x' * 43}"
    estate.user.keys[secret], estate.user.names[secret] = frozenset({"mail.send"}), name
    return secret


def creation(estate):
    [change] = [change for change in estate.plan().changes if change.subject == KEY]
    assert change.action is Action.CREATE
    return change


def test_a_key_has_exactly_the_scopes_of_its_streams_and_its_secret_is_where_the_spec_keeps_it(keyless):
    outcome = keyless.apply(creation(keyless))
    [secret] = sending(keyless)
    assert outcome.native_id == secret.split(".")[1]
    assert keyless.vault.values[SEND] == secret
    assert keyless.user.keys[secret] == {"mail.send"}
    assert secret not in repr(keyless.said)


def test_a_second_run_makes_no_second_key(keyless):
    keyless.work(tracking)
    assert keyless.differences() == {}
    assert len(sending(keyless)) == 1


def test_scopes_that_sendgrid_adds_by_itself_are_no_difference_and_wider_ones_are(made):
    [secret] = sending(made)
    made.user.keys[secret] = frozenset({"mail.send", "sender_verification_legacy", "sender_verification_exempt"})
    assert made.differences() == {}
    made.user.keys[secret] |= {"api_keys.create", "alerts.read"}
    [change] = made.plan().changes
    [difference] = change.differences
    assert (difference.before, difference.after) == (["mail.send", "alerts.read", "api_keys.create"], ["mail.send"])
    made.apply(change)
    assert made.user.keys[secret] == {"mail.send"}


def test_a_key_that_was_renamed_is_known_by_its_secret(made):
    [secret] = sending(made)
    made.user.names[secret] = "Tom's key"
    assert made.differences() == {KEY: ["name"]}
    made.work(tracking)
    assert made.user.names[secret] == NAME


def test_a_store_that_refuses_gets_the_key_removed_again(keyless):
    keyless.vault.refuses = "no right to write"
    outcome = keyless.apply(creation(keyless))
    assert (outcome.failure, outcome.fix) == (Failure.NEEDS, "allow writing")
    assert "no right to write" in outcome.said
    assert sending(keyless) == []
    keyless.vault.refuses = ""
    keyless.work(tracking)
    assert sending(keyless) == [keyless.vault.values[SEND]]


def test_a_key_that_could_not_be_removed_again_is_removed_by_the_next_run(keyless):
    keyless.vault.refuses = "no right to write"
    keyless.fault_on = lambda call: "before:500" if call.method == "DELETE" else ""
    outcome = keyless.apply(creation(keyless))
    assert outcome.failure is Failure.UNKNOWN
    assert "nobody has its secret" in outcome.said
    assert len(sending(keyless)) == 1
    keyless.fault_on, keyless.vault.refuses = (lambda _call: ""), ""
    keyless.work(tracking)
    assert sending(keyless) == [keyless.vault.values[SEND]]


@pytest.mark.parametrize("lost", ["after:reset", "after:timeout", "after:500", "after:<html>"])
def test_a_key_whose_answer_was_lost_goes_and_another_one_is_made(keyless, lost):
    number = 0

    def fault(call):
        nonlocal number
        number += call.method == "POST"
        return lost if call.method == "POST" and number == 1 else ""

    keyless.fault_on = fault
    outcome = keyless.apply(creation(keyless))
    assert outcome.failure is None
    assert sending(keyless) == [keyless.vault.values[SEND]]


def test_a_key_whose_answer_is_lost_every_time_leaves_nothing_behind(keyless):
    keyless.fault_on = lambda call: "after:reset" if call.method == "POST" else ""
    outcome = keyless.apply(creation(keyless))
    assert outcome.failure is Failure.LATER
    assert sending(keyless) == []
    assert SEND not in keyless.vault.values


@pytest.mark.parametrize("call", range(10))
def test_killed_anywhere_there_is_one_key_in_the_end_and_its_secret_is_kept(keyless, call):
    change = creation(keyless)
    keyless.kill_after = len(keyless.calls) + call
    with suppress(KilledError):
        keyless.apply(change)
    keyless.kill_after = None
    keyless.work(tracking)
    keyless.work(tracking)
    assert sending(keyless) == [keyless.vault.values[SEND]]
    assert keyless.differences() == {}
    assert keyless.plan().notes == []


def test_killed_while_it_cleans_up_there_is_one_key_in_the_end(keyless):
    """The first run is killed after the POST, the second after the secret is kept and before the old key is gone."""
    change = creation(keyless)
    keyless.kill_after = next_post(keyless)
    with pytest.raises(KilledError):
        keyless.apply(change)
    assert len(sending(keyless)) == 1
    keyless.kill_after = None
    again = creation(keyless)
    keyless.fault_on = lambda call: "before:reset" if call.method == "DELETE" else ""
    assert keyless.apply(again).failure is Failure.UNKNOWN
    assert len(sending(keyless)) == 2
    keyless.fault_on = lambda _call: ""
    keyless.work(tracking)
    assert sending(keyless) == [keyless.vault.values[SEND]]


def next_post(estate):
    """Give the number of the POST that a creation makes: it lists, then posts."""
    return len(estate.calls) + 1


def test_a_key_of_that_name_that_is_not_ours_is_said_and_never_doubled(keyless):
    foreign(keyless)
    found = keyless.plan()
    assert [change for change in found.changes if change.subject == KEY] == []
    [note] = found.notes
    assert "its secret cannot be seen" in note
    assert keyless.changing() == []


def test_a_key_of_that_name_that_appeared_since_the_plan_is_never_doubled_nor_removed(keyless):
    change = creation(keyless)
    secret = foreign(keyless)
    outcome = keyless.apply(change)
    assert outcome.failure is Failure.REFUSED
    assert SEND in outcome.said
    assert sending(keyless) == [secret]


def test_a_store_that_holds_the_secret_of_another_key_is_said(made):
    made.vault.values[SEND] = foreign(made, 2, "another")
    del made.user.keys[made.vault.values[SEND]]
    found = made.plan()
    assert found.changes == []
    assert any("holds another value than its secret" in note for note in found.notes)


def test_a_store_that_cannot_be_read_says_nothing_about_a_key_of_ours(made):
    made.vault.cannot_read = True
    found = made.plan()
    assert (found.changes, found.notes) == ([], [])


def test_two_keys_of_one_name_are_said(made):
    foreign(made)
    assert made.differences() == {}
    assert any("more than one key named" in note for note in made.plan().notes)


def test_the_hundredth_key_is_the_last(keyless):
    for number in range(120):
        foreign(keyless, number, f"k{number}")
    outcome = keyless.apply(creation(keyless))
    assert outcome.failure is Failure.REFUSED
    assert "allows 100 keys" in outcome.said


def test_a_key_that_is_gone_is_made_anew(made):
    [old] = sending(made)
    del made.user.keys[old], made.user.names[old]
    made.work(tracking)
    [new] = sending(made)
    assert new != old
    assert made.vault.values[SEND] == new


def test_an_answer_in_the_shape_of_the_description_is_read_too(made):
    """tsg_api_keys_v3.json has the key in a list of one."""
    [secret] = sending(made)
    body = {"result": [{"api_key_id": secret.split(".")[1], "name": NAME, "scopes": ["mail.send"]}]}
    made.fault_on = lambda call: f"before:{json.dumps(body)}" if call.path.startswith("/v3/api_keys/") else ""
    assert made.differences() == {}


def test_the_key_that_manages_is_no_key_of_the_subuser(made):
    assert MANAGE in made.vault.values
    assert set(made.read().found) == {each.key for each in made.resources()}
