"""The generated gitlab.rb, evaluated and delivered with as GitLab does."""

from pathlib import Path

from app_setups import ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server

from sendspec.model.vocabulary import Tls
from sendspec.targets.gitlab.render import yaml_string
from sendspec.targets.ruby_text import ruby_string

TARGETS = "targets: [dotenv, django, nodemailer, postfix]"
GITLAB = SPEC.replace(TARGETS, "targets: [gitlab]")


def test_gitlab_sends_as_the_first_stream_that_is_not_bulk_and_by_the_route_that_the_environment_names(
    make_gitlab, authority, tmp_path
):
    with (
        smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as primary,
        smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as fallback,
    ):
        setup = move_smtp(compile_text(tmp_path / "specs", GITLAB), "postmark-main", primary.port, Tls.STARTTLS)
        gitlab = make_gitlab(move_smtp(setup, "ses-eu", fallback.port, Tls.IMPLICIT))
        switch = 'ENV["MAIL_ROUTE"] = "codes-fallback"'
        results = gitlab.run("deliver(start); true", f"{switch}; deliver(start); true")
        assert results == [{"value": True}, {"value": True}]
    for server, user in ((primary, NASTY_PASSWORD), (fallback, NASTY_USER)):
        (message,) = server.messages
        assert message.over_tls
        assert (message.user, message.password) == (user, NASTY_PASSWORD)
        assert message.sender == "no-reply@auth.shop.example"
        assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")


def test_the_two_tls_switches_are_never_on_together(make_gitlab, tmp_path):
    setup = compile_text(tmp_path / "specs", GITLAB)
    snippets = []
    for tls in Tls:
        gitlab = make_gitlab(move_smtp(setup, "postmark-main", 587, tls))
        copy = gitlab.path.rename(gitlab.path.with_name(f"{tls}.rb"))
        snippets.append(f'evaluate({ruby_string(str(copy))}).values_at("smtp_enable_starttls_auto", "smtp_tls")')
    expected = {Tls.STARTTLS: [True, False], Tls.IMPLICIT: [False, True], Tls.NONE: [False, False]}
    assert gitlab.run(*snippets) == [{"value": expected[tls]} for tls in Tls]


def test_starttls_that_gitlab_cannot_require_is_warned_of_and_the_warning_is_right(make_gitlab, authority, tmp_path):
    """A server that hides STARTTLS gets the login in clear: that is why the target does not claim to require it."""
    with smtp_server(authority, Tls.NONE, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", GITLAB), "postmark-main", server.port, Tls.STARTTLS)
        gitlab = make_gitlab(setup)
        gitlab.run("deliver(start)")
    assert len(server.logins) == 1
    text = " ".join(gitlab.text.replace("#", " ").split())
    assert "GitLab cannot require STARTTLS" in text
    assert "say `tls: implicit` at the route: email-smtp.eu-west-1.amazonaws.com serves it on 465" in text


def test_a_server_without_a_trusted_certificate_gets_no_login(make_gitlab, authority, tmp_path):
    with smtp_server(authority, Tls.IMPLICIT, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", GITLAB), "postmark-main", server.port, Tls.IMPLICIT)
        (result,) = make_gitlab(setup).run("deliver(start)", SSL_CERT_FILE=None)
    assert result["error"] == "OpenSSL::SSL::SSLError"
    assert server.logins == []


def test_mail_goes_to_a_relay_without_login(make_gitlab, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH.replace(TARGETS, "targets: [gitlab]")), "shop")
        gitlab = make_gitlab(move_smtp(setup, "relay", server.port, Tls.NONE))
        assert gitlab.run("deliver(start); true", POSTMARK_SERVER_TOKEN=None) == [{"value": True}]
    assert server.logins == []
    assert server.last.sender == "no-reply@auth.shop.example"


def test_a_missing_secret_and_a_misspelt_route_stop_reconfigure(make_gitlab, tmp_path):
    gitlab = make_gitlab(compile_text(tmp_path / "specs", GITLAB))
    missing, misspelt = gitlab.run("evaluate", 'ENV["MAIL_ROUTE"] = "x"; evaluate', POSTMARK_SERVER_TOKEN=None)
    assert missing["message"] == "POSTMARK_SERVER_TOKEN is not set; its value is kept at op://mail/postmark/token"
    assert misspelt["message"] == "MAIL_ROUTE is none of: codes, codes-fallback"


def test_what_is_left_out_is_said(make_gitlab, tmp_path):
    text = make_gitlab(compile_text(tmp_path / "specs", GITLAB)).text
    assert "# news is not written: GitLab has one SMTP server and sends everything as codes" in text
    assert "`X-PM-Message-Stream: codes` is missing" in text


def test_no_customer_is_the_from_of_everything(make_gitlab, tmp_path):
    text = ONE_CUSTOMER.replace("via: api, esp: postmark-main", "via: smtp, esp: postmark-main")
    gitlab = make_gitlab(compile_text(tmp_path / "specs", text.replace(TARGETS, "targets: [gitlab]")))
    assert "set gitlab_email_from to an address of your own" in " ".join(gitlab.text.replace("#", " ").split())
    assert "billing@mail.shop.example" not in gitlab.text
    assert gitlab.run('evaluate["smtp_address"]') == [{"value": "smtp.postmarkapp.com"}]


def test_any_display_name_comes_through_ruby_erb_and_yaml_as_itself(make_gitlab, tmp_path):
    names = [
        "a #b",
        "yes",
        "1e3",
        "<%= 1 %>",
        "<%",
        "%>",
        ": x",
        "- x",
        "'",
        '"',
        "\\",
        "#{1}",
        "𝒳",
        "\u2028",
        " x ",
        "!ruby/object:X",
    ]

    @settings(max_examples=60)
    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
    def collect(name):
        names.append(name)

    collect()
    gitlab = make_gitlab(compile_text(tmp_path / "specs", GITLAB))
    values = ", ".join(ruby_string(yaml_string(name)) for name in names)
    (read,) = gitlab.run(
        f'[{values}].map {{ |name| gitlab_yml("gitlab_email_display_name" => name)["email_display_name"] }}'
    )
    assert read["value"] == names


def test_a_change_by_hand_is_the_variable_that_the_file_names(make_gitlab, authority, tmp_path):
    with fallback_alone(authority, compile_text(tmp_path / "specs", GITLAB)) as (setup, server):
        gitlab = make_gitlab(setup)
        (absent,) = gitlab.run("deliver(start); true")
        assert absent["error"] == "Errno::ECONNREFUSED"
        change = said_by(gitlab.text)
        assert gitlab.run("deliver(start); true", **variables_in(change)) == [{"value": True}]
    prove(Path(__file__).with_name("by_hand.json"), server, change, header=False)
