"""What SendGrid says about itself, each with the page that says it and the day it was read."""

from collections.abc import Mapping
from datetime import date

from sendspec.model.fact import Fact
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.vocabulary import Capability, Event, Tls

READ = date(2026, 11, 23)
DOCS = "https://www.twilio.com/docs/sendgrid"
OPENAPI = "https://github.com/twilio/sendgrid-oai/blob/dbe0e0d/spec/json"
SMTP_PAGE = f"{DOCS}/for-developers/sending-email/integrating-with-the-smtp-api"
DOMAINS = f"{OPENAPI}/tsg_domain_authentication_v3.json"
LINKS = f"{OPENAPI}/tsg_link_branding_v3.json"
WEBHOOKS = f"{OPENAPI}/tsg_webhooks_v3.json"

GLOBAL, EU = "global", "eu"
REGIONS = (EU, GLOBAL)
API_HOSTS: Fact[Mapping[str, str]] = Fact(
    {GLOBAL: "api.sendgrid.com", EU: "api.eu.sendgrid.com"}, DOMAINS, READ, note="`servers` of every description"
)
SMTP_HOSTS: Fact[Mapping[str, str]] = Fact(
    {GLOBAL: "smtp.sendgrid.net", EU: "smtp.eu.sendgrid.net"},
    SMTP_PAGE,
    READ,
    note="the page names the global host only; the EU host is from Symfony Mailer's bridge and code in the field",
)
SMTP_USER = Fact("apikey", SMTP_PAGE, READ, note="the literal word, for every customer")
SMTP_PORTS: Fact[Mapping[Tls, tuple[int, ...]]] = Fact(
    {Tls.STARTTLS: (587, 2525, 25), Tls.IMPLICIT: (465,)}, SMTP_PAGE, READ
)
EU_NEEDS_SUBUSER = Fact(
    "the EU region is a subuser's: it needs a subuser of region eu with an EU IP address",
    f"{DOCS}/data-residency/faq",
    READ,
    note="the vendor's step-by-step guide sends the domain call to the global host with the parent's key and region "
    "eu; the OpenAPI files say the EU host for EU subusers, which is followed here. Not tried on a live account",
)
EU_WEBHOOK_DATA = Fact(
    "event data waits for its webhook in the US, also for EU subusers",
    f"{DOCS}/api-reference/webhooks/get-all-event-webhooks",
    READ,
)
ON_BEHALF_OF = Fact(
    "On-Behalf-Of",
    f"{DOCS}/api-reference/how-to-use-the-sendgrid-v3-api/on-behalf-of",
    READ,
    note="with the parent account's key; not for mail/send, which needs a key of the subuser itself",
)
DMARC_PROPOSAL = Fact(
    "domain authentication also proposes a `_dmarc.<domain>` TXT with p=none",
    f"{DOCS}/ui/account-and-settings/how-to-set-up-domain-authentication",
    READ,
    note="on a subdomain it would override the parent's policy (RFC 9989 section 4.10.1): left out",
)
AUTOMATIC_TARGET = Fact("u….wl….sendgrid.net", DOMAINS, READ, note="holds the account's number and a shard: issued")
MANUAL_VALUES: Fact[Mapping[str, str]] = Fact(
    {"mx": "mx.sendgrid.net", "spf": "v=spf1 include:sendgrid.net ~all", "dkim": "k=rsa; t=s; p=…"},
    "https://github.com/Domain-Connect/Templates/blob/e002d91/sendgrid.com.domain-auth-manual.json",
    READ,
    note="the vendor's DNS template; the OpenAPI file documents automatic security only",
)
MX_PREFERENCE = Fact(10, MANUAL_VALUES.source, READ, note="the API names none, it is the only MX there: any works")
ISSUED_PARENT = Fact(
    "sendgrid.net",
    DOMAINS,
    READ,
    note="every issued target of mail and links lies here; whoever serves a DKIM target can sign as the domain",
)
LINK_TARGET = Fact("sendgrid.net", LINKS, READ, note="another target where SendGrid serves the link over TLS: issued")
SEND_SCOPES = Fact(
    ("mail.send",), f"{OPENAPI}/tsg_api_keys_v3.json", READ, note="leaving `scopes` out makes a full-access key"
)
MANAGE_SCOPES = Fact(
    (
        "api_keys.create",
        "api_keys.read",
        "subusers.create",
        "subusers.read",
        "tracking_settings.click.update",
        "tracking_settings.open.update",
        "user.webhooks.event.settings.create",
        "user.webhooks.event.settings.read",
        "user.webhooks.event.settings.update",
        "whitelabel.create",
        "whitelabel.read",
        "whitelabel.update",
    ),
    f"{OPENAPI}/tsg_sso_v3.json",
    READ,
)
APPLY_SCOPES = Fact(
    tuple(
        sorted(
            {
                *MANAGE_SCOPES.value,
                "api_keys.delete",
                "api_keys.update",
                "subusers.delete",
                "subusers.update",
                "tracking_settings.click.read",
                "tracking_settings.open.read",
                "user.webhooks.event.settings.delete",
                "whitelabel.delete",
            }
        )
    ),
    MANAGE_SCOPES.source,
    date(2026, 11, 26),
    note="what reading, changing and removing need; setting up by hand needs less",
)

