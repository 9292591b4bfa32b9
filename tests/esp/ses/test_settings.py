"""Settings and lock entries: what is taken, and what is refused before it reaches a zone or a template."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sendspec.esp.interface import load_esp

ESP = load_esp("ses")
TOKENS = ["t1", "t2", "t3"]
DAY = "2026-11-20"
PUBLIC_KEY = "p=" + "QUJD" * 64


def settings(**given_settings):
    return ESP.settings_model.model_validate({"region": "eu-west-1"} | given_settings)


def issued(**dkim):
    return ESP.issued_model.model_validate({"dkim": {"read": DAY} | dkim})


def test_a_region_is_all_that_settings_need():
    found = settings()
    assert (found.dkim, found.mail_from, found.behavior_on_mx_failure) == ("easy", "bounce", "use_default")


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "eu west"},
        {"region": "eu-west-1\n"},
        {"region": "../x"},
        {"dkim": "yes"},
        {"configuration_set": "a b"},
        {"configuration_set": "x" * 65},
        {"mail_from": "bounce/x"},
        {"mail_from": "_bounce"},
        {"behavior_on_mx_failure": "bounce"},
        {"tracking_domain": "links"},
        {"aws_account": 123456789012},
        {"aws_account": "12345"},
        {"sending_pool": "pool!"},
        {"event_transport": "firehose"},
        {"unknown": 1},
        {"extra": {"unknown": {}}},
        {"extra": {"configuration_set": {"ConfigurationSetName": "other"}}},
        {"extra": {"identity": {"Tags": [{"Key": "cost", "Value": float("nan")}]}}},
    ],
    ids=str,
)
def test_settings_that_ses_could_not_take_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_an_account_number_without_quotes_is_refused_with_the_cure():
    with pytest.raises(ValidationError) as caught:
        settings(aws_account=12345678901)
    assert "in quotes" in caught.value.errors()[0]["ctx"]["fix"]


def test_route_settings_may_name_a_set_and_a_pool_and_nothing_unknown():
    route = ESP.route_settings_model.model_validate({"configuration_set": "own", "sending_pool": "bulk"})
    assert (route.configuration_set, route.sending_pool) == ("own", "bulk")
    with pytest.raises(ValidationError):
        ESP.route_settings_model.model_validate({"mail_from": "bounce"})


def test_tokens_and_their_zone_are_taken():
    found = issued(tokens=["T1", "t2", "t3"], hosted_zone="dkim.eu-south-1.amazonses.com.").dkim
    assert (found.tokens, found.hosted_zone) == (("t1", "t2", "t3"), "dkim.eu-south-1.amazonses.com")


def test_tokens_without_their_zone_are_taken_for_the_records_stay_pending():
    assert issued(tokens=TOKENS).dkim.hosted_zone is None


def test_a_key_of_ones_own_is_taken():
    assert issued(selector="s20261120", value=PUBLIC_KEY).dkim.selector == "s20261120"


@pytest.mark.parametrize(
    "wrong",
    [
        {"tokens": ["t1", "t2"], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": ["t1", "t2", "t3", "t4"], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": ["t1", "t1", "t3"], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": ["t1.evil", "t2", "t3"], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": ["t1\n@ IN A 192.0.2.1", "t2", "t3"], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": ["*", "t2", "t3"], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": ["-t1", "t2", "t3"], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": [1, 2, 3], "hosted_zone": "dkim.amazonses.com"},
        {"tokens": TOKENS, "hosted_zone": "keys.attacker.example"},
        {"tokens": TOKENS, "hosted_zone": "evilamazonses.com"},
        {"tokens": TOKENS, "hosted_zone": "amazonses.com.attacker.example"},
        {"tokens": TOKENS, "hosted_zone": 'dkim".amazonses.com'},
        {"tokens": TOKENS, "selector": "s1", "value": PUBLIC_KEY},
        {"selector": "s1"},
        {"value": PUBLIC_KEY},
        {"selector": "a.b", "value": PUBLIC_KEY},
        {"selector": "s1", "value": 'p=QUJD"\n evil'},
        {"selector": "s1", "value": "p=not base64!"},
        {"selector": "s1", "value": "v=spf1 +all"},
        {"hosted_zone": "dkim.amazonses.com"},
        {},
        {"tokens": TOKENS, "hosted_zone": "dkim.amazonses.com", "surprise": True},
    ],
    ids=str,
)
def test_a_hostile_lock_entry_is_refused(wrong):
    with pytest.raises(ValidationError):
        issued(**wrong)


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_a_lock_says_only_harmless_names_come_out_of_it(token, zone):
    try:
        found = issued(tokens=[token, "t2", "t3"], hosted_zone=zone).dkim
    except ValidationError:
        return
    name = f"{found.tokens[0]}.{found.hosted_zone}"
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert name.endswith("amazonses.com")
