"""A Postmark account that is brought to what the spec says: made, changed by hand, brought back, adopted."""

import pytest
from postmark_desk import TOKEN_REFERENCE, WEBHOOK_PASSWORD, Desktop, recorded

from sendspec.esp.managing import Removal, load_manager
from sendspec.model.live import Failure
from sendspec.model.plan import Action, Stage

SERVER = "server/northwind-production"
DOMAIN = "domain/mail.northwind.example"
STREAM = "message-stream/newsletter"
WEBHOOK = "webhook/receipts"


def test_an_empty_account_becomes_what_the_spec_says(world):
    world.is_on_the_wire = True
    assert set(world.all_differences()) == set(world.wanted)
    outcomes = world.apply()
    assert [outcome.failure for outcome in outcomes] == [None] * len(world.wanted)
    assert world.all_differences() == {}
    assert set(world.owned) == set(world.wanted)
    assert all(world.owned.values())


def test_a_second_run_changes_nothing(made):
    assert made.apply() == []
    assert made.estate.changes() == []


def test_the_token_of_a_new_server_is_where_the_spec_keeps_it(made):
    assert [made.store.values[TOKEN_REFERENCE]] == made.server()["ApiTokens"]


def set_handling(world):
    world.estate.streams[world.server()["ID"]]["newsletter"]["SubscriptionManagementConfiguration"] = {
        "UnsubscribeHandlingType": "Postmark"
    }


def webhook(world):
    hooks = world.estate.webhooks[world.server()["ID"]].values()
    return next(each for each in hooks if each["MessageStream"] == "receipts")


BY_HAND = {
    "SmtpApiActivated": (SERVER, lambda world: world.server().update(SmtpApiActivated=False)),
    "EnableSmtpApiErrorHooks": (SERVER, lambda world: world.server().update(EnableSmtpApiErrorHooks=False)),
    "TrackOpens": (SERVER, lambda world: world.server().update(TrackOpens=True)),
    "TrackLinks": (SERVER, lambda world: world.server().update(TrackLinks="HtmlOnly")),
    "ReturnPathDomain": (
        DOMAIN,
        lambda world: next(
            each for each in world.estate.domains.values() if each["Name"] == "mail.northwind.example"
        ).update(ReturnPathDomain="other.mail.northwind.example"),
    ),
    "SubscriptionManagementConfiguration.UnsubscribeHandlingType": (STREAM, set_handling),
    "Url": (WEBHOOK, lambda world: webhook(world).update(Url="https://elsewhere.example/")),
    "HttpAuth.Password": (
        WEBHOOK,
        lambda world: webhook(world).update(HttpAuth={"Username": "postmark", "Password": "guessed-by-nobody"}),
    ),
    "HttpAuth.Username": (
        WEBHOOK,
        lambda world: webhook(world).update(HttpAuth={"Username": "other", "Password": WEBHOOK_PASSWORD}),
    ),
    "Triggers.Bounce.Enabled": (WEBHOOK, lambda world: webhook(world)["Triggers"]["Bounce"].update(Enabled=False)),
    "Triggers.Open.PostFirstOpenOnly": (
        WEBHOOK,
        lambda world: webhook(world)["Triggers"]["Open"].update(PostFirstOpenOnly=True),
    ),
}


@pytest.mark.parametrize("path", BY_HAND)
def test_a_change_by_hand_is_seen_in_its_path_alone_and_taken_back(made, path):
    key, change = BY_HAND[path]
    change(made)
    assert made.all_differences() == {key: [path]}
    (outcome,) = made.apply()
    assert outcome.failure is None
    assert made.all_differences() == {}
    assert made.apply() == []


@pytest.mark.parametrize("path", BY_HAND)
def test_what_is_sent_is_what_differs_and_nothing_else(made, path):
    key, change = BY_HAND[path]
    change(made)
    made.apply()
    (call,) = [each for each in recorded(made.estate) if each["method"] != "GET"]
    assert list(call["body"]) == [path.partition(".")[0]]
    assert call["method"] == ("PATCH" if key == STREAM else "PUT")


@pytest.mark.parametrize("key", [DOMAIN, STREAM, WEBHOOK])
def test_what_was_removed_by_hand_is_made_again(made, key):
    world = made
    number = world.server()["ID"]
    if key == DOMAIN:
        world.estate.domains = {
            each: domain for each, domain in world.estate.domains.items() if domain["Name"] != "mail.northwind.example"
        }
    elif key == STREAM:
        del world.estate.streams[number]["newsletter"]
    else:
        del world.estate.webhooks[number][webhook(world)["ID"]]
    assert world.all_differences() == {key: ["*"]}
    assert [outcome.failure for outcome in world.apply()] == [None]
    assert world.all_differences() == {}


def test_an_account_that_is_right_already_is_adopted_without_a_change(made):
    other = Desktop(made.setup, made.estate, made.store)
    assert other.all_differences() == {}
    found = other.read().found
    for key in other.wanted:
        outcome = other.change(Action.ADOPT, key, found[key].native_id)
        assert (outcome.failure, outcome.native_id) == (None, found[key].native_id)
    assert made.estate.changes() == []


