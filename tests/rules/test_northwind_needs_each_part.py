"""The shipped example is clean, and taking away any one thing that it does right gives the finding that names it."""

import contextlib
from collections import Counter
from datetime import date

import pytest

from sendspec.errors import SpecError
from sendspec.model.finding import Severity
from sendspec.pipeline import validate

TODAY = date(2026, 11, 23)
BACKUP = """
  ses-backup:
    kind: ses
    settings: {region: eu-central-1, dkim: none, mail_from: backup}
    credentials:
      smtp_username: {from: "op://mail/ses-backup/username"}
      smtp_password: {from: "op://mail/ses-backup/password"}

streams:
"""


def change(folder, *replacements):
    spec = folder / "northwind.yaml"
    text = spec.read_text(encoding="utf-8")
    for old, new in replacements:
        assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    spec.write_text(text, encoding="utf-8")
    return text.splitlines()


def serious(folder):
    findings = validate(folder, TODAY).findings
    return [finding for finding in findings if finding.severity is not Severity.INFO]


def test_the_example_has_no_errors_and_no_warnings(northwind):
    assert serious(northwind) == []


def test_no_line_is_so_needed_that_the_program_breaks_without_it(northwind):
    spec = northwind / "northwind.yaml"
    lines = spec.read_text(encoding="utf-8").splitlines(keepends=True)
    for number in range(len(lines)):
        spec.write_text("".join(lines[:number] + lines[number + 1 :]), encoding="utf-8")
        with contextlib.suppress(SpecError):
            assert all(finding.where for finding in validate(northwind, TODAY).findings)


def test_what_is_pending_and_what_is_not_known_is_information(northwind):
    rules = Counter(finding.rule for finding in validate(northwind, TODAY).findings)
    assert rules["pending-values"] == 1
    assert rules["spf-tree-unknown"] <= 1


def test_a_reviewer_is_told_once_what_is_true_of_a_sound_setup(northwind):
    rules = Counter(finding.rule for finding in validate(northwind, TODAY).findings)
    told = {
        "apps-target-leaves-to-app": 4,  # Django and nodemailer, and a dotenv file beside each
        "credentials-shared-by-kinds": 2,  # Postmark's token and the SES login
        "events-unsigned": 1,  # Postmark
        "streams-from-takes-no-mail": 1,  # one domain, three names
        "streams-no-fallback": 1,  # support
    }
    assert {rule: rules[rule] for rule in told} == told
    subjects = ("apex-", "apps-", "credentials-", "esps-", "events-", "routes-", "streams-")
    assert {rule for rule in rules if rule.startswith(subjects)} == set(told)


RECEIPTS = "from: Northwind <receipts@mail.northwind.example>"
LOGIN = "from: Northwind <no-reply@auth.northwind.example>"
CAMPAIGN = (
    "      - {role: primary, via: api, esp: sendgrid-eu}        # a campaign waits in its queue; it needs no fallback\n"
)
API_PRIMARY = "      - {role: primary, via: api, esp: postmark-main}\n"
SMTP_PRIMARY = "      - {role: primary, via: smtp, esp: postmark-main}\n"
SES_FALLBACK = "      - {role: fallback, via: smtp, esp: ses-eu}\n"
LOGIN_VOLUME = "    volume: {per_day: 3000, peak_per_hour: 900}\n"
LOGIN_EVENTS = '    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [bounced, complained]}\n'


