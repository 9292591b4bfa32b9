"""SendGrid slow, broken, hostile, out of reach; keys that may not; and being killed after every call."""

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sendgrid_estate import ACCOUNT, MANAGE, MANAGED, SEND, Estate, KilledError, by_path, tracking

from sendspec.model.live import Failure
from sendspec.model.plan import Action

ONCE = [
    f"{moment}:{kind}"
    for moment, kind in itertools.product(["before", "after"], ["429", "500", "503", "reset", "timeout"])
    if (moment, kind) != ("after", "429")
]
SCOPES = {
    "subuser": "subusers.read",
    "authenticated-domain": "whitelabel.read",
    "link-branding": "whitelabel.read",
    "event-webhook": "user.webhooks.event.settings.read",
    "event-webhook-signature": "user.webhooks.event.settings.read",
    "api-key": "api_keys.read",
    "tracking": "tracking_settings.click.read",
}


@pytest.fixture
def empty(variant):
    def make(*, is_direct: bool = True) -> Estate:
        return Estate(variant(MANAGED), is_direct=is_direct).emptied()

    return make


@pytest.fixture
def made(variant):
    with Estate(variant(MANAGED), is_direct=True) as estate:
        yield estate.remembered()


def assert_whole(estate):
    """Everything is there once, nothing is open, and the key works."""
    assert estate.differences() == {}
    found = estate.plan()
    assert (found.unread, found.notes) == ([], [])
    user = estate.user
    assert sorted(each["domain"] for each in user.domains) == ["auth.northwind.example", "news.northwind.example"]
    assert sorted(each["domain"] for each in user.links) == ["auth.northwind.example", "news.northwind.example"]
    assert len(user.webhooks) == 1
    assert [secret for secret in user.keys if secret not in user.managing] == [estate.vault.values[SEND]]


def once(fault):
    """Let the first call of each kind that changes something suffer it."""
    seen = set()

    def decide(call):
        kind = (call.method, by_path(call))
        if call.method == "GET" or kind in seen:
            return ""
        seen.add(kind)
        return fault

    return decide


@pytest.mark.parametrize(
    ("fault", "is_direct"), [*((fault, True) for fault in ONCE), ("after:reset", False), ("before:reset", False)]
)
def test_trouble_with_the_first_call_of_every_kind_leaves_nothing_double_and_nothing_open(empty, fault, is_direct):
    with empty(is_direct=is_direct) as estate:
        estate.fault_on = once(fault)
        # one run for each kind whose first call may have been lost before it was done
        for _ in range(6 if fault in {"before:reset", "before:timeout"} else 1):
            estate.work(tracking)
        assert_whole(estate)


@pytest.mark.parametrize("fault", ["before:reset", "before:timeout"])
def test_an_answer_that_is_lost_is_unknown_until_a_look_tells(empty, fault):
    with empty() as estate:
        estate.fault_on = once(fault)
        done = estate.work(tracking)
        assert done[0][0].subject == "subuser/northwind-eu"
        assert [outcome.failure for _, outcome in done] == [Failure.UNKNOWN]
        assert estate.changing() == ["POST /v3/subusers"]
        estate.fault_on = lambda _call: ""
        estate.work(tracking)
        assert_whole(estate)


def test_killed_after_every_single_call_the_next_run_finishes(variant):
    with Estate(variant(MANAGED), is_direct=True).emptied() as estate:
        estate.work(tracking)
        calls = len(estate.calls)
    assert calls > 40
    for position in range(calls):
        with Estate(variant(MANAGED), is_direct=True).emptied() as estate:
            estate.kill_after = position
            with pytest.raises(KilledError):
                estate.work(tracking)
            estate.kill_after = None
            estate.work(tracking)
            assert_whole(estate)


def test_too_many_calls_are_waited_for_until_the_time_that_sendgrid_says(made):
    made.faults = {0: "before:429"}
    assert made.differences() == {}
    [wait] = made.pauses
    assert 29 <= wait <= 31


def test_too_many_calls_for_longer_than_a_minute_is_later(made):
    made.user.tracking["open"] = True
    [change] = made.plan().changes
    made.fault_on = lambda call: "before:429" if call.method == "PATCH" else ""
    made.pauses.clear()
    outcome = made.apply(change)
    assert outcome.failure is Failure.LATER
    assert sum(made.pauses) <= 60
    assert "too many requests" in outcome.said


@pytest.mark.parametrize(
    ("status", "failure"), [("500", Failure.UNKNOWN), ("401", Failure.NEEDS), ("403", Failure.NEEDS)]
)
def test_a_change_that_is_refused_or_fails_says_so_and_stops_asking(made, status, failure):
    made.user.webhooks[0]["click"] = False
    [change] = made.plan().changes
    made.fault_on = lambda call: f"before:{status}" if call.method == "PATCH" else ""
    made.calls.clear()
    outcome = made.apply(change)
    assert outcome.failure is failure
    assert outcome.fix
    assert len(made.calls) <= 5


