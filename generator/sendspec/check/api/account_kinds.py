"""What can be wrong with an account that lets itself be read, documented."""

from collections.abc import Mapping

from sendspec.model.account_state import Aspect, Standing
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind

ERROR, WARNING = Severity.ERROR, Severity.WARNING
ESP_FILES = "compare with the files under esps/, which say what is to exist at the ESP"
LEAST_PRIVILEGE = (
    "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys; "
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
)
PROOF_OF_ORIGIN = (
    "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/"
    "getting-started-event-webhook-security-features; "
    "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html; "
    "https://postmarkapp.com/developer/webhooks/webhooks-overview"
)

SANDBOX = Kind(
    "live-api-sandbox",
    ERROR,
    "Account is in the ESP's sandbox.",
    "mail goes to verified addresses only; everything else is refused",
    "ask the ESP for production access, in this region",
    "https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html",
)
PENDING = Kind(
    "live-api-pending-approval",
    ERROR,
    "Account waits for the ESP's approval.",
    "mail to other domains than the account's own is refused",
    "answer the ESP's questions about the account",
    "https://postmarkapp.com/support/article/1084-how-does-the-account-approval-process-work",
)
PAUSED = Kind(
    "live-api-sending-paused",
    ERROR,
    "Sending is paused for the account.",
    "every message is refused; a fallback at the same account cannot help",
    "find out who paused it and why; switch it on again once the cause is gone",
    "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutAccountSendingAttributes.html",
)
SUSPENDED = Kind(
    "live-api-suspended",
    ERROR,
    "ESP has suspended the account.",
    "every message is refused until the ESP is convinced that its cause is gone",
    "answer the ESP's mail; send through the other ESP meanwhile",
    "https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html",
)
PROBATION = Kind(
    "live-api-probation",
    WARNING,
    "ESP has put the account on probation.",
    "bounces or complaints are above its line: the account is suspended if they stay there",
    "find the stream with the bounces or complaints, and stop sending to those addresses",
    "https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html",
)
OVER_QUOTA = Kind(
    "live-api-over-quota",
    ERROR,
    "Account has used up its quota.",
    "mail is refused until the period ends",
    "ask the ESP for more, or move a stream to another account",
    "the ESP's page on quotas, as its facts cite it",
)
QUOTA_LOW = Kind(
    "live-api-quota-low",
    WARNING,
    "Less than a tenth of the account's quota is left.",
    "mail is refused once it is used up, before the period ends",
    "ask the ESP for more, or find out what sends more than declared",
    "the ESP's page on quotas, as its facts cite it",
)
RATE_BELOW_PEAK = Kind(
    "live-api-rate-below-peak",
    WARNING,
    "ESP grants fewer messages a second than the streams need at their peak.",
    "mail waits or is throttled just when it matters: in a failover most of all, when a second stream comes on top",
    "ask the ESP for a higher rate before the day it is needed",
    "https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html",
)
QUOTA_BELOW_VOLUME = Kind(
    "live-api-quota-below-volume",
    WARNING,
    "ESP grants fewer messages a day than the streams declare.",
    "the rest of a day's mail is refused; in a failover a second stream comes on top",
    "ask the ESP for a higher quota before the day it is needed",
    "https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html",
)
KEY_LACKS_SCOPE = Kind(
    "live-api-key-lacks-scope",
    ERROR,
    "Key lacks a right that it needs.",
    "calls that need it are answered 403",
    "give the key the scopes that the ESP's files under esps/ list",
    "the ESP's page on key scopes, as its facts cite it",
)
KEY_TOO_POWERFUL = Kind(
    "live-api-key-too-powerful",
    WARNING,
    "Key for sending may do more than send.",
    "whoever steals it from an app can read addresses, change settings or make further keys",
    "make a key that can send and nothing else, and rotate to it; keep other rights in a key under `manage:`",
    LEAST_PRIVILEGE,
)
STREAM_MISSING = Kind(
    "live-api-stream-missing",
    ERROR,
    "Message stream or configuration set that mail is to leave through does not exist.",
    "the ESP refuses every message that names it",
    f"make it; {ESP_FILES}",
    "the ESP's API reference, as its facts cite it",
)
STREAM_OFF = Kind(
    "live-api-stream-off",
    ERROR,
    "Message stream or configuration set that mail is to leave through is archived or switched off.",
    "the ESP refuses every message that names it",
    "switch it on again, or choose another one in the settings of the route",
    "the ESP's API reference, as its facts cite it",
)
STREAM_TYPE = Kind(
    "live-api-stream-type",
    ERROR,
    "Message stream is for another kind of mail.",
    "bulk mail in a transactional stream breaks the ESP's terms; single mail in a broadcast stream gets unsubscribe links "
    "and slower servers",
    "make a message stream of the right type: the type of an existing one cannot be changed",
    "https://postmarkapp.com/developer/api/message-streams-api",
)
SMTP_OFF = Kind(
    "live-api-smtp-off",
    ERROR,
    "SMTP is switched off at the ESP, and a route uses it.",
    "logins are refused",
    f"switch it on; {ESP_FILES}",
    "https://postmarkapp.com/developer/api/server-api",
)
TEST_SERVER = Kind(
    "live-api-sandbox-server",
    ERROR,
    "Server is one that delivers nothing.",
    "mail is taken, events come back, and nobody gets anything",
    "use the token of a live server: the type of a server cannot be changed",
    "https://postmarkapp.com/developer/user-guide/sandbox-mode",
)
ADDRESS_OVERRIDES = Kind(
    "live-api-address-identity",
    WARNING,
    "An identity for a sender's address stands beside the one for its domain.",
    "its own DKIM, MAIL FROM and configuration set replace those of the domain for this sender, without a word",
    "delete the identity of the address: the domain's serves every address in it",
    "https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html",
)
DOMAIN_MISSING = Kind(
    "live-api-domain-missing",
    ERROR,
    "ESP does not know a domain that mail is sent from.",
    "the ESP refuses its mail, or sends it unsigned",
    f"create the domain at the ESP, then publish the records it issues; {ESP_FILES}",
    "the ESP's page on domains, as its facts cite it",
)
DOMAIN_UNVERIFIED = Kind(
    "live-api-domain-unverified",
    WARNING,
    "ESP says that a domain is not verified.",
    "the ESP may refuse its mail. The flag is what the ESP saw last: what DNS says now is checked on its own",
    "publish the records, then have the ESP look again",
    "the ESP's page on domains, as its facts cite it",
)
WEBHOOK_MISSING = Kind(
    "live-api-webhook-missing",
    ERROR,
    "Declared webhook is not registered at the ESP.",
    "no event arrives: bounces and complaints go unseen",
    f"register it; {ESP_FILES}",
    "the ESP's page on webhooks, as its facts cite it",
)
WEBHOOK_ELSEWHERE = Kind(
    "live-api-webhook-elsewhere",
    ERROR,
    "ESP posts events to another address than declared.",
    "the declared receiver hears nothing, and somebody else hears who gets mail and who opens it",
    "correct the address at the ESP, or declare the one that is right",
    "the ESP's page on webhooks, as its facts cite it",
)
WEBHOOK_DISABLED = Kind(
    "live-api-webhook-disabled",
    ERROR,
    "Webhook is registered and switched off.",
    "no event arrives; some ESPs switch a webhook off that failed for long",
    "find out whether the receiver failed, then switch it on",
    "the ESP's page on webhooks, as its facts cite it",
)
WEBHOOK_LACKS_EVENTS = Kind(
    "live-api-webhook-lacks-events",
    ERROR,
    "Webhook does not post every declared event.",
    "those events go unseen",
    f"switch them on; {ESP_FILES}",
    "the ESP's page on webhooks, as its facts cite it",
)
WEBHOOK_UNSIGNED = Kind(
    "live-api-webhook-unsigned",
    ERROR,
    "Events are posted without any proof of where they come from.",
    "whoever learns the address can post bounces and complaints that never happened",
    "switch the signature on, or set basic auth where the ESP signs nothing; have the receiver refuse everything else",
    PROOF_OF_ORIGIN,
)
BY_STANDING: Mapping[Standing, Kind] = {
    Standing.SANDBOX: SANDBOX,
    Standing.PENDING: PENDING,
    Standing.PAUSED: PAUSED,
    Standing.SUSPENDED: SUSPENDED,
    Standing.PROBATION: PROBATION,
}
BY_ASPECT: Mapping[Aspect, Kind] = {
    Aspect.STREAM_MISSING: STREAM_MISSING,
    Aspect.STREAM_ARCHIVED: STREAM_OFF,
    Aspect.STREAM_TYPE: STREAM_TYPE,
    Aspect.SMTP_OFF: SMTP_OFF,
    Aspect.TEST_SERVER: TEST_SERVER,
    Aspect.ADDRESS_OVERRIDES: ADDRESS_OVERRIDES,
}
KINDS = (
    *BY_STANDING.values(),
    *BY_ASPECT.values(),
    *(OVER_QUOTA, QUOTA_LOW, RATE_BELOW_PEAK, QUOTA_BELOW_VOLUME, KEY_LACKS_SCOPE, KEY_TOO_POWERFUL),
    *(DOMAIN_MISSING, DOMAIN_UNVERIFIED),
    *(WEBHOOK_MISSING, WEBHOOK_ELSEWHERE, WEBHOOK_DISABLED, WEBHOOK_LACKS_EVENTS, WEBHOOK_UNSIGNED),
)
