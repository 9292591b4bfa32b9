"""Where mail is handed to SendGrid."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.esp.interface import EndpointRequest, load_esp
from sendspec.esp.sendgrid.settings import RouteSettings, Settings
from sendspec.model.credential import Literal
from sendspec.model.vocabulary import Role, StreamKind, Tls, Via
from sendspec.spec.syntax import NAME_PATTERN

EU_SETTINGS = "{region: eu, subuser: northwind-eu, link_branding: true}"
BY_SMTP = "{role: primary, via: smtp, esp: sendgrid-eu}"


def endpoint(setup, stream_id):
    return setup.stream(stream_id).routes[0].endpoint


def smtpapi(found):
    ((name, value),) = found.headers
    assert name == "X-SMTPAPI"
    return json.loads(value)


def test_the_eu_region_has_its_own_hosts(variant):
    assert endpoint(variant(), "newsletter").base_url == "https://api.eu.sendgrid.com"
    assert endpoint(variant(), "password-reset").host == "smtp.eu.sendgrid.net"


def test_without_a_region_the_global_hosts_are_meant(variant):
    setup = variant((EU_SETTINGS, "{}"))
    assert endpoint(setup, "newsletter").base_url == "https://api.sendgrid.com"
    assert endpoint(setup, "password-reset").host == "smtp.sendgrid.net"
    assert setup.account("sendgrid-eu").region.id == "global"


def test_a_region_that_sendgrid_does_not_list_is_known_as_unknown(variant):
    region = variant((EU_SETTINGS, "{region: apac}")).account("sendgrid-eu").region
    assert (region.known, region.choices) == (False, ("eu", "global"))


def test_the_user_is_a_literal_and_the_password_the_key(variant):
    found = endpoint(variant(), "password-reset")
    assert found.username == Literal("apikey")
    assert found.password.reference == "aws-sm://prod/mail/sendgrid#api_key"
    assert found.needs_credentials == ("api_key",)


@pytest.mark.parametrize(
    ("said", "port", "tls"),
    [
        ("", 587, Tls.STARTTLS),
        (", port: 2525", 2525, Tls.STARTTLS),
        (", port: 465", 465, Tls.IMPLICIT),
        (", tls: implicit", 465, Tls.IMPLICIT),
        (", tls: starttls", 587, Tls.STARTTLS),
    ],
)
def test_port_and_tls_follow_from_what_is_said(variant, said, port, tls):
    found = endpoint(variant((BY_SMTP, BY_SMTP.replace("}", f"{said}}}"))), "password-reset")
    assert (found.port, found.tls) == (port, tls)
    assert found.port in found.ports[found.tls]


def test_a_password_reset_switches_click_and_open_tracking_off_itself(variant):
    assert smtpapi(endpoint(variant(), "password-reset")) == {
        "category": ["password-reset"],
        "filters": {"clicktrack": {"settings": {"enable": 0}}, "opentrack": {"settings": {"enable": 0}}},
    }


def test_a_tracked_stream_leaves_the_switch_to_the_account(variant):
    found = smtpapi(endpoint(variant(("via: api", "via: smtp")), "newsletter"))
    assert found == {"category": ["newsletter"], "filters": {"opentrack": {"settings": {"enable": 0}}}}


def test_the_api_is_told_category_and_tracking(variant):
    found = endpoint(variant(), "newsletter").options
    assert found == {"category": "newsletter", "open_tracking": "false", "region": "eu"}
    by_api = endpoint(variant(("via: smtp", "via: api")), "password-reset").options
    assert (by_api["click_tracking"], by_api["open_tracking"]) == ("false", "false")


def test_group_and_pool_come_from_the_account_unless_the_route_says_others(variant):
    of_account = (EU_SETTINGS, "{unsubscribe_group: 12, ip_pool: bulk}")
    setup = variant(of_account)
    assert smtpapi(endpoint(setup, "password-reset"))["asm_group_id"] == 12
    assert smtpapi(endpoint(setup, "password-reset"))["ip_pool"] == "bulk"
    assert endpoint(setup, "newsletter").options["asm_group_id"] == "12"
    assert endpoint(setup, "newsletter").options["ip_pool_name"] == "bulk"
    of_route = BY_SMTP.replace("}", ", settings: {unsubscribe_group: 7, ip_pool: fast}}")
    own = smtpapi(endpoint(variant(of_account, (BY_SMTP, of_route)), "password-reset"))
    assert (own["asm_group_id"], own["ip_pool"]) == (7, "fast")


def test_native_fields_of_a_route_reach_header_and_options(variant):
    extra = "settings: {extra: {unique_args: {tier: gold}, category: [vip]}}"
    setup = variant(
        (BY_SMTP, BY_SMTP.replace("}", f", {extra}}}")),
        ("via: api, esp: sendgrid-eu}", f"via: api, esp: sendgrid-eu, {extra}}}"),
    )
    assert smtpapi(endpoint(setup, "password-reset"))["unique_args"] == {"tier": "gold"}
    assert smtpapi(endpoint(setup, "password-reset"))["category"] == ["vip"]
    assert json.loads(endpoint(setup, "newsletter").options["unique_args"]) == {"tier": "gold"}


@given(
    stream=st.from_regex(NAME_PATTERN.replace("$", r"\Z")),
    opens=st.booleans(),
    clicks=st.booleans(),
    label=st.text(max_size=60),
)
def test_the_header_is_one_ascii_line_that_reads_back(stream, opens, clicks, label):
    request = EndpointRequest(
        account_id="sendgrid",
        settings=Settings(),
        route_settings=RouteSettings(extra={"unique_args": {"label": label}}),
        stream_id=stream,
        stream_kind=StreamKind.TRANSACTIONAL,
        role=Role.PRIMARY,
        via=Via.SMTP,
        port=None,
        tls=None,
        tracks_opens=opens,
        tracks_clicks=clicks,
        one_click_unsubscribe=False,
        credentials={},
    )
    ((_, value),) = load_esp("sendgrid").endpoint(request).headers
    assert value.isascii()
    assert value.isprintable()
    assert len(f"X-SMTPAPI: {value}") < 998
    assert json.loads(value)["unique_args"] == {"label": label}
    assert json.loads(value)["category"] == [stream]
    assert set(json.loads(value).get("filters", {})) == {
        name for name, wanted in (("clicktrack", clicks), ("opentrack", opens)) if not wanted
    }
