"""What findings say: the numbers and names that a reader acts on."""

import shutil
from pathlib import Path

import pytest

from sendspec.pipeline import validate

FIXTURES = Path(__file__).resolve().parent


def findings(spec, folder):
    """Give what a fixture's own rule finds in it, sorted by place."""
    shutil.copy(FIXTURES / f"{spec}.yaml", folder / "spec.yaml")
    rule = str(Path(spec).parent).replace("/", "-").replace("_", "-")
    return [finding for finding in validate(folder, None).findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("spec", "message", "fix"),
    [
        ("apps/cold_at_peak/bad", "100,000 an hour over new connections, 56 at once", "`process: pooled`"),
        ("apps/port_blocked/bad", "port 587 is blocked", "`port: 2525` (starttls)"),
        ("apps/port_blocked/bad-all-ports", "port 587 is blocked", "send over the API"),
        ("apps/target_leaves_to_app/bad", "dotenv cannot change to the fallback or try again", "the numbers"),
        (
            "apps/target_leaves_out/bad-postfix",
            "speaks one TLS mode",
            "write `port: 587, tls: starttls` at streams.receipts.ro",
        ),
        ("apps/target_leaves_out/bad-gitlab", "crm, gitlab: news is not written", "give the stream to another app"),
        ("domains/bulk_not_signed/bad", "shop.example sends 5,000 a day", "let the ESP sign"),
        ("esps/dedicated_ip_below_floor/bad", "299,970 messages a month", "drop `dedicated_ips`"),
        ("events/missing/bad-mailed-to-nobody", "From address, which is not known to take mail", "complained]}"),
        ("events/primary_only/bad-fewer", "does not report complained", "on the stream"),
        ("pending/values/bad-many", "d.shop.example, e.shop.example and 1 more", "for each of them"),
        ("pending/values/bad", "mail.shop.example at pm: one DNS record waits", "create the domain mail.shop.example"),
        (
            "pending/values/bad-many",
            "6 DNS records of 6 domains wait for values that the ESP issues: a.shop.example, ",
            "for each of them: create the domain a.shop.example",
        ),
        ("routes/need_not_met/bad", "lacks templates", "write `via: api`"),
        ("routes/need_not_met/bad-three-over-smtp", "batching, idempotency and scheduling", "in the app"),
        ("routes/peak_above_limit/bad", "11,250 SMTP connections at sg, which allows 10,000", "in batches"),
        ("streams/from_takes_no_mail/bad-many", "three.shop.example and 1 more", "`receives: true`"),
        (
            "events/of_other_streams/bad",
            "/login is for login, but Twilio SendGrid posts the events of receipts",
            "pass over",
        ),
        ("streams/fallback_at_same_esp/bad", "the fallback uses the same account, pm", "another ESP"),
        (
            "streams/fallback_at_same_esp/bad-other-region",
            "ses-two is at Amazon SES like the primary's ses",
            "another ESP",
        ),
        ("streams/from_takes_no_mail/bad", "streams send from mail.shop.example, where no MX", "Reply-To"),
        ("streams/no_fallback/bad-templates", "5,001 a day has no fallback", "let the app render"),
    ],
)
def test_a_finding_names_what_is_wrong_and_what_to_write(spec, message, fix, tmp_path):
    found = findings(spec, tmp_path)
    assert message in found[0].message
    assert fix in found[0].fix


@pytest.mark.parametrize(
    ("severity", "specs"),
    [
        ("error", ["apps/port_blocked/bad", "domains/bulk_not_signed/bad", "routes/need_not_met/bad"]),
        ("error", ["streams/marketing_without_one_click/bad", "apps/route_not_spoken/bad"]),
        ("warning", ["apex/sends/bad", "apex/sends/bad-long-suffix", "apps/port_blocked/bad-fallback"]),
        ("warning", ["domains/bulk_not_signed/bad-near", "apps/route_not_spoken/bad-fallback"]),
        ("warning", ["events/missing/bad", "events/missing/bad-half", "events/missing/bad-mailed-to-nobody"]),
        ("warning", ["events/missing/bad-needs-webhooks", "streams/no_fallback/bad"]),
        ("warning", ["routes/need_not_met/bad-fallback", "routes/need_not_met/bad-idempotency"]),
        ("warning", ["streams/marketing_without_one_click/bad-lifecycle", "streams/no_fallback/bad-templates"]),
        ("info", ["apex/sends/bad-receipts", "streams/no_fallback/bad-little"]),
        ("info", ["events/missing/bad-little", "events/missing/bad-mailed-to-people"]),
    ],
)
def test_a_rule_of_several_severities_tells_them_apart(severity, specs, tmp_path):
    assert {spec: {finding.severity for finding in findings(spec, tmp_path)} for spec in specs} == {
        spec: {severity} for spec in specs
    }


@pytest.mark.parametrize(
    "spec",
    [
        "esps/bulk_shares_account/bad",
        "events/of_other_streams/bad",
        "events/unsigned/bad",
        "routes/peak_above_limit/bad-distance",
        "streams/from_takes_no_mail/bad-many",
        "streams/kinds_share_subdomain/bad-once-for-many-senders",
    ],
)
def test_one_cause_is_told_once(spec, tmp_path):
    assert len(findings(spec, tmp_path)) == 1
