"""Where mail goes in, with which login, and what is known about the region."""

import pytest

from sendspec.esp.interface import EndpointRequest, load_esp
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.vocabulary import Role, StreamKind, Support, Tls, Via

ESP = load_esp("ses")


def credential(name):
    return Credential(f"ses-eu.{name}", "ses-eu", name, f"op://mail/ses/{name}", name.upper(), None, Origin())


def endpoint(via=Via.SMTP, *, port=None, tls=None, region="eu-west-1", route=None, credentials=(), **settings):
    return ESP.endpoint(
        EndpointRequest(
            account_id="ses-eu",
            settings=ESP.settings_model.model_validate({"region": region} | settings),
            route_settings=ESP.route_settings_model.model_validate(route or {}),
            stream_id="receipts",
            stream_kind=StreamKind.TRANSACTIONAL,
            role=Role.PRIMARY,
            via=via,
            port=port,
            tls=tls,
            tracks_opens=False,
            tracks_clicks=False,
            one_click_unsubscribe=False,
            credentials={name: credential(name) for name in credentials},
        )
    )


@pytest.mark.parametrize(
    ("port", "tls", "expected"),
    [
        (None, None, (587, Tls.STARTTLS)),
        (None, Tls.IMPLICIT, (465, Tls.IMPLICIT)),
        (2465, None, (2465, Tls.IMPLICIT)),
        (2587, None, (2587, Tls.STARTTLS)),
        (465, Tls.STARTTLS, (465, Tls.STARTTLS)),
        (2525, None, (2525, Tls.STARTTLS)),
    ],
)
def test_what_the_spec_leaves_open_is_filled_in_and_what_it_says_stays(port, tls, expected):
    found = endpoint(port=port, tls=tls)
    assert (found.port, found.tls) == expected


def test_the_ports_that_ses_serves_are_there_for_a_rule_to_ask():
    assert endpoint().ports == {Tls.STARTTLS: (587, 2587, 25), Tls.IMPLICIT: (465, 2465)}


def test_smtp_names_the_configuration_set_in_a_header_and_needs_both_credentials():
    found = endpoint(credentials=("smtp_username", "smtp_password"), configuration_set="northwind")
    assert found.host == "email-smtp.eu-west-1.amazonaws.com"
    assert found.headers == (("X-SES-CONFIGURATION-SET", "northwind-receipts"),)
    assert found.needs_credentials == ("smtp_username", "smtp_password")
    assert (found.username.env, found.password.env) == ("SMTP_USERNAME", "SMTP_PASSWORD")


def test_the_api_uses_the_ambient_credentials_unless_keys_are_declared():
    ambient = endpoint(Via.API, credentials=("smtp_username", "smtp_password"))
    assert (ambient.username, ambient.password, ambient.needs_credentials) == (None, None, ())
    declared = endpoint(Via.API, credentials=("access_key_id", "secret_access_key"))
    assert (declared.username.name, declared.password.name) == ("access_key_id", "secret_access_key")


def test_half_a_key_pair_asks_for_the_other_half():
    assert endpoint(Via.API, credentials=("access_key_id",)).needs_credentials == ("access_key_id", "secret_access_key")


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "email.eu-west-1.amazonaws.com"),
        ("us-gov-west-1", "email.us-gov-west-1.amazonaws.com"),
        ("eusc-de-east-1", "email.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_the_api_host_lies_in_the_partition_of_its_region(region, host):
    found = endpoint(Via.API, region=region)
    assert (found.host, found.base_url, found.port) == (host, f"https://{host}", 443)
    assert found.options == {"region": region, "configuration_set": "ses-eu-receipts"}


@pytest.mark.parametrize(
    ("region", "support"),
    [
        ("eu-west-1", Support.YES),
        ("us-gov-east-1", Support.YES),
        ("af-south-1", Support.NO),
        ("il-central-1", Support.NO),
        ("eu-south-1", Support.UNCONFIRMED),
        ("mx-central-1", Support.UNCONFIRMED),
        ("eu-nowhere-1", Support.UNCONFIRMED),
    ],
)
def test_it_says_what_is_known_of_smtp_in_the_region(region, support):
    assert endpoint(region=region).smtp_support is support


def test_an_unknown_region_is_reported_as_unknown_with_the_choices():
    settings = ESP.settings_model.model_validate({"region": "eu-wets-1"})
    region = ESP.region(settings, Origin())
    assert not region.known
    assert "eu-west-1" in region.choices


def test_a_route_may_name_its_own_configuration_set():
    assert endpoint(route={"configuration_set": "legacy"}).headers[0][1] == "legacy"


def test_two_names_too_long_for_ses_are_cut_and_stay_two():
    long = "x" * 60
    names = {endpoint(configuration_set=f"{long}{end}").options["configuration_set"] for end in ("a", "b")}
    assert len(names) == 2
    assert all(len(name) == 64 for name in names)
