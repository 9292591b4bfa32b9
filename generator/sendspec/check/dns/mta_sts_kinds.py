"""Everything that `dns-mta-sts` can find, documented, in the order in which a sender meets it."""

from sendspec.model.finding import Severity
from sendspec.model.observation import Kind
from sendspec.net.http import Trouble

SOURCE = "RFC 8461 section 3.3"
SERVE = "serve the rendered `mta-sts.txt` at that address over https, as text/plain, without a redirect"

ERROR = Severity.ERROR
NO_HOST = Kind(
    "live-dns-mta-sts-host-missing",
    ERROR,
    "Host of an MTA-STS policy has no address.",
    "senders cannot fetch the policy, so it protects nothing",
    "point `mta-sts.<domain>` to a web server, and " + SERVE,
    SOURCE,
)
NOT_PUBLIC = Kind(
    "live-dns-mta-sts-host-not-public",
    ERROR,
    "Host of an MTA-STS policy has an address that is not public.",
    "senders cannot reach it",
    "give the host a public address",
    SOURCE,
)
EXPIRED = Kind(
    "live-dns-mta-sts-certificate-expired",
    ERROR,
    "Certificate of an MTA-STS host has expired.",
    "senders must not take a policy over such a connection",
    "renew the certificate, and have that done by a machine",
    SOURCE,
)
WRONG_NAME = Kind(
    "live-dns-mta-sts-certificate-name",
    ERROR,
    "Certificate of an MTA-STS host is for another name.",
    "senders must not take a policy over such a connection",
    "get a certificate that names `mta-sts.<domain>`",
    SOURCE,
)
WRONG_CHAIN = Kind(
    "live-dns-mta-sts-certificate-chain",
    ERROR,
    "Certificate of an MTA-STS host comes from nobody that senders trust.",
    "senders must not take a policy over such a connection",
    "use a public certificate authority, and send the intermediate certificates along",
    SOURCE,
)
NO_TLS = Kind(
    "live-dns-mta-sts-tls",
    ERROR,
    "Host of an MTA-STS policy does not agree on TLS.",
    "senders cannot fetch the policy",
    "serve TLS 1.2 or newer at port 443",
    SOURCE,
)
NO_HTTP = Kind(
    "live-dns-mta-sts-no-http",
    ERROR,
    "Host of an MTA-STS policy gives no HTTP answer.",
    "senders cannot fetch the policy",
    SERVE,
    SOURCE,
)
TOO_LARGE = Kind(
    "live-dns-mta-sts-too-large",
    ERROR,
    "MTA-STS policy is larger than senders read.",
    "what is served is most likely a web page",
    SERVE,
    SOURCE,
)
REDIRECTED = Kind(
    "live-dns-mta-sts-redirected",
    ERROR,
    "MTA-STS policy is answered with a redirect.",
    "senders must not follow it, so there is no policy for them",
    SERVE,
    SOURCE,
)
WRONG_STATUS = Kind(
    "live-dns-mta-sts-status",
    ERROR,
    "MTA-STS policy is not answered with 200.",
    "senders take any other answer for the lack of a policy",
    SERVE,
    SOURCE,
)
NOT_TEXT = Kind(
    "live-dns-mta-sts-content-type",
    ERROR,
    "MTA-STS policy is not served as text/plain.",
    "senders may refuse it: it could be somebody's upload",
    SERVE,
    "RFC 8461 section 3.2",
)
UNREADABLE = Kind(
    "live-dns-mta-sts-policy-unreadable",
    ERROR,
    "MTA-STS policy cannot be read.",
    "senders ignore it",
    SERVE,
    "RFC 8461 section 3.2",
)
DIFFERS = Kind(
    "live-dns-mta-sts-policy-differs",
    ERROR,
    "MTA-STS policy is not the declared one.",
    "senders deliver by what is served: hosts that are missing in it get no mail in enforce mode",
    "copy the rendered policy to the web server; then publish the record with its id",
    "RFC 8461 section 3.2",
)
MX_NOT_LISTED = Kind(
    "live-dns-mta-sts-mx-not-listed",
    ERROR,
    "Live MX is not in the declared MTA-STS policy.",
    "in enforce mode senders do not deliver to it, so mail stops",
    "add the host to `mx:` of `mta_sts:`, render, serve the new policy, then publish the new id",
    "RFC 8461 sections 4.1 and 5",
)
NOT_FETCHED = Kind(
    "live-dns-mta-sts-not-fetched",
    ERROR,
    "MTA-STS policy could not be fetched from here.",
    "senders with the same difficulty go on with the policy they have cached, or without one",
    "try again from another network; if it lasts, repair the web server",
    SOURCE,
)
BY_TROUBLE = {
    Trouble.NO_ADDRESS: NO_HOST,
    Trouble.NOT_PUBLIC: NOT_PUBLIC,
    Trouble.CERTIFICATE_EXPIRED: EXPIRED,
    Trouble.CERTIFICATE_NAME: WRONG_NAME,
    Trouble.CERTIFICATE_CHAIN: WRONG_CHAIN,
    Trouble.TLS: NO_TLS,
    Trouble.RESET: NO_HTTP,
    Trouble.MALFORMED: NO_HTTP,
    Trouble.TOO_LARGE: TOO_LARGE,
}
"""What is not here may be our network."""
KINDS = (
    *dict.fromkeys(BY_TROUBLE.values()),
    REDIRECTED,
    WRONG_STATUS,
    NOT_TEXT,
    UNREADABLE,
    DIFFERS,
    MX_NOT_LISTED,
    NOT_FETCHED,
)
