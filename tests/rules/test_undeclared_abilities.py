"""Rules ask what an ESP or a target declares. Where every one we ship can do a thing, one that cannot is made here."""

from dataclasses import replace

import pytest

from sendspec.model.finding import Severity
from sendspec.model.vocabulary import Capability, Tls
from sendspec.pipeline import compile_folder
from sendspec.rules.apps.target_lacks_feature import needed_features
from sendspec.rules.apps.target_leaves_to_app import wanted_features
from sendspec.rules.routes.need_not_met import RULE as NEED_NOT_MET
from sendspec.rules.routes.wrong_port import RULE as WRONG_PORT
from sendspec.rules.streams.authentication_tracks_clicks import RULE as TRACKS_CLICKS
from sendspec.targets.interface import Feature

SPEC = """
version: 1
domains:
  shop.example: {}
esps:
  main:
    kind: sendgrid
    credentials: {api_key: {from: "op://mail/sendgrid/key"}}
streams:
  login:
    kind: authentication
    from: Shop <login@auth.shop.example>
    routes:
      - {role: primary, via: smtp, esp: main, tls: implicit}
  news:
    kind: marketing
    from: Shop <hello@news.shop.example>
    volume: {peak_per_hour: 14400}
    tracking: {clicks: true}
    routes:
      - {role: primary, via: api, esp: main}
apps:
  shop:
    streams: [login, news]
  legacy:
    streams: [news]
    speaks: [smtp]
  office:
    streams: [login]
    through: shop
"""


@pytest.fixture
def setup(tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    return compile_folder(tmp_path).setup


def without(setup, capability):
    """Give the setup as if its ESP lacked a capability."""
    account = setup.account("main")
    lacking = replace(account, capabilities=account.capabilities - {capability})
    return replace(setup, accounts=(lacking,), index=replace(setup.index, accounts={"main": lacking}))


@pytest.mark.parametrize(
    ("rule", "capability", "place"),
    [
        (TRACKS_CLICKS, Capability.TRACKING_SWITCH, "streams.login.routes[0].esp"),
        (WRONG_PORT, Capability.IMPLICIT_TLS, "streams.login.routes[0].tls"),
        (NEED_NOT_MET, Capability.SMTP, "streams.login.routes[0].via"),
        (NEED_NOT_MET, Capability.API, "streams.news.routes[0].via"),
    ],
)
def test_what_an_esp_cannot_do_is_found_where_the_spec_asks_for_it(setup, rule, capability, place):
    assert list(rule.find(setup)) == []
    (problem,) = rule.find(without(setup, capability))
    assert problem.at.to_text() == place
    assert problem.severity in {None, Severity.ERROR}


def test_a_target_must_express_what_the_app_uses_of_a_route_and_no_more(setup):
    apps = {app.id: app for app in setup.apps}
    routes = {binding.stream.id: binding.route for binding in apps["shop"].bindings}
    assert needed_features(apps["shop"], routes["login"]) == {Feature.IMPLICIT_TLS, Feature.HEADERS}
    assert needed_features(apps["shop"], routes["news"]) == {Feature.API}
    assert needed_features(apps["legacy"], routes["news"]) == set()
    (to_relay,) = [binding.route for binding in apps["office"].bindings]
    assert needed_features(apps["office"], to_relay) == {Feature.ENVELOPE_SENDER}
    by_starttls = replace(routes["login"], endpoint=replace(routes["login"].endpoint, tls=Tls.STARTTLS, headers=()))
    assert needed_features(apps["shop"], by_starttls) == {Feature.STARTTLS}


def test_a_pool_and_a_rate_are_wanted_where_one_connection_is_not_enough(setup):
    apps = {app.id: app for app in setup.apps}
    assert wanted_features(apps["office"]) == {Feature.RETRY}
    assert wanted_features(apps["legacy"]) == {Feature.RETRY, Feature.POOL, Feature.RATE}
