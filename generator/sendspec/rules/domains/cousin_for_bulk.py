"""Bulk mail leaves from a lookalike of the company's own domain.

Why it matters: a cousin domain (`example-mail.com` beside `example.com`) inherits no reputation and looks like phishing to filters and to people.
Do instead: send from a subdomain (`news.example.com`): it has a reputation of its own and the trust of the name.
Only names made of the company's name and a word such as `mail`, `news` or `get` count.
Source: M3AAWG sender best common practices; https://support.google.com/a/answer/81126
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

WORDS = (
    *("newsletter", "marketing", "updates", "mailing", "emails", "mailer", "offers", "email", "hello", "mails"),
    *("sends", "info", "mail", "news", "send", "team", "get", "try", "go", "my"),
)
"""The longest first, so that `emails` is not read as `mails` after an `e`."""


def find(setup: Setup) -> Iterator[Problem]:
    """Give each bulk stream on a domain of ours that is another one's name with such a word."""
    ours = {domain.name.partition(".")[0]: domain for domain in setup.domains if domain.authority == "own"}
    brands = {_brand(label): label for label in ours if _brand(label) in ours}
    cousins = {label: ours[brand] for brand, label in brands.items()}
    for stream in setup.streams:
        for sender in stream.senders if stream.kind.is_bulk else ():
            domain = setup.index.domain_of(sender.subdomain)
            original = cousins.get(domain.name.partition(".")[0]) if domain else None
            if domain and original:
                yield Problem(
                    at=sender.origin,
                    message=f"{stream.id}: {stream.kind} mail from {domain.name}, a cousin of {original.name}",
                    fix=f"send from a subdomain, such as news.{original.name}",
                    related=((original.origin, "the domain people know"),),
                )
                break


def _brand(label: str) -> str:
    """Give the label without one such word at either end; empty where there is none."""
    for word in WORDS:
        for rest in (label.removeprefix(word), label.removesuffix(word)):
            if rest != label:
                return rest.strip("-")
    return ""


RULE = Rule(id="domains-cousin-for-bulk", severity=Severity.WARNING, find=find)
