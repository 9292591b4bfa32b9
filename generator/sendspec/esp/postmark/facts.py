"""What Postmark says about itself, each with the page that says it and the day it was read."""

from collections.abc import Mapping
from datetime import date

from sendspec.model.fact import Fact
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.vocabulary import Capability, Event, Tls

READ = date(2026, 11, 23)
DOCS = "https://postmarkapp.com/developer"
SUPPORT = "https://postmarkapp.com/support/article"

API_HOST = Fact("api.postmarkapp.com", f"{DOCS}/api/overview", READ)
SMTP_HOST = Fact("smtp.postmarkapp.com", f"{DOCS}/user-guide/send-email-with-smtp", READ)
SMTP_HOST_BROADCASTS = Fact("smtp-broadcasts.postmarkapp.com", f"{DOCS}/user-guide/send-email-with-smtp", READ)
SMTP_PORTS: Fact[Mapping[Tls, tuple[int, ...]]] = Fact(
    {Tls.STARTTLS: (587, 2525, 25)},
    f"{SUPPORT}/811-what-are-the-smtp-details-api-tokens-i-should-be-using",
    READ,
    note="STARTTLS on each; no implicit TLS: 465 is not served. The page recommends TLS, sendspec requires it.",
)
RETURN_PATH_TARGET = Fact(
    "pm.mtasv.net",
    f"{DOCS}/api/domains-api",
    READ,
    note="the API returns it as ReturnPathDomainCNAMEValue; the same for every account in every document read",
)
DKIM_RECORD = Fact("TXT at DKIMPendingHost or DKIMHost", f"{DOCS}/api/domains-api", READ)

TRANSACTIONAL, BROADCASTS = "Transactional", "Broadcasts"
DEFAULT_STREAMS: Fact[Mapping[str, str]] = Fact(
    {"outbound": TRANSACTIONAL, "inbound": "Inbound", "broadcast": BROADCASTS},
    f"{DOCS}/api/message-streams-api",
    READ,
    note="every server has them and they cannot be deleted; the id `broadcast` is from the vendor's SDK tests only",
)
MAX_STREAMS = Fact(10, f"{DOCS}/api/message-streams-api", READ, note="a server, the three default ones included")
STREAM_ID_PATTERN = Fact(
    r"(?!all\Z|pm-)(?!.*--)[a-z][a-z0-9_-]{0,29}\Z",
    f"{DOCS}/api/message-streams-api",
    READ,
    note="1 to 30 of a-z 0-9 _ -, a letter first, no `--`, not `all`, not `pm-…`; the letter of the rule is seen in a "
    "third-party client only (PostKit)",
)
STREAM_ID_LENGTH = Fact(30, STREAM_ID_PATTERN.source, READ, note=STREAM_ID_PATTERN.note)
NO_OPEN_TRACKING = Fact(
    value=False,
    source=f"{DOCS}/user-guide/tracking-opens/tracking-opens-per-email",
    verified=READ,
    note="the server's default for opens stays off: a message can switch tracking on but never off (as django-anymail's "
    "Postmark page says too)",
)
OWN_UNSUBSCRIBE = Fact(
    "managing unsubscribes on your own must first be enabled by Postmark's support, for the account",
    f"{SUPPORT}/1299-how-to-include-a-list-unsubscribe-header",
    READ,
    note="until then a stream with Custom handling is refused; with Postmark's handling its List-Unsubscribe headers "
    "(RFC 8058) are added and cannot be edited",
)
WEBHOOK_AUTHENTICITY = Fact(
    "basic auth, custom headers and an address list; no signature",
    f"{DOCS}/webhooks/webhooks-overview",
    READ,
    note="one capture of llms.txt announces an HMAC guide, and code in the field disagrees about it: not relied on",
)

CAPABILITIES = frozenset(
    {
        Capability.SMTP,
        Capability.API,
        Capability.TEMPLATES_API,
        Capability.BATCHING,
        Capability.METADATA,
        Capability.EVENTS,
        Capability.PER_STREAM_EVENTS,
        Capability.TRACKING_SWITCH,
    }
)

