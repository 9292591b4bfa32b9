"""The logos that BIMI records name, as mailbox providers fetch them. The record is compared by `dns-published`."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from sendspec.check.dns.wording import shorten
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.net.http import Reply, Trouble
from sendspec.net.net import Net
from sendspec.records.error import RecordError
from sendspec.records.tag_list import parse_tags

AT_ONCE = 16
MOST_OCTETS = 32 * 1024
"""Of a logo (BIMI Group, implementation guide: 32 kilobytes)."""
READ_OCTETS = 256 * 1024
OK = 200
SOURCE = "draft-brand-indicators-for-message-identification section 4.3"
COULD_NOT_TELL = frozenset(
    {Trouble.TIMEOUT, Trouble.UNREACHABLE, Trouble.UNRESOLVED, Trouble.STOPPED, Trouble.UNSENDABLE}
)

NOT_SERVED = Kind(
    "live-dns-bimi-logo-not-served",
    Severity.WARNING,
    "Logo of a BIMI record cannot be fetched.",
    "no logo is shown",
    "serve the image over https at the address in the record, without a redirect",
    SOURCE,
)
NOT_SVG = Kind(
    "live-dns-bimi-logo-no-svg",
    Severity.WARNING,
    "Logo of a BIMI record is no SVG Tiny PS.",
    "no logo is shown",
    "serve an SVG Tiny Portable/Secure image as image/svg+xml",
    SOURCE,
)
TOO_LARGE = Kind(
    "live-dns-bimi-logo-too-large",
    Severity.WARNING,
    "Logo of a BIMI record is larger than 32 KB.",
    "mailbox providers may not show it",
    "make the image smaller",
    "https://bimigroup.org/creating-bimi-svg-logo-files/ (read 2026-11-26)",
)
NO_CERTIFICATE = Kind(
    "live-dns-bimi-certificate-not-served",
    Severity.WARNING,
    "Mark certificate of a BIMI record cannot be fetched.",
    "Gmail and Apple show no logo without it",
    "serve the PEM file over https at the address in the record",
    SOURCE,
)


@dataclass(frozen=True, slots=True)
class _File:
    """What a BIMI record names: the logo, or the certificate."""

    name: str
    url: str
    is_logo: bool
    origin: Origin


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Fetch each logo and each mark certificate."""

    async def work(file: _File) -> list[Seen]:
        reply = await net.http.call("GET", file.url, max_octets=READ_OCTETS)
        return [_look_at(net, file, reply) or Passed()]

    async for seen in side_by_side(_files(setup), work, AT_ONCE):
        yield seen


def _files(setup: Setup) -> Iterator[_File]:
    for domain in setup.domains:
        for rrset in domain.zone.rrsets:
            for value in rrset.values:
                if value.purpose is Purpose.BIMI:
                    try:
                        tags = parse_tags(str(value.value), "v", "BIMI1")
                    except RecordError:
                        continue  # `dns-published` compares the text
                    for tag in ("l", "a"):
                        if tags.get(tag, "").startswith("https://"):
                            yield _File(rrset.name, tags[tag], tag == "l", value.records[-1].origin)


def _look_at(net: Net, file: _File, reply: Reply) -> Observation | None:
    if reply.trouble is Trouble.TOO_LARGE and file.is_logo:
        return _observation(TOO_LARGE, file, reply, "at most 32 KB", f"more than {READ_OCTETS // 1024} KB")
    kind = NOT_SERVED if file.is_logo else NO_CERTIFICATE
    if reply.status is None:
        said = net.deadline.reason if reply.trouble is Trouble.STOPPED else reply.detail or str(reply.trouble)
        return _observation(kind, file, reply, "status 200", said, is_unknown=reply.trouble in COULD_NOT_TELL)
    if reply.status != OK:
        return _observation(kind, file, reply, "status 200", f"status {reply.status}")
    return _look_at_logo(file, reply) if file.is_logo else None


def _look_at_logo(file: _File, reply: Reply) -> Observation | None:
    if b"<svg" not in reply.body:
        return _observation(NOT_SVG, file, reply, "an SVG image", reply.headers.get("content-type", "no content type"))
    if b"tiny-ps" not in reply.body:
        return _observation(NOT_SVG, file, reply, 'baseProfile="tiny-ps"', "an SVG of another profile")
    if len(reply.body) > MOST_OCTETS:
        return _observation(TOO_LARGE, file, reply, "at most 32 KB", f"{len(reply.body) // 1024} KB")
    return None


def _observation(
    kind: Kind, file: _File, reply: Reply, expected: str, seen: str, *, is_unknown: bool = False
) -> Observation:
    return Observation(
        kind,
        file.origin,
        f"{file.name}: {file.url}: {seen}",
        is_unknown=is_unknown,
        expected=expected,
        seen=shorten(seen),
        answered_by=reply.address,
        fix="" if is_unknown else f"{kind.instead}: {file.url}",
    )


def _size(setup: Setup) -> int:
    return sum(1 for _ in _files(setup))


CHECK = Check("dns-bimi", Subject.DNS, "BIMI logos", (NOT_SERVED, NOT_SVG, TOO_LARGE, NO_CERTIFICATE), run, _size)
