"""What proves that a stream's mail passes DMARC, route by route, as `explain STREAM` shows it."""

from collections.abc import Iterator, Sequence

from sendspec.explain.places import SpanFinder, places_of
from sendspec.model.alignment import Leg, Proof
from sendspec.model.explanation import Explanation
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream

SHOWN_PROOFS = 10
"""Senders of one route that are shown; a stream may have thousands, all built alike."""


def explain_stream(name: str, setup: Setup, positions: SpanFinder) -> Iterator[Explanation]:
    """Explain a stream by its id; nothing when there is none."""
    stream = setup.index.streams.get(name)
    if stream is not None:
        proofs = [proof for proof in setup.proofs if proof.stream == name]
        yield Explanation(
            kind="stream",
            name=name,
            summary=_summary(stream),
            details=tuple(_details(stream, proofs)),
            places=places_of([stream.origin], positions),
        )


def _summary(stream: Stream) -> str:
    one = len(stream.senders) == 1
    senders = stream.senders[0].mailbox.to_text() if one else f"{len(stream.senders)} senders"
    return f"{stream.kind} mail from {senders}; what carries it through DMARC, route by route."


def _details(stream: Stream, proofs: Sequence[Proof]) -> Iterator[tuple[str, str]]:
    for route in stream.routes:
        of_route = [proof for proof in proofs if proof.route == route.id]
        for proof in of_route[:SHOWN_PROOFS]:
            yield f"{route.role}", "\n".join([f"{route.via} at {route.account}, From {proof.author}", *_lines(proof)])
        if len(of_route) > SHOWN_PROOFS:
            yield f"{route.role}", f"{len(of_route) - SHOWN_PROOFS} more senders"


def _lines(proof: Proof) -> Iterator[str]:
    yield f"envelope domain: {proof.spf.domain or 'of the ESP itself'}"
    yield f"SPF leg: {_fits(proof.spf)}"
    yield f"DKIM d=: {proof.dkim.domain or 'of the ESP itself, or none'}"
    yield f"DKIM leg: {_fits(proof.dkim)}"
    yield f"if one leg breaks: {proof.consequence}"


def _fits(leg: Leg) -> str:
    """Say how a leg compares, for both generations of receivers where they disagree."""
    if not leg.differs:
        return str(leg.walk)
    return f"{leg.walk} by the tree walk (RFC 9989), {leg.suffix} by the public suffix list (RFC 7489)"
