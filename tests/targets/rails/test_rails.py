"""Rails itself sends with the generated initializer."""

import shlex
from pathlib import Path

import pytest
from app_setups import ONE_CLICK, ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server
from ruby_peers import author_of

from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Tls
from sendspec.targets.ruby_text import ruby_string

RAILS = SPEC.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [rails]")
SEND = 'mailer("codes").hello.deliver_now; true'
FALLBACK = 'mailer("codes").hello_by("codes-fallback").deliver_now; true'


def test_a_stream_leaves_over_tls_with_login_and_its_header_and_the_fallback_is_one_word_away(
    make_application, authority, tmp_path
):
    with (
        smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as primary,
        smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as fallback,
    ):
        setup = move_smtp(compile_text(tmp_path / "specs", RAILS), "postmark-main", primary.port, Tls.STARTTLS)
        application = make_application(move_smtp(setup, "ses-eu", fallback.port, Tls.IMPLICIT))
        assert [result.get("value", result) for result in application.run(SEND, FALLBACK)] == [True, True]
    for server, user in ((primary, NASTY_PASSWORD), (fallback, NASTY_USER)):
        (message,) = server.messages
        assert message.over_tls
        assert (message.user, message.password) == (user, NASTY_PASSWORD)
        assert message.sender == "no-reply@auth.shop.example"
        assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert (primary.last.content["X-PM-Message-Stream"], primary.last.content["X-SES-CONFIGURATION-SET"]) == (
        "codes",
        None,
    )
    assert (fallback.last.content["X-PM-Message-Stream"], fallback.last.content["X-SES-CONFIGURATION-SET"]) == (
        None,
        "ses-eu-codes",
    )


def test_mail_goes_to_a_relay_without_login(make_application, authority, tmp_path):
    """Mail 2.7 uses STARTTLS where it is offered all the same; from 2.8 on (Rails 7) it is off."""
    spec = THROUGH.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [rails]")
    with open_smtp_server(authority) as server:
        setup = move_smtp(only(compile_text(tmp_path / "specs", spec), "shop"), "relay", server.port, Tls.NONE)
        application = make_application(setup)
        assert "enable_starttls: false" in application.text
        assert application.run(SEND, SES_SMTP_PASSWORD=None, POSTMARK_SERVER_TOKEN=None) == [{"value": True}]
    assert server.logins == []
    assert server.last.sender == "no-reply@auth.shop.example"
    assert "X-PM-Message-Stream" not in server.last.content


