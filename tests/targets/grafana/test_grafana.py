"""What Grafana reads and sends with, reads the generated sections and sends with them."""

from dataclasses import replace
from pathlib import Path

import pytest
from app_setups import ENVIRONMENTS, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server
from port_465 import port_465

from sendspec.model.vocabulary import Tls
from sendspec.targets.grafana.quoting import ini, unsayable
from sendspec.targets.interface import load_target


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [grafana]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


def test_grafana_sends_over_starttls_and_with_login_as_the_stream(make_grafana, authority, setup):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        grafana = make_grafana(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS))
        done = grafana.send("codes-fallback")
        assert done.returncode == 0, done.stderr
    assert server.last.over_tls
    assert (server.last.user, server.last.password) == (NASTY_USER, NASTY_PASSWORD)
    assert server.last.sender == "no-reply@auth.shop.example"
    assert server.last.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert server.last.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"


def test_port_465_speaks_tls_from_the_first_byte(make_grafana, authority, setup):
    with smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as server, port_465(server.port):
        done = make_grafana(move_smtp(setup, "ses-eu", 465, Tls.IMPLICIT)).send("codes-fallback")
        assert done.returncode == 0, done.stderr
    assert server.last.over_tls
    assert (server.last.user, server.last.password) == (NASTY_USER, NASTY_PASSWORD)


@pytest.mark.parametrize(("port", "tls"), [(2465, Tls.IMPLICIT), (465, Tls.STARTTLS), (465, Tls.NONE)])
def test_tls_that_the_port_would_contradict_is_not_written_and_says_why(make_grafana, setup, port, tls):
    grafana = make_grafana(move_smtp(setup, "ses-eu", port, tls))
    assert not (grafana.folder / "codes-fallback.ini").exists()
    assert "codes-fallback (ses-eu) is not written" in (grafana.folder / "codes.ini").read_text()


def test_a_relay_gets_mail_in_plain_text_and_without_login(make_grafana, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop")
        done = make_grafana(move_smtp(setup, "relay", server.port, Tls.NONE)).send("receipts")
        assert done.returncode == 0, done.stderr
    assert not server.last.over_tls
    assert server.logins == []
    assert server.last.sender == "receipts@mail.shop.example"
    assert "X-PM-Message-Stream" not in server.last.content


def test_a_server_without_starttls_gets_neither_login_nor_mail(make_grafana, authority, setup):
    with smtp_server(authority, Tls.NONE, NASTY_USER, NASTY_PASSWORD) as server:
        done = make_grafana(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS)).send("codes-fallback")
    assert done.returncode == 1
    assert "MandatoryStartTLS required" in done.stderr
    assert (server.logins, server.messages) == ([], [])


def test_a_server_without_a_trusted_certificate_gets_no_login(make_grafana, authority, setup, tmp_path):
    (tmp_path / "nobody.pem").write_text("")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        moved = move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS)
        done = make_grafana(moved, tmp_path / "nobody.pem").send("codes-fallback")
    assert "unknown authority" in done.stderr
    assert server.logins == []


def test_any_text_reads_back_as_itself_or_is_refused(read_values):
    texts = [
        SENDER_NAME,
        NASTY_PASSWORD,
        '"',
        '"""',
        '""""',
        '"""x',
        "`",
        "\\",
        "# x",
        "; x",
        "a = b",
        "[smtp]",
        "x\\",
        " x ",
    ]

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
    def collect(text):
        texts.append(text)

    collect()
    sayable = [text for text in texts if not unsayable(text)]
    assert len(sayable) > len(texts) / 4
    assert read_values(f"value = {ini(text)}" for text in sayable) == sayable


@pytest.mark.parametrize("text", ["${HOME}", "$__env{HOME}", "$__file{/etc/hostname}", "%(behind)s"])
def test_what_grafana_would_replace_is_refused(read_values, text):
    assert unsayable(text)
    assert read_values([f"value = {ini(text)}"]) != [text]


@pytest.mark.parametrize(
    ("header", "reason"),
    [(("x-lower", "v"), "refuses the header name x-lower"), (("X-Upper", "${HOME}"), "X-Upper cannot be said")],
)
def test_a_header_that_grafana_cannot_set_leaves_the_route_out_and_says_why(setup, header, reason):
    def with_header(binding):
        endpoint = replace(binding.route.endpoint, headers=(header,))
        return replace(binding, route=replace(binding.route, endpoint=endpoint))

    apps = tuple(replace(app, bindings=tuple(map(with_header, app.bindings))) for app in setup.apps)
    (file,) = load_target("grafana").render(replace(setup, apps=apps))
    assert file.path == "apps/shop/grafana/README.txt"
    assert reason in file.content


def test_an_app_over_apis_alone_gets_the_reasons(tmp_path):
    setup = compile_text(tmp_path, asking(SPEC).replace("[news, codes, receipts]", "[receipts]"))
    (file,) = load_target("grafana").render(setup)
    assert "Grafana can use no route of the app shop." in file.content
    assert "it goes over the ESP's API" in file.content


def test_mail_for_a_catcher_needs_no_secret(make_grafana, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", asking(ENVIRONMENTS)), "shop", "development")
        account = setup.apps[0].bindings[0].account.id
        grafana = make_grafana(move_smtp(setup, account, server.port, Tls.NONE))
        assert grafana.send("codes").returncode == 0
    assert server.logins == []
    assert "$__env{SES" not in (grafana.folder / "codes.ini").read_text()


def test_a_change_by_hand_is_the_other_file(make_grafana, authority, setup):
    with fallback_alone(authority, setup) as (moved, server):
        grafana = make_grafana(moved)
        assert "connection refused" in grafana.send("codes").stderr
        change = said_by((grafana.folder / "codes.ini").read_text(encoding="utf-8"))
        assert change == "load the file of codes-fallback in place of that of codes"
        done = grafana.send("codes-fallback")
        assert done.returncode == 0, done.stderr
    prove(Path(__file__).with_name("by_hand.json"), server, change)
