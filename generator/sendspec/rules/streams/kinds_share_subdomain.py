"""Two kinds of mail share a subdomain.

Why it matters: reputation is per domain: what goes wrong with one kind, such as complaints about notifications, delays the other, such as password resets.
Do instead: give each kind a subdomain of its own; it costs a few DNS records.
Bulk mail beside other kinds is a rule of its own, and an error.
Source: M3AAWG sender best common practices
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each set of streams of several kinds once, with the first subdomain they share."""
    names: dict[str, list[Stream]] = {}
    for stream in setup.streams:
        for subdomain in stream.subdomains:
            names.setdefault(subdomain, []).append(stream)
    reported: set[tuple[str, ...]] = set()
    for name, streams in names.items():
        kinds = {stream.kind for stream in streams}
        ids = tuple(stream.id for stream in streams)
        if len(kinds) == 1 or len({kind.is_bulk for kind in kinds}) > 1 or ids in reported:
            continue
        reported.add(ids)
        first = streams[0]
        other = next(stream for stream in streams if stream.kind is not first.kind)
        yield Problem(
            at=other.origin.key("subdomain"),
            message=f"{other.id}: {other.kind} mail shares {name} with {first.id} ({first.kind})",
            related=((first.origin.key("subdomain"), f"{first.kind} mail"),),
        )


RULE = Rule(id="streams-kinds-share-subdomain", severity=Severity.INFO, find=find)
