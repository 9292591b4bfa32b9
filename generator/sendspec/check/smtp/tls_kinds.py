"""What can be wrong with TLS at a submission endpoint, documented."""

from sendspec.model.finding import Severity
from sendspec.model.observation import Kind

ERROR, WARNING = Severity.ERROR, Severity.WARNING
IN_BETWEEN = "look for a proxy, a mail filter or an antivirus program in between that opens TLS; then tell the ESP"
MODE = "let `port` and `tls` of the route fit: `tls: implicit` on 465 and 2465, required STARTTLS on 587, 2587, 2525 and 25"

TLS_EXPECTED = Kind(
    "live-smtp-tls-from-first-byte",
    ERROR,
    "Endpoint waits for TLS from the first byte where STARTTLS is declared.",
    "client and server both wait for the other to begin: every message hangs until a timeout",
    MODE,
    "RFC 8314 section 3.3",
)
PLAIN_TEXT = Kind(
    "live-smtp-plain-text",
    ERROR,
    "Endpoint speaks plain text where TLS from the first byte is declared.",
    "the handshake fails with `wrong version number`, and nothing is sent",
    MODE,
    "RFC 8314 section 3.3",
)
STARTTLS_MISSING = Kind(
    "live-smtp-no-starttls",
    ERROR,
    "Server offers no STARTTLS.",
    "someone in between may have taken it out to read the password; a client that insists sends nothing, one that does "
    "not sends the password in plain text",
    IN_BETWEEN,
    "RFC 3207 section 6; RFC 8314 section 4.1",
)
STARTTLS_REFUSED = Kind(
    "live-smtp-starttls-refused",
    ERROR,
    "Server offers STARTTLS and refuses it.",
    "no login can be sent",
    "run the check again; where it stays so, use TLS from the first byte if the ESP serves it, and tell the ESP",
    "RFC 3207 section 4",
)
STARTTLS_INJECTED = Kind(
    "live-smtp-starttls-injection",
    ERROR,
    "Plain text stands between the answer to STARTTLS and the handshake.",
    "somebody in between puts replies into the session: a client that takes them for the server's own is led astray",
    IN_BETWEEN,
    "RFC 3207 sections 4.2 and 6",
)
CERTIFICATE_EXPIRED = Kind(
    "live-smtp-certificate-expired",
    ERROR,
    "Certificate of a submission endpoint has expired.",
    "clients that verify send nothing",
    "tell the ESP, or renew the certificate of your own relay; compare the clock of this machine",
    "RFC 5280 section 4.1.2.5",
)
CERTIFICATE_EARLY = Kind(
    "live-smtp-certificate-not-yet-valid",
    ERROR,
    "Certificate of a submission endpoint is not valid yet.",
    "clients that verify send nothing until then; more often the clock of this machine is wrong",
    "set the clock of this machine; then tell the ESP",
    "RFC 5280 section 4.1.2.5",
)
CERTIFICATE_NAME = Kind(
    "live-smtp-certificate-wrong-name",
    ERROR,
    "Certificate of a submission endpoint is for another name.",
    "clients that verify send nothing: whoever answers cannot show that it is the ESP",
    "compare the host with the ESP's page; look for a proxy in between, or a DNS answer that leads elsewhere",
    "RFC 7817 section 3; RFC 9525 section 6",
)
CERTIFICATE_AUTHORITY = Kind(
    "live-smtp-certificate-unknown-authority",
    ERROR,
    "Certificate of a submission endpoint comes from nobody whom this machine trusts.",
    "clients that verify send nothing; a proxy that opens TLS looks exactly like this",
    "install the system's certificate authorities; look for a proxy in between; give your own relay a public certificate",
    "RFC 5280 section 6; RFC 7817 section 3",
)
CERTIFICATE_OTHER = Kind(
    "live-smtp-certificate-not-acceptable",
    ERROR,
    "Certificate of a submission endpoint does not stand up to verification.",
    "clients that verify send nothing",
    "tell the ESP what is said about the certificate, or give your own relay another one",
    "RFC 5280 section 6",
)
CERTIFICATE_ENDS = Kind(
    "live-smtp-certificate-ends-soon",
    WARNING,
    "Certificate of a submission endpoint is valid for less than 14 days.",
    "the day it ends, clients that verify send nothing",
    "renew it if the relay is your own; an ESP does so by itself, so look again in a few days and then ask",
    "RFC 5280 section 4.1.2.5",
)
TLS_VERSION = Kind(
    "live-smtp-old-tls",
    ERROR,
    "Endpoint speaks no TLS newer than 1.1.",
    "TLS 1.0 and 1.1 are broken and clients refuse them",
    "use another host or port of the ESP; update your own relay",
    "RFC 8996; RFC 8997 section 3",
)
TLS_FAILED = Kind(
    "live-smtp-tls-failed",
    ERROR,
    "TLS handshake fails.",
    "no login can be sent",
    IN_BETWEEN,
    "RFC 8446 section 6.2",
)
AUTH_BEFORE_TLS = Kind(
    "live-smtp-auth-before-tls",
    WARNING,
    "Server offers a login in plain text, before TLS.",
    "an app that is not told to insist on STARTTLS sends its password readable to everybody in between, and nobody sees it",
    "keep required STARTTLS in every app, as rendered, or use TLS from the first byte where the ESP serves it",
    "RFC 4954 section 4; RFC 8314 section 4.1",
)
