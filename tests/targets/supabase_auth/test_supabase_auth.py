"""Compose and a TOML reader read what is generated for Supabase Auth; Supabase Auth itself is not to be had here."""

import json
import tomllib
from dataclasses import replace

import pytest
from app_setups import SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only, write_files
from compose_peer import compose, environment_of
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER

from sendspec.model.vocabulary import Tls
from sendspec.targets.compose_text import compose_value
from sendspec.targets.interface import load_target
from sendspec.targets.quoted_text import double_quoted

SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [supabase-auth]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


@pytest.fixture
def write(tmp_path):
    return lambda setup: write_files(setup, "supabase-auth", tmp_path / "output") / "supabase-auth"


def test_the_service_gets_every_setting_and_the_secrets_as_they_are(find_tool, write, setup, tmp_path):
    file = write(setup) / "codes-fallback.compose.yaml"
    found = environment_of(compose(find_tool("docker-compose"), tmp_path, file, SECRETS))
    assert json.loads(found.pop("GOTRUE_SMTP_HEADERS")) == {"X-SES-CONFIGURATION-SET": ["ses-eu-codes"]}
    assert found == {
        "GOTRUE_SMTP_HOST": "email-smtp.eu-west-1.amazonaws.com",
        "GOTRUE_SMTP_PORT": "587",
        "GOTRUE_SMTP_USER": NASTY_USER,
        "GOTRUE_SMTP_PASS": NASTY_PASSWORD,
        "GOTRUE_SMTP_ADMIN_EMAIL": "no-reply@auth.shop.example",
        "GOTRUE_SMTP_SENDER_NAME": SENDER_NAME,
        "GOTRUE_RATE_LIMIT_EMAIL_SENT": "3600",
    }


def test_without_a_secret_nothing_starts(find_tool, write, setup, tmp_path):
    file = write(setup) / "codes-fallback.compose.yaml"
    done = compose(find_tool("docker-compose"), tmp_path, file, SECRETS | {"SES_SMTP_PASSWORD": ""})
    assert done.returncode == 1
    assert "is not set" in done.stderr


def test_a_relay_has_no_login_and_none_is_left_over_from_the_services_own_file(find_tool, write, tmp_path):
    folder = write(only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop"))
    found = environment_of(compose(find_tool("docker-compose"), tmp_path, folder / "codes.compose.yaml", {}))
    assert (found["GOTRUE_SMTP_HOST"], found["GOTRUE_SMTP_PORT"]) == ("localhost", "2525")
    assert found["GOTRUE_SMTP_USER"] == found["GOTRUE_SMTP_PASS"] == found["GOTRUE_SMTP_HEADERS"] == ""
    assert not list(folder.glob("*.toml")), "the CLI refuses a server without a login"


def test_the_cli_gets_the_same_with_secrets_by_name(write, setup):
    found = tomllib.loads((write(setup) / "codes-fallback.config.toml").read_text(encoding="utf-8"))["auth"]
    assert found["email"]["smtp"] == {
        "enabled": True,
        "host": "email-smtp.eu-west-1.amazonaws.com",
        "port": 587,
        "user": "env(SES_SMTP_USERNAME)",
        "pass": "env(SES_SMTP_PASSWORD)",
        "admin_email": "no-reply@auth.shop.example",
        "sender_name": SENDER_NAME,
    }
    assert found["rate_limit"] == {"email_sent": 3600}


def test_starttls_that_cannot_be_required_is_said(write, setup):
    text = (write(setup) / "codes.compose.yaml").read_text(encoding="utf-8")
    assert "uses STARTTLS where the server offers it and cannot require it" in text


def test_implicit_tls_is_port_465_alone(write, setup):
    folder = write(move_smtp(setup, "ses-eu", 2465, Tls.IMPLICIT))
    assert not (folder / "codes-fallback.compose.yaml").exists()
    folder = write(move_smtp(setup, "ses-eu", 465, Tls.IMPLICIT))
    text = (folder / "codes-fallback.compose.yaml").read_text(encoding="utf-8")
    assert 'GOTRUE_SMTP_PORT: "465"' in text
    assert "cannot require it" not in text


def test_a_header_that_supabase_auth_would_change_leaves_the_route_out_and_says_why(setup):
    def with_header(binding):
        endpoint = replace(binding.route.endpoint, headers=(("X-Tag", "a $messageType b"),))
        return replace(binding, route=replace(binding.route, endpoint=endpoint))

    apps = tuple(replace(app, bindings=tuple(map(with_header, app.bindings))) for app in setup.apps)
    (file,) = load_target("supabase-auth").render(replace(setup, apps=apps))
    text = " ".join(file.content.replace("#", " ").split())
    assert "in place of $messageType in the header X-Tag" in text


def test_any_text_reads_back_as_itself(find_tool, tmp_path):
    texts = [
        SENDER_NAME,
        NASTY_PASSWORD,
        "${HOME}",
        "$$",
        "yes",
        "587",
        "~",
        "\x7f",
        "\U000e0001",
        "x: y # z",
    ]

    # Compose shows what it read as YAML of its own, in which line ends do not last.
    @given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20))
    def collect(text):
        texts.append(text)

    collect()
    lines = "".join(f"      V{number}: {compose_value(text)}\n" for number, text in enumerate(texts))
    file = tmp_path / "any.compose.yaml"
    file.write_text(f"services:\n  auth:\n    environment:\n{lines}", encoding="utf-8")
    found = environment_of(compose(find_tool("docker-compose"), tmp_path, file, {}))
    assert [found[f"V{number}"] for number in range(len(texts))] == texts
    texts += ["\u2028", "\x85", "\n", "\t", "\x00"]
    toml = "".join(f"v{number} = {double_quoted(text)}\n" for number, text in enumerate(texts))
    assert list(tomllib.loads(toml).values()) == texts