CAPABILITIES = frozenset(
    {
        Capability.SMTP,
        Capability.API,
        Capability.IMPLICIT_TLS,
        Capability.TEMPLATES_API,
        Capability.TEMPLATES_SMTP,  # X-SMTPAPI filter `templates`: DOCS/for-developers/sending-email/smtp-filters
        Capability.BATCHING,
        Capability.METADATA,
        Capability.SCHEDULING,  # send_at, at most 72 hours ahead
        Capability.SCHEDULING_SMTP,  # the same in X-SMTPAPI: DOCS/for-developers/sending-email/scheduling-parameters
        Capability.EVENTS,
        Capability.SIGNED_EVENTS,
        Capability.TRACKING_SWITCH,
        Capability.DKIM_CNAME,
    }
)

LIMITS = Limits(
    spf_include=Fact("sendgrid.net", MANUAL_VALUES.source, READ),
    smtp_ports=SMTP_PORTS.value,
    max_message_bytes=Fact(
        20 * 1024 * 1024,
        "https://github.com/sendgrid/docs/blob/c3eb3fe/content/docs/for-developers/sending-email/getting-started-smtp.md",
        READ,
        note="the mail/send page says 30 MB: the lower one is safe on both ways",
    ),
    max_recipients=Fact(1000, f"{OPENAPI}/tsg_mail_v3.json", READ, note="of each kind in one personalization"),
    max_connections=Fact(10_000, SMTP_PAGE, READ, note="from a single server"),
    max_messages_per_connection=Fact(5000, SMTP_PAGE, READ),
    batch_size=Fact(
        1000,
        f"{OPENAPI}/tsg_mail_v3.json",
        READ,
        note="personalizations of one content or template; messages that the app renders one by one are one call each",
    ),
    requests_per_second=Fact(
        10_000,
        "https://github.com/sendgrid/docs/blob/c3eb3fe/content/docs/for-developers/sending-email/v3-mail-send-faq.md",
        READ,
        note="mail/send; every other endpoint has its own, told in X-RateLimit-Limit",
    ),
    quota_from="X-RateLimit-Limit and X-RateLimit-Remaining of any answer",
    bulk_apart=Fact(
        "SendGrid keeps suppressions, statistics and reputation for each user or subuser, and advises one subuser for "
        "transactional and another for marketing mail",
        f"{DOCS}/ui/account-and-settings/subusers",
        READ,
    ),
    dedicated_ip_floor=Fact(
        100_000,
        f"{DOCS}/ui/account-and-settings/subusers",
        READ,
        note="a dedicated address comes with the plans from 100,000 a month on; from 250,000 two are advised",
    ),
    bounce_limit=Fact(
        0.05,
        f"{DOCS}/ui/analytics-and-reporting/bounce-and-block-classifications",
        date(2026, 11, 26),
        note="advice about hard bounces. From which rates on it suspends an account SendGrid does not disclose "
        "(its page `Your SendGrid account is at risk for suspension`), so no limit for complaints is here",
    ),
    probe_path=Fact("/v3/scopes", f"{OPENAPI}/tsg_scopes_v3.json", date(2026, 11, 26), note="401 without a key"),
)

RETRY = RetryFacts(
    retry_status=(429, 500, 503),
    never_status=(400, 401, 403, 404, 405, 413, 415),
    retry_after_header="X-RateLimit-Reset",
    notes=(
        "X-RateLimit-Reset is a point in time (Unix seconds), not a number of seconds to wait",
        (
            "fail over, the account or the key is at fault: 401, 403 (also: sender not verified), 5xx after the retries; "
            "over SMTP 451 and 535"
        ),
        "never fail over, the message is at fault: 400, 413; over SMTP 550 after RCPT or DATA",
        (
            "never automatically: a timeout after the request body; nobody knows what was taken. 202 has an empty body, "
            "the id is in X-Message-ID; there is no idempotency key"
        ),
    ),
    source=f"{DOCS}/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits",
)

EVENT_NAMES: Mapping[Event, tuple[str, ...]] = {
    Event.DELIVERED: ("delivered",),
    Event.BOUNCED: ("bounce", "dropped"),  # dropped: refused before sending, for a bounce of the past among others
    Event.DEFERRED: ("deferred",),
    Event.REJECTED: ("dropped",),
    Event.COMPLAINED: ("spam_report",),  # in the payload it is `spamreport`
    Event.OPENED: ("open",),
    Event.CLICKED: ("click",),
    Event.UNSUBSCRIBED: ("unsubscribe", "group_unsubscribe"),
}
"""Settings of the event webhook. Source: `EventWebhookRequest` of tsg_webhooks_v3.json."""
EVENT_SETTINGS = (
    "bounce",
    "click",
    "deferred",
    "delivered",
    "dropped",
    "group_resubscribe",
    "group_unsubscribe",
    "open",
    "processed",
    "spam_report",
    "unsubscribe",
)
