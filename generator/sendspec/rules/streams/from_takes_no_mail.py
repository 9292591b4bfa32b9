"""From name takes no mail.

Why it matters: answers and late bounces to it are lost; some receivers refuse a From domain that has neither MX nor A, and Microsoft asks bulk senders for an address that takes mail.
Do instead: say `receives: true` at a subdomain that has an MX of its own, or let the app set a Reply-To at a name that takes mail.
Source: RFC 5321 section 5.1; https://docs.contactlab.com/blog/2025/05/09/new-microsoft-rules (third party, on Microsoft's requirements)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.receiving import Receivers

SHOWN_NAMES = 5


def find(setup: Setup) -> Iterator[Problem]:
    """Give each of our own domains once, with all From names on it that take no mail. What is unknown is no breach."""
    receivers = Receivers(setup)
    silent: dict[str, set[str]] = {}
    for stream in setup.streams:
        for sender in stream.senders:
            name = sender.mailbox.domain
            domain = setup.index.domain_of(name)
            if domain is not None and receivers.takes_mail(name) is False:
                silent.setdefault(domain.name, set()).add(name)
    for domain_name, names in sorted(silent.items()):
        shown = sorted(names)[:SHOWN_NAMES]
        listed = ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
        message = f"{domain_name}: streams send from {listed}, where no MX is declared"
        yield Problem(at=setup.index.domains[domain_name].origin.key("subdomains"), message=message)


RULE = Rule(id="streams-from-takes-no-mail", severity=Severity.INFO, find=find)
