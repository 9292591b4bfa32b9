"""Records belong into a domain that the spec does not declare.

Why it matters: nothing writes them anywhere, so the mail they are for is neither signed nor aligned.
Do instead: declare the domain under `domains:`, with `authority: customer` where the DNS is not yours; or correct the name.
Source: sendspec: every sending domain lies in a declared domain
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.alignment import parents
from sendspec.rules.free_mail import is_free_mail
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each sender outside all domains once, then records that an account wants elsewhere for other reasons."""
    if not setup.unplaced:
        return
    explained: set[str] = set()
    for stream in setup.streams:
        outside = [sender for sender in stream.senders if setup.index.domain_of(sender.subdomain) is None]
        explained.update(sender.subdomain for sender in outside)
        if outside:
            more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
            message = f"{stream.id}: {outside[0].subdomain}{more} lies in no declared domain"
            name = outside[0].subdomain
            fix = f"send from a domain of your own: {name} belongs to a mail provider" if is_free_mail(name) else ""
            yield Problem(at=outside[0].origin, message=message, fix=fix)
    seen: set[Origin] = set()
    for record in setup.unplaced:
        if record.origin in seen or any(name in explained for name in (record.name, *parents(record.name))):
            continue
        seen.add(record.origin)
        yield Problem(at=record.origin, message=f"{record.name} lies in no declared domain")


RULE = Rule(id="dns-record-outside-domains", severity=Severity.ERROR, find=find)
