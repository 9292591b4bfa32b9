"""Answers that Postmark never gave: nothing raises, nothing is believed, nothing secret or endless comes through."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postmark_desk import MANAGER, Desktop, change_of

from sendspec.model.live import LiveAccount, Outcome
from sendspec.model.plan import Action
from sendspec.model.stand_in import ApiAnswer

KINDS = {"server", "domain", "message-stream", "webhook"}
BODIES = {
    "a page": b"<html><body>It works!</body></html>",
    "nothing": b"",
    "no object": b"[]",
    "null": b"null",
    "another object": b'{"ok": true}',
    "deep": b'{"Servers":' * 5_000 + b"1" + b"}" * 5_000,
    "wrong types": json.dumps(
        {"TotalCount": "many", "Servers": {}, "Domains": 7, "MessageStreams": "none", "Webhooks": None}
    ).encode(),
    "wrong members": json.dumps(
        {
            "TotalCount": 1,
            "Servers": [{"ID": "x", "Name": []}],
            "Domains": [None],
            "MessageStreams": [[]],
            "Webhooks": [{"ID": {}}],
        }
    ).encode(),
    "no UTF-8": b'{"TotalCount": 0, "Servers": [], "Domains": [], "x": "\xff\xfe"}',
    "huge": b'{"Servers": "' + b"x" * 9_000_000 + b'"}',
    "a long number": b'{"TotalCount": ' + b"9" * 10_000 + b', "Servers": []}',
}
ACTIONS = (Action.CREATE, Action.UPDATE, Action.DELETE, Action.REPLACE, Action.VERIFY)
SAMPLE = (
    "server/northwind-production",
    "domain/mail.northwind.example",
    "message-stream/newsletter",
    "webhook/receipts",
)


@pytest.mark.parametrize("body", BODIES)
def test_an_answer_that_is_none_leaves_everything_unread(made, body):
    made.site = lambda _call: ApiAnswer(200, (), BODIES[body])
    live = made.read()
    assert set(live.unread) == KINDS
    assert live.found == {}
    assert live.issued == {}
    assert all(each.reason and each.fix and len(each.reason) < 200 for each in live.unread.values())


@pytest.mark.parametrize("status", [204, 301, 302, 400, 403, 404, 418, 502])
def test_a_status_that_is_no_answer_leaves_everything_unread_and_changes_nothing(made, status):
    made.site = lambda _call: ApiAnswer(status, (("Location", "http://192.0.2.1/"),), b"")
    assert set(made.read({each for each in SAMPLE if not each.startswith("message")}).unread) == KINDS - {
        "message-stream"
    }
    for action in ACTIONS:
        for key in SAMPLE:
            outcome = made.change(action, key, made.owned[key])
            assert isinstance(outcome, Outcome)


@pytest.mark.parametrize("body", [each for each in BODIES if each != "huge"])
def test_a_change_that_meets_such_an_answer_is_no_success(made, body):
    made.site = lambda _call: ApiAnswer(200, (), BODIES[body])
    for key in SAMPLE:
        assert made.change(Action.CREATE, key).failure is not None
        assert made.change(Action.UPDATE, key, made.owned[key]).failure is not None


def test_pages_without_end_come_to_an_end(made):
    page = json.dumps({"TotalCount": 10**9, "Domains": [{"ID": 1, "Name": "a.example"}] * 500, "Servers": []}).encode()
    stranger = Desktop(made.setup, made.estate, made.store, site=lambda _call: ApiAnswer(200, (), page))
    live = stranger.read({"domain/mail.northwind.example"})
    assert "not all were read" in live.unread["domain"].reason
    assert stranger.count == 100


def test_long_texts_are_cut(made):
    made.server()["Name"] = "x" * 100_000
    (key,) = [each for each in SAMPLE if each.startswith("server")]
    assert len(str(made.read({key}).found[key].properties["Name"])) < 600


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    [
        *("ID", "Name", "ApiTokens", "TotalCount", "Servers", "Domains", "ReturnPathDomain", "DKIMPendingHost"),
        *("DKIMPendingTextValue", "DKIMHost", "MessageStreams", "MessageStreamType", "ArchivedAt", "Webhooks", "Url"),
        *("MessageStream", "HttpAuth", "HttpHeaders", "Triggers", "ErrorCode", "Message", "DeliveryType", "Status"),
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_member_of_any_answer_can_raise(made, data):
    """Answers of the stand-in with members put in place of others."""
    place = data.draw(MEMBERS)
    value = data.draw(JSON)
    status = data.draw(st.sampled_from([200, 200, 422, 500]))

    def twist(part):
        if isinstance(part, dict):
            return {name: value if name == place else twist(each) for name, each in part.items()}
        return [twist(each) for each in part] if isinstance(part, list) else part

    other = Desktop(made.setup, made.estate, made.store, dict(made.owned))
    honest = made.estate.answer

    def answer(call):
        if call.method != "GET":
            return ApiAnswer(status, (), json.dumps({place: value}).encode())
        return ApiAnswer(status, (), json.dumps(twist(json.loads(honest(call).body))).encode())

    other.site = answer
    assert isinstance(other.run(lambda desk: _read(desk, other)), LiveAccount)
    action = data.draw(st.sampled_from(ACTIONS))
    key = data.draw(st.sampled_from(SAMPLE))
    assert isinstance(other.run(lambda desk: _change(desk, other, action, key)), Outcome)


async def _read(desk, world):
    return await MANAGER.read(desk, set(world.wanted))


async def _change(desk, world, action, key):
    after = None if action is Action.DELETE else world.wanted[key].properties
    return await MANAGER.apply(desk, change_of(key, action, None, after, native_id=world.owned[key]))
