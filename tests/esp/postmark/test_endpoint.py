"""Where mail is handed to Postmark."""

import pytest

from sendspec.model.credential import Credential
from sendspec.model.vocabulary import Tls, Via

TOKENS = 'server_token: {from: "op://mail/postmark/server-token", env: POSTMARK_SERVER_TOKEN}'
SMTP_TOKENS = (
    'smtp_access_key: {from: "op://mail/postmark/access", env: PM_ACCESS}\n'
    '      smtp_secret_key: {from: "op://mail/postmark/secret", env: PM_SECRET}'
)


def endpoint(setup, stream_id):
    return setup.stream(stream_id).routes[0].endpoint


def test_transactional_mail_takes_the_transactional_host_with_required_starttls(variant):
    found = endpoint(variant(), "password-reset")
    assert (found.host, found.port, found.tls) == ("smtp.postmarkapp.com", 587, Tls.STARTTLS)
    assert found.ports == {Tls.STARTTLS: (587, 2525, 25)}


def test_bulk_mail_takes_the_broadcast_host(variant):
    assert endpoint(variant(), "newsletter").host == "smtp-broadcasts.postmarkapp.com"
    lifecycle = variant(("kind: marketing", "kind: lifecycle"))
    assert endpoint(lifecycle, "newsletter").host == "smtp-broadcasts.postmarkapp.com"


def test_the_server_token_is_user_and_password_and_a_header_picks_the_stream(variant):
    found = endpoint(variant(), "password-reset")
    assert isinstance(found.username, Credential)
    assert found.username == found.password
    assert found.username.reference == "op://mail/postmark/server-token"
    assert found.headers == (("X-PM-Message-Stream", "password-reset"),)
    assert found.needs_credentials == ("server_token",)


def test_an_smtp_token_belongs_to_one_stream_and_needs_no_header(variant):
    found = endpoint(variant((TOKENS, SMTP_TOKENS)), "password-reset")
    assert (found.username.name, found.password.name) == ("smtp_access_key", "smtp_secret_key")
    assert found.headers == ()
    assert found.needs_credentials == ("smtp_access_key", "smtp_secret_key")


def test_an_account_without_a_token_still_says_what_it_needs(variant):
    found = endpoint(variant((TOKENS, "other_token: {from: env://OTHER}")), "password-reset")
    assert (found.username, found.password) == (None, None)
    assert found.needs_credentials == ("server_token",)


def test_the_api_is_told_the_message_stream(variant):
    found = endpoint(variant(), "receipts")
    assert (found.via, found.base_url, found.host) == (Via.API, "https://api.postmarkapp.com", "api.postmarkapp.com")
    assert found.options == {"message_stream": "receipts"}
    assert found.password.name == "server_token"
    assert found.username is None


def test_a_route_may_choose_its_message_stream(variant):
    old = "{role: primary, via: smtp, esp: postmark-main}\n  newsletter"
    new = "{role: primary, via: smtp, esp: postmark-main, settings: {message_stream: outbound}}\n  newsletter"
    assert endpoint(variant((old, new)), "password-reset").headers == (("X-PM-Message-Stream", "outbound"),)


def test_a_default_stream_keeps_the_host_of_its_own_type(variant):
    old = "{role: primary, via: smtp, esp: postmark-main}\napps"
    new = "{role: primary, via: smtp, esp: postmark-main, settings: {message_stream: outbound}}\napps"
    assert endpoint(variant((old, new)), "newsletter").host == "smtp.postmarkapp.com"


@pytest.mark.parametrize("port", [25, 2525])
def test_a_declared_port_is_used(variant, port):
    old = "{role: primary, via: smtp, esp: postmark-main}\n  newsletter"
    found = endpoint(variant((old, old.replace("}\n", f", port: {port}}}\n"))), "password-reset")
    assert (found.port, found.tls) == (port, Tls.STARTTLS)


def test_implicit_tls_is_passed_on_so_that_a_rule_can_refuse_it(variant):
    old = "{role: primary, via: smtp, esp: postmark-main}\n  newsletter"
    found = endpoint(variant((old, old.replace("}\n", ", tls: implicit}\n"))), "password-reset")
    assert found.tls is Tls.IMPLICIT
    assert Tls.IMPLICIT not in found.ports


def test_a_tracked_stream_switches_tracking_on_for_its_own_messages(variant):
    assert endpoint(variant(), "newsletter").headers[1:] == (
        ("X-PM-Track-Opens", "true"),
        ("X-PM-Track-Links", "HtmlAndText"),
    )
    assert endpoint(variant(), "receipts").options == {"message_stream": "receipts"}


def test_where_the_server_tracks_links_an_untracked_stream_switches_it_off(variant):
    setup = variant(("{server: northwind-production}", "{server: northwind-production, tracking: HtmlOnly}"))
    assert ("X-PM-Track-Links", "None") in endpoint(setup, "password-reset").headers
    assert endpoint(setup, "receipts").options["track_links"] == "None"
    assert "X-PM-Track-Links" not in dict(endpoint(setup, "newsletter").headers)
