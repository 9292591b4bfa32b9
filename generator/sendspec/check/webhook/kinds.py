"""What can be wrong with a declared webhook, as the ESP would meet it, documented."""

from collections.abc import Mapping

from sendspec.model.finding import Severity
from sendspec.model.observation import Kind
from sendspec.model.trouble import Trouble

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
NO_EVENTS = "no event arrives: bounces and complaints go unseen, and some ESPs switch the webhook off"
RENEW = "renew the certificate; ESPs verify it when they post"
WEBHOOK_PAGES = "the ESP's page on webhooks, as its facts cite it"
PROOF_OF_ORIGIN = (
    "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/"
    "getting-started-event-webhook-security-features; "
    "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html; "
    "https://postmarkapp.com/developer/webhooks/webhooks-overview"
)

HOST_MISSING = Kind(
    "live-webhook-host-missing",
    ERROR,
    "Name of a webhook has no address.",
    NO_EVENTS,
    "publish an address for it, or correct `events.url`",
    "RFC 2308 section 2",
)
NOT_PUBLIC = Kind(
    "live-webhook-address-not-public",
    ERROR,
    "Webhook is at an address that is not public.",
    "ESPs post from the Internet and cannot reach it; " + NO_EVENTS,
    "give it a public address, behind a gateway if need be",
    "RFC 6890; RFC 4193; https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html",
)
UNREACHABLE = Kind(
    "live-webhook-unreachable",
    ERROR,
    "Webhook takes no connection.",
    NO_EVENTS,
    "start what listens there, and let port 443 in",
    "RFC 9293 section 3.5.2",
)
NO_ANSWER = Kind(
    "live-webhook-no-answer",
    ERROR,
    "Webhook took an event and did not answer in the time that the ESP waits.",
    "the ESP posts the event again and again, then gives up",
    "answer at once and do the work afterwards",
    WEBHOOK_PAGES,
)
RESET = Kind(
    "live-webhook-connection-closed",
    ERROR,
    "Webhook closes the connection without an answer.",
    NO_EVENTS,
    "look at the receiver's log, and at proxies before it",
    "RFC 9112 section 9.6",
)
CERTIFICATE_EXPIRED = Kind(
    "live-webhook-certificate-expired",
    ERROR,
    "Certificate of a webhook has expired or is not valid yet.",
    NO_EVENTS,
    RENEW,
    "RFC 5280 section 4.1.2.5",
)
CERTIFICATE_NAME = Kind(
    "live-webhook-certificate-name",
    ERROR,
    "Certificate of a webhook is for another name.",
    NO_EVENTS,
    "get a certificate for the name in `events.url`, or correct the name",
    "RFC 9525 section 6",
)
CERTIFICATE_CHAIN = Kind(
    "live-webhook-certificate-untrusted",
    ERROR,
    "Certificate of a webhook comes from nobody we trust.",
    NO_EVENTS,
    "use a certificate of a public authority, and serve it with the intermediate ones",
    "RFC 5280 section 6",
)
CERTIFICATE_ENDS = Kind(
    "live-webhook-certificate-ends",
    WARNING,
    "Certificate of a webhook ends within two weeks.",
    "after that day " + NO_EVENTS,
    "find out why it was not renewed by itself",
    "RFC 5280 section 4.1.2.5",
)
TLS = Kind(
    "live-webhook-tls",
    ERROR,
    "TLS with a webhook cannot be agreed on.",
    NO_EVENTS,
    "serve TLS 1.2 or newer on the port in `events.url`",
    "RFC 8446 section 6.2; RFC 9325 section 3.1.1",
)
MALFORMED = Kind(
    "live-webhook-no-http",
    ERROR,
    "Webhook answers something that is not HTTP.",
    NO_EVENTS,
    "find out what listens there",
    "RFC 9112 section 2",
)
TOO_LARGE = Kind(
    "live-webhook-endless-answer",
    WARNING,
    "Webhook answers more than any ESP reads.",
    "the ESP may count it as a failure and post the event again",
    "answer with a status and an empty body",
    WEBHOOK_PAGES,
)
ACCEPTS_UNSIGNED = Kind(
    "live-webhook-accepts-unsigned",
    ERROR,
    "Webhook accepts an event that the ESP did not send.",
    "whoever learns the address can post bounces and complaints that never happened, and have good addresses dropped",
    "verify the signature over the raw body before anything is read from it; answer 401 or 403 where it does not hold",
    PROOF_OF_ORIGIN,
)
REDIRECTS = Kind(
    "live-webhook-redirects",
    ERROR,
    "Webhook answers with a redirect.",
    "ESPs do not follow it, or follow it with GET and without the event: " + NO_EVENTS,
    "declare the address that answers itself",
    "RFC 9110 section 15.4; " + WEBHOOK_PAGES,
)
MISSING = Kind(
    "live-webhook-path-missing",
    ERROR,
    "Nothing is at the path of a webhook.",
    NO_EVENTS,
    "deploy the receiver, or correct the path in `events.url`",
    "RFC 9110 section 15.5.5",
)
NO_POST = Kind(
    "live-webhook-takes-no-post",
    ERROR,
    "Path of a webhook does not take POST.",
    NO_EVENTS,
    "let the receiver take POST there, or correct the path in `events.url`",
    "RFC 9110 section 15.5.6",
)
BROKEN = Kind(
    "live-webhook-broken",
    ERROR,
    "Webhook answers an event with a server error.",
    "the ESP posts events again and again, then gives up; a forged event should be refused, not be an error",
    "look at the receiver's log; what it cannot verify it should refuse with 401 or 403",
    "RFC 9110 section 15.6",
)
LIMITS = Kind(
    "live-webhook-limits",
    WARNING,
    "Webhook answers 429: too many calls.",
    "whether it refuses forged events is not known; real events come late",
    "let the ESP's addresses post as much as they need",
    "RFC 6585 section 4",
)
ODD_ANSWER = Kind(
    "live-webhook-odd-answer",
    WARNING,
    "Webhook answers neither that it took an event nor that it refused it.",
    "ESPs count it as a failure",
    "answer 2xx to what is verified, 401 or 403 to what is not",
    "RFC 9110 section 15",
)
ENDS_RETRIES = Kind(
    "live-webhook-refusal-ends-retries",
    INFO,
    "Webhook refuses with a status that makes the ESP give up.",
    "when the receiver is wrong about a real event, say after the password changed, the event is lost at once",
    "answer 401 in place of 403",
    "https://postmarkapp.com/support/article/understanding-inbound-webhook-retries-in-postmark",
)
SLOW = Kind(
    "live-webhook-slow",
    WARNING,
    "Webhook takes more than half of the time that the ESP waits.",
    "under load the ESP gives up and posts the event again",
    "answer at once and do the work afterwards",
    WEBHOOK_PAGES,
)
BY_TROUBLE: Mapping[Trouble, Kind] = {
    Trouble.NO_ADDRESS: HOST_MISSING,
    Trouble.UNRESOLVED: HOST_MISSING,
    Trouble.NOT_PUBLIC: NOT_PUBLIC,
    Trouble.UNREACHABLE: UNREACHABLE,
    Trouble.TIMEOUT: NO_ANSWER,
    Trouble.STOPPED: UNREACHABLE,
    Trouble.RESET: RESET,
    Trouble.CERTIFICATE_EXPIRED: CERTIFICATE_EXPIRED,
    Trouble.CERTIFICATE_NAME: CERTIFICATE_NAME,
    Trouble.CERTIFICATE_CHAIN: CERTIFICATE_CHAIN,
    Trouble.TLS: TLS,
    Trouble.MALFORMED: MALFORMED,
    Trouble.TOO_LARGE: TOO_LARGE,
    Trouble.UNSENDABLE: UNREACHABLE,
}
UNKNOWN_TROUBLES = frozenset({Trouble.UNRESOLVED, Trouble.STOPPED})
KINDS = tuple(
    dict.fromkeys(
        (
            *BY_TROUBLE.values(),
            *(CERTIFICATE_ENDS, ACCEPTS_UNSIGNED, REDIRECTS, MISSING, NO_POST, BROKEN, LIMITS, ODD_ANSWER),
            *(ENDS_RETRIES, SLOW),
        )
    )
)
