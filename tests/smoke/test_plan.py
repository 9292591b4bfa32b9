"""What will run, as it is shown before anything happens."""

import pytest
from app_setups import THROUGH, compile_text
from smoke_world import compiled, plan

from sendspec.errors import UsageError
from sendspec.model.smoke import Way
from sendspec.model.vocabulary import Event
from sendspec.report.smoke import plan_part, plan_text
from sendspec.report.terminal import Paint

HERE = ("127.0.0.1", 8025)


def test_the_primary_comes_first_and_a_route_can_be_chosen(setup):
    assert [step.route.id for step in plan(setup, "codes").routes] == ["codes.primary", "codes.fallback"]
    for choice in ("fallback", "codes.fallback"):
        assert [step.route.id for step in plan(setup, "codes", route=choice).routes] == ["codes.fallback"]


def test_the_way_is_what_was_chosen_else_what_the_esp_can(setup):
    ways = lambda **choices: [step.way for step in plan(setup, "codes", **choices).routes]  # noqa: E731 - a table
    assert ways() == [Way.LOOKUP, None]
    assert ways(listen=HERE) == [Way.LISTEN, Way.LISTEN]
    assert ways(queue="https://sqs/q") == [Way.LOOKUP, Way.QUEUE]


def test_the_test_address_is_one_whose_event_is_subscribed_to(setup):
    (step,) = plan(setup, "support", listen=HERE).routes
    assert step.expected is Event.BOUNCED
    assert step.recipient.startswith("bounce+sendspec-")
    (step,) = plan(setup, "news", listen=HERE).routes
    assert step.expected is Event.DELIVERED


def test_an_address_of_ones_own_bounces_nothing(setup):
    (step,) = plan(setup, "support", listen=HERE, to="me@shop.example").routes
    assert step.recipient == "me@shop.example"
    assert (step.way, step.expected) == (None, None)
    assert "subscribes to bounced" in step.blind
    assert plan(setup, "codes", to="me@shop.example").routes[0].expected is Event.DELIVERED


def test_a_command_gets_its_placeholders_filled_in(tmp_path):
    setup = compiled(
        tmp_path / "specs", ["./smoke", "--to={to}", "{subject}", "{marker}", "{stream}", "{other}", "{{to}}"]
    ).setup
    planned = plan(setup, "codes", tmp_path)
    to, marker = planned.recipient, planned.marker
    assert planned.argv == (
        "./smoke", f"--to={to}", f"sendspec smoke test {marker}", marker, "codes", "{other}", f"{{{to}}}",
    )  # fmt: skip
    assert planned.app is not None
    assert planned.app.id == "login"


def test_a_route_that_is_chosen_runs_no_command(tmp_path):
    setup = compiled(tmp_path / "specs", ["./smoke"]).setup
    assert plan(setup, "codes", tmp_path, route="primary").app is None
    assert plan(setup, "receipts", tmp_path).app is None


def test_an_app_that_goes_through_a_relay_is_tried_by_its_command_and_judged_by_the_relays_routes(tmp_path):
    setup = compile_text(tmp_path / "specs", THROUGH.replace("    through:", "    smoke_test: [./smoke]\n    through:"))
    planned = plan(setup, "codes", tmp_path, app="shop")
    assert planned.app is not None
    assert planned.app.id == "shop"
    assert [step.account.id for step in planned.routes] == ["postmark-main", "ses-eu"]
    assert [each.env for each in planned.routes[1].credentials] == ["SES_SMTP_USERNAME", "SES_SMTP_PASSWORD"]


def test_what_is_shown_names_credentials_and_never_their_values(setup):
    text = plan_text(plan(setup, "codes"), Paint(is_on=False))
    assert "reads: postmark-main.server_token from env://POSTMARK_SERVER_TOKEN" in text
    assert "email-smtp.eu-west-1.amazonaws.com:587 (starttls)" in text
    assert "an application tries up to" in text
    part = plan_part(plan(setup, "news"))
    assert part["routes"][0]["not_seen_because"].startswith("the Email Activity API")


def test_names_that_are_not_there_are_usage_errors(setup):
    for choices in ({"route": "fallback-2"}, {"app": "shop"}):
        with pytest.raises(UsageError):
            plan(setup, "codes", **choices)


def test_an_api_route_without_keys_sends_with_what_the_machine_brings(tmp_path):
    text = tmp_path / "specs" / "spec.yaml"
    compiled(tmp_path / "specs")
    spec = text.read_text(encoding="utf-8")
    without = "\n".join(line for line in spec.splitlines() if "AWS_" not in line)
    text.write_text(without, encoding="utf-8")
    from sendspec.pipeline import compile_folder

    (step,) = plan(compile_folder(tmp_path / "specs").setup, "support").routes
    assert [credential.reference for credential in step.credentials] == ["aws-ambient://default"]