LIMITS = Limits(
    spf_include=Fact(
        "spf.mtasv.net", f"{DOCS}/api/domains-api", READ, note="SPFTextValue; not needed at a From domain"
    ),
    dkim_bits=Fact(
        1024,
        "https://postmarkapp.com/blog/upgrading-and-rotating-dkim-keys",
        READ,
        note="support.valimail.com/support/solutions/articles/48001177439 says so too",
    ),
    smtp_ports=SMTP_PORTS.value,
    max_message_bytes=Fact(10 * 1024 * 1024, f"{DOCS}/api/overview", READ, note="with attachments, as sent"),
    max_recipients=Fact(50, f"{DOCS}/api/email-api", READ, note="To, Cc and Bcc together"),
    batch_size=Fact(500, f"{DOCS}/api/email-api", READ, note="POST /email/batch, 50 MB; answers item by item"),
    dedicated_ip_floor=Fact(
        300_000,
        "https://www.captaindns.com/en/blog/postmark-transactional-email-technical-guide",
        READ,
        note="a third party's account of Postmark's condition; Postmark's own page could not be read",
    ),
    bounce_limit=Fact(
        0.10,
        f"{SUPPORT}/1082-what-types-of-messages-are-a-good-fit-for-postmark",
        date(2026, 11, 26),
        note="the figure as others report it: the part of the page that holds it could not be read. The vendor's own "
        "ActiveCampaign/postmark-skills @ 90f8794 advises to stay below 2 %",
    ),
    complaint_limit=Fact(
        0.001,
        f"{SUPPORT}/1082-what-types-of-messages-are-a-good-fit-for-postmark",
        date(2026, 11, 26),
        note="as reported, like the limit for bounces; the vendor's own postmark-skills advises to stay below 0.04 %",
    ),
    probe_path=Fact(
        "/server",
        f"{DOCS}/api/overview",
        date(2026, 11, 26),
        note="401 without a token, as every call; the call itself: GET of the Server API",
    ),
)

RETRY = RetryFacts(
    retry_status=(429, 500, 503),
    never_status=(401, 404, 413, 415, 422),
    notes=(
        "422 carries the reason as ErrorCode in the body; a batch answers 200 with an ErrorCode for each message",
        (
            "fail over, the account or its sender is at fault: ErrorCode 10 (bad token, HTTP 401), 100 (maintenance), "
            "400 and 401 (sender signature missing or unconfirmed), 405 (not allowed to send), 412 (account pending "
            "approval), 413 (account may not send)"
        ),
        (
            "never fail over, the recipient or the content is at fault: ErrorCode 300 (invalid request), 406 (inactive "
            "recipient: a hard bounce or complaint that the other ESP does not know of), 409, 410, 411"
        ),
        "never automatically: a timeout after the request body, above all of a batch; nobody knows what was taken",
        "no Retry-After contract and no idempotency key: de-duplicate in the app",
    ),
    source=f"{DOCS}/api/overview",
)

EVENT_NAMES: Mapping[Event, tuple[str, ...]] = {
    Event.DELIVERED: ("Delivery",),
    Event.BOUNCED: ("Bounce",),
    Event.DEFERRED: ("Bounce",),  # comes as Bounce with Type Transient or DnsError
    Event.REJECTED: ("Bounce",),  # SMTP only: Type SMTPApiError; the API refuses in its answer
    Event.COMPLAINED: ("SpamComplaint",),
    Event.OPENED: ("Open",),
    Event.CLICKED: ("Click",),
    Event.UNSUBSCRIBED: ("SubscriptionChange",),
}
"""Webhook triggers. Source: the Webhooks API (https://postmarkapp.com/developer/api/webhooks-api)."""
TRIGGERS = ("Open", "Click", "Delivery", "Bounce", "SpamComplaint", "SubscriptionChange")
