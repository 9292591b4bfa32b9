"""What a name server can say, as checks see it: logical values, lowercase names without the final dot."""

from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.dns_record import Mx
from sendspec.net.address import Server

MOST_HOPS = 16
"""So many CNAMEs are followed inside one answer; resolvers give up at 8 to 16."""


class Status(StrEnum):
    """What came of a question. Only NODATA and NXDOMAIN mean that something is absent."""

    ANSWER = "an answer"
    """The name has records of the type asked for, directly or behind CNAMEs."""
    NODATA = "no record of this type"
    NXDOMAIN = "no such name (NXDOMAIN)"
    REFERRAL = "a referral to other servers"
    SERVFAIL = "SERVFAIL"
    REFUSED = "REFUSED"
    LAME = "an answer without authority"
    """Asked as the name's own server, it answered neither with authority nor with a referral below."""
    TIMEOUT = "no answer in time"
    UNREACHABLE = "unreachable"
    MALFORMED = "something that is no DNS answer"
    OTHER = "an error"
    STOPPED = "not asked"
    """The deadline of the run had passed."""

    @property
    def is_known(self) -> bool:
        """Tell whether it says what the zone holds."""
        return self in {Status.ANSWER, Status.NODATA, Status.NXDOMAIN}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        name, type: What was asked: `_dmarc.northwind.example`, `TXT`.
        values: The values of that type at the end of the chain, sorted, each once: `Mx` for MX, text for all else
            (a TXT value is its strings joined; octets outside ASCII as latin-1). Empty unless ANSWER.
        chain: The CNAME targets that led there, in order. A chain whose end lies elsewhere gives NODATA with the chain
            from an authoritative server, which is no finding about the end.
        server: Who answered, or was asked.
        ttl_seconds: The lowest TTL of `values` and chain; None without values.
        negative_ttl_seconds: How long a resolver may remember that there is nothing (RFC 2308 section 5); None when
            there is something or nobody said.
        zone: The zone that says that there is nothing: the owner of the SOA that came along; None without one.
        is_authoritative: The AA bit.
        referral: (zone, its name servers) of a referral.
        glue: (name server, address), as they came with a referral.
        rcode: The response code as text where it is none of the statuses, else empty; or what went wrong, in words.
        over_tcp: UDP was truncated, and TCP gave the whole answer.
        octets: Size of the answer.
    """

    status: Status
    name: str
    type: str
    server: Server
    values: tuple[str | Mx, ...] = ()
    chain: tuple[str, ...] = ()
    ttl_seconds: int | None = None
    negative_ttl_seconds: int | None = None
    zone: str | None = None
    is_authoritative: bool = False
    referral: tuple[str, tuple[str, ...]] | None = None
    glue: tuple[tuple[str, str], ...] = ()
    rcode: str = ""
    over_tcp: bool = False
    octets: int = 0

    @property
    def texts(self) -> tuple[str, ...]:
        """Give the values that are text: all but MX."""
        return tuple(value for value in self.values if isinstance(value, str))

    @property
    def said(self) -> str:
        """Give what came, in words: `no such name (NXDOMAIN)`."""
        return f"{self.status}: {self.rcode}" if self.rcode else str(self.status)


@dataclass(frozen=True, slots=True)
class Expected:
    """A question whose answer is known if all is well. `values` as in `Answer`; `tag` is the asker's own."""

    server: Server
    name: str
    type: str
    values: tuple[str | Mx, ...]
    is_recursive: bool
    tag: object


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of whom. `name` and `type` as the asker wrote them."""

    server: Server
    name: str
    type: str
    is_recursive: bool

    def answer(self, status: Status, words: str = "") -> Answer:
        """Give an answer that says no more than its status."""
        return Answer(status, self.name, self.type, self.server, rcode=words)