def test_a_server_without_starttls_gets_neither_login_nor_mail(make_application, authority, tmp_path):
    with smtp_server(authority, Tls.NONE, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", RAILS), "ses-eu", server.port, Tls.STARTTLS)
        (result,) = make_application(setup).run(FALLBACK)
    assert result["error"] == "Net::SMTPUnsupportedCommand"
    assert (server.connections, server.logins, server.messages) == (1, [], [])


def test_a_server_without_a_trusted_certificate_gets_no_login(make_application, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", RAILS), "ses-eu", server.port, Tls.STARTTLS)
        (result,) = make_application(setup).run(FALLBACK, SSL_CERT_FILE=None)
    assert result["error"] == "OpenSSL::SSL::SSLError"
    assert server.logins == []


LATER = """
ActiveJob::Base.queue_adapter = ActiveJob::QueueAdapters::TestAdapter.new
ActiveJob::Base.queue_adapter.perform_enqueued_jobs = ActiveJob::Base.queue_adapter.perform_enqueued_at_jobs = true
mailer("codes").%s.deliver_later
true
"""


def test_active_job_tries_again_after_4yz_and_never_after_5yz_or_a_lost_answer(make_application, authority, tmp_path):
    with (
        smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as primary,
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as fallback,
    ):
        primary.answer = lambda phase: "451 4.7.1 Later" if phase == "RCPT" else None
        refusals = iter(["550 5.1.1 No", "close"])
        fallback.answer = lambda phase: next(refusals) if phase == "DATA" else None
        setup = move_smtp(compile_text(tmp_path / "specs", RAILS), "postmark-main", primary.port, Tls.STARTTLS)
        application = make_application(move_smtp(setup, "ses-eu", fallback.port, Tls.STARTTLS))
        by_fallback = LATER % 'hello_by("codes-fallback")'
        busy, refused, lost = application.run(LATER % "hello", by_fallback, by_fallback)
    assert (busy.get("error"), primary.connections) == ("Net::SMTPServerBusy", 4)
    assert (refused.get("error"), lost.get("error")) == ("Net::SMTPFatalError", "EOFError")
    assert fallback.connections == 2


def test_the_smoke_test_in_the_header_sends_by_the_route_that_the_environment_names(
    make_application, authority, tmp_path
):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", RAILS), "ses-eu", server.port, Tls.STARTTLS)
        application = make_application(setup)
        (line,) = (line for line in application.text.splitlines() if line.startswith("# Smoke test: "))
        words = shlex.split(line.removeprefix("# Smoke test: "))
        assert words[:4] == ["bin/rails", "runner", "-e", "production"]
        results = application.run(f"{words[4]}; true", MAIL_ROUTE_CODES="codes-fallback")
        assert results == [{"value": True}]
    assert [address.upper() for address in server.last.recipients] == ["YOU@EXAMPLE.ORG"]
    assert server.last.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"


def test_a_route_that_is_misspelt_in_the_environment_stops_the_app(make_application, tmp_path):
    application = make_application(compile_text(tmp_path / "specs", RAILS))
    with pytest.raises(AssertionError, match="MAIL_ROUTE_CODES is codes-falback; it can be codes, codes-fallback"):
        application.run("1", MAIL_ROUTE_CODES="codes-falback")


def test_without_a_secret_the_app_stops_and_says_where_it_is_kept_but_tests_need_none(make_application, tmp_path):
    application = make_application(compile_text(tmp_path / "specs", RAILS))
    with pytest.raises(
        AssertionError, match="SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password"
    ):
        application.run("1", SES_SMTP_PASSWORD=None)
    results = application.run(
        SEND, FALLBACK, "ActionMailer::Base.deliveries.map(&:from)", rails="test", SES_SMTP_PASSWORD=None
    )
    assert results == [{"value": True}, {"value": True}, {"value": [["no-reply@auth.shop.example"]] * 2}]


def test_no_customer_is_the_from_of_every_message_and_no_stream_lends_its_from(make_application, authority, tmp_path):
    text = ONE_CUSTOMER.replace("via: api, esp: postmark-main", "via: smtp, esp: postmark-main").replace(
        "streams: [receipts]", "streams: [receipts, codes]"
    )
    text = text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [rails]")
    application = make_application(compile_text(tmp_path / "specs", text))
    assert "# receipts has a sender for each customer: the app gives From with each message" in application.text
    assert "billing@mail.shop.example" not in application.text
    froms = application.run(
        'mailer("receipts").hello.from', 'mailer("codes").hello_by("receipts").from', 'mailer("codes").hello.from'
    )
    assert froms == [{"value": None}, {"value": None}, {"value": ["no-reply@auth.shop.example"]}]


def test_what_stands_in_braces_of_an_unsubscribe_url_is_filled_in_and_never_forgotten(make_application, tmp_path):
    text = ONE_CLICK.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [rails]")
    filled, forgotten = make_application(compile_text(tmp_path / "specs", text)).run(
        'MailStreams.unsubscribe("news", token: "a b/c")', 'MailStreams.unsubscribe("news")'
    )
    assert filled["value"] == {
        "List-Unsubscribe": "<https://shop.example/u/a%20b%2Fc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert forgotten["error"] == "KeyError"


def test_any_text_reads_back_as_itself_and_any_name_as_the_author(make_application, tmp_path, texts):
    collected: list[str] = []
    names: list[str] = []

    @settings(max_examples=60)
    @given(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=20),
    )
    def collect(text, name):
        collected.append(text)
        names.append(" ".join(name.split()) or "x")

    collect()
    everything = texts(collected)
    froms = [ruby_string(Mailbox(name, "a@b.example").to_text()) for name in names]
    application = make_application(compile_text(tmp_path / "specs", RAILS))
    read, authors = application.run(
        f"[{', '.join(map(ruby_string, everything))}]",
        f'[{", ".join(froms)}].map {{ |from| ActionMailer::Base.mail(to: "a@b.example", from: from, body: "x").encoded }}',
    )
    assert read["value"] == everything
    assert all(character.isprintable() for text in everything for character in ruby_string(text))
    assert [author_of(message) for message in authors["value"]] == [(name, "a@b.example") for name in names]


def test_a_change_by_hand_is_the_variable_that_the_file_names(make_application, authority, tmp_path):
    with fallback_alone(authority, compile_text(tmp_path / "specs", RAILS)) as (setup, server):
        application = make_application(setup)
        (absent,) = application.run(SEND)
        assert absent["error"] == "Errno::ECONNREFUSED"
        change = said_by(application.text)
        assert application.run(SEND, **variables_in(change)) == [{"value": True}]
    prove(Path(__file__).with_name("by_hand.json"), server, change)