@pytest.mark.parametrize(
    ("replacements", "rule", "line"),
    [
        pytest.param(
            [
                ("\nstreams:\n", BACKUP),
                (
                    "esp: postmark-main}\n      - {role: fallback, via: smtp, esp: ses-eu}\n  password-reset",
                    "esp: postmark-main}\n      - {role: fallback, via: smtp, esp: ses-backup}\n  password-reset",
                ),
            ],
            "dkim-fallback-does-not-sign",
            "esp: ses-backup",
            id="a fallback that signs",
        ),
        pytest.param(
            [
                ("subdomain: news.northwind.example", "subdomain: mail.northwind.example"),
                ("hello@news.northwind", "hello@mail.northwind"),
            ],
            "streams-bulk-shares-subdomain",
            "subdomain: mail.northwind.example",
            id="a subdomain of its own for marketing",
        ),
        pytest.param(
            [('    unsubscribe: {one_click: "https://northwind.example/u/{token}"}\n', "")],
            "streams-marketing-without-one-click",
            "kind: marketing",
            id="one-click unsubscribe",
        ),
        pytest.param(
            [("hello@news.northwind.example", "hello@northwind.example")],
            "streams-from-outside-subdomain",
            "from: Northwind <hello@",
            id="a From on the subdomain",
        ),
        pytest.param(
            [
                (
                    "{role: primary, via: api, esp: postmark-main}\n      - {role: fallback",
                    "{role: primary, via: api, esp: postmark-main}\n      - {role: primary",
                )
            ],
            "streams-two-primaries",
            "role: primary, via: smtp, esp: ses-eu",
            id="one primary",
        ),
        pytest.param(
            [("{role: primary, via: api, esp: sendgrid-eu}", "{role: fallback, via: api, esp: sendgrid-eu}")],
            "streams-no-primary",
            "routes:",
            id="a primary",
        ),
        pytest.param(
            [("{role: primary, via: smtp, esp: postmark-main}", "{role: primary, via: api, esp: postmark-main}")],
            "apps-route-not-spoken",
            "speaks: [smtp]               #",
            id="SMTP for the login system",
        ),
        pytest.param(
            [
                (
                    'volume: {per_day: 3000, peak_per_hour: 900}\n    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [bounced, ',
                    'volume: {per_day: 3000, peak_per_hour: 900}\n    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [clicked, bounced, ',
                )
            ],
            "streams-authentication-tracks-clicks",
            "types: [clicked, bounced",
            id="untouched links in password resets",
        ),
        pytest.param(
            [("region: eu-west-1", "region: eu-west-9")], "esps-unknown-region", "region: eu-west-9", id="a real region"
        ),
        pytest.param(
            [('      reports: ["mailto:dmarc@northwind.example"]\n', "")], "dmarc-no-reports", "dmarc:", id="reports"
        ),
        pytest.param(
            [
                (
                    '    dmarc:\n      policy: quarantine           # today\n      target: reject               # where it is to lead: a finding (info) says what still stands in the way\n      reports: ["mailto:dmarc@northwind.example"]\n',
                    "",
                )
            ],
            "dmarc-missing",
            "northwind.example:",
            id="a DMARC policy",
        ),
        pytest.param(
            [("server_token: {", "servertoken: {")],
            "routes-missing-credential",
            "credentials:",
            id="the credential that the ESP asks for",
        ),
        pytest.param(
            [("env: SES_SMTP_PASSWORD", "env: SES_SMTP_USERNAME")],
            "apps-variable-with-two-meanings",
            "env: SES_SMTP_USERNAME, rotate_every",
            id="a variable for each secret",
        ),
        pytest.param(
            [('txt: ["google-site-verification=abc123"]', 'txt: ["v=spf1 include:old.example ~all"]')],
            "spf-two-records",
            "v=spf1 include:old.example",
            id="one SPF record",
        ),
        pytest.param([("all: softfail", "all: pass")], "spf-passes-everyone", "spf:", id="an SPF that refuses"),
        pytest.param(
            [("include: [spf.crm.example]", f"include: [{', '.join(f's{n}.crm.example' for n in range(7))}]")],
            "spf-too-many-lookups",
            "spf:",
            id="an SPF within its budget",
        ),
        pytest.param(
            [("include: [spf.crm.example]", "include: [northwind.example]")],
            "spf-includes-itself",
            "spf:",
            id="an SPF that ends",
        ),
        pytest.param(
            [("include: [spf.crm.example]", 'ip4: ["192.0.2.0/33"]')],
            "spf-unreadable-record",
            "spf:",
            id="an SPF that can be read",
        ),
        pytest.param(
            [("news: {purpose: marketing}", "news: {purpose: marketing, sends: never}")],
            "domains-never-sends-but-sends",
            "sends: never",
            id="a name that may send",
        ),
        pytest.param(
            [('"*.aspmx.l.google.com"', '"aspmx.*.google.com"')],
            "mta-sts-unreadable-policy",
            "mta_sts:",
            id="an MTA-STS policy that senders accept",
        ),
        pytest.param(
            [
                (LOGIN, LOGIN.replace("northwind.example", "nothwind.example")),
                ("subdomain: auth.northwind.example", "subdomain: auth.nothwind.example"),
            ],
            "dns-record-outside-domains",
            "no-reply@auth.nothwind.example",
            id="a declared domain",
        ),
        pytest.param(
            [(f"{SMTP_PRIMARY}{SES_FALLBACK}  support", f"{SMTP_PRIMARY}  support")],
            "streams-no-fallback",
            "routes:",
            id="a fallback for password resets",
        ),
        pytest.param(
            [(f"{API_PRIMARY}{SES_FALLBACK}", f"{API_PRIMARY}{SES_FALLBACK}".replace("ses-eu", "postmark-main"))],
            "streams-fallback-at-same-esp",
            "role: fallback, via: smtp, esp: postmark-main",
            id="a fallback at another ESP",
        ),
        pytest.param(
            [(CAMPAIGN, f"{CAMPAIGN}      - {{role: fallback, via: api, esp: postmark-main}}\n")],
            "streams-bulk-fails-over",
            "role: fallback, via: api, esp: postmark-main",
            id="a campaign that waits",
        ),
        pytest.param(
            [("northwind.example/u/{token}", "northwind.example/u")],
            "streams-one-click-names-nobody",
            "unsubscribe:",
            id="an unsubscribe address that says who",
        ),
        pytest.param(
            [
                ("subdomain: news.northwind.example", "subdomain: northwind.example"),
                ("hello@news.northwind.example", "hello@northwind.example"),
            ],
            "apex-sends",
            "hello@northwind.example",
            id="the domain itself left to people",
        ),
        pytest.param(
            [(f"{LOGIN_VOLUME}{LOGIN_EVENTS}", LOGIN_VOLUME)],
            "events-missing",
            "password-reset:",
            id="ears for bounces",
        ),
        pytest.param(
            [
                (
                    f"{LOGIN_VOLUME}{LOGIN_EVENTS}    routes:\n{SMTP_PRIMARY}",
                    f"{LOGIN_VOLUME}    routes:\n      - {{role: primary, via: smtp, esp: postmark-main, {LOGIN_EVENTS.strip()}}}\n",
                )
            ],
            "events-primary-only",
            "role: fallback, via: smtp, esp: ses-eu",
            id="ears for the fallback's bounces",
        ),
        pytest.param(
            [
                (
                    'mail/{kind}", types: [delivered, bounced, complained]}',
                    'mail/receipts", types: [delivered, bounced, complained]}',
                )
            ],
            "events-url-for-two-formats",
            "mail/receipts",
            id="a webhook for each ESP",
        ),
        pytest.param(
            [(SMTP_PRIMARY, SMTP_PRIMARY.replace("}", ", port: 25}"))],
            "routes-port-25",
            "port: 25",
            id="a submission port",
        ),
        pytest.param(
            [("needs: [webhooks, metadata] ", "needs: [templates, webhooks, metadata] ")],
            "routes-need-not-met",
            "role: fallback, via: smtp, esp: ses-eu",
            id="templates that either ESP can send",
        ),
        pytest.param(
            [(CAMPAIGN, CAMPAIGN.replace("via: api", "via: smtp"))],
            "routes-need-not-met",
            "via: smtp, esp: sendgrid-eu",
            id="an API for batches",
        ),
        pytest.param(
            [(CAMPAIGN, CAMPAIGN.replace("sendgrid-eu", "ses-eu"))],
            "esps-bulk-shares-account",
            "ses-eu:",
            id="an account of its own for marketing",
        ),
        pytest.param(
            [
                (
                    CAMPAIGN,
                    "      - {role: primary, via: api, esp: postmark-main, settings: {message_stream: receipts}}\n",
                )
            ],
            "routes-bulk-shares-esp-stream",
            "message_stream: receipts",
            id="a message stream of its own for marketing",
        ),
        pytest.param(
            [("env: SES_SMTP_USERNAME}", "env: SES_SMTP_USERNAME, rotate_every: 30d}")],
            "credentials-halves-rotated-apart",
            "rotate_every: 90d",
            id="one interval for one login",
        ),
    ],
)
def test_without_it_there_is_exactly_the_finding_that_names_it(northwind, replacements, rule, line):
    lines = change(northwind, *replacements)
    found = serious(northwind)
    assert [finding.rule for finding in found] == [rule], [finding.message for finding in found]
    assert found[0].where
    assert line in lines[found[0].where.line - 1]
    assert found[0].fix
    assert found[0].source


