"""Postmark's server: which one is meant, and whose token is kept where."""

from postmark_desk import ACCOUNT_REFERENCE, TOKEN_REFERENCE, Desktop
from postmark_estate import made_uuid

from sendspec.model.live import Failure
from sendspec.model.plan import Action

NAME = "northwind-production"
SERVER = f"server/{NAME}"
STREAM = "message-stream/newsletter"


def test_a_server_is_found_by_its_whole_name(world):
    world.estate.make_server(Name=f"{NAME}-old")
    world.estate.make_server(Name=f"old-{NAME}")
    assert world.differences(SERVER) == ["*"]


def test_a_server_is_found_among_more_than_a_page(world):
    for number in range(600):
        world.estate.make_server(Name=f"{NAME}-{number}")
    mine = world.estate.make_server(Name=NAME)
    assert world.read({SERVER}).found[SERVER].native_id == str(mine["ID"])
    offsets = [call.parameter("offset") for call in world.estate.calls]
    assert offsets == ["0", "500"]


def test_a_name_in_another_case_is_the_same_server(world):
    """Postmark would refuse a second one."""
    world.estate.make_server(Name=NAME.upper())
    assert "Name" in world.differences(SERVER)
    world.apply()
    assert world.server()["Name"] == NAME


def test_a_server_that_was_renamed_by_hand_is_still_ours(made):
    made.server()["Name"] = "renamed"
    assert made.differences(SERVER) == ["Name"]
    live = made.read()
    assert live.unread == {}
    made.apply()
    assert made.server()["Name"] == NAME
    assert made.all_differences() == {}


def test_a_colour_has_no_case(variant):
    setup = variant(
        ("{server: northwind-production}", "{server: northwind-production, extra: {server: {Color: Blue}}}"),
        lock="",
    )
    world = Desktop(setup)
    world.estate.make_server(Name=NAME, Color="red")
    assert "Color" in world.differences(SERVER)
    world.server()["Color"] = "blue"
    assert "Color" not in world.differences(SERVER)


def test_tokens_and_addresses_of_hooks_are_not_shown(made):
    made.server()["InboundHookUrl"] = "https://user:hidden-in-a-hook@hooks.example/"
    properties = made.read({SERVER}).found[SERVER].properties
    assert "ApiTokens" not in properties
    assert "hidden-in-a-hook" not in repr(properties)


def test_the_login_in_an_address_that_the_spec_names_is_not_shown(variant):
    extra = '{server: northwind-production, extra: {server: {BounceHookUrl: "https://hooks.example/"}}}'
    world = Desktop(variant(("{server: northwind-production}", extra), lock=""))
    world.estate.make_server(Name=NAME, BounceHookUrl="https://user:hidden-in-a-hook@hooks.example/")
    live = world.read({SERVER})
    assert live.found[SERVER].properties["BounceHookUrl"] == "https://‹another value›@hooks.example/"


def test_a_sandbox_server_cannot_be_made_live(made):
    made.server()["DeliveryType"] = "Sandbox"
    assert made.differences(SERVER) == ["DeliveryType"]
    (outcome,) = made.apply()
    assert outcome.failure is Failure.REFUSED
    assert made.change(Action.CREATE, SERVER).failure is Failure.REFUSED
    assert made.estate.changes() == []


def test_a_server_is_not_deleted(made):
    outcome = made.change(Action.DELETE, SERVER, made.owned[SERVER])
    assert outcome.failure is Failure.REFUSED
    assert NAME in outcome.fix
    assert made.estate.changes() == []


def test_a_store_that_refuses_loses_nothing(world):
    world.store.is_read_only = True
    outcome = world.change(Action.CREATE, SERVER)
    assert outcome.failure is Failure.NEEDS
    assert outcome.native_id == str(world.server()["ID"])
    assert "sign in with a right to write" in outcome.fix
    world.store.is_read_only = False
    assert world.change(Action.CREATE, SERVER).failure is None
    assert [world.store.values[TOKEN_REFERENCE]] == world.server()["ApiTokens"]
    assert world.estate.changes() == ["POST /servers"]


def test_a_token_of_another_server_is_never_written_over(world):
    other = world.estate.make_server(Name="of-another-team")
    world.store.values[TOKEN_REFERENCE] = other["ApiTokens"][0]
    outcome = world.change(Action.CREATE, SERVER)
    assert outcome.failure is Failure.NEEDS
    assert "of-another-team" in outcome.said
    assert world.store.values[TOKEN_REFERENCE] == other["ApiTokens"][0]
    assert world.estate.changes() == []
    assert set(world.read({STREAM, SERVER}).unread) == {"message-stream"}


