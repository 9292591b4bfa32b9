"""What SES is asked with, how its errors are read, and what is kept of its answers."""

import json

import pytest
from esp_worlds import World, with_json
from https_peers import always

from sendspec.esp.interface import KeyPurpose
from sendspec.esp.ses import account
from sendspec.model.account_state import Access, Standing
from sendspec.model.vocabulary import Event

HOST = "email.eu-west-1.amazonaws.com"
PAIR = (
    '      access_key_id: {from: "aws-sm://ses#id", env: AWS_ACCESS_KEY_ID}\n'
    '      secret_access_key: {from: "aws-sm://ses#key", env: AWS_SECRET_ACCESS_KEY}\n'
)
KEYS = ("      smtp_username", f"{PAIR}      smtp_username")


@pytest.fixture
def world(variant) -> World:
    return World(variant(KEYS).setup)


def error(name: str, status: int, message: str = "x"):
    return always(status, json.dumps({"message": message}).encode(), (("x-amzn-ErrorType", name),))


def test_smtp_credentials_cannot_ask_and_the_machine_can(variant):
    [key] = World(variant().setup).keys("ses-eu")
    assert (key.purpose, [each.reference for each in key.credentials]) == (KeyPurpose.MANAGE, ["aws-ambient://default"])


def test_a_pair_for_sending_asks_too_and_keys_below_manage_come_before_the_machines(variant):
    manage = (
        PAIR.replace("      access", "      access", 1)
        .replace("aws-sm://ses#", "aws-sm://admin#")
        .replace(", env: AWS_ACCESS_KEY_ID", "")
        .replace(", env: AWS_SECRET_ACCESS_KEY", "")
    )
    world = World(variant(KEYS, ("streams:\n", f"    manage:\n{manage}streams:\n")).setup)
    assert [(key.purpose, [each.reference for each in key.credentials]) for key in world.keys("ses-eu")] == [
        (KeyPurpose.SEND, ["aws-sm://ses#id", "aws-sm://ses#key"]),
        (KeyPurpose.MANAGE, ["aws-sm://admin#id", "aws-sm://admin#key"]),
    ]
    assert world.ask("ses-eu", KeyPurpose.MANAGE).standing is Standing.SENDING


def test_a_key_for_sending_proves_itself_by_being_told_that_reading_is_not_for_it(world):
    assert world.ask("ses-eu", KeyPurpose.SEND).access is Access.RESTRICTED


def test_a_key_for_sending_that_may_read_its_account_is_too_powerful(world):
    world.stand_ins["ses"]._accounts[0].senders = frozenset()
    state = world.ask("ses-eu", KeyPurpose.SEND)
    assert state.access is Access.GOOD
    assert state.rights is not None
    assert state.rights.surplus == ("ses:GetAccount",)


@pytest.mark.parametrize(
    ("name", "status", "access"),
    [
        ("UnrecognizedClientException", 403, Access.REFUSED),
        ("InvalidSignatureException", 403, Access.REFUSED),
        ("ExpiredTokenException", 400, Access.REFUSED),
        ("AccessDeniedException", 403, Access.FORBIDDEN),
        ("AccessDeniedException:http://internal.amazon.com/coral/com.amazon.coral.service/", 403, Access.FORBIDDEN),
        ("com.amazonaws.ses#AccessDenied", 403, Access.FORBIDDEN),
        ("InternalServiceErrorException", 500, Access.BROKEN),
        ("SomethingNew", 403, Access.UNEXPECTED),
        ("", 403, Access.UNEXPECTED),
        ("", 503, Access.BROKEN),
    ],
)
def test_the_name_of_an_error_decides_and_not_the_status(world, name, status, access):
    world.sites[HOST] = error(name, status)
    assert world.ask("ses-eu", KeyPurpose.MANAGE).access is access


