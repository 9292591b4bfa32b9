"""What Postmark is asked with, and what is kept of its answers."""

import json

import pytest
from esp_worlds import World, with_json

from sendspec.esp.interface import KeyPurpose
from sendspec.model.account_state import Access, Aspect
from sendspec.model.vocabulary import Event

HOST = "api.postmarkapp.com"


@pytest.fixture
def world(variant) -> World:
    return World(variant())


def edit(world: World, path: str, change) -> World:
    world.edited(
        HOST,
        lambda call, answer: with_json(answer, change) if call.path == path and answer.status == 200 else answer,
    )
    return world


def test_a_token_that_sends_by_api_and_by_smtp_is_one_key_with_all_its_streams(world):
    key = world.key("postmark-main", KeyPurpose.SEND)
    assert [each.name for each in key.credentials] == ["server_token"]
    assert key.streams == ("newsletter", "password-reset", "receipts")


def test_a_token_of_a_route_is_a_key_of_its_own(variant):
    route = "      - {role: primary, via: api, esp: postmark-main}\n"
    own = route.replace("}\n", ', credentials: {server_token: {from: "op://a/b/c", env: OTHER}}}\n')
    world = World(variant((route, own)))
    assert sorted(key.streams for key in world.keys("postmark-main") if key.purpose is KeyPurpose.SEND) == [
        ("newsletter", "password-reset"),
        ("receipts",),
    ]


def test_an_smtp_token_cannot_ask(variant):
    token = '      server_token: {from: "op://mail/postmark/server-token", env: POSTMARK_SERVER_TOKEN}\n'
    pair = '      smtp_access_key: {from: "op://a/b/c", env: A}\n      smtp_secret_key: {from: "op://a/b/d", env: B}\n'
    world = World(variant((token, token + pair)))
    names = {each.name for key in world.keys("postmark-main") for each in key.credentials}
    assert names == {"server_token", "account_token"}


def test_no_token_of_the_answer_is_kept(world):
    secret = "11111111-2222-3333-4444-555555555555"
    edit(world, "/server", lambda body: body.update(ApiTokens=[secret]))
    edit(
        world,
        "/webhooks",
        lambda body: [each.update(HttpAuth={"Username": "u", "Password": secret}) for each in body["Webhooks"]],
    )
    state = world.ask("postmark-main")
    assert state.access is Access.GOOD
    assert secret not in repr(state)


def test_webhooks_are_seen_stream_by_stream(world):
    state = world.ask("postmark-main")
    assert {each.esp_stream: each.events for each in state.wanted} == {
        "newsletter": {Event.OPENED, Event.CLICKED, Event.UNSUBSCRIBED},
        "password-reset": {Event.BOUNCED, Event.COMPLAINED},
        "receipts": {Event.DELIVERED, Event.BOUNCED, Event.COMPLAINED},
    }
    assert state.webhooks is not None
    seen = {each.esp_stream: each.events for each in state.webhooks}
    assert all(each.events <= seen[each.esp_stream] for each in state.wanted)


def test_webhooks_that_cannot_be_read_are_none_and_not_an_empty_list(world):
    honest = world.sites[HOST]
    world.sites[HOST] = lambda call: (
        world.stand_ins["postmark"].fault(500) if call.path == "/webhooks" else honest(call)
    )
    state = world.ask("postmark-main")
    assert (state.access, state.webhooks) == (Access.GOOD, None)
    assert state.webhooks_hidden == str(Access.BROKEN)


def test_a_broadcast_stream_for_receipts_is_a_difference_in_postmarks_words(world):
    def change(body):
        for each in body["MessageStreams"]:
            each["MessageStreamType"] = "Broadcasts"

    differences = edit(world, "/message-streams", change).ask("postmark-main").differences
    assert {(each.aspect, each.about, each.expected, each.seen) for each in differences} == {
        (Aspect.STREAM_TYPE, f"message stream {name}", "Transactional", "Broadcasts")
        for name in ("receipts", "password-reset")
    }


@pytest.mark.parametrize(("total", "seen"), [(0, 0), (500, 500), (700, 700), (10_600, None)])
def test_domains_come_page_by_page_and_too_many_are_not_half_told(world, total, seen):
    honest = world.sites[HOST]

    def pages(call):
        if call.path != "/domains":
            return honest(call)
        offset = int(call.parameter("offset"))
        names = [f"d{number}.example" for number in range(offset, min(offset + 500, total))]
        body = {"TotalCount": total, "Domains": [{"Name": name, "DKIMVerified": True} for name in names]}
        return with_json(honest(call), lambda each: (each.clear(), each.update(body)))

    world.sites[HOST] = pages
    state = world.ask("postmark-main", KeyPurpose.MANAGE)
    assert (None if state.domains is None else len(state.domains)) == seen


def test_the_words_of_an_error_are_kept_with_their_code(world):
    body = json.dumps({"ErrorCode": 413, "Message": "account\n may not\x00 send " + "x" * 500}).encode()
    from https_peers import always

    world.sites[HOST] = always(422, body)
    state = world.ask("postmark-main")
    assert state.access is Access.UNEXPECTED
    assert state.said.startswith("account may not")
    assert len(state.said) <= 160
