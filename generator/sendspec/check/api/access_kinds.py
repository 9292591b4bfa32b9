"""What can be wrong with reaching an ESP's API, and with a key, documented."""

from collections.abc import Mapping

from sendspec.model.finding import Severity
from sendspec.model.observation import Kind
from sendspec.model.trouble import Trouble

ERROR, WARNING = Severity.ERROR, Severity.WARNING
CHECKED_HOST = "compare the region and the settings of the account with the ESP's page; the host follows from them"
IN_BETWEEN = "look for a proxy or a filter in between that opens TLS; compare the clock of this machine"
NEW_KEY = "make a new key at the ESP, put it where the reference leads, and revoke the old one"

KEY_REFUSED = Kind(
    "live-api-key-refused",
    ERROR,
    "ESP refuses the key.",
    "every call with it is answered 401 and nothing is sent; over SMTP the login fails with 535",
    NEW_KEY,
    "RFC 9110 section 15.5.2",
)
KEY_FORBIDDEN = Kind(
    "live-api-key-forbidden",
    ERROR,
    "ESP knows the key, and the key may not do what it is for.",
    "calls are answered 403: the key lacks a right, is bound to other addresses, or the account is barred",
    "give the key the rights that the ESP's files under esps/ ask for, or take away what binds it to other addresses",
    "RFC 9110 section 15.5.4",
)
WRONG_REGION = Kind(
    "live-api-wrong-region",
    ERROR,
    "Key belongs to another region of the ESP.",
    "the declared region refuses it, so nothing is sent; a host of the other region would keep the data there",
    "set `region` of the account to the key's, or make a key in the declared region",
    "https://www.twilio.com/docs/sendgrid/data-residency/faq; "
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html",
)
KEY_UNSENDABLE = Kind(
    "live-api-key-unsendable",
    ERROR,
    "Key holds a character that no header can carry.",
    "clients fail, or send what stands before it; most often a line break was stored with the key",
    "store the key alone, on one line",
    "RFC 9110 section 5.5",
)
RATE_LIMITED = Kind(
    "live-api-rate-limited",
    WARNING,
    "ESP answers 429: too many calls.",
    "the account's state could not be read; apps that share the limit are slowed down as well",
    "ask again at the time the ESP names, and find out who uses up the limit",
    "RFC 6585 section 4",
)
BROKEN = Kind(
    "live-api-broken",
    ERROR,
    "ESP's API answers with a server error.",
    "messages may be refused, or taken twice by clients that try again; a fallback takes over only where one is declared",
    "look at the ESP's status page, and run the check again",
    "RFC 9110 section 15.6",
)
UNEXPECTED = Kind(
    "live-api-unexpected-answer",
    ERROR,
    "API answers something that its reference does not know.",
    "something else answers in the ESP's place, or the ESP has changed its API",
    "look for a proxy in between; if there is none, tell us what the ESP answers",
    "the ESP's API reference, as its facts cite it",
)
HOST_MISSING = Kind(
    "live-api-host-missing",
    ERROR,
    "Name of an API host has no address.",
    "no call can be made: every message of the route stays in the app or is lost",
    CHECKED_HOST,
    "RFC 2308 section 2",
)
NOT_PUBLIC = Kind(
    "live-api-address-not-public",
    ERROR,
    "Name of an API host leads to an address that is not public.",
    "a name server answers with an address of this machine or network: a key would go to whoever listens there. A private "
    "endpoint in a cloud looks the same; its key is not sent either",
    "ask another resolver; inside a cloud with private endpoints run the check outside of it",
    "RFC 6890; RFC 4193",
)
UNREACHABLE = Kind(
    "live-api-unreachable",
    ERROR,
    "API host takes no connection.",
    "no call can be made from here",
    "let port 443 out at the firewall, or run the check where the app runs",
    "RFC 9293 section 3.5.2",
)
NO_ANSWER = Kind(
    "live-api-no-answer",
    ERROR,
    "API gives no answer.",
    "nobody knows what became of the call",
    "run the check again; where it stays so, look at the ESP's status page and at the network",
    "RFC 9110 section 15.6.5",
)
RESET = Kind(
    "live-api-connection-closed",
    ERROR,
    "API closes the connection without an answer.",
    "nobody knows what became of the call; a message that ends so may have been taken",
    "look for a proxy or a filter in between, and at the ESP's status page",
    "RFC 9112 section 9.6",
)
CERTIFICATE_EXPIRED = Kind(
    "live-api-certificate-expired",
    ERROR,
    "Certificate of an API host has expired or is not valid yet.",
    "clients that verify send nothing",
    IN_BETWEEN,
    "RFC 5280 section 4.1.2.5",
)
CERTIFICATE_NAME = Kind(
    "live-api-certificate-name",
    ERROR,
    "Certificate of an API host is for another name.",
    "somebody else answers in the ESP's place; no key is sent there",
    IN_BETWEEN,
    "RFC 9525 section 6",
)
CERTIFICATE_CHAIN = Kind(
    "live-api-certificate-untrusted",
    ERROR,
    "Certificate of an API host comes from nobody we trust.",
    "somebody else answers in the ESP's place, or this machine has no list of authorities; no key is sent there",
    IN_BETWEEN,
    "RFC 5280 section 6",
)
CERTIFICATE_ENDS = Kind(
    "live-api-certificate-ends",
    WARNING,
    "Certificate of an API host ends within two weeks.",
    "after that day clients that verify send nothing",
    "tell the ESP; behind a proxy of your own renew its certificate",
    "RFC 5280 section 4.1.2.5",
)
TLS = Kind(
    "live-api-tls",
    ERROR,
    "TLS with an API host cannot be agreed on.",
    "no call can be made",
    IN_BETWEEN,
    "RFC 8446 section 6.2; RFC 9325 section 3.1.1",
)
MALFORMED = Kind(
    "live-api-no-http",
    ERROR,
    "API host answers something that is not HTTP.",
    "something else listens there",
    "look for a proxy in between",
    "RFC 9112 section 2",
)
TOO_LARGE = Kind(
    "live-api-endless-answer",
    ERROR,
    "API host answers without end.",
    "something else answers in the ESP's place; clients without a limit fill their memory",
    "look for a proxy in between",
    "RFC 9110 section 6.4",
)
BY_TROUBLE: Mapping[Trouble, Kind] = {
    Trouble.NO_ADDRESS: HOST_MISSING,
    Trouble.UNRESOLVED: HOST_MISSING,
    Trouble.NOT_PUBLIC: NOT_PUBLIC,
    Trouble.UNREACHABLE: UNREACHABLE,
    Trouble.TIMEOUT: NO_ANSWER,
    Trouble.STOPPED: NO_ANSWER,
    Trouble.RESET: RESET,
    Trouble.CERTIFICATE_EXPIRED: CERTIFICATE_EXPIRED,
    Trouble.CERTIFICATE_NAME: CERTIFICATE_NAME,
    Trouble.CERTIFICATE_CHAIN: CERTIFICATE_CHAIN,
    Trouble.TLS: TLS,
    Trouble.MALFORMED: MALFORMED,
    Trouble.TOO_LARGE: TOO_LARGE,
    Trouble.UNSENDABLE: KEY_UNSENDABLE,
}
UNKNOWN_TROUBLES = frozenset({Trouble.UNRESOLVED, Trouble.TIMEOUT, Trouble.STOPPED})
"""What says nothing of the other side: it may be the network between, or nobody asked."""
KINDS = tuple(
    dict.fromkeys(
        (
            *BY_TROUBLE.values(),
            *(KEY_REFUSED, KEY_FORBIDDEN, WRONG_REGION, RATE_LIMITED, BROKEN, UNEXPECTED, CERTIFICATE_ENDS),
        )
    )
)
