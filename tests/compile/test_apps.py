"""Apps as they are used: through a relay app, and in each of their environments."""

import pytest
from app_setups import ENVIRONMENTS, SPEC, THROUGH, compile_text

from sendspec.model.app import Listener
from sendspec.model.credential import Credential, Literal
from sendspec.model.vocabulary import Mail, Role, Tls, Via


def app_of(folder, text, name="shop", environment=None):
    (app,) = (app for app in compile_text(folder, text).apps if app.id == name)
    return app if environment is None else next(each for each in app.expanded() if each.environment == environment)


def routes_of(app):
    return {binding.route.id: binding.route for binding in app.bindings}


def test_each_stream_of_an_app_that_goes_through_a_relay_has_one_way_there(tmp_path):
    app = app_of(tmp_path, THROUGH)
    assert [(each.stream.id, each.route.role, each.route.via, each.account.id) for each in app.bindings] == [
        (stream, Role.PRIMARY, Via.SMTP, "relay") for stream in ("news", "codes", "receipts")
    ]
    for binding in app.bindings:
        endpoint = binding.route.endpoint
        assert (endpoint.host, endpoint.port, endpoint.tls) == ("localhost", 2525, Tls.NONE)
        assert (endpoint.username, endpoint.password, endpoint.headers, dict(endpoint.options)) == (None, None, (), {})
        assert not binding.account.is_esp
        assert binding.route.origin.to_text() == "apps.shop.through"
    assert app.credentials() == ()


def test_the_numbers_of_a_way_to_a_relay_are_those_of_a_near_server(tmp_path):
    near, far = (routes_of(app_of(tmp_path, text))["codes.primary"].delivery for text in (THROUGH, SPEC))
    assert near.peak_per_second == far.peak_per_second
    assert near.seconds_per_message[1] < far.seconds_per_message[0]
    assert near.connections == 1


def test_the_variables_of_a_way_to_a_relay_name_it_and_no_secret(tmp_path):
    variables = {variable.name: variable for variable in app_of(tmp_path, THROUGH).variables()}
    assert {name: variables[f"MAIL_CODES_PRIMARY_{name}"].value for name in ("VIA", "HOST", "PORT", "TLS")} == {
        "VIA": "smtp",
        "HOST": "localhost",
        "PORT": "2525",
        "TLS": "none",
    }
    assert "plain text" in variables["MAIL_CODES_PRIMARY_TLS"].because
    assert not any(variable.credential for variable in variables.values())
    assert not any("FALLBACK" in name or "_HEADER_" in name for name in variables)


def test_a_relay_listens_where_it_says_or_on_port_25_of_its_machine(tmp_path):
    assert app_of(tmp_path, THROUGH, "relay").listens == Listener("localhost", 2525, Tls.NONE, is_said=True)
    unsaid = THROUGH.replace("    listens: {host: localhost, port: 2525}\n", "")
    endpoint = app_of(tmp_path, unsaid).bindings[0].route.endpoint
    assert (endpoint.host, endpoint.port, endpoint.tls) == ("127.0.0.1", 25, Tls.NONE)
    by_tls = THROUGH.replace("port: 2525", "port: 465, tls: implicit")
    assert app_of(tmp_path, by_tls).bindings[0].route.endpoint.tls is Tls.IMPLICIT


def test_an_app_keeps_the_credentials_of_its_relay_out(tmp_path):
    setup = compile_text(tmp_path, THROUGH)
    shop = next(app for app in setup.apps if app.id == "shop")
    relay = setup.carrier(shop)
    assert relay.id == "relay"
    assert setup.carrier(relay) is relay
    assert {credential.env for credential in relay.credentials()} >= {"POSTMARK_SERVER_TOKEN", "SES_SMTP_PASSWORD"}


def test_apps_that_go_in_a_circle_have_a_carrier_all_the_same(tmp_path):
    setup = compile_text(tmp_path, THROUGH.replace("    listens", "    through: shop\n    listens"))
    assert {setup.carrier(app).id for app in setup.apps} <= {"relay", "shop"}


def test_production_stands_in_its_folder_when_it_is_an_environment_and_in_the_apps_when_it_is_not(tmp_path):
    app = app_of(tmp_path, ENVIRONMENTS)
    assert [each.folder for each in app.expanded()] == [
        "apps/shop/production",
        "apps/shop/development",
        "apps/shop/staging",
    ]
    assert app.environments == ("development", "production", "staging")
    without = app_of(tmp_path, ENVIRONMENTS.replace("      production: {}\n", ""))
    assert [each.folder for each in without.expanded()] == ["apps/shop", "apps/shop/development", "apps/shop/staging"]
    assert routes_of(without) == routes_of(app) == routes_of(app_of(tmp_path, SPEC))


def test_a_caught_route_keeps_its_name_and_its_headers_and_loses_its_login(tmp_path):
    app = app_of(tmp_path, ENVIRONMENTS, environment="development")
    assert app.mail is Mail.CATCHER
    assert list(routes_of(app)) == list(routes_of(app_of(tmp_path, SPEC)))
    for binding in app.bindings:
        endpoint = binding.route.endpoint
        assert (endpoint.via, endpoint.host, endpoint.port, endpoint.tls) == (Via.SMTP, "localhost", 1025, Tls.NONE)
        assert (endpoint.username, endpoint.password, endpoint.base_url) == (None, None, "")
    assert routes_of(app)["codes.primary"].endpoint.headers == (("X-PM-Message-Stream", "codes"),)
    assert routes_of(app)["receipts.primary"].via is Via.SMTP


