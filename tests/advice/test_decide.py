"""SMTP or API: the advice, its numbers, and what turns it."""

import math

import pytest

from sendspec.advice.decide import decide
from sendspec.capacity import in_flight
from sendspec.model.decision import Side
from sendspec.model.vocabulary import Via
from sendspec.pipeline import compile_folder
from sendspec.report.advice import advice_parts

ESPS = """
version: 1
domains:
  shop.example:
    dmarc: {policy: none, reports: ["mailto:d@shop.example"]}
esps:
  postmark-main:
    kind: postmark
    settings: {server: shop}
    credentials: {server_token: {from: "env://POSTMARK"}}
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    credentials: {smtp_username: {from: "env://U"}, smtp_password: {from: "env://P"}}
  sendgrid-main:
    kind: sendgrid
    settings: {}
    credentials: {api_key: {from: "env://SG"}}
"""


def decision(tmp_path, stream="", app="", advice="", esps=ESPS, esp="postmark-main"):
    """Advice for one stream: defaults with what the test adds or changes, as YAML lines."""
    text = f"""{esps}
{advice}
streams:
  mail:
    from: Shop <mail@mail.shop.example>
    routes: [{{role: primary, via: api, esp: {esp}}}]
    {stream}
apps:
  shop:
    streams: [mail]
    {app}
"""
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    (found,) = decide(compile_folder(folder).setup)
    return found


def codes(found):
    return [reason.code for reason in found.reasons]


TRANSACTIONAL = "kind: transactional"
NORTHWIND = {
    "newsletter": (("api", "sendgrid-eu"), None),
    "receipts": (("api", "postmark-main"), ("smtp", "ses-eu")),
    "password-reset": (("smtp", "postmark-main"), ("smtp", "ses-eu")),
    "support": (("smtp", "ses-eu"), None),
}


def test_the_example_is_advised_as_worked_by_hand(northwind):
    found = {each.stream: each.recommended for each in decide(compile_folder(northwind).setup)}
    as_pairs = {
        stream: tuple((choice.via.value, choice.esp) if choice else None for choice in (pair.primary, pair.fallback))
        for stream, pair in found.items()
    }
    assert as_pairs == NORTHWIND


def test_the_example_declares_what_is_advised(northwind):
    assert all(each.recommended == each.declared for each in decide(compile_folder(northwind).setup))


def test_the_newsletter_has_the_capacity_of_the_worked_example(northwind):
    found = next(each for each in decide(compile_folder(northwind).setup) if each.stream == "newsletter").capacity
    assert found.smtp.warm_connections == (5, 19)
    assert found.smtp.cold_connections == (42, 84)
    assert found.api.batch_size == 1000
    assert found.api.calls_per_second < 1


def test_the_numbers_of_the_advice_are_the_ones_in_the_settings(northwind):
    setup = compile_folder(northwind).setup
    capacities = {each.stream: each.capacity for each in decide(setup)}
    for stream, route in setup.routes():
        if route is not stream.routes[0]:
            continue
        capacity = capacities[stream.id]
        expected = capacity.smtp.warm_connections if route.via is Via.SMTP else capacity.api.calls_in_flight
        assert route.delivery.connections == expected[1]


def test_an_app_that_speaks_only_smtp_gets_smtp_whatever_it_needs(tmp_path):
    found = decision(tmp_path, "kind: transactional\n    needs: [templates, batching]", "speaks: [smtp]")
    assert found.recommended.primary.via is Via.SMTP
    assert codes(found)[0] == "SPEAKS_ONLY_SMTP"
    assert "batching: not over SMTP" in found.loses


def test_an_app_without_an_smtp_client_gets_the_api(tmp_path):
    found = decision(tmp_path, "kind: support\n    volume: {per_day: 10}", "speaks: [api]")
    assert found.recommended.primary.via is Via.API
    assert "SPEAKS_ONLY_API" in codes(found)


def test_a_platform_that_blocks_every_submission_port_leaves_the_api(tmp_path):
    low = "kind: support\n    volume: {per_day: 10}"
    assert decision(tmp_path, low).recommended.primary.via is Via.SMTP
    (tmp_path / "blocked").mkdir()
    found = decision(tmp_path / "blocked", low, "blocked_ports: [25, 587, 2525]")
    assert found.recommended.primary.via is Via.API
    assert "PORTS_BLOCKED" in codes(found)


def test_one_open_port_is_enough_for_smtp(tmp_path):
    found = decision(tmp_path, "kind: support\n    volume: {per_day: 10}", "blocked_ports: [25, 587]")
    assert found.recommended.primary.via is Via.SMTP


def test_a_working_smtp_integration_stays_without_a_specific_reason(tmp_path):
    found = decision(tmp_path, "kind: transactional\n    working: smtp\n    needs: [webhooks, metadata]")
    assert found.recommended.primary.via is Via.SMTP
    assert "WORKS_TODAY" in codes(found)
    assert found.declared.primary.via is Via.API


def test_a_specific_reason_outweighs_what_works_today(tmp_path):
    found = decision(tmp_path, "kind: transactional\n    working: smtp\n    needs: [templates]")
    assert found.recommended.primary.via is Via.API
    assert "TEMPLATES_AT_ESP" in codes(found)


def test_scheduling_decides_nothing_where_a_header_does_it_as_well(tmp_path):
    found = decision(tmp_path, "kind: transactional\n    needs: [scheduling]", esp="sendgrid-main")
    assert "SCHEDULING" not in codes(found)
    assert not any("scheduling" in lost for lost in found.loses)


