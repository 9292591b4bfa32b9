"""A zone at Cloudflare, as one read of it tells: which one, all of its records, and what the world does not see of it."""

import pytest
from cloudflare_world import TOKEN
from host_desks import ZONE, KnownSecrets

from sendspec.model.dns_record import Mx

MAIL = f"mail.{ZONE}"


def test_records_become_sets_with_the_ids_of_their_values(account):
    world = account.world
    zone = world.zone(ZONE)
    first = world.put(zone, ZONE, "TXT", '"v=spf1 -all"', ttl=300)
    second = world.put(zone, ZONE, "TXT", "verify=1", ttl=600)
    world.put(zone, MAIL, "MX", "mx.shop.example", priority=10)
    world.put(zone, MAIL, "A", "192.0.2.1")
    live = account.read()
    assert (live.native_id, dict(live.unread)) == (zone.id, {})
    apex = live.rrsets[ZONE, "TXT"]
    assert dict(zip(apex.native, apex.values, strict=True)) == {first: "v=spf1 -all", second: "verify=1"}
    assert apex.ttl_seconds == 300
    assert live.rrsets[MAIL, "MX"].values == (Mx(10, "mx.shop.example"),)
    assert live.rrsets[MAIL, "MX"].ttl_seconds == 300  # automatic
    assert live.rrsets[MAIL, "A"].values == ("192.0.2.1",)


def test_pages_are_read_to_the_last(account):
    zone = account.world.zone(ZONE)
    for number in range(1_205):
        account.world.put(zone, f"h{number}.{ZONE}", "TXT", f'"{number}"')
    live = account.read()
    assert len(live.rrsets) == 1_205
    assert live.rrsets[f"h1204.{ZONE}", "TXT"].values == ("1204",)


def test_a_cname_that_the_world_does_not_see_is_masked(account):
    world = account.world
    zone = world.zone(ZONE)
    world.put(zone, f"a.{ZONE}", "CNAME", "x.example", proxied=True)
    world.put(zone, f"b.{ZONE}", "CNAME", "x.example", settings={"flatten_cname": True})
    world.put(zone, f"c.{ZONE}", "CNAME", "x.example")
    rrsets = account.read().rrsets
    assert "proxied" in rrsets[f"a.{ZONE}", "CNAME"].masked
    assert "flattened" in rrsets[f"b.{ZONE}", "CNAME"].masked
    assert not rrsets[f"c.{ZONE}", "CNAME"].masked
    assert not any(rrset.is_alias for rrset in rrsets.values())


def test_a_cname_at_the_apex_is_always_flattened(account):
    account.world.put(account.world.zone(ZONE), ZONE, "CNAME", "x.example")
    assert account.read().rrsets[ZONE, "CNAME"].is_alias


def test_a_zone_that_flattens_every_cname_has_aliases(account):
    zone = account.world.zone(ZONE, flattens=True)
    account.world.put(zone, MAIL, "CNAME", "x.example")
    account.world.put(zone, MAIL, "TXT", "a")
    rrsets = account.read().rrsets
    assert rrsets[MAIL, "CNAME"].is_alias
    assert not rrsets[MAIL, "TXT"].is_alias


def test_a_token_that_may_not_read_settings_reads_records_all_the_same(account):
    account.world.tokens[TOKEN] = frozenset({"read", "edit"})
    account.world.put(account.world.zone(ZONE, flattens=True), MAIL, "CNAME", "x.example")
    assert account.read().rrsets[MAIL, "CNAME"].values == ("x.example",)


def test_of_several_zones_with_one_name_the_active_one_is_meant(account):
    account.world.zone(ZONE, status="pending")
    active = account.world.zone(ZONE)
    assert account.read().native_id == active.id


def test_where_two_are_active_the_spec_says_which(account):
    first, second = account.world.zone(ZONE), account.world.zone(ZONE)
    unread = account.read().unread[""]
    assert "2 zones of that name" in unread.reason
    assert first.id in unread.fix
    assert "`zone_id`" in unread.fix
    assert account.read(zone_id=second.id).native_id == second.id


def test_a_zone_that_is_pending_alone_is_read(account):
    assert account.read().unread[""].reason == "the API token sees no zone of that name"
    pending = account.world.zone(ZONE, status="pending")
    assert account.read().native_id == pending.id


@pytest.mark.parametrize(
    ("zone_id", "reason"), [("f" * 32, "Could not route"), ("../user", "no id of a zone"), ("0" * 32, "another name")]
)
def test_a_zone_id_that_is_wrong_is_not_believed(account, zone_id, reason):
    account.world.zone("other.example", "0" * 32)
    assert reason in account.read(zone_id=zone_id).unread[""].reason


def test_without_a_token_it_is_said_where_it_goes(account):
    account.world.zone(ZONE)
    account.keeper = KnownSecrets()
    unread = account.read().unread[""]
    assert unread.reason == "no API token: nothing is at env://CLOUDFLARE_API_TOKEN"
    assert account.world.calls == []


def test_the_token_is_where_the_spec_says(account):
    zone = account.world.zone(ZONE)
    account.keeper = KnownSecrets({"op://mail/cloudflare/token": TOKEN})
    assert account.read(manage={"api_token": "op://mail/cloudflare/token"}).native_id == zone.id


def test_a_wrong_token_is_refused_with_what_it_needs_and_never_shown(account):
    account.world.zone(ZONE)
    account.world.tokens = {}
    live = account.read()
    assert "Invalid access token (9109)" in live.unread[""].reason
    assert "DNS > Edit" in live.unread[""].fix
    assert TOKEN not in repr(live)


@pytest.mark.parametrize("fault", ["busy", "broken", "overloaded", "reset-before", "reset-after"])
def test_a_read_is_tried_again(account, fault):
    zone = account.world.zone(ZONE)
    account.world.fail = {1: fault, 3: fault}
    assert account.read().native_id == zone.id


def test_a_block_of_five_minutes_is_not_waited_out(account):
    account.world.zone(ZONE)
    account.world.fail = dict.fromkeys(range(1, 100), "blocked")
    unread = account.read().unread[""]
    assert "(971)" in unread.reason
    assert "five minutes" in unread.fix
    assert len(account.world.calls) == 1


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"success": true, "result": {}}', b'{"success": true, "result": [{"id": 5}]}']
)
def test_an_answer_of_another_shape_leaves_the_zone_unread(account, body):
    from sendspec.model.stand_in import ApiAnswer

    account.world.answer = lambda _call: ApiAnswer(200, (), body)
    assert account.read().unread[""].reason