def test_what_exists_is_found_and_never_made_twice(made):
    """Somebody who knows nothing of the account makes everything."""
    other = Desktop(made.setup, made.estate, made.store)
    for key in other.wanted:
        assert other.change(Action.CREATE, key).failure is None
    assert made.estate.changes() == []


def test_what_nothing_wants_any_more_goes(made, variant):
    lines = "      - {role: primary, via: smtp, esp: postmark-main}\napps:"
    smaller = variant(
        ("  newsletter:\n", "  bulk-news:\n"),
        ("news.northwind.example", "more.northwind.example"),
        (lines, lines),
        ("password-reset, newsletter]", "password-reset, bulk-news]"),
        ('account-token"}', 'account-token"}\n      webhook_password: {from: "op://mail/postmark/webhook"}'),
        lock="",
    )
    world = Desktop(smaller, made.estate, made.store, made.owned)
    assert [outcome.failure for outcome in world.apply()] == [None] * 6
    streams = world.estate.streams[world.server()["ID"]]
    assert streams["newsletter"]["ArchivedAt"]
    assert not streams["bulk-news"]["ArchivedAt"]
    assert {each["Name"] for each in world.estate.domains.values()} == {
        "mail.northwind.example",
        "auth.northwind.example",
        "more.northwind.example",
    }
    hooks = world.estate.webhooks[world.server()["ID"]].values()
    assert sorted(each["MessageStream"] for each in hooks) == ["bulk-news", "password-reset", "receipts"]
    assert world.all_differences() == {}
    assert world.apply() == []


@pytest.mark.parametrize("key", [DOMAIN, STREAM, WEBHOOK])
def test_removing_what_is_gone_is_done(made, key):
    for _ in range(2):
        outcome = made.change(Action.DELETE, key, made.owned[key])
        assert outcome.failure is None


def test_a_resource_that_is_gone_is_not_made_by_an_update(made):
    for key in (DOMAIN, STREAM, WEBHOOK):
        made.change(Action.DELETE, key, made.owned[key])
    del made.estate.streams[made.server()["ID"]]["newsletter"]
    made.estate.calls.clear()
    for key in (DOMAIN, STREAM, WEBHOOK):
        outcome = made.change(Action.UPDATE, key, made.owned[key])
        assert outcome.failure is Failure.REFUSED
        assert outcome.fix == "plan again"
    assert made.estate.changes() == []


def test_a_kind_that_nobody_knows_is_refused(made):
    assert made.change(Action.CREATE, "template/welcome").failure is Failure.REFUSED


def test_requests_are_what_the_vendors_old_description_says(world, open_api):
    """It knows servers and domains; of what is newer, only that it leads nowhere."""
    world.apply()
    BY_HAND["TrackOpens"][1](world)
    BY_HAND["ReturnPathDomain"][1](world)
    world.apply()
    for key in list(world.owned):
        if key.startswith("domain/"):
            world.change(Action.VERIFY, key, world.owned[key])
            world.change(Action.DELETE, key, world.owned[key])
    apis = [open_api("postmark/account"), open_api("postmark/server")]
    newer = ("DeliveryType", "EnableSmtpApiErrorHooks")
    checked = 0
    for call in recorded(world.estate):
        if "/message-streams" in call["url"] or "/webhooks" in call["url"]:
            continue
        if isinstance(call.get("body"), dict):
            call["body"] = {name: value for name, value in call["body"].items() if name not in newer}
        assert [] in [api.problems(call) for api in apis], call
        checked += 1
    assert checked > 15


def test_the_kinds_are_those_of_the_resources_and_name_paths_that_exist(world):
    manager = load_manager("postmark")
    assert {each.kind for each in world.wanted.values()} == set(manager.kinds)
    for resource in world.wanted.values():
        kind = manager.kinds[resource.kind]
        for path in {*kind.later, *kind.create_only}:
            assert path in resource.properties
        for text in (kind.without, *kind.meanings.values()):
            said = text.format(streams="receipts", before="a", after="b")
            assert said
            assert "{" not in said
        assert kind.source.startswith("https://postmarkapp.com/developer/")


def test_a_server_goes_by_hand_and_a_stream_into_the_archive():
    kinds = load_manager("postmark").kinds
    assert kinds["server"].removal is Removal.BY_HAND
    assert kinds["message-stream"].removal is Removal.ARCHIVE
    assert kinds["webhook"].stage is Stage.EVENTS
    assert {kind for kind, each in kinds.items() if each.is_verified_by_dns} == {"domain"}


def test_only_what_was_asked_for_is_read(made):
    made.read({DOMAIN})
    assert {call.path.split("/")[1] for call in made.estate.calls} == {"domains"}
    assert set(made.read({WEBHOOK}).found) == {WEBHOOK}
    assert made.read(set()).found == {}
