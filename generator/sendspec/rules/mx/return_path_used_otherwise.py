"""Return-path host is also used for other mail.

Why it matters: its MX or CNAME leads to the ESP, so answers of people end there unread; the ESP refuses a host that takes other mail.
Do instead: give the account another host label: `settings.mail_from`, `settings.return_path`.
An error where people's mail arrives, a warning where a stream has its From there.
Source: https://docs.aws.amazon.com/ses/latest/dg/mail-from.html, RFC 5321 section 5.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each return-path on a name that receives or that is a From domain."""
    receiving = _receiving(setup)
    authors: dict[str, Origin] = {}
    for stream in setup.streams:
        for sender in stream.senders:
            authors.setdefault(sender.mailbox.domain, sender.origin)
    for identity in setup.identities:
        name = identity.envelope_domain or ""
        if name in receiving:
            message = f"{name} takes people's mail, but it is the return-path of {identity.account}"
            yield Problem(at=receiving[name], message=message, related=((identity.origin, "the account"),))
        elif name in authors:
            message = f"{name} is a From domain, but it is the return-path of {identity.account}"
            related = ((identity.origin, "the account"),)
            yield Problem(at=authors[name], message=message, related=related, severity=Severity.WARNING)


def _receiving(setup: Setup) -> dict[str, Origin]:
    found = {domain.name: domain.origin.key("mailboxes") for domain in setup.domains if domain.mailboxes}
    for domain in setup.domains:
        for subdomain in domain.subdomains:
            if subdomain.receives:
                found[subdomain.name] = subdomain.origin.key("receives")
    return found


RULE = Rule(id="mx-return-path-used-otherwise", severity=Severity.ERROR, find=find)