@pytest.mark.parametrize(
    ("replacements", "rules"),
    [
        pytest.param(
            [("dkim: easy, ", "dkim: none, ")],
            {"dkim-fallback-does-not-sign": 2, "dmarc-enforced-without-dkim": 1},
            id="DKIM of the account that two streams fall back to and one uses",
        ),
        pytest.param(
            [
                ("settings: {server: northwind-production}", "settings: {dkim: none}"),
                ("policy: quarantine", "policy: reject"),
            ],
            {"dmarc-enforced-without-dkim": 2},
            id="DKIM under p=reject",
        ),
        pytest.param(
            [("region: eu-west-1", "region: af-south-1")], {"routes-no-smtp-in-region": 3}, id="a region that has SMTP"
        ),
        pytest.param(
            [("settings: {server: northwind-production}", "settings: {return_path: bounce}")],
            {"dns-return-path-wanted-twice": 1},
            id="a return-path host for each ESP",
        ),
        pytest.param(
            [
                (
                    "help: {purpose: support, receives: true}",
                    "bounce.help: {spf: {include: [spf.crm.example]}, txt: [x=1]}",
                ),
                (
                    "configuration_set: northwind}",
                    "configuration_set: northwind, tracking_domain: bounce.help.northwind.example}",
                ),
            ],
            {"dns-cname-beside-other": 1},
            id="names with a CNAME to themselves",
        ),
        pytest.param(
            [("targets: [dotenv, nodemailer]", "targets: [dotenv, nodemailer]\n    blocked_ports: [587]")],
            {"apps-port-blocked": 2},
            id="an open port for both routes",
        ),
        pytest.param(
            [("targets: [dotenv, django]", "targets: [postfix]")],
            {"apps-target-lacks-feature": 2},
            id="a target that speaks to APIs",
        ),
    ],
)
def test_what_many_streams_stand_on_gives_a_finding_for_each(northwind, replacements, rules):
    change(northwind, *replacements)
    assert Counter(finding.rule for finding in serious(northwind)) == rules
