"""What a target's files leave out: said in the files and to the rule alike, and nothing names what is not there."""

import re

import pytest
from app_setups import ENVIRONMENTS, SPEC, THROUGH, compile_text, in_environments

from sendspec.model.vocabulary import Via
from sendspec.pipeline import validate
from sendspec.targets.app_bindings import route_names
from sendspec.targets.interface import Feature, load_target

MIXED = SPEC.replace("fallback, via: smtp, esp: ses-eu}", "fallback, via: smtp, esp: ses-eu, port: 465, tls: implicit}")
SMTP_ONLY = SPEC.replace("via: api, esp: postmark-main", "via: smtp, esp: postmark-main").replace(
    "via: api, esp: ses-eu", "via: smtp, esp: ses-eu"
)


def files(folder, target, text, environment=""):
    setup = compile_text(folder, text.replace("[dotenv, django, nodemailer, postfix]", f"[{target}]"))
    setup = in_environments(setup)
    return "\n".join(
        file.content for file in load_target(target).render(setup) if file.path.startswith(f"apps/shop/{environment}")
    )


def flat(text):
    return re.sub(r"\s*\n\s*(#|//)?\s*", " ", text)


@pytest.mark.parametrize("target", ["postfix", "exim"])
def test_a_relay_says_that_a_fallback_in_another_tls_mode_is_left_out(target, tmp_path):
    (app,) = compile_text(tmp_path / "mixed", MIXED).apps
    (left,) = load_target(target).leaves_out(app)
    assert left.reason.startswith("codes.fallback (ses-eu) is left out")
    assert left.fix == "write `port: 587, tls: starttls` at streams.codes.routes[1]"
    assert f"{left.reason}; {left.fix}" in flat(files(tmp_path / "files", target, MIXED))
    (same,) = compile_text(tmp_path / "same", SPEC).apps
    assert list(load_target(target).leaves_out(same)) == []


@pytest.mark.parametrize("target", ["gitlab", "discourse"])
def test_one_server_leaves_out_every_stream_but_one(target, tmp_path):
    (app,) = compile_text(tmp_path / "app", SMTP_ONLY).apps
    left = list(load_target(target).leaves_out(app))
    assert {each.bindings[0].stream.id for each in left} == {"news", "receipts"}
    written = flat(files(tmp_path / "files", target, SMTP_ONLY))
    assert [each.reason for each in left if each.reason not in written] == []


@pytest.mark.parametrize("target", ["keycloak", "grafana", "supabase-auth"])
def test_a_system_says_which_name_it_cannot_write(target, tmp_path):
    text = SMTP_ONLY.replace(
        "Shop <receipts@mail.shop.example>", '{name: "$(x) ${x} %(x)s `", address: r@mail.shop.example}'
    )
    (app,) = compile_text(tmp_path / "app", text).apps
    left = [each for each in load_target(target).leaves_out(app) if each.bindings[0].stream.id == "receipts"]
    written = flat(files(tmp_path / "files", target, text))
    assert [each.reason for each in left if each.reason not in written] == []
    assert bool(left) is (target != "supabase-auth")  # which has no trouble with that name


def test_no_name_of_a_transport_that_is_not_there_stands_in_the_module(tmp_path):
    text = files(tmp_path, "nodemailer", ENVIRONMENTS, "staging/")
    blocks = dict(re.findall(r"^export const (\w+) = \{\n(.*?)^\};", text, re.MULTILINE | re.DOTALL))
    keys = {name: set(re.findall(r'^ {2}"([a-z-]+)":', body, re.MULTILINE)) for name, body in blocks.items()}
    assert "codes" not in keys["transports"]  # Postmark has no sandbox over SMTP
    assert keys["defaults"] == keys["retry"] == keys["transports"]
    assert '"codes": ["codes-fallback"]' in blocks["routes"]


LIBRARIES = ["airflow", "flask-mailman", "fastapi-mail"]
EVERYTHING_BUT_API = frozenset(Feature) - {Feature.API, Feature.RELAY}


@pytest.mark.parametrize("target", LIBRARIES)
def test_every_route_that_a_library_of_smtp_leaves_out_is_a_finding(target, tmp_path):
    setup = compile_text(tmp_path, SPEC.replace("[dotenv, django, nodemailer, postfix]", f"[{target}]"))
    text = "".join(file.content for file in load_target(target).render(setup))
    found = [each.message for each in validate(tmp_path, None).findings if each.rule.startswith("apps-target")]
    names = route_names(setup.apps[0])
    for binding in setup.apps[0].bindings:
        said = f"as the {binding.route.role} of {binding.stream.id} asks"
        is_left_out = f"{names[binding.route.id]} is not written" in text
        assert is_left_out is any(said in message for message in found) is (binding.route.via is Via.API)


