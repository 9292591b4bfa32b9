"""Name declared to never send is one that mail is sent from.

Why it matters: a null MX and `-all` make receivers refuse exactly this mail, so sendspec leaves them out, against what the spec says.
Do instead: remove `sends: never`, or move the stream to another subdomain.
Source: RFC 7505 section 4.2
"""

from collections.abc import Iterator

from sendspec.model.domain import Domain, Subdomain
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each such domain and subdomain with one of the senders."""
    senders = _senders(setup)
    for domain in setup.domains:
        names: tuple[Domain | Subdomain, ...] = (domain, *domain.subdomains)
        for named in names:
            if named.never_sends and named.name in senders:
                who, origin = senders[named.name]
                message = f"{named.name}: declared to never send, but {who} does"
                yield Problem(at=named.origin.key("sends"), message=message, related=((origin, who),))


def _senders(setup: Setup) -> dict[str, tuple[str, Origin]]:
    """Give every From and envelope domain with one user of it."""
    found: dict[str, tuple[str, Origin]] = {}
    for stream in setup.streams:
        for sender in stream.senders:
            for name in (sender.mailbox.domain, sender.subdomain):
                found.setdefault(name, (f"stream {stream.id}", sender.origin))
    for identity in setup.identities:
        if identity.envelope_domain:
            found.setdefault(identity.envelope_domain, (f"the return-path of {identity.account}", identity.origin))
    return found


RULE = Rule(id="domains-never-sends-but-sends", severity=Severity.ERROR, find=find)
