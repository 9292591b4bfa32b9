"""A hosted zone, as one read of it tells: which one it is, all of its sets, and what cannot be compared."""

import pytest
from host_desks import ZONE, KnownSecrets

from sendspec.model.dns_record import Mx

MAIL = f"mail.{ZONE}"


def test_every_set_is_read_with_logical_values_and_its_words_kept(account):
    hosted = account.world.zone(ZONE)
    hosted.put(f"\\052.{ZONE}", "TXT", 300, '"v=spf1 " "-all"')
    hosted.put(MAIL, "MX", 300, "10 MX.Shop.Example.", "0 .")
    hosted.put(f"k._domainkey.{MAIL}", "CNAME", 300, "K.dkim.example.")
    hosted.put(MAIL, "A", 60, "192.0.2.1")
    live = account.read()
    assert (live.zone, live.native_id, dict(live.unread)) == (ZONE, hosted.id, {})
    wildcard = live.rrsets[f"*.{ZONE}", "TXT"]
    assert (wildcard.values, wildcard.native, wildcard.ttl_seconds) == (("v=spf1 -all",), ('"v=spf1 " "-all"',), 300)
    assert live.rrsets[MAIL, "MX"].values == (Mx(10, "mx.shop.example"), Mx(0, ""))
    assert live.rrsets[f"k._domainkey.{MAIL}", "CNAME"].values == ("k.dkim.example",)
    assert live.rrsets[MAIL, "A"].values == ("192.0.2.1",)
    assert live.rrsets[ZONE, "NS"].values[0] == "ns-1.awsdns-00.example."
    assert not any(rrset.is_alias for rrset in live.rrsets.values())


def test_pages_are_read_to_the_last(account):
    hosted = account.world.zone(ZONE)
    for number in range(1_205):
        hosted.put(f"h{number}.{ZONE}", "TXT", 300, f'"{number}"')
    live = account.read()
    assert len(live.rrsets) == 1_207
    assert live.rrsets[f"h1204.{ZONE}", "TXT"].values == ("1204",)
    assert account.world.calls.count("ListResourceRecordSets") == 5


def test_a_page_may_end_between_sets_of_one_name_and_type(account):
    hosted = account.world.zone(ZONE)
    account.world.page = 1
    for identifier in "abc":
        hosted.put(MAIL, "A", 60, "192.0.2.1", SetIdentifier=identifier, Weight=1)
    live = account.read()
    assert live.rrsets[MAIL, "A"].is_alias
    assert len(live.rrsets[MAIL, "A"].values) == 3


@pytest.mark.parametrize(
    ("values", "others"),
    [
        ((), {"AliasTarget": {"HostedZoneId": "Z1", "DNSName": "lb.example.", "EvaluateTargetHealth": False}}),
        (('"a"',), {"SetIdentifier": "one", "Weight": 3}),
        (('"a"',), {"SetIdentifier": "de", "GeoLocation": {"CountryCode": "DE"}}),
        (('"a"',), {"SetIdentifier": "m", "MultiValueAnswer": True}),
    ],
)
def test_what_route_53_answers_by_itself_is_no_set_to_compare(account, values, others):
    account.world.zone(ZONE).put(MAIL, "TXT", 60, *values, **others)
    assert account.read().rrsets[MAIL, "TXT"].is_alias


def test_the_private_zone_of_a_name_is_not_meant(account):
    account.world.zone(ZONE, "ZPRIVATE", is_private=True)
    public = account.world.zone(ZONE, "ZPUBLIC")
    account.world.zone(f"eu.{ZONE}", "ZBELOW")
    account.world.zone("other.example", "ZOTHER")
    assert account.read().native_id == public.id


def test_a_zone_that_the_account_does_not_have_is_unread(account):
    account.world.zone("other.example")
    unread = account.read().unread[""]
    assert "no public hosted zone of that name" in unread.reason
    assert "`dns.host`" in unread.fix


def test_of_several_zones_with_one_name_the_spec_says_which(account):
    account.world.page = 1
    for zone_id in ("ZONE1", "ZONE2", "ZONE3"):
        account.world.zone(ZONE, zone_id)
    unread = account.read().unread[""]
    assert "3 public hosted zones" in unread.reason
    assert unread.fix.endswith("ZONE1, ZONE2, ZONE3")
    assert "`zone_id`" in unread.fix
    assert account.read(zone_id="ZONE2").native_id == "ZONE2"
    assert account.read(zone_id="/hostedzone/ZONE2").native_id == "ZONE2"


@pytest.mark.parametrize(
    ("zone_id", "reason"),
    [("ZOTHER", "another name"), ("ZPRIVATE", "a private one"), ("ZNONE", "NoSuchHostedZone")],
)
def test_a_zone_id_that_is_wrong_is_not_believed(account, zone_id, reason):
    account.world.zone("other.example", "ZOTHER")
    account.world.zone(ZONE, "ZPRIVATE", is_private=True)
    assert reason in account.read(zone_id=zone_id).unread[""].reason


@pytest.mark.parametrize(
    ("fault", "reason", "fix"),
    [
        ("denied", "AccessDenied", "allow route53:ListHostedZonesByName"),
        ("broken", "InternalFailure", "sendspec plan"),
        ("reset-before", "onnection", "sendspec plan"),
    ],
)
def test_a_read_that_fails_leaves_the_zone_unread_with_what_to_do(account, fault, reason, fix):
    account.world.zone(ZONE)
    account.world.fail = dict.fromkeys(range(1, 9), fault)
    unread = account.read().unread[""]
    assert reason in unread.reason
    assert fix in unread.fix


@pytest.mark.parametrize("fault", ["throttled", "busy"])
def test_throttling_is_waited_out(account, fault):
    hosted = account.world.zone(ZONE)
    account.world.fail = {1: fault, 2: fault, 4: fault}
    assert account.read().native_id == hosted.id


def test_throttling_without_end_is_given_up(account):
    account.world.zone(ZONE)
    account.world.fail = dict.fromkeys(range(1, 100), "throttled")
    unread = account.read().unread[""]
    assert "Rate exceeded" in unread.reason
    assert "few minutes" in unread.fix


def test_no_secret_is_in_what_is_said(account):
    account.world.zone(ZONE)
    account.keeper = KnownSecrets(given=["123456789012"])
    account.world.fail = {1: "denied"}
    assert "123456789012" not in account.read().unread[""].reason


def test_a_machine_without_credentials_is_told_where_they_go(account):
    from botocore.exceptions import NoCredentialsError

    def aws(_service, _region):
        raise NoCredentialsError

    account.world.aws = aws
    unread = account.read().unread[""]
    assert "Unable to locate credentials" in unread.reason
    assert "`dns.manage`" in unread.fix


@pytest.mark.parametrize(
    "text", ["", "<html>", "<a/>", "<R><HostedZones><HostedZone/></HostedZones><IsTruncated>true</IsTruncated></R>"]
)
def test_an_answer_of_another_shape_leaves_the_zone_unread(account, text):
    account.world.answer = lambda *_call: (200, text)
    assert account.read().unread[""].reason


def test_a_list_without_the_members_it_should_have_is_read_as_far_as_it_goes(account):
    account.world.zone(ZONE)
    whole = account.world.answer
    odd = "<R><ResourceRecordSets><ResourceRecordSet/></ResourceRecordSets><IsTruncated>false</IsTruncated></R>"
    account.world.answer = lambda method, target, body: (200, odd) if "rrset" in target else whole(method, target, body)
    assert list(account.read().rrsets) == [("", "")]
