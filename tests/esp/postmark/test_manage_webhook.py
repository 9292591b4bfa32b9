"""Webhooks at Postmark: one for each message stream and address, their passwords compared and never shown."""

import pytest
from postmark_desk import MANAGER as POSTMARK
from postmark_desk import WEBHOOK_PASSWORD, WEBHOOK_REFERENCE, Desktop, change_of

from sendspec.model.live import Failure
from sendspec.model.plan import Action

KEY = "webhook/receipts"


def hooks(world: Desktop) -> list[dict]:
    return list(world.estate.webhooks[world.server()["ID"]].values())


def hook(world: Desktop) -> dict:
    return next(each for each in hooks(world) if each["MessageStream"] == "receipts")


def shown(world: Desktop) -> dict:
    return dict(world.read({KEY}).found[KEY].properties)


def test_the_password_of_the_store_is_sent_and_shown_as_where_it_is_kept(made):
    assert hook(made)["HttpAuth"] == {"Username": "postmark", "Password": WEBHOOK_PASSWORD}
    assert shown(made)["HttpAuth"] == {"Username": "postmark", "Password": f"${{secret:{WEBHOOK_REFERENCE}}}"}


def test_another_password_is_not_shown(made):
    hook(made)["HttpAuth"] = {"Username": "postmark", "Password": "guessed-by-nobody"}
    assert shown(made)["HttpAuth"]["Password"] == "‹another value›"
    assert "guessed-by-nobody" not in repr(made.read())


def test_a_webhook_without_a_password_gets_one(made):
    hook(made)["HttpAuth"] = None
    assert set(made.differences(KEY)) == {"HttpAuth.Username", "HttpAuth.Password"}
    made.apply()
    assert made.all_differences() == {}


def test_a_password_that_cannot_be_had_leaves_webhooks_unread(made):
    del made.store.values[WEBHOOK_REFERENCE]
    live = made.read()
    assert set(live.unread) == {"webhook"}
    assert WEBHOOK_REFERENCE in live.unread["webhook"].reason
    assert live.unread["webhook"].fix == "put it there"


def test_a_new_webhook_without_its_password_needs_it(made):
    del made.store.values[WEBHOOK_REFERENCE]
    made.change(Action.DELETE, KEY, made.owned[KEY])
    outcome = made.change(Action.CREATE, KEY)
    assert outcome.failure is Failure.NEEDS
    assert WEBHOOK_REFERENCE in outcome.said


@pytest.fixture
def asked(variant) -> Desktop:
    """Give an account whose webhook password only a person knows."""
    world = Desktop(variant(lock=""))
    world.store.inputs["webhook_password"] = "chosen-by-a-person"
    world.apply()
    assert world.all_differences() == {}
    return world


def test_a_password_that_a_person_chose_is_asked_for_only_when_it_is_set(asked):
    assert hook(asked)["HttpAuth"]["Password"] == "chosen-by-a-person"
    asked.store.inputs.clear()
    assert asked.all_differences() == {}
    assert any("cannot be seen" in note for note in asked.read().notes)
    hook(asked)["Triggers"]["Bounce"]["Enabled"] = False
    assert [outcome.failure for outcome in asked.apply()] == [None]
    assert hook(asked)["HttpAuth"]["Password"] == "chosen-by-a-person"


def test_a_password_that_a_person_gives_is_compared(asked):
    asked.store.inputs["webhook_password"] = "a-new-one"
    assert asked.differences(KEY) == ["HttpAuth.Password"]


def test_a_login_in_the_address_is_not_shown_and_goes(made):
    hook(made)["Url"] = hook(made)["Url"].replace("https://", "https://user:hidden-in-the-url@")
    assert "hidden-in-the-url" not in repr(made.read())
    assert made.differences(KEY) == ["Url"]
    made.apply()
    assert made.all_differences() == {}
    assert len(hooks(made)) == 3


def test_headers_are_compared_by_value_and_not_shown(variant):
    header = (
        '{HttpHeaders: [{Name: Authorization, Value: "${secret:op://mail/hooks/key}"}, {Name: X-Env, Value: live}]}'
    )
    extra = f"{{server: northwind-production, extra: {{webhook: {header}}}}}"
    world = Desktop(variant(("{server: northwind-production}", extra), lock=""))
    world.store.inputs["webhook_password"] = "chosen"
    world.store.values["op://mail/hooks/key"] = "key-of-the-receiver"
    world.apply()
    assert world.all_differences() == {}
    hook(world)["HttpHeaders"][0]["Value"] = "forged"
    live = world.read({KEY})
    assert "forged" not in repr(live)
    assert live.found[KEY].properties["HttpHeaders"][0] == {"Name": "Authorization", "Value": "‹another value›"}
    assert world.differences(KEY) == ["HttpHeaders"]
    world.apply()
    assert world.all_differences() == {}


