"""What can be wrong with a submission once TLS stands: the login, the sender, the recipient, sizes. Documented."""

from sendspec.model.finding import Severity
from sendspec.model.observation import Kind

ERROR, WARNING = Severity.ERROR, Severity.WARNING
SES_ERRORS = "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html"
TRY_AGAIN = "run the check again; where it stays so, look at the account at the ESP"

AUTH_MISSING = Kind(
    "live-smtp-no-auth",
    ERROR,
    "Server offers no login over TLS.",
    "nothing can be sent: this is no submission server, or SMTP is switched off for the account",
    "compare host and port with the ESP's page",
    "RFC 6409 section 4.3; RFC 4954 section 3",
)
AUTH_MECHANISM = Kind(
    "live-smtp-auth-mechanism",
    ERROR,
    "Server takes neither AUTH PLAIN nor AUTH LOGIN.",
    "most SMTP libraries know no other way to log in with a password",
    "ask the ESP for an endpoint with AUTH PLAIN, or send through its API",
    "RFC 4954 section 4; RFC 4616",
)
AUTH_REFUSED = Kind(
    "live-smtp-auth-refused",
    ERROR,
    "Server refuses the login.",
    "every message of the route fails with 535",
    "write the current value into the secret store; mind that an SMTP password can belong to one region or one message "
    "stream, and that it is not the API key everywhere",
    f"RFC 4954 section 6; {SES_ERRORS}",
)
AUTH_TEMPORARY = Kind(
    "live-smtp-auth-temporary",
    WARNING,
    "Server refuses the login for now.",
    "messages wait while it lasts; many failed logins of some app can be the cause",
    TRY_AGAIN,
    f"RFC 4954 section 6; {SES_ERRORS}",
)
AUTH_REQUIRED = Kind(
    "live-smtp-auth-required",
    ERROR,
    "Server asks for a login although it took one.",
    "the account may log in and not send: it is blocked, or a proxy in between lost the login",
    "look at the account at the ESP",
    "RFC 4954 section 6",
)
MAIL_REFUSED = Kind(
    "live-smtp-sender-refused",
    ERROR,
    "Server refuses the sender of a stream.",
    "the account may not send from this address: its domain is not verified, or the key is limited to others",
    "verify the domain at the ESP, in the account and region of the route; widen what the key may send",
    f"RFC 5321 section 4.1.1.2; {SES_ERRORS}",
)
MAIL_DEFERRED = Kind(
    "live-smtp-sender-deferred",
    WARNING,
    "Server refuses the sender of a stream for now.",
    "messages wait while it lasts",
    TRY_AGAIN,
    "RFC 5321 section 4.2.1",
)
SMTPUTF8_MISSING = Kind(
    "live-smtp-no-smtputf8",
    ERROR,
    "Sender's address is not ASCII, and the server offers no SMTPUTF8.",
    "the message is refused, or its address is mangled",
    "give the sender an ASCII local part and write its domain in its xn-- form",
    "RFC 6531 section 3.1",
)
RCPT_REFUSED = Kind(
    "live-smtp-recipient-refused",
    ERROR,
    "Server refuses the ESP's own test address as recipient.",
    "the account may not send to everybody: it is in a sandbox, suspended, or limited by a policy",
    "look at the account at the ESP: sandbox, suspension, limits of the key",
    f"RFC 5321 section 4.1.1.3; {SES_ERRORS}",
)
RCPT_DEFERRED = Kind(
    "live-smtp-recipient-deferred",
    WARNING,
    "Server refuses the recipient for now.",
    "messages wait while it lasts",
    TRY_AGAIN,
    "RFC 5321 section 4.2.1",
)
GREYLISTED = Kind(
    "live-smtp-greylisted",
    WARNING,
    "Server greylists: it answers 450 or 451 to the recipient and wants to be asked again.",
    "no ESP greylists its own customers: this is a mail exchanger or a filter in between, and an app without a queue "
    "loses its message",
    "use the ESP's submission host on 587 or 465, not the mail exchanger of the recipient",
    "RFC 6647 section 2",
)
QUOTA = Kind(
    "live-smtp-quota",
    WARNING,
    "Rate or daily quota of the account is used up.",
    "messages are refused until the quota is free again; a fallback at another ESP should take over",
    "ask the ESP for a higher quota, or send more slowly",
    SES_ERRORS,
)
SIZE_TOO_SMALL = Kind(
    "live-smtp-size-too-small",
    WARNING,
    "Server takes smaller messages than the ESP documents, and the stream needs attachments.",
    "a message with attachments is refused with 552; Base64 makes an attachment a third larger than its file",
    "keep attachments below three quarters of what the server takes, link to larger ones, or ask the ESP",
    "RFC 1870 section 4; RFC 2045 section 6.8",
)
