"""Jakarta Mail and Spring Framework send with the generated files."""

import base64
import io
from pathlib import Path

import pytest
import yaml
from app_setups import ONE_CLICK, ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server

from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Tls
from sendspec.targets.spring.quoting import from_header, property_value, yaml_value

TARGETS = "targets: [dotenv, django, nodemailer, postfix]"
SPRING = SPEC.replace(TARGETS, "targets: [spring]")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decoded(text: str) -> str:
    return base64.b64decode(text).decode()


@pytest.mark.parametrize("peer", ["JakartaPeer", "SpringPeer"])
def test_each_route_delivers_over_tls_with_login_as_the_stream(java, write_spring, authority, tmp_path, peer):
    with (
        smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as primary,
        smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as fallback,
    ):
        setup = move_smtp(compile_text(tmp_path / "specs", SPRING), "postmark-main", primary.port, Tls.STARTTLS)
        folder = write_spring(move_smtp(setup, "ses-eu", fallback.port, Tls.IMPLICIT))
        if peer == "JakartaPeer":
            commands = [f"send {folder}/{name}.mail.properties" for name in ("codes", "codes-fallback")]
        else:
            commands = [f"send {folder}/application-mail.yml {route}" for route in ("-", "codes-fallback")]
        assert java.run(peer, *commands) == [["ok"], ["ok"]]
    for server, user, header in (
        (primary, NASTY_PASSWORD, ("X-PM-Message-Stream", "codes")),
        (fallback, NASTY_USER, ("X-SES-CONFIGURATION-SET", "ses-eu-codes")),
    ):
        (message,) = server.messages
        assert message.over_tls
        assert (message.user, message.password) == (user, NASTY_PASSWORD)
        assert message.sender == "no-reply@auth.shop.example"
        assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
        assert message.content[header[0]] == header[1]


def test_jakarta_mail_delivers_with_what_spring_makes_of_the_yaml(java, write_spring, authority, tmp_path):
    """Spring Boot 3 hands its properties to Jakarta Mail; the environment names the route."""
    with smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", SPRING), "ses-eu", server.port, Tls.IMPLICIT)
        folder = write_spring(setup)
        ((ok, *pairs),) = java.run("SpringPeer", f"values {folder}/application-mail.yml -", MAIL_ROUTE="codes-fallback")
        assert ok == "ok"
        values = {name: decoded(value) for name, _, value in (pair.partition("=") for pair in pairs)}
        assert (values["spring.mail.username"], values["spring.mail.password"]) == (NASTY_USER, NASTY_PASSWORD)
        properties = {
            name.removeprefix("spring.mail.properties[").removesuffix("]"): value
            for name, value in values.items()
            if name.startswith("spring.mail.properties[")
        }
        properties |= {
            "mail.transport.protocol": values["spring.mail.protocol"],
            "mail.smtp.host": values["spring.mail.host"],
            "mail.smtp.port": values["spring.mail.port"],
            "login.user.env": "SES_SMTP_USERNAME",
            "login.password.env": "SES_SMTP_PASSWORD",
        }
        text = "".join(f"{name}={property_value(value)}\n" for name, value in properties.items())
        assert java.run("JakartaPeer", f"sendas {encoded(text)}") == [["ok"]]
    assert server.last.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert server.last.over_tls


def test_mail_goes_to_a_relay_in_plain_text_and_without_login(java, write_spring, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH.replace(TARGETS, "targets: [spring]")), "shop")
        folder = write_spring(move_smtp(setup, "relay", server.port, Tls.NONE))
        assert java.run("JakartaPeer", f"send {folder}/codes.mail.properties", trusts=False) == [["ok"]]
        assert java.run("SpringPeer", f"send {folder}/application-mail.yml -", trusts=False) == [["ok"]]
    assert [message.over_tls for message in server.messages] == [False, False]
    assert server.logins == []
    assert {message.sender for message in server.messages} == {"no-reply@auth.shop.example"}


def test_a_server_without_starttls_or_a_trusted_certificate_gets_neither_login_nor_mail(
    java, write_spring, authority, tmp_path
):
    with (
        smtp_server(authority, Tls.NONE, NASTY_PASSWORD, NASTY_PASSWORD) as plain,
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as untrusted,
    ):
        setup = move_smtp(compile_text(tmp_path / "specs", SPRING), "postmark-main", plain.port, Tls.STARTTLS)
        folder = write_spring(move_smtp(setup, "ses-eu", untrusted.port, Tls.STARTTLS))
        names = ("codes", "codes-fallback")
        answers = [
            *java.run("JakartaPeer", *(f"send {folder}/{name}.mail.properties" for name in names), trusts=False),
            *java.run("SpringPeer", *(f"send {folder}/application-mail.yml {name}" for name in names), trusts=False),
        ]
    assert [answer[0] for answer in answers] == ["failed"] * 4
    assert (plain.connections, untrusted.connections) == (2, 2)
    assert (plain.logins, untrusted.logins, plain.messages, untrusted.messages) == ([], [], [], [])


