"""How DNS findings show names, values and servers: short, on one line, ready to paste where somebody must write them."""

import itertools
from collections.abc import Iterable, Sequence

from sendspec.model.dns_record import Mx, RecordType, RRset, Value
from sendspec.net.dns.answer import Answer

MAX_SHOWN = 180
MAX_VALUES = 6
NAMED_SERVERS = 4
BEFORE_DIFFERENCE = 30


def shorten(text: str, limit: int = MAX_SHOWN) -> str:
    """Give a text with its middle left out when it is long: start and end of a key tell it from another."""
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half]} … {text[-half:]}"


def show_pair(expected: Iterable[Value], seen: Iterable[Value]) -> tuple[str, str]:
    """Give what was expected and what was seen; long texts that look alike when shortened are cut where they differ."""
    pair = tuple(tuple(values) for values in (expected, seen))
    shown = (show_all(pair[0]), show_all(pair[1]))
    texts = [values[0] for values in pair if len(values) == 1 and isinstance(values[0], str)]
    if shown[0] != shown[1] or len(texts) != len(pair) or texts[0] == texts[1]:
        return shown
    same = itertools.takewhile(lambda signs: signs[0] == signs[1], zip(*texts, strict=False))
    at = sum(1 for _ in same)
    start = max(at - BEFORE_DIFFERENCE, 0)
    cut = [f"… {text[start : start + MAX_SHOWN // 2]} … (character {at + 1} of {len(text)} differs)" for text in texts]
    return cut[0], cut[1]


def show(value: Value) -> str:
    """Give a value as people write it: `10 mx.example.net`, `"v=spf1 -all"` without the quotes. The null MX is `0 .`."""
    if isinstance(value, Mx):
        return f"{value.preference} {value.exchange or '.'}"
    return shorten(_as_text(value))


def show_all(values: Iterable[Value]) -> str:
    """Give the values of a set, at most six of them."""
    shown = [show(value) for value in values]
    more = len(shown) - MAX_VALUES
    each = max(MAX_SHOWN // min(max(len(shown), 1), MAX_VALUES), 40)
    parts = [shorten(text, each) for text in shown[:MAX_VALUES]]
    return " | ".join([*parts, f"and {more} more"] if more > 0 else parts)


def line_to_write(rrset: RRset, value: Value) -> str:
    """Give the line of a zone file that holds a value, in full: `_dmarc.northwind.example. 3600 IN TXT "v=DMARC1; …"`."""
    head = f"{rrset.name}. {rrset.ttl_seconds} IN {rrset.type}"
    if isinstance(value, Mx):
        return f"{head} {value.preference} {value.exchange}."
    if rrset.type is RecordType.CNAME:
        return f"{head} {value}."
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{head} "{escaped}"'


def answered_by(answers: Sequence[Answer]) -> str:
    """Give who said so: `ns1.example.net (192.0.2.53), authoritative`."""
    servers = sorted({answer.server.to_text() for answer in answers})
    more = len(servers) - NAMED_SERVERS
    named = ", ".join([*servers[:NAMED_SERVERS], f"{more} more"] if more > 0 else servers)
    return f"{named}, authoritative" if any(answer.is_authoritative for answer in answers) else named


def _as_text(value: str) -> str:
    """Read the octets outside ASCII, which DNS answers hold as latin-1, as the UTF-8 that people wrote."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
