"""Which message stream a stream of the spec leaves through: its id, its type, and with that its SMTP host."""

import hashlib
import re

from sendspec.esp.postmark.facts import BROADCASTS, DEFAULT_STREAMS, STREAM_ID_LENGTH, STREAM_ID_PATTERN, TRANSACTIONAL
from sendspec.model.vocabulary import StreamKind

DIGEST_LENGTH = 6


def message_stream_id(stream_id: str, chosen: str | None) -> str:
    """Give the chosen id, else the stream's own name, made valid where Postmark would refuse it.

    A name that is too long, starts with a digit, holds `--` or is reserved keeps its readable part and gains a short
    digest of the whole name, so that two of them never meet.
    """
    if chosen is not None:
        return chosen
    if re.match(STREAM_ID_PATTERN.value, stream_id) and stream_id not in DEFAULT_STREAMS.value:
        return stream_id
    digest = hashlib.sha256(stream_id.encode()).hexdigest()[:DIGEST_LENGTH]
    readable = re.sub(r"-{2,}", "-", f"s-{stream_id}")[: STREAM_ID_LENGTH.value - DIGEST_LENGTH - 1].rstrip("-")
    return f"{readable}-{digest}"


def message_stream_type(message_stream: str, kind: StreamKind) -> str:
    """Give `Transactional` or `Broadcasts`: what a default stream is, else what the kind of mail needs."""
    return DEFAULT_STREAMS.value.get(message_stream) or (BROADCASTS if kind.is_bulk else TRANSACTIONAL)
