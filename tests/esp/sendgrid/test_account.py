"""What SendGrid is asked with, where, and what is kept of its answers."""

import asyncio

import pytest
from esp_worlds import World, now, with_json

from sendspec.esp.interface import AccountQuestion, KeyPurpose, load_account
from sendspec.model.account_state import Access
from sendspec.model.secret import Secret
from sendspec.model.vocabulary import Event

EU = "api.eu.sendgrid.com"
MANAGED = ("streams:\n", '    manage: {api_key: {from: "op://mail/sendgrid/manage"}}\nstreams:\n')


@pytest.fixture
def world(variant) -> World:
    return World(variant(MANAGED))


def calls_of(world: World, purpose: KeyPurpose):
    async def work():
        async with world.open() as peer:
            account, key = world.setup.account("sendgrid-eu"), world.key("sendgrid-eu", purpose)
            values = {each.name: Secret(world.secrets.values[each.id]) for each in key.credentials}
            question = AccountQuestion(world.setup, account, key, values, peer.client, str, now)
            await load_account("sendgrid").read(question)
            return peer.server.calls

    return asyncio.run(work())


def test_one_key_that_sends_by_api_and_smtp_is_asked_once(world):
    assert [(key.purpose, key.streams) for key in world.keys("sendgrid-eu")] == [
        (KeyPurpose.SEND, ("newsletter", "password-reset")),
        (KeyPurpose.MANAGE, ()),
    ]


def test_a_key_for_sending_is_asked_for_its_scopes_alone(world):
    [call] = calls_of(world, KeyPurpose.SEND)
    assert (call.method, call.host, call.path) == ("GET", EU, "/v3/scopes")
    assert "on-behalf-of" not in call.headers


def test_a_management_key_acts_for_the_subuser(world):
    calls = calls_of(world, KeyPurpose.MANAGE)
    assert {call.headers["on-behalf-of"] for call in calls} == {"northwind-eu"}
    assert {call.method for call in calls} == {"GET"}


def test_credits_are_the_quota(world):
    quota = world.ask("sendgrid-eu", KeyPurpose.MANAGE).quota
    assert (quota.granted, quota.used, quota.period) == (1_500_000, 0, "monthly")


def test_scopes_that_sendgrid_adds_by_itself_are_no_surplus(world):
    rights = world.ask("sendgrid-eu").rights
    assert rights is not None
    assert "2fa_required" in rights.all
    assert (rights.missing, rights.surplus) == ((), ())


def test_bounced_counts_only_with_dropped(world):
    world.stand_ins["sendgrid"]._users[0].webhooks[0]["dropped"] = False
    webhooks = world.ask("sendgrid-eu", KeyPurpose.MANAGE).webhooks
    assert webhooks is not None
    assert Event.BOUNCED not in webhooks[0].events
    assert Event.DELIVERED in webhooks[0].events


def test_an_account_without_webhooks_answers_with_one_empty_object(world):
    """The description's example `Zero Webhooks` is a list that holds an empty object."""

    def change(call, answer):
        is_list = call.path.endswith("/settings/all")
        return with_json(answer, lambda body: body.update(webhooks=[{}])) if is_list else answer

    world.edited(EU, change)
    assert world.ask("sendgrid-eu", KeyPurpose.MANAGE).webhooks == ()


def test_oauth_proves_a_webhook_as_a_signature_does(world):
    webhook = world.stand_ins["sendgrid"]._users[0].webhooks[0]
    webhook["public_key"] = ""
    state = world.ask("sendgrid-eu", KeyPurpose.MANAGE)
    assert state.webhooks is not None
    assert not state.webhooks[0].is_authenticated
    webhook["oauth_client_id"] = "client"
    state = world.ask("sendgrid-eu", KeyPurpose.MANAGE)
    assert state.webhooks is not None
    assert state.webhooks[0].is_authenticated


def test_domains_are_read_to_their_end_or_not_at_all(world):
    user = world.stand_ins["sendgrid"]._users[0]
    user.domains[:] = [{"id": n, "domain": f"D{n}.example", "valid": n % 2 == 0} for n in range(120)]
    state = world.ask("sendgrid-eu", KeyPurpose.MANAGE)
    assert state.domains is not None
    assert len(state.domains) == 120
    assert (state.domains["d0.example"], state.domains["d1.example"]) == (True, False)


def test_a_refused_key_is_tried_at_the_other_region_once(world):
    world.faulty("sendgrid", 401)
    calls = calls_of(world, KeyPurpose.SEND)
    assert [call.host for call in calls] == [EU, "api.sendgrid.com"]
    assert world.ask("sendgrid-eu").access is Access.REFUSED