def test_a_name_in_the_body_counts_where_a_proxy_took_the_header_away(world):
    world.sites[HOST] = always(403, b'{"__type": "UnrecognizedClientException", "Message": "nobody"}')
    state = world.ask("ses-eu", KeyPurpose.MANAGE)
    assert state.access is Access.REFUSED
    assert state.said == "UnrecognizedClientException: nobody"


def test_too_many_requests_are_asked_again_and_the_third_answer_counts(world, monkeypatch):
    monkeypatch.setattr(account, "PAUSE_SECONDS", 0.01)
    honest, asked = world.sites[HOST], []

    def busy(call):
        asked.append(call.path)
        return world.stand_ins["ses"].fault(429) if asked.count(call.path) < 3 else honest(call)

    world.sites[HOST] = busy
    assert world.ask("ses-eu", KeyPurpose.MANAGE).access is Access.GOOD
    assert asked.count("/v2/email/account") == 3


def test_temporary_credentials_send_their_token(world):
    import asyncio

    from sendspec.esp.interface import AccountQuestion, load_account
    from sendspec.model.secret import Secret

    key = world.key("ses-eu", KeyPurpose.MANAGE)
    pair = json.loads(world.secrets.values["ses-eu.aws_ambient"]) | {"session_token": "a token"}
    value = {"aws_ambient": Secret(json.dumps(pair))}

    async def work():
        async with world.open() as peer:
            of = world.setup.account("ses-eu")
            question = AccountQuestion(world.setup, of, key, value, peer.client, str, account_now)
            state = await load_account("ses").read(question)
            return state, peer.server.calls

    from esp_worlds import now as account_now

    state, calls = asyncio.run(work())
    assert state.access is Access.GOOD
    assert {call.headers["x-amz-security-token"] for call in calls} == {"a token"}
    assert all("x-amz-security-token" in call.headers["authorization"] for call in calls)


def test_a_value_that_is_no_pair_of_keys_is_told_and_nothing_is_sent(world):
    world.secrets.values["ses-eu.aws_ambient"] = "not json"
    assert world.ask("ses-eu", KeyPurpose.MANAGE).access is Access.NO_KEY


def test_lists_come_page_by_page_and_a_list_without_end_is_not_believed(world):
    path = "/v2/email/identities"

    def two_pages(call, answer):
        if call.path != path:
            return answer
        if call.parameter("NextToken") == "a b&c":
            return with_json(answer, lambda body: body.update(EmailIdentities=[]))
        return with_json(answer, lambda body: body.update(NextToken="a b&c"))

    world.edited(HOST, two_pages)
    assert set(world.ask("ses-eu", KeyPurpose.MANAGE).domains or {}) == {
        "mail.northwind.example",
        "help.northwind.example",
    }
    world.edited(
        HOST,
        lambda call, answer: (
            with_json(answer, lambda body: body.update(NextToken="again")) if call.path == path else answer
        ),
    )
    assert world.ask("ses-eu", KeyPurpose.MANAGE).domains is None


def test_events_of_all_destinations_that_reach_an_endpoint_count_and_metrics_do_not(world):
    path = "/v2/email/configuration-sets/northwind-receipts/event-destinations"

    def change(call, answer):
        if call.path != path:
            return answer
        metrics = {
            "Name": "m",
            "Enabled": True,
            "MatchingEventTypes": ["OPEN"],
            "CloudWatchDestination": {"DimensionConfigurations": []},
        }
        bus = {
            "Name": "b",
            "Enabled": False,
            "MatchingEventTypes": ["DELIVERY_DELAY"],
            "EventBridgeDestination": {"EventBusArn": "arn:x"},
        }
        return with_json(answer, lambda body: body["EventDestinations"].extend([metrics, bus]))

    world.edited(HOST, change)
    webhooks = world.ask("ses-eu", KeyPurpose.MANAGE).webhooks
    assert webhooks is not None
    mine = [each for each in webhooks if each.esp_stream == "northwind-receipts"]
    assert [each.is_enabled for each in mine] == [True, False]
    assert mine[1].events == {Event.DEFERRED}
    assert Event.BOUNCED in mine[0].events
