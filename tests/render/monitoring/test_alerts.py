"""promtool reads the rules, and runs them: for each alert, what makes it fire and what does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from prometheus_peers import run

from sendspec.model.output_file import OutputFile
from sendspec.render.monitoring.rules import literal, quoted

FindTool = Callable[[str], str]
DAY = 86_400
SMTP = '{job="sendspec-smtp",instance="smtp.postmarkapp.com:587",role="primary",stream="password-reset",esp="postmark-main"}'
COLD = '{job="sendspec-smtp",instance="email-smtp.example:587",role="fallback",stream="receipts",esp="ses-eu"}'
HOOK = (
    '{job="sendspec-webhook",instance="https://hooks.example/x",role="primary",stream="receipts",host="hooks.example"}'
)
DKIM = '{job="sendspec-dns",instance="s._domainkey.example",role="primary",type="TXT",purpose="dkim"}'
COLD_DKIM = '{job="sendspec-dns",instance="t._domainkey.example",role="fallback",type="CNAME",purpose="dkim"}'
OWN_DMARC = '{job="sendspec-dns",instance="_dmarc.example",type="TXT",purpose="dmarc"}'
RUN = 'sendspec_canary_run_timestamp_seconds{stream="receipts"}'
GOOD = 'sendspec_canary_success_timestamp_seconds{stream="receipts"}'
COLD_RUN = 'sendspec_canary_fallback_timestamp_seconds{stream="receipts"}'
TOKEN = 'sendspec_credential_rotated_timestamp_seconds{credential="postmark-main.server_token"}'
BOUNCES = 'sendspec_bounce_ratio{esp="postmark-main",stream="receipts"}'
COMPLAINTS = 'sendspec_complaint_ratio{esp="sendgrid-eu"}'
EXPORTED = 'aws_ses_reputation_{}_rate_average{{job="aws_ses"}}'


@dataclass(frozen=True)
class Case:
    """Series, and which alerts they make fire at a time, told by labels that each of them has."""

    alert: str
    series: dict[str, str]
    at: str
    fires: tuple[dict[str, str], ...] = ()


# Series are in promtool's notation: `0x20` is 0 and twenty more times 0, one a minute; `_` is a gap.
CASES = (
    Case(
        "SendspecPrimaryDown",
        {f"probe_success{SMTP}": "0x20"},
        "10m",
        ({"stream": "password-reset", "severity": "critical"},),
    ),
    Case("SendspecPrimaryDown", {f"probe_success{SMTP}": "0x20"}, "9m"),
    Case("SendspecPrimaryDown", {f"probe_success{SMTP}": "0x8 1 0x20"}, "14m"),
    Case("SendspecPrimaryDown", {f"probe_success{COLD}": "0x20"}, "20m"),
    Case("SendspecFallbackDown", {f"probe_success{COLD}": "0x20"}, "10m", ({"esp": "ses-eu", "severity": "warning"},)),
    Case("SendspecFallbackDown", {f"probe_success{COLD}": "1x20", f"probe_success{SMTP}": "0x20"}, "20m"),
    Case(
        "SendspecWebhookDown",
        {f"probe_success{HOOK}": "0x20"},
        "10m",
        ({"host": "hooks.example", "severity": "warning"},),
    ),
    Case("SendspecWebhookDown", {f"probe_success{HOOK}": "1x20"}, "20m"),
    Case(
        "SendspecDnsRecordWrong",
        {
            **{f"probe_success{labels}": "0x30" for labels in (DKIM, OWN_DMARC, COLD_DKIM)},
            **{f"probe_dns_query_succeeded{labels}": "1x30" for labels in (DKIM, OWN_DMARC, COLD_DKIM)},
        },
        "20m",
        (
            {"instance": "_dmarc.example", "severity": "critical"},
            {"instance": "s._domainkey.example", "severity": "critical"},
        ),
    ),
    Case("SendspecDnsRecordWrong", {f"probe_success{DKIM}": "0x30", f"probe_dns_query_succeeded{DKIM}": "0x30"}, "30m"),
    Case(
        "SendspecFallbackDnsRecordWrong",
        {f"probe_success{COLD_DKIM}": "0x30", f"probe_dns_query_succeeded{COLD_DKIM}": "1x30"},
        "20m",
        ({"instance": "t._domainkey.example", "severity": "warning"},),
    ),
    Case(
        "SendspecFallbackDnsRecordWrong",
        {f"probe_success{COLD_DKIM}": "1x30", f"probe_dns_query_succeeded{COLD_DKIM}": "1x30"},
        "30m",
    ),
    Case(
        "SendspecDnsUnknown",
        {f"probe_dns_query_succeeded{DKIM}": "0x30", f"probe_dns_query_succeeded{OWN_DMARC}": "0x30"},
        "20m",
        ({"job": "sendspec-dns", "severity": "warning"},),
    ),
    Case("SendspecDnsUnknown", {f"probe_dns_query_succeeded{DKIM}": "1x30"}, "30m"),
    Case(
        "SendspecCertificateExpires",
        {f"probe_ssl_earliest_cert_expiry{HOOK}": f"{14 * DAY + 300}x90"},
        "70m",
        ({"host": "hooks.example", "severity": "warning"},),
    ),
    Case("SendspecCertificateExpires", {f"probe_ssl_earliest_cert_expiry{HOOK}": f"{15 * DAY}x90"}, "90m"),
    Case(
        "SendspecProbesUnknown",
        {'up{job="sendspec-dns",instance="a"}': "0x20", 'up{job="node"}': "0x20"},
        "11m",
        ({"job": "sendspec-dns", "severity": "warning"},),
    ),
    Case("SendspecProbesUnknown", {'up{job="sendspec-dns",instance="a"}': "1x20"}, "20m"),
    Case(
        "SendspecNotScraped",
        {f'up{{job="sendspec-{kind}"}}': "1x20" for kind in ("smtp", "api", "webhook")},
        "16m",
        ({"job": "sendspec-dns", "severity": "warning"},),
    ),
    Case(
        "SendspecNotScraped",
        {f'up{{job="sendspec-{kind}"}}': "0x20" for kind in ("smtp", "api", "webhook", "dns")},
        "16m",
    ),
    Case("SendspecBounceRateHigh", {BOUNCES: "0.05x20"}, "15m", ({"esp": "postmark-main", "severity": "warning"},)),
    Case("SendspecBounceRateHigh", {BOUNCES: "0.049x20"}, "20m"),
    Case(
        "SendspecBounceRateHigh",
        {EXPORTED.format("bounce"): "0.025 _x20"},
        "20m",
        ({"esp": "ses-eu", "severity": "warning"},),
    ),
    Case("SendspecBounceRateHigh", {EXPORTED.format("bounce"): "0.024x20"}, "20m"),
    Case(
        "SendspecBounceRateOverLimit", {BOUNCES: "0.1x20"}, "15m", ({"esp": "postmark-main", "severity": "critical"},)
    ),
    Case("SendspecBounceRateOverLimit", {BOUNCES: "0.099x20", EXPORTED.format("bounce"): "0.049x20"}, "20m"),
    Case(
        "SendspecComplaintRateHigh", {COMPLAINTS: "0.0015x20"}, "15m", ({"esp": "sendgrid-eu", "severity": "warning"},)
    ),
    Case("SendspecComplaintRateHigh", {COMPLAINTS: "0.0014x20", EXPORTED.format("complaint"): "0.0004x20"}, "20m"),
    Case(
        "SendspecComplaintRateOverLimit",
        {EXPORTED.format("complaint"): "0.001x20"},
        "15m",
        ({"esp": "ses-eu", "severity": "critical"},),
    ),
    Case("SendspecComplaintRateOverLimit", {EXPORTED.format("complaint"): "0.0009x20"}, "20m"),
    Case(
        "SendspecBounceRateUnknown",
        {BOUNCES: "0x100", EXPORTED.format("bounce"): "0x100"},
        "61m",
        ({"esp": "sendgrid-eu", "severity": "info"},),
    ),
    Case(
        "SendspecBounceRateUnknown",
        {BOUNCES: "0x100", EXPORTED.format("bounce"): "0x100", 'sendspec_bounce_ratio{esp="sendgrid-eu"}': "0x100"},
        "90m",
    ),
    Case(
        "SendspecComplaintRateUnknown",
        {COMPLAINTS: "0x100"},
        "61m",
        ({"esp": "postmark-main", "severity": "info"}, {"esp": "ses-eu", "severity": "info"}),
    ),
    Case(
        "SendspecComplaintRateUnknown",
        {
            COMPLAINTS: "0x100",
            EXPORTED.format("complaint"): "0x100",
            'sendspec_complaint_ratio{esp="postmark-main"}': "0x100",
        },
        "90m",
    ),
    Case(
        "SendspecCredentialTooOld",
        {TOKEN: f"{-180 * DAY}x100"},
        "62m",
        ({"credential": "postmark-main.server_token", "severity": "warning"},),
    ),
    Case("SendspecCredentialTooOld", {TOKEN: f"{-179 * DAY}x100"}, "90m"),
    Case(
        "SendspecCredentialAgeUnknown",
        {TOKEN: "0x100"},
        "61m",
        (
            {"credential": "sendgrid-eu.api_key", "severity": "info"},
            {"credential": "ses-eu.smtp_password", "severity": "info"},
        ),
    ),
    Case(
        "SendspecCredentialAgeUnknown",
        {
            f'sendspec_credential_rotated_timestamp_seconds{{credential="{name}"}}': "0x100"
            for name in ("postmark-main.server_token", "sendgrid-eu.api_key", "ses-eu.smtp_password")
        },
        "90m",
    ),
    Case(
        "SendspecCanaryFailing",
        {RUN: "3600x20", GOOD: "1800x20"},
        "5m",
        ({"stream": "receipts", "severity": "critical"},),
    ),
    Case("SendspecCanaryFailing", {RUN: "3600x20"}, "5m", ({"stream": "receipts", "severity": "critical"},)),
    Case("SendspecCanaryFailing", {RUN: "3600x20", GOOD: "2700x20"}, "20m"),
    Case("SendspecCanaryFailing", {RUN: "3600x20", GOOD: "3600x20"}, "20m"),
    Case(
        "SendspecCanaryByFallback",
        {RUN: "3600x5", COLD_RUN: "3600x5"},
        "1m",
        ({"stream": "receipts", "severity": "warning"},),
    ),
    Case("SendspecCanaryByFallback", {RUN: "3600x5", COLD_RUN: "2700x5"}, "5m"),
    # On two nodes the file of the older run stays behind.
    Case(
        "SendspecCanaryByFallback",
        {RUN[:-1] + ',node="a"}': "3600x5", COLD_RUN[:-1] + ',node="b"}': "2700x5", RUN[:-1] + ',node="b"}': "2700x5"},
        "5m",
    ),
    Case(
        "SendspecCanaryMissing",
        {f'sendspec_canary_run_timestamp_seconds{{stream="{stream}"}}': "0x40" for stream in ("newsletter", "support")}
        | {RUN: "0x29 1800x20"},
        "36m",
        tuple({"stream": stream, "severity": "warning"} for stream in ("newsletter", "password-reset", "support")),
    ),
    Case(
        "SendspecCanaryMissing",
        {
            f'sendspec_canary_run_timestamp_seconds{{stream="{stream}"}}': "0x40"
            for stream in ("newsletter", "password-reset", "receipts", "support")
        },
        "30m",
    ),
)


def unit_test(case: Case) -> dict[str, object]:
    """Give a case for promtool. It wants all labels and annotations, so only which alerts fire is asked, by their labels."""
    names = sorted({name for labels in case.fires for name in labels} | {"severity"})
    expression = f'count by ({", ".join(names)}) (ALERTS{{alertname="{case.alert}",alertstate="firing"}})'
    samples = [
        {"labels": "{" + ", ".join(f'{name}="{labels[name]}"' for name in names) + "}", "value": 1}
        for labels in case.fires
    ]
    return {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "promql_expr_test": [{"expr": expression, "eval_time": case.at, "exp_samples": samples}],
    }


@pytest.fixture(scope="module")
def rules(example_folder: Path) -> dict[str, dict]:
    document = yaml.safe_load((example_folder / "alerts.yml").read_text())
    return {rule["alert"]: rule for group in document["groups"] for rule in group["rules"]}


def test_promtool_accepts_the_rules(example_folder: Path, find_tool: FindTool) -> None:
    done = run(find_tool("promtool"), "check", "rules", str(example_folder / "alerts.yml"))
    assert (done.returncode, "SUCCESS" in done.stdout) == (0, True), done.stdout


def test_every_alert_has_a_case_that_fires_and_one_that_does_not(rules: Mapping[str, dict]) -> None:
    assert {case.alert for case in CASES if case.fires} == set(rules)
    assert {case.alert for case in CASES if not case.fires} == set(rules)


def test_every_alert_fires_when_it_must_and_only_then(example_folder: Path, find_tool: FindTool) -> None:
    file = example_folder / "alerts_test.yml"
    document = {"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": [unit_test(case) for case in CASES]}
    file.write_text(yaml.safe_dump(document))
    done = run(find_tool("promtool"), "test", "rules", str(file))
    assert done.returncode == 0, done.stdout


def test_an_alert_reads_well(example_folder: Path, find_tool: FindTool, rules: Mapping[str, dict]) -> None:
    """Templates are filled in as promtool fills them in: with the labels and the value of the series."""
    labels = {
        "job": "sendspec-smtp",
        "instance": "smtp.postmarkapp.com:587",
        "role": "primary",
        "stream": "password-reset",
    }
    shown = {
        "summary": "password-reset: the primary way out, smtp.postmarkapp.com:587 at postmark-main, fails",
        "description": rules["SendspecPrimaryDown"]["annotations"]["description"].replace(
            "{{ $labels.module }}", "smtp_starttls"
        ),
    }
    alert = {
        "exp_labels": {**labels, "esp": "postmark-main", "module": "smtp_starttls", "severity": "critical"},
        "exp_annotations": shown,
    }
    series = SMTP.replace("}", ',module="smtp_starttls"}')
    test = {
        "interval": "1m",
        "input_series": [{"series": f"probe_success{series}", "values": "0x20"}],
        "alert_rule_test": [{"eval_time": "10m", "alertname": "SendspecPrimaryDown", "exp_alerts": [alert]}],
    }
    file = example_folder / "words_test.yml"
    file.write_text(yaml.safe_dump({"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": [test]}))
    done = run(find_tool("promtool"), "test", "rules", str(file))
    assert done.returncode == 0, done.stdout


def test_what_nobody_writes_is_said_in_the_file(example: Mapping[str, OutputFile]) -> None:
    text = " ".join(line.strip(" #") for line in example["alerts.yml"].content.splitlines())
    assert "No exporter gives sendspec_bounce_ratio: whoever counts your webhook events writes it" in text
    assert (
        "writes sendspec_credential_rotated_timestamp_seconds for accounts with `managed: apply`. For others it is yours"
        in text
    )
    assert "aws_ses_reputation_bounce_rate_average comes from an exporter that is yours to run" in text


TWO_ACCOUNTS = """\
version: 1
domains: {shop.example: {}}
esps:
  a: {kind: ses, settings: {region: eu-west-1}}
  b: {kind: ses, settings: {region: us-east-1}}
  unused: {kind: postmark, settings: {server: x}}
streams:
  one: {kind: transactional, from: a@one.shop.example, routes: [{role: primary, via: api, esp: a}, {role: fallback, via: api, esp: b}]}
"""


def test_accounts_that_an_exporter_does_not_tell_apart_share_a_rule_and_unused_ones_have_none(files_for) -> None:
    groups = {
        group["name"]: group["rules"]
        for group in yaml.safe_load(files_for(TWO_ACCOUNTS)["alerts.yml"].content)["groups"]
    }
    assert [rule["labels"]["esp"] for rule in groups["sendspec-reputation"]] == ["a, b"] * 6
    assert "sendspec-credentials" not in groups


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_text_stays_text_in_a_template(text: str) -> None:
    written = literal(text)
    assert "{{" not in written.replace('{{ "{{" }}', "")
    assert written.replace('{{ "{{" }}', "{{") == text


def test_label_values_are_quoted_for_promql() -> None:
    assert quoted('a"b\\c\nd') == '"a\\"b\\\\c\\nd"'
