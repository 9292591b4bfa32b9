"""Message streams at Postmark: archived and restored, never deleted, and the same type for ever."""

import pytest
from postmark_desk import Desktop

from sendspec.model.live import Failure
from sendspec.model.plan import Action

ID = "newsletter"
KEY = f"message-stream/{ID}"


def streams(world: Desktop) -> dict:
    return world.estate.streams[world.server()["ID"]]


def test_an_archived_stream_is_none_and_is_restored(made):
    made.change(Action.DELETE, KEY, ID)
    assert streams(made)[ID]["ArchivedAt"]
    live = made.read()
    assert KEY not in live.found
    assert any("2027-01-10" in note for note in live.notes)
    made.estate.calls.clear()
    (outcome,) = made.apply()
    assert outcome.failure is None
    assert "restored" in outcome.notes[0]
    assert made.estate.changes() == [f"POST /message-streams/{ID}/unarchive"]
    assert made.all_differences() == {}


def test_archiving_says_until_when_it_can_be_undone(made):
    outcome = made.change(Action.DELETE, KEY, ID)
    assert outcome.failure is None
    assert "2027-01-10" in outcome.notes[0]


def test_archiving_twice_is_done(made):
    made.change(Action.DELETE, KEY, ID)
    made.estate.calls.clear()
    assert made.change(Action.DELETE, KEY, ID).failure is None
    assert made.estate.changes() == []


def test_a_restored_stream_is_brought_to_what_is_wanted(made):
    made.change(Action.DELETE, KEY, ID)
    streams(made)[ID]["Name"] = "renamed meanwhile"
    made.apply()
    assert made.all_differences() == {}


@pytest.mark.parametrize("default", ["outbound", "inbound", "broadcast"])
def test_a_default_stream_stays(made, default):
    outcome = made.change(Action.DELETE, f"message-stream/{default}", default)
    assert outcome.failure is None
    assert "stays" in outcome.notes[0]
    assert made.estate.changes() == []


def test_a_default_stream_keeps_the_name_that_postmark_gave_it(variant):
    route = "      - {role: primary, via: api, esp: postmark-main}\n"
    chosen = route.replace("}\n", ", settings: {message_stream: outbound}}\n")
    world = Desktop(variant((route, chosen), lock=""))
    world.store.inputs["webhook_password"] = "chosen"
    world.apply()
    assert streams(world)["outbound"]["Name"] == "Default Transactional Stream"
    assert world.all_differences() == {}
    assert world.apply() == []


@pytest.mark.parametrize("action", [Action.CREATE, Action.REPLACE])
def test_another_type_is_refused_and_nothing_archived(made, action):
    streams(made)[ID]["MessageStreamType"] = "Transactional"
    assert made.differences(KEY) == ["MessageStreamType"]
    outcome = made.change(action, KEY, ID)
    assert outcome.failure is Failure.REFUSED
    assert "another id" in outcome.fix
    assert made.estate.changes() == []


def test_custom_unsubscribe_handling_needs_postmarks_permission(world):
    world.estate.may_custom_unsubscribe = False
    outcomes = [outcome for outcome in world.apply() if outcome.failure]
    assert {outcome.failure for outcome in outcomes} == {Failure.REFUSED}
    assert "ask Postmark's support" in outcomes[0].fix
    world.estate.may_custom_unsubscribe = True
    world.apply()
    assert world.all_differences() == {}


def test_an_eleventh_stream_is_refused_with_what_to_do(made):
    for number in range(4):
        streams(made)[f"other-{number}"] = dict(streams(made)["receipts"], ID=f"other-{number}")
    del streams(made)[ID]
    streams(made)["other-5"] = dict(streams(made)["receipts"], ID="other-5")
    (outcome, *_) = made.apply()
    assert outcome.failure is Failure.REFUSED
    assert "ErrorCode 1225" in outcome.said
    assert "second server" in outcome.fix


def test_a_stream_of_a_server_that_is_gone_is_gone(made):
    made.estate.servers.clear()
    del made.store.values["op://mail/postmark/server-token"]
    assert made.change(Action.DELETE, KEY, ID).failure is None
    assert made.change(Action.CREATE, KEY).failure is Failure.REFUSED


def test_an_empty_description_is_none(variant):
    extra = "{server: northwind-production, extra: {message_stream: {Description: ''}}}"
    world = Desktop(variant(("{server: northwind-production}", extra), lock=""))
    world.store.inputs["webhook_password"] = "chosen"
    world.apply()
    for stream in streams(world).values():
        stream["Description"] = None
    assert world.all_differences() == {}