def test_headers_that_the_spec_does_not_name_are_not_ours(made):
    hook(made)["HttpHeaders"] = [{"Name": "X-Trace", "Value": "secret-of-another"}]
    assert made.all_differences() == {}
    assert "secret-of-another" not in repr(made.read())


def test_a_webhook_whose_receiver_does_not_answer_is_refused_and_nothing_saved(made):
    made.change(Action.DELETE, KEY, made.owned[KEY])
    made.estate.is_verifying_webhooks = False
    outcome = made.change(Action.CREATE, KEY)
    assert outcome.failure is Failure.REFUSED
    assert "ErrorCode 1364" in outcome.said
    assert "answered 200" in outcome.fix
    assert len(hooks(made)) == 2
    made.estate.is_verifying_webhooks = True
    assert made.change(Action.CREATE, KEY).failure is None


def test_a_webhook_that_postmark_has_not_verified_is_said_and_can_be_verified(made):
    hook(made)["Status"] = "unverified"
    assert any("posts no events" in note for note in made.read().notes)
    assert made.change(Action.VERIFY, KEY, made.owned[KEY]).notes == ()
    assert made.read().notes == ()
    made.estate.is_verifying_webhooks = False
    assert "0/5" in made.change(Action.VERIFY, KEY, made.owned[KEY]).notes[0]


def test_a_webhook_of_another_stream_at_the_same_address_is_another_one(made):
    number = made.estate.number()
    made.estate.webhooks[made.server()["ID"]][number] = dict(hook(made), ID=number, MessageStream="outbound")
    assert made.all_differences() == {}
    assert made.read({KEY}).found[KEY].native_id == made.owned[KEY]


def test_a_stranger_at_the_wanted_place_is_adopted_and_not_doubled(made):
    """Nobody remembers the number: stream and address tell."""
    stranger = Desktop(made.setup, made.estate, made.store)
    assert stranger.read({KEY}).found[KEY].native_id == str(hook(made)["ID"])
    assert stranger.change(Action.CREATE, KEY).native_id == str(hook(made)["ID"])
    assert len(hooks(made)) == 3


def test_ours_is_known_by_its_number_when_its_address_has_moved(made):
    """A stranger stands at the address that is wanted; the one that sendspec made stands elsewhere."""
    ours = hook(made)
    number = made.estate.number()
    made.estate.webhooks[made.server()["ID"]][number] = dict(ours, ID=number)
    ours["Url"] = "https://elsewhere.example/"
    assert made.read({KEY}).found[KEY].native_id == str(ours["ID"])
    assert made.differences(KEY) == ["Url"]


def test_a_webhook_that_changes_its_stream_is_made_anew_before_the_old_one_goes(made):
    hook(made)["MessageStream"] = "outbound"
    assert made.differences(KEY) == ["MessageStream"]
    old = made.owned[KEY]
    (outcome,) = made.apply()
    assert outcome.failure is None
    assert outcome.native_id != old
    assert made.estate.changes() == ["POST /webhooks", f"DELETE /webhooks/{old}"]
    assert made.all_differences() == {}
    assert len(hooks(made)) == 3


def test_replacing_twice_leaves_one(made):
    hook(made)["MessageStream"] = "outbound"
    made.apply()
    resource = made.wanted[KEY]
    again = change_of(KEY, Action.REPLACE, None, resource.properties, native_id=made.owned[KEY])
    outcome = made.run(lambda desk: POSTMARK.apply(desk, again))
    assert outcome.failure is None
    assert len(hooks(made)) == 3
    assert made.all_differences() == {}


def test_a_trigger_that_is_newer_than_this_file_is_no_difference(made):
    hook(made)["Triggers"]["Holiday"] = {"Enabled": True}
    assert made.all_differences() == {}


def test_one_webhook_is_not_taken_for_two(variant):
    """Two streams share a message stream; the address of one was changed by hand to that of the other, which was removed."""
    api = "{role: primary, via: api, esp: postmark-main}"
    events = 'events: {url: "https://hooks.northwind.example/mail/{kind}", types: [bounced, complained]}\n'
    route = "    routes:\n      - {role: primary, via: smtp, esp: postmark-main}"
    shared = route.replace("}", ", settings: {message_stream: shared}}")
    setup = variant(
        (api, api.replace("}", ", settings: {message_stream: shared}}")),
        (events + route, events.replace("/mail/", "/other/") + shared),
        lock="",
    )
    world = Desktop(setup)
    world.store.inputs["webhook_password"] = "chosen"
    world.apply()
    first, second = (int(world.owned[key]) for key in ("webhook/shared", "webhook/shared-2"))
    there = world.estate.webhooks[world.server()["ID"]]
    there[first]["Url"] = there.pop(second)["Url"]
    differing = world.all_differences()
    assert differing["webhook/shared-2"] == ["*"]
    assert "Url" in differing["webhook/shared"]
    world.apply()
    assert world.all_differences() == {}
    assert len(there) == 3
