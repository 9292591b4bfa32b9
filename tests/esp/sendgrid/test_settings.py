"""What a SendGrid account may say."""

import pytest
from pydantic import ValidationError

from sendspec.esp.sendgrid.settings import RouteSettings, Settings


def test_the_eu_region_without_a_subuser_is_refused():
    with pytest.raises(ValidationError, match="needs a subuser"):
        Settings(region="eu")
    assert Settings(region="eu", subuser="northwind-eu").subuser == "northwind-eu"


def test_links_and_return_path_cannot_share_a_host():
    with pytest.raises(ValidationError, match="cannot be the host of both"):
        Settings(link_branding=True, link_label="mail", domain_label="mail")
    assert Settings(link_label="mail", domain_label="mail").domain_label == "mail"


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a b", "", "ä", "x" * 65, "${secret:op://a/b/c}", "a\n"])
def test_a_subuser_that_could_leave_its_header_is_refused(name):
    with pytest.raises(ValidationError):
        Settings(subuser=name)


@pytest.mark.parametrize(
    "said",
    [
        {"regoin": "eu"},
        {"security": "off"},
        {"link_branding": "yes"},
        {"unsubscribe_group": "12"},
        {"unsubscribe_group": 0},
        {"unsubscribe_group": True},
        {"ip_pool": "a\nb"},
        {"extra": {"domains": {}}},
        {"extra": {"api_key": {"n": float("nan")}}},
    ],
)
def test_what_sendgrid_cannot_be_told_is_refused(said):
    with pytest.raises(ValidationError):
        Settings.model_validate(said)


def test_a_route_knows_group_pool_and_native_fields_only():
    assert RouteSettings(unsubscribe_group=3).unsubscribe_group == 3
    with pytest.raises(ValidationError):
        RouteSettings.model_validate({"category": "x"})