def test_a_catcher_may_listen_elsewhere(tmp_path):
    text = ENVIRONMENTS.replace("{mail: catcher}", "{mail: catcher, catcher: {host: mailpit, port: 2025}}")
    endpoint = app_of(tmp_path, text, environment="development").bindings[0].route.endpoint
    assert (endpoint.host, endpoint.port) == ("mailpit", 2025)


def test_in_a_sandbox_a_route_has_the_public_token_or_an_option_or_a_login_of_its_own_or_nothing(tmp_path):
    app = app_of(tmp_path, ENVIRONMENTS, environment="staging")
    by_route = {binding.route.id: binding for binding in app.bindings}
    assert by_route["receipts.primary"].route.endpoint.password == Literal("POSTMARK_API_TEST")
    assert by_route["news.primary"].route.endpoint.options["sandbox_mode"] == "true"
    password = by_route["codes.fallback"].route.endpoint.password
    assert isinstance(password, Credential)
    assert (password.env, password.reference) == ("STAGING_SES_PASSWORD", "op://staging/ses/password")
    left_out = by_route["codes.primary"]
    assert "its test token is documented for the API only" in left_out.problem
    endpoint = left_out.route.endpoint
    assert (endpoint.host, endpoint.username, endpoint.password) == ("", None, None)
    assert [variable.name for variable in left_out.variables] == ["MAIL_CODES_FROM"]


def test_credentials_for_another_protocol_make_no_sandbox_of_what_the_machine_brings(tmp_path):
    """The environment's SMTP login says nothing about the AWS credentials that the API would find by itself."""
    staging = app_of(tmp_path, ENVIRONMENTS, environment="staging")
    problem = next(binding.problem for binding in staging.bindings if binding.route.id == "receipts.fallback")
    assert "it has no dry run" in problem


@pytest.mark.parametrize(("said", "expected"), [("targets: [dotenv], ", ("dotenv",)), ("", None)])
def test_an_environment_may_have_other_targets_and_another_delivery(tmp_path, said, expected):
    text = ENVIRONMENTS.replace("{mail: catcher}", f"{{{said}secrets: onepassword, mail: catcher}}")
    production = app_of(tmp_path, text)
    development = app_of(tmp_path, text, environment="development")
    assert development.targets == (expected or production.targets)
    assert (production.secrets, development.secrets) == ("env", "onepassword")


def test_a_relay_with_the_same_environment_carries_its_mail_there(tmp_path):
    text = THROUGH.replace("    through: relay\n", "    through: relay\n    environments: {staging: {mail: sandbox}}\n")
    alone = app_of(tmp_path, text, environment="staging")
    assert all("the relay relay has no environment staging" in binding.problem for binding in alone.bindings)
    both = f"{text}    environments: {{staging: {{mail: sandbox}}}}\n"
    together = app_of(tmp_path, both, environment="staging")
    assert [(each.problem, each.route.endpoint.port) for each in together.bindings] == [("", 2525)] * 3


RELAYS = (
    THROUGH.replace(
        "    through: relay\n",
        "    through: relay\n    environments: {review: {mail: sandbox}, staging: {mail: sandbox}}\n",
    )
    + """    environments:
      production: {listens: {host: relay.internal, port: 26, clients: [10.0.0.7/32, 10.0.1.0/24, "2001:DB8:0::/32"]}}
      review: {mail: sandbox}
      staging: {mail: sandbox, listens: {host: relay.staging.internal, port: 587, tls: starttls}}
"""
)


@pytest.mark.parametrize(
    ("environment", "listener", "place"),
    [
        (
            "",
            Listener("relay.internal", 26, clients=("10.0.0.7", "10.0.1.0/24", "2001:db8::/32"), is_said=True),
            "apps.relay.environments.production.listens",
        ),
        ("review", Listener("localhost", 2525, is_said=True), "apps.relay.listens"),
        (
            "staging",
            Listener("relay.staging.internal", 587, Tls.STARTTLS, is_said=True),
            "apps.relay.environments.staging.listens",
        ),
    ],
)
def test_a_relay_listens_elsewhere_in_an_environment_and_its_apps_go_there(tmp_path, environment, listener, place):
    endpoint = app_of(tmp_path, RELAYS, environment=environment).bindings[0].route.endpoint
    assert (endpoint.host, endpoint.port, endpoint.tls) == (listener.host, listener.port, listener.tls)
    assert endpoint.source == place
    relay = app_of(tmp_path, RELAYS, "relay", environment or "production")
    assert relay.listens == listener
    assert relay.listens.origin.to_text() == place


def test_a_relay_that_says_no_word_on_where_it_listens_has_a_place_to_say_it(tmp_path):
    unsaid = THROUGH.replace("    listens: {host: localhost, port: 2525}\n", "")
    assert app_of(tmp_path, unsaid, "relay").listens.origin.to_text() == "apps.relay.listens"