@pytest.mark.parametrize(("per_day", "via"), [(33, Via.SMTP), (34, Via.API)])
def test_about_a_thousand_a_month_is_where_simple_mail_stops_being_low_volume(tmp_path, per_day, via):
    assert decision(tmp_path, f"kind: support\n    volume: {{per_day: {per_day}}}").recommended.primary.via is via


@pytest.mark.parametrize(("per_day", "expected"), [(99_999, False), (100_000, True)])
def test_serious_volume_starts_at_the_threshold(tmp_path, per_day, expected):
    found = decision(tmp_path, f"kind: marketing\n    volume: {{per_day: {per_day}}}")
    assert ("VOLUME_PER_DAY" in codes(found)) is expected


def test_a_threshold_of_the_spec_replaces_the_published_one_and_is_cited(tmp_path):
    found = decision(
        tmp_path, "kind: marketing\n    volume: {per_day: 5000}", advice="advice: {api_from_per_day: 5000}"
    )
    reason = next(each for each in found.reasons if each.code == "VOLUME_PER_DAY")
    assert "advice.api_from_per_day" in reason.source


def test_a_measured_latency_replaces_the_published_one(tmp_path):
    found = decision(
        tmp_path,
        "kind: marketing\n    volume: {peak_per_hour: 360000}",
        advice="advice: {warm_smtp_ms: [50, 100]}",
    )
    assert found.capacity.smtp.warm_connections == (5, 10)


def test_portable_mail_goes_by_smtp(tmp_path):
    found = decision(tmp_path, "kind: notification\n    volume: {per_day: 5000}\n    portable: true")
    assert found.recommended.primary.via is Via.SMTP
    assert next(each for each in found.dimensions if each.name == "dependency on the ESP").favours is Side.SMTP


@pytest.mark.parametrize(("per_day", "expected"), [(1000, False), (1001, True)])
def test_a_fallback_is_advised_above_a_thousand_a_day(tmp_path, per_day, expected):
    found = decision(tmp_path, f"{TRANSACTIONAL}\n    volume: {{per_day: {per_day}}}")
    assert (found.recommended.fallback is not None) is expected


def test_the_fallback_is_another_esp_even_when_an_account_of_the_same_one_is_at_hand(tmp_path):
    second = (
        "  postmark-two: {kind: postmark, settings: {server: two}, credentials: {server_token: {from: 'env://T'}}}\n"
    )
    esps = ESPS.replace("  ses-eu:", f"{second}  ses-eu:")
    found = decision(tmp_path, f"{TRANSACTIONAL}\n    volume: {{per_day: 5000}}", esps=esps)
    assert found.recommended.fallback.esp != "postmark-two"


def test_without_another_esp_the_advice_says_that_one_is_missing(tmp_path):
    esps = ESPS[: ESPS.index("  ses-eu:")]
    found = decision(tmp_path, f"{TRANSACTIONAL}\n    volume: {{per_day: 5000}}", esps=esps)
    assert found.recommended.fallback.esp == ""
    assert "add one" in next(each.text for each in found.reasons if each.code == "FALLBACK")


def test_a_campaign_queues_rather_than_fails_over(tmp_path):
    found = decision(tmp_path, "kind: marketing\n    volume: {per_day: 50000}")
    assert found.recommended.fallback is None
    assert "CAMPAIGN_QUEUES" in codes(found)


def test_mail_from_templates_of_the_esp_cannot_fail_over(tmp_path):
    found = decision(tmp_path, f"{TRANSACTIONAL}\n    needs: [templates]\n    volume: {{per_day: 50000}}")
    assert found.recommended.fallback is None
    assert "TEMPLATES_BIND" in codes(found)


def test_deliverability_is_said_and_never_scored(tmp_path):
    found = decision(tmp_path, TRANSACTIONAL)
    assert "DELIVERABILITY_EQUAL" in codes(found)
    assert not any(each.name == "deliverability" for each in found.dimensions)


def test_there_are_eight_dimensions_in_the_order_people_ask_for_them(tmp_path):
    assert [each.name for each in decision(tmp_path, TRANSACTIONAL).dimensions] == [
        "integration effort",
        "latency",
        "throughput",
        "feature access",
        "deliverability feedback",
        "dependency on the ESP",
        "template management",
        "typical use case",
    ]


def test_every_reason_has_a_code_a_text_and_a_source(northwind):
    for each in decide(compile_folder(northwind).setup):
        assert all(reason.code.isupper() and reason.text and reason.source for reason in each.reasons)


def test_the_document_for_programs_has_the_promised_members(northwind):
    streams = advice_parts(decide(compile_folder(northwind).setup))["streams"]
    assert [each["stream"] for each in streams] == sorted(NORTHWIND)
    for each in streams:
        assert {"stream", "recommended", "declared", "dimensions", "reasons", "capacity", "loses"} <= each.keys()
        assert each["recommended"].keys() == each["declared"].keys() == {"primary", "fallback"}
        assert each["recommended"]["primary"].keys() == {"via", "esp"}
        assert [set(dimension) for dimension in each["dimensions"]] == [{"name", "smtp", "api", "favours"}] * 8
        assert all(reason.keys() == {"code", "text", "source"} for reason in each["reasons"])


@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0, 10.0, 41.67])
def test_littles_law_never_gives_less_than_the_work_and_never_two_too_many(rate):
    for count, seconds in zip(in_flight(rate, (0.1, 0.5)), (0.1, 0.5), strict=True):
        assert max(1, math.floor(rate * seconds)) <= count <= math.ceil(rate * seconds) + (rate == 0.0)
