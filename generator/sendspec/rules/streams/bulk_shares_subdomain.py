"""Bulk mail shares a subdomain or a return-path with other mail.

Why it matters: reputation is per domain: one campaign with complaints takes password resets and receipts down with it.
Do instead: give the bulk stream a subdomain of its own.
Source: https://support.google.com/a/answer/81126; M3AAWG sender best practices
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.rules.interface import Problem, Rule

LABELS = ("news", "campaigns")


@dataclass(slots=True)
class _Sharing:
    """The streams of one name, by whether they are bulk, while they are collected."""

    bulk: dict[str, Stream] = field(default_factory=dict)
    other: dict[str, Stream] = field(default_factory=dict)

    def add(self, stream: Stream) -> None:
        (self.bulk if stream.kind.is_bulk else self.other)[stream.id] = stream


def find(setup: Setup) -> Iterator[Problem]:
    """Give each bulk stream once with the first stream of another kind on one of its names."""
    names: dict[str, _Sharing] = {}
    for stream in setup.streams:
        for subdomain in stream.subdomains:
            names.setdefault(subdomain, _Sharing()).add(stream)
    for identity in setup.identities:
        for stream_id in identity.streams if identity.envelope_domain else ():
            names.setdefault(identity.envelope_domain or "", _Sharing()).add(setup.stream(stream_id))
    reported: set[str] = set()
    for name, sharing in names.items():
        for stream in sharing.bulk.values() if sharing.other else ():
            if stream.id not in reported:
                reported.add(stream.id)
                domain = setup.index.domain_of(name)
                yield _problem(stream, next(iter(sharing.other.values())), name, domain.name if domain else name)


def _problem(bulk: Stream, other: Stream, name: str, domain: str) -> Problem:
    free = next(label for label in LABELS if f"{label}.{domain}" != name)
    return Problem(
        at=bulk.origin.key("subdomain"),
        message=f"{bulk.id}: {bulk.kind} mail shares {name} with {other.id} ({other.kind})",
        fix=f"send {bulk.id} from a subdomain of its own, such as `{free}.{domain}`: in `from:`, and in `subdomain:` if there is one",
        related=((other.origin.key("subdomain"), f"{other.kind} mail"),),
    )


RULE = Rule(id="streams-bulk-shares-subdomain", severity=Severity.ERROR, find=find)