def test_streams_are_not_made_on_a_server_that_is_not_meant(made):
    other = made.estate.make_server(Name="of-another-team")
    made.store.values[TOKEN_REFERENCE] = other["ApiTokens"][0]
    live = made.read()
    assert set(live.unread) == {"message-stream", "webhook"}
    assert "of-another-team" in live.unread["webhook"].reason
    assert "settings" in live.unread["webhook"].fix
    outcome = made.change(Action.CREATE, STREAM)
    assert outcome.failure is Failure.NEEDS
    assert made.estate.changes() == []


def test_a_token_that_nobody_knows_any_more_is_replaced_when_the_server_is_made(world):
    world.store.values[TOKEN_REFERENCE] = made_uuid("revoked")
    assert world.change(Action.CREATE, SERVER).failure is None
    assert [world.store.values[TOKEN_REFERENCE]] == world.server()["ApiTokens"]


def test_a_revoked_token_is_told_with_what_to_do(made):
    made.store.values[TOKEN_REFERENCE] = made_uuid("revoked")
    live = made.read()
    assert set(live.unread) == {"message-stream", "webhook"}
    assert "ErrorCode 10" in live.unread["webhook"].reason
    assert "server_token" in live.unread["webhook"].fix


def test_a_second_token_of_the_server_is_as_good(made):
    made.server()["ApiTokens"].append(made_uuid("second"))
    made.store.values[TOKEN_REFERENCE] = made_uuid("second").upper()
    assert made.all_differences() == {}


def test_without_the_account_token_the_servers_own_token_reads_it(made):
    del made.store.values[ACCOUNT_REFERENCE]
    made.server()["TrackOpens"] = True
    live = made.read()
    assert set(live.unread) == {"domain"}
    assert live.unread["domain"].fix == "put it there"
    outcomes = made.apply()
    assert [outcome.failure for outcome in outcomes] == [None]
    assert made.estate.changes() == ["PUT /server"]
    assert made.differences(SERVER) == []


def test_without_the_account_token_another_server_is_not_taken_for_it(made):
    del made.store.values[ACCOUNT_REFERENCE]
    other = made.estate.make_server(Name="of-another-team")
    made.store.values[TOKEN_REFERENCE] = other["ApiTokens"][0]
    assert set(made.read().unread) == {"server", "domain", "message-stream", "webhook"}


def test_without_the_account_token_no_server_is_made(world):
    del world.store.values[ACCOUNT_REFERENCE]
    live = world.read()
    assert set(live.unread) == {"server", "domain", "message-stream", "webhook"}
    assert world.change(Action.CREATE, SERVER).failure is Failure.NEEDS
    assert world.estate.calls == []


def test_without_the_server_token_what_belongs_to_a_foreign_server_is_unread(made):
    stranger = Desktop(made.setup, made.estate, made.store)
    del made.store.values[TOKEN_REFERENCE]
    live = stranger.read()
    assert set(live.unread) == {"message-stream", "webhook"}
    assert TOKEN_REFERENCE in live.unread["webhook"].reason
    assert live.unread["webhook"].fix


def test_the_token_of_our_own_server_comes_back_with_the_next_change(made):
    del made.store.values[TOKEN_REFERENCE]
    assert made.all_differences() == {}
    assert TOKEN_REFERENCE not in made.store.values
    del made.estate.streams[made.server()["ID"]]["newsletter"]
    made.apply()
    assert [made.store.values[TOKEN_REFERENCE]] == made.server()["ApiTokens"]


def test_a_spec_that_names_no_tokens_says_where_to_name_them(variant):
    setup = variant(
        ("    manage:\n", ""),
        ('      account_token: {from: "op://mail/postmark/account-token"}\n', ""),
        lock="",
    )
    live = Desktop(setup).read()
    assert "esps.postmark-main.manage.account_token" in live.unread["server"].fix
    outcome = Desktop(setup).change(Action.CREATE, "domain/mail.northwind.example")
    assert outcome.failure is Failure.NEEDS


def test_a_refused_account_token_is_told(made):
    made.store.values[ACCOUNT_REFERENCE] = made_uuid("another")
    live = made.read({SERVER})
    assert "ErrorCode 10" in live.unread["server"].reason
    assert "account_token" in live.unread["server"].fix


def test_what_can_be_no_token_is_told_without_showing_it(made):
    made.is_on_the_wire = True
    made.store.values[ACCOUNT_REFERENCE] = "töken-with-a-line\nbreak"
    live = made.read({SERVER})
    assert "account_token cannot be sent" in live.unread["server"].reason
    assert live.unread["server"].fix == "renew what is kept as account_token"