@pytest.mark.parametrize("kind", SCOPES)
def test_a_scope_that_is_missing_leaves_its_kind_unread_and_is_named(made, kind):
    scope = SCOPES[kind]
    [manage] = made.user.managing
    made.user.keys[manage] -= {scope}
    live = made.read()
    assert kind in live.unread
    assert set(live.unread) == {name for name, needed in SCOPES.items() if needed == scope}
    assert scope in live.unread[kind].fix
    assert MANAGE in live.unread[kind].fix
    assert not [key for key in live.found if key.startswith(f"{kind}/")]
    assert made.plan().changes == []


@pytest.mark.parametrize(
    ("verb", "path", "scope"),
    [
        ("POST", "/v3/whitelabel/domains", "whitelabel.create"),
        ("POST", "/v3/api_keys", "api_keys.create"),
        ("POST", "/v3/user/webhooks/event/settings", "user.webhooks.event.settings.create"),
        ("PATCH", "/v3/tracking_settings/open", "tracking_settings.open.update"),
    ],
)
def test_a_scope_that_a_change_needs_is_named(empty, verb, path, scope):
    with empty() as estate:
        [manage] = estate.user.managing
        estate.user.keys[manage] -= {scope}
        done = estate.work(tracking)
        failed = [outcome for _, outcome in done if outcome.failure is Failure.NEEDS and scope in outcome.fix]
        assert failed
        assert f"{verb} {path}" in failed[0].said


def test_a_key_that_sendgrid_does_not_know_leaves_the_whole_account_unread(made):
    made.vault.values[MANAGE] = "SG.somebody.else"
    live = made.read()
    assert set(live.unread) == {""}
    assert MANAGE in live.unread[""].fix
    assert len(made.calls) == 1


def test_without_a_managing_key_the_account_is_unread_with_a_cure(made, variant):
    del made.vault.values[MANAGE]
    live = made.read()
    assert "nothing is kept at" in live.unread[""].reason
    assert live.unread[""].fix == "put it there"
    made.with_setup(variant(("streams:\n", "    managed: apply\nstreams:\n")))
    live = made.read()
    assert "names no key" in live.unread[""].reason
    assert "whitelabel.delete" in live.unread[""].fix
    assert made.calls == []


HOSTILE = {
    "a page": "<html><body>Sign in</body></html>",
    "nothing": " ",
    "a number": "42",
    "a list of nonsense": '[{"id": {}, "domain": 7}]',
    "wrong types": '{"result": {"a": 1}, "webhooks": "none", "enabled": "perhaps", "scopes": 7}',
    "deep": "[" * 5000,
    "an identifier that climbs": '{"result": [{"api_key_id": "../user/profile", "name": "x"}], "webhooks": '
    '[{"id": "../../x", "url": "https://x.example", "enabled": true}]}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_that_is_not_sendgrids_leaves_its_kind_unread(made, body):
    made.fault_on = lambda call: f"before:{body}" if call.host == "api.eu.sendgrid.com" else ""
    live = made.read()
    assert set(live.unread) == set(SCOPES) - {"subuser"}
    assert set(live.found) == {"subuser/northwind-eu"}
    assert all(len(each.reason) < 250 and each.reason.isprintable() for each in live.unread.values())


def test_an_answer_without_end_is_not_waited_for(variant):
    with Estate(variant(MANAGED)) as estate:
        estate.fault_on = lambda call: f"before:{'[' + ' ' * 1_200_000}" if "api_keys" in call.path else ""
        live = estate.read()
        assert set(live.unread) == {"api-key"}


def test_words_of_sendgrid_are_cut_short_and_hold_no_secret_and_no_control_character(made):
    made.user.tracking["open"] = True
    [change] = made.plan().changes
    words = f"\\u001b[31m refused {made.vault.values[MANAGE]} " + "x" * 500

    def refuse(call):
        answer = honest(call)
        if call.method != "PATCH":
            return answer
        return replace(answer, status=422, body=f'{{"errors": [{{"message": "{words}"}}]}}'.encode())

    honest = made.stand_in.answer
    made.stand_in.answer = refuse
    outcome = made.apply(change)
    assert outcome.failure is Failure.REFUSED
    assert len(outcome.said) <= 160
    assert "\x1b" not in outcome.said
    assert made.vault.values[MANAGE] not in outcome.said


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_answer_makes_it_raise(made, data):
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "domain", "dns", "result", "webhooks", "url", "errors", "name"]), inner
            )
        ),
        max_leaves=8,
    )
    made.fault_on = lambda _call: "before:" + json.dumps(data.draw(values)) + " "
    live = made.read()
    assert set(live.unread) | {key.partition("/")[0] for key in live.found} <= {*SCOPES, ""}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("kind", SCOPES)
def test_every_action_on_everything_gives_an_outcome_whatever_sendgrid_answers(made, kind, action):
    resource = next(each for each in made.resources() if each.kind == kind)
    change = next(
        change
        for change in [
            replace(template(made), key=f"esp/{ACCOUNT}/{resource.key}", subject=resource.key, action=action)
        ]
    )
    change = replace(change, after=resource.properties if action is not Action.DELETE else None, native_id="1")
    made.fault_on = lambda _call: "before:<html>"
    made.apply(change)
    made.fault_on = lambda _call: "before:404"
    made.apply(change)


def template(estate):
    estate.user.tracking["open"] = True
    [change] = estate.plan().changes
    return change
