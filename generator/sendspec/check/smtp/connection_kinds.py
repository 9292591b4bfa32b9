"""What can be wrong with a submission endpoint before anything about TLS or logins is said, documented."""

from sendspec.model.finding import Severity
from sendspec.model.observation import Kind

ERROR, WARNING = Severity.ERROR, Severity.WARNING
HOST_IS_RIGHT = "compare the region and the settings of the account with the ESP's page; the host follows from them"
PORT_IS_RIGHT = "use a port that the ESP serves and the network lets out: 587, or the ESP's other ports"
AGAIN = "run the check again; where it stays so, look at the ESP's status page and ask its support"

HOST_MISSING = Kind(
    "live-smtp-host-missing",
    ERROR,
    "Name of a submission host does not exist.",
    "no connection can be made: every message of the route stays in the app or is lost",
    HOST_IS_RIGHT,
    "RFC 2308 section 2.1; RFC 6409 section 3.1",
)
REGION = Kind(
    "live-smtp-region-without-smtp",
    ERROR,
    "Region of the account has no SMTP endpoint.",
    "the ESP documents none there and its name does not exist, so the route can never send",
    "send through the API, or use an account in a region with SMTP",
    "https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html",
)
NO_ADDRESS = Kind(
    "live-smtp-host-without-address",
    ERROR,
    "Name of a submission host has neither an IPv4 nor an IPv6 address.",
    "no connection can be made",
    HOST_IS_RIGHT,
    "RFC 2308 section 2.2; RFC 5321 section 5.1",
)
UNREACHABLE = Kind(
    "live-smtp-unreachable",
    ERROR,
    "Network says that a submission endpoint cannot be reached.",
    "a router or a firewall on the way refuses; an app in this network cannot send",
    "let the port out at the firewall, or run the check where the app runs",
    "RFC 792; RFC 4443 section 3.1",
)
REFUSED = Kind(
    "live-smtp-connection-refused",
    ERROR,
    "Submission endpoint refuses connections.",
    "nobody listens on the port, or a firewall answers in its place",
    PORT_IS_RIGHT,
    "RFC 6409 section 3.1; RFC 9293 section 3.5.2",
)
NO_CONNECTION = Kind(
    "live-smtp-no-connection",
    ERROR,
    "Submission endpoint does not answer a connection.",
    "the network drops what goes to the port, or the ESP is down; which of the two cannot be told from here",
    "try from where the app runs; clouds and providers block port 25 and sometimes others",
    "RFC 9293 section 3.8.3; RFC 5321 section 4.5.3.2",
)
PORT_BLOCKED = Kind(
    "live-smtp-port-blocked",
    ERROR,
    "Declared port does not answer, and another port of the same host does.",
    "the ESP is up, so the network drops what goes to the declared port: an app in it waits for its timeout and fails",
    PORT_IS_RIGHT,
    "RFC 6409 section 3.1; RFC 8314 section 3.3",
)
CLOSED_BEFORE_BANNER = Kind(
    "live-smtp-closed-before-banner",
    ERROR,
    "Connection is closed before the server greets.",
    "a proxy or a filter takes the connection and gives it up, or the server turns this address away",
    "look for a proxy in between; ask the ESP whether this address is blocked",
    "RFC 5321 section 3.1",
)
BANNER_BUSY = Kind(
    "live-smtp-banner-421",
    WARNING,
    "Server greets with 421: no service now, or too many connections.",
    "messages wait while it lasts; a pool that opens more connections than the ESP allows gets this for its own doing",
    "lower the number of connections of the apps that share the account; otherwise try again later",
    "RFC 5321 sections 3.8 and 4.2.3",
)
BANNER_NO_SERVICE = Kind(
    "live-smtp-banner-554",
    ERROR,
    "Server greets with 554: there is no SMTP service for this client.",
    "nothing can be sent from this address",
    "ask the ESP whether the address or the account is blocked",
    "RFC 5321 section 3.1",
)
BANNER_OTHER = Kind(
    "live-smtp-banner-refused",
    ERROR,
    "Server greets with something other than 220.",
    "a client must give up there",
    AGAIN,
    "RFC 5321 section 4.3.2",
)
NO_ANSWER = Kind(
    "live-smtp-no-answer",
    ERROR,
    "Server stops answering in the middle of a session.",
    "an app waits for its own timeout with every message, and its workers fill up",
    "run the check again; where it stays so, look for a proxy or a mail filter in between, then ask the ESP",
    "RFC 5321 section 4.5.3.2",
)
SLOW = Kind(
    "live-smtp-slow",
    WARNING,
    "Server takes seconds over a single reply.",
    "a session is a dozen replies: each message of an app without a pool takes that often as long",
    "ask the ESP whether the address or the account is being slowed down; look for a mail filter in between",
    "RFC 5321 section 4.5.3.2",
)
CLOSING = Kind(
    "live-smtp-closing",
    WARNING,
    "Server ends the session with 421.",
    "the message of that moment has to be sent again; with too many connections it happens again and again",
    "lower the number of connections and of messages per connection; otherwise try again later",
    "RFC 5321 section 3.8",
)
CLOSED = Kind(
    "live-smtp-closed",
    ERROR,
    "Connection is closed or reset in the middle of a session.",
    "a message is lost to the app unless it tries again",
    "look for a proxy, a mail filter or an address translator that forgets connections; then ask the ESP",
    "RFC 5321 section 3.8",
)
ENDLESS = Kind(
    "live-smtp-endless-reply",
    ERROR,
    "Server sends a reply without end.",
    "whatever answers there is no mail server, or a hostile one: a client that reads on runs out of memory",
    HOST_IS_RIGHT,
    "RFC 5321 section 4.5.3.1.5",
)
MALFORMED = Kind(
    "live-smtp-not-smtp",
    ERROR,
    "Server says something that is no SMTP reply.",
    "another service, a login page of the network or a proxy answers on this port",
    PORT_IS_RIGHT,
    "RFC 5321 section 4.2",
)
UNEXPECTED = Kind(
    "live-smtp-unexpected-reply",
    ERROR,
    "Server gives a reply that the command cannot have.",
    "clients treat it as an error or lose track of which reply belongs to which command",
    AGAIN,
    "RFC 5321 section 4.3.2",
)
EHLO_REFUSED = Kind(
    "live-smtp-ehlo-refused",
    ERROR,
    "Server refuses EHLO.",
    "without EHLO there is neither STARTTLS nor AUTH",
    "ask the ESP whether this address is blocked; look for a proxy in between that speaks old SMTP",
    "RFC 5321 sections 3.2 and 4.1.1.1",
)
