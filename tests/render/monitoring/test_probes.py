"""Which targets there are, and what their labels say."""

from collections.abc import Mapping

import pytest
import yaml

from sendspec.model.output_file import OutputFile
from sendspec.render.monitoring import dns_records
from sendspec.render.monitoring.probes import joined

SPEC = """\
version: 1
domains:
  shop.example: {{dmarc: {{policy: none, reports: ["mailto:d@shop.example"]}}}}
  customer.example: {{authority: customer}}
  zcustomer.example: {{authority: customer}}
esps:
  one: {{kind: postmark, settings: {{server: x}}, credentials: {{server_token: {{from: "env://T", env: T}}}}}}
  two: {{kind: ses, settings: {{region: eu-west-1}}, credentials: {{smtp_username: {{from: "env://U", env: U}}, smtp_password: {{from: "env://P", env: P}}}}}}
streams:
{streams}
"""
STREAM = "  {id}: {{kind: transactional, from: a@{domain}, routes: [{routes}]}}"
PRIMARY, FALLBACK = (
    "{role: primary, via: smtp, esp: two, port: 465, tls: implicit}",
    "{role: fallback, via: smtp, esp: two}",
)


def labels_of(file: OutputFile) -> list[tuple[str, dict[str, str]]]:
    return [(entry["targets"][0], entry["labels"]) for entry in yaml.safe_load(file.content)]


def spec(*streams: tuple[str, str, str]) -> str:
    lines = [STREAM.format(id=name, domain=domain, routes=routes) for name, domain, routes in streams]
    return SPEC.format(streams="\n".join(lines))


def test_streams_that_leave_the_same_way_share_a_target_and_roles_do_not(example: Mapping[str, OutputFile]) -> None:
    assert [
        (target, labels["stream"], labels["role"], labels["esp"])
        for target, labels in labels_of(example["targets/smtp.yml"])
    ] == [
        ("email-smtp.eu-west-1.amazonaws.com:587", "password-reset,receipts", "fallback", "ses-eu"),
        ("email-smtp.eu-west-1.amazonaws.com:587", "support", "primary", "ses-eu"),
        ("smtp.postmarkapp.com:587", "password-reset", "primary", "postmark-main"),
    ]


def test_an_api_is_asked_for_a_path_that_needs_a_key(example: Mapping[str, OutputFile]) -> None:
    assert [(target, labels["host"], labels["via"]) for target, labels in labels_of(example["targets/api.yml"])] == [
        ("https://api.eu.sendgrid.com/v3/scopes", "api.eu.sendgrid.com", "api"),
        ("https://api.postmarkapp.com/server", "api.postmarkapp.com", "api"),
    ]


def test_every_esp_names_a_path_that_answers_without_a_key(example: Mapping[str, OutputFile], files_for) -> None:
    files = files_for(spec(("a", "shop.example", "{role: primary, via: api, esp: two}")))
    assert [target for target, _ in labels_of(files["targets/api.yml"])] == [
        "https://email.eu-west-1.amazonaws.com/v2/email/account"
    ]


def test_the_module_follows_the_tls_of_the_route(files_for) -> None:
    files = files_for(
        spec(("a", "shop.example", PRIMARY), ("b", "shop.example", "{role: primary, via: smtp, esp: one}, " + FALLBACK))
    )
    assert {
        (target.partition(":")[2], labels["__param_module"]) for target, labels in labels_of(files["targets/smtp.yml"])
    } == {
        ("465", "smtp_implicit_tls"),
        ("587", "smtp_starttls"),
    }
    assert set(yaml.safe_load(files["blackbox.yml"].content)["modules"]) >= {"smtp_implicit_tls", "smtp_starttls"}
    assert "api_answers" not in files["blackbox.yml"].content


def test_a_record_that_only_fallbacks_need_says_so_and_the_domains_own_has_no_role(
    example: Mapping[str, OutputFile],
) -> None:
    roles = {labels["__param_module"]: labels.get("role") for _, labels in labels_of(example["targets/dns.yml"])}
    assert roles["dns_txt__dmarc.northwind.example"] is None
    assert roles["dns_mx_bounce.mail.northwind.example"] == "fallback"
    assert roles["dns_mx_bounce.help.northwind.example"] == "primary"
    assert roles["dns_cname_pm-bounces.mail.northwind.example"] == "primary"


def test_pending_records_and_values_of_others_are_not_probed(example: Mapping[str, OutputFile]) -> None:
    text = example["blackbox.yml"].content
    assert "news.northwind.example" not in text
    assert "google-site-verification" not in text
    assert "3 more have no value yet" in text


def test_what_finds_no_room_is_counted_and_own_domains_come_first(files_for, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = [
        (f"s{number}", domain, PRIMARY)
        for number, domain in enumerate(("shop.example", "customer.example", "zcustomer.example"))
    ]
    everything = files_for(spec(*streams))
    names = [labels["host"] for _, labels in labels_of(everything["targets/dns.yml"])]
    assert {name.removeprefix("bounce.") for name in names} == {
        "_dmarc.shop.example",
        "shop.example",
        "customer.example",
        "zcustomer.example",
    }
    monkeypatch.setattr(dns_records, "MAX_RECORDS", 4)
    few = files_for(spec(*streams))
    assert [labels["host"] for _, labels in labels_of(few["targets/dns.yml"])] == [
        "_dmarc.shop.example",
        "bounce.customer.example",
        "bounce.shop.example",
        "bounce.shop.example",
    ]
    assert f"{len(names) - 4} more records are not probed" in few["blackbox.yml"].content


def test_of_many_streams_a_label_names_a_few() -> None:
    assert joined(["b", "a", "b"]) == "a,b"
    assert joined(f"s{number}" for number in range(8)) == "s0,s1,s2,s3,s4 and 3 more"