@pytest.mark.parametrize("target", [*LIBRARIES, "dotenv", "docker-env", "systemd-env", "kubernetes", "sdk-env"])
def test_what_is_left_to_the_app_is_said_by_the_rule_and_the_file(target, tmp_path):
    text = SPEC.replace("[dotenv, django, nodemailer, postfix]", f"[{target}]").replace("3600", "360000")
    files = flat("".join(file.content for file in load_target(target).render(compile_text(tmp_path, text))))
    (message,) = (
        each.message for each in validate(tmp_path, None).findings if each.rule == "apps-target-leaves-to-app"
    )
    missing = EVERYTHING_BUT_API - load_target(target).expresses
    words = {
        Feature.FAILOVER: ("change to the fallback", "never when the recipient"),
        Feature.RETRY: ("try again", "again"),
        Feature.POOL: ("keep connections open", "at most|MAX_CONNECTIONS|workers"),
        Feature.RATE: ("limit the rate", "a second"),
    }
    assert missing <= set(words)
    assert {feature for feature, (said, _) in words.items() if said in message} == missing
    assert [said for feature in missing if not re.search(said := words[feature][1], files)] == []


def test_airflow_says_that_it_tries_refused_recipients_again(tmp_path):
    (app,) = compile_text(tmp_path / "esp", SMTP_ONLY).apps
    (left,) = load_target("airflow").leaves_out(app)
    assert left.is_left_to_app
    assert {binding.route.id for binding in left.bindings} >= {"codes.primary", "receipts.fallback"}
    assert "a refused recipient" in flat(files(tmp_path / "files", "airflow", SMTP_ONLY))
    app = next(app for app in compile_text(tmp_path / "through", THROUGH).apps if app.through)
    assert list(load_target("airflow").leaves_out(app)) == []


def test_flask_mailman_says_what_mail_without_a_stream_lacks(tmp_path):
    (app,) = compile_text(tmp_path / "esp", SPEC).apps
    (left,) = load_target("flask-mailman").leaves_out(app)
    assert left.is_left_to_app
    assert left.reason.startswith("mail that names no stream leaves as codes without X-PM-Message-Stream,")
    assert "without its headers" in flat(files(tmp_path / "files", "flask-mailman", SPEC))
    app = next(app for app in compile_text(tmp_path / "through", THROUGH).apps if app.through)
    assert list(load_target("flask-mailman").leaves_out(app)) == []


@pytest.mark.parametrize("target", ["django", "spring", "rails", "nodemailer"])
def test_the_change_by_hand_names_mailers_that_are_there(target, tmp_path):
    change = "MAIL_ROUTE=codes-fallback" if target == "spring" else "MAIL_ROUTE_CODES=codes-fallback"
    assert f"by hand, without new code: {change}" in flat(files(tmp_path / "production", target, SPEC))
    assert change not in flat(files(tmp_path / "staging", target, ENVIRONMENTS, "staging/"))


def test_wordpress_gives_its_own_routes_as_the_example_of_what_to_switch_off(tmp_path):
    assert "MAIL_ROUTES_OFF=codes,codes-fallback" in files(tmp_path, "wordpress", SPEC)


def test_gitlab_speaks_of_a_change_by_hand_only_where_there_are_two_routes(tmp_path):
    assert "MAIL_ROUTE=codes-fallback" in files(tmp_path / "two", "gitlab", SPEC)
    one = SPEC.replace("fallback, via: smtp, esp: ses-eu", "fallback, via: api, esp: ses-eu")
    assert "MAIL_ROUTE=" not in files(tmp_path / "one", "gitlab", one)


def test_an_app_is_not_promised_a_fallback_that_its_relay_may_lack(tmp_path):
    text = flat(files(tmp_path, "dotenv", THROUGH))
    assert "changes to a fallback by itself where its own files have one" in text
    assert "changes to the fallback by itself" not in text


@pytest.mark.parametrize("target", ["gitlab", "discourse", "mattermost", "sentry"])
def test_a_catcher_counts_mail_to_no_stream(target, tmp_path):
    text = flat(files(tmp_path, target, ENVIRONMENTS, "development/"))
    assert "catcher" in text
    assert "default stream" not in text
    assert "counts as the account's default" not in text