def test_a_certificate_for_another_name_gets_no_login(java, write_spring, authority, tmp_path):
    """The name is checked: Jakarta Mail 2.0 does it only when told so."""
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", SPRING), "postmark-main", server.port, Tls.STARTTLS)
        path = write_spring(setup) / "codes.mail.properties"
        text = path.read_text(encoding="utf-8").replace("mail.smtp.host=localhost", "mail.smtp.host=127.1")
        unchecked = text.replace("checkserveridentity=true", "checkserveridentity=false")
        assert text != unchecked
        answers = java.run("JakartaPeer", f"sendas {encoded(text)}", f"sendas {encoded(unchecked)}")
    assert (answers[0][0], answers[1], server.connections, len(server.logins)) == ("failed", ["ok"], 2, 1)


def test_no_customer_is_the_from_of_every_message(java, write_spring, tmp_path):
    text = ONE_CUSTOMER.replace("via: api, esp: postmark-main", "via: smtp, esp: postmark-main")
    folder = write_spring(compile_text(tmp_path / "specs", text.replace(TARGETS, "targets: [spring]")))
    for name in ("application-mail.yml", "receipts.mail.properties"):
        content = (folder / name).read_text(encoding="utf-8")
        assert "# receipts has a sender for each customer: the app gives From with each message" in content
        assert "billing@mail.shop.example" not in content


def test_streams_routes_and_one_click_headers_are_data_that_the_app_can_read(write_spring, tmp_path):
    folder = write_spring(compile_text(tmp_path / "specs", ONE_CLICK.replace(TARGETS, "targets: [spring]")))
    read = yaml.safe_load((folder / "application-mail.yml").read_text(encoding="utf-8"))["mail"]
    assert read["streams"]["codes"] == list(read["routes"]) == ["codes", "codes-fallback"]
    assert read["routes"]["codes"]["retry-base-ms"] == 1000
    assert read["unsubscribe"]["news"] == {
        "[List-Unsubscribe]": "<https://shop.example/u/{token}>",
        "[List-Unsubscribe-Post]": "List-Unsubscribe=One-Click",
    }


def test_any_text_reads_back_as_itself_in_yaml_and_properties_and_any_name_as_the_author(java):
    texts = ["${x}", "\\${x}", "${", "$", "#{1+1}", "yes", "1e3", " a", "a ", "\\", '"', "'", ": x", "# x", "!x", "=",
             "\u2028", "\x00", "𝒳", "ä", "\n", ""]  # fmt: skip
    names = [SENDER_NAME, "Plain", 'A "B" C', "a@b, c", "ä" * 60, "(x)", "=?utf-8?q?x?="]

    @settings(max_examples=60)
    @given(
        st.text(st.sampled_from("${}\\ :#'\"ä") | st.characters(exclude_categories=["Cs"]), max_size=15),
        st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=30),
    )
    def collect(text, name):
        texts.append(text)
        names.append(" ".join(name.split()) or "x")

    collect()
    document = io.StringIO()
    document.write('mail:\n  dollar: "$"\n  backslash: "\\\\"\n  route: "0"\n')
    document.write("".join(f'  t{number}: {yaml_value(text)}\n  u{number}: "${{mail.t{number}}}"\n' for number, text in enumerate(texts)))  # fmt: skip
    ((_, *pairs),) = java.run("SpringPeer", f"values ={encoded(document.getvalue())} -")
    values = {name: decoded(value) for name, _, value in (pair.partition("=") for pair in pairs)}
    assert [values[f"mail.t{number}"] for number in range(len(texts))] == texts
    assert [values[f"mail.u{number}"] for number in range(len(texts))] == texts, "through the route's placeholder too"

    lines = [f"value {encoded(f'x={property_value(text)}')}" for text in texts]
    headers = [from_header(Mailbox(name, "a@b.example")) for name in names]
    froms = [f"from {encoded(f'mail.from={property_value(header)}')}" for header in headers]
    answers = java.run("JakartaPeer", *lines, *froms)
    assert [decoded("".join(answer[1:])) for answer in answers[: len(texts)]] == texts
    assert [(decoded(answer[1]), decoded(answer[2])) for answer in answers[len(texts) :]] == [
        (name, "a@b.example") for name in names
    ]


def test_a_change_by_hand_is_the_variable_that_the_file_names_or_the_other_file(
    java, write_spring, authority, tmp_path
):
    with fallback_alone(authority, compile_text(tmp_path / "specs", SPRING)) as (setup, server):
        folder = write_spring(setup)
        first = f"send {folder}/application-mail.yml -"
        ((failed, *_),) = java.run("SpringPeer", first)
        assert failed == "failed"
        change = said_by((folder / "application-mail.yml").read_text(encoding="utf-8"))
        assert java.run("SpringPeer", first, **variables_in(change)) == [["ok"]]
        prove(Path(__file__).with_name("by_hand.json"), server, change)
        said = said_by((folder / "codes.mail.properties").read_text(encoding="utf-8"))
        assert said == "codes-fallback.mail.properties in place of codes.mail.properties, then restart"
        (folder / "codes-fallback.mail.properties").rename(folder / "codes.mail.properties")
        assert java.run("JakartaPeer", f"send {folder}/codes.mail.properties") == [["ok"]]
    assert server.messages[0].author == server.messages[1].author
