"""What the answer to a question about one of our sets says: as declared, or which values are wrong, missing or too many."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.check.dns import published_kinds as kinds
from sendspec.check.dns.meaning import is_of_kind, means_the_same, unescaped
from sendspec.model.dns_record import Mx, Purpose, RecordType, RRset, SourcedValue, Value
from sendspec.model.observation import Kind


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a live set is not the declared one.

    Attributes:
        value: The declared value it is about.
        live: The live values that differ from it; empty where there is none.
        note: What to say of it beyond its kind.
    """

    kind: Kind
    value: SourcedValue
    live: tuple[Value, ...]
    note: str = ""


def differences(rrset: RRset, live: tuple[Value, ...], zone: str) -> Iterator[Difference]:
    """Compare a live set with a declared one. Values of others in the same set are left alone."""
    for value in rrset.values:
        if not any(_matches(value, each) for each in live):
            yield _unmatched(value, rrset, live, zone)
    if len(live) > len(rrset.values) or len(live) > 1:
        yield from _too_many(rrset, live)


def _matches(value: SourcedValue, live: Value) -> bool:
    declared = value.value
    if isinstance(declared, Mx) or isinstance(live, Mx):
        return _lower(declared) == _lower(live)
    if value.records[0].type is RecordType.CNAME:
        return declared.lower() == live.lower()
    return means_the_same(value.purpose, declared, live)


def _lower(value: Value) -> Value:
    return Mx(value.preference, value.exchange.lower()) if isinstance(value, Mx) else value


def _unmatched(value: SourcedValue, rrset: RRset, live: tuple[Value, ...], zone: str) -> Difference:
    if rrset.type is RecordType.TXT:
        return _wrong_text(value, tuple(str(each) for each in live))
    kind = kinds.WRONG_CNAME if rrset.type is RecordType.CNAME else kinds.WRONG_MX
    target = _target(value.value).lower()
    appended = [each for each in live if target and _is_appended(_target(each).lower(), target, zone)]
    if appended:
        return Difference(kinds.ZONE_APPENDED, value, tuple(appended))
    return Difference(kind, value, live)


def _target(value: Value) -> str:
    return value.exchange if isinstance(value, Mx) else value


def _is_appended(live: str, target: str, zone: str) -> bool:
    """Tell whether a live target is the declared one with the zone, or what lies above it, at its end."""
    return live.startswith(f"{target}.") and (live == f"{target}.{zone}" or live.endswith(f".{zone}"))


def _wrong_text(value: SourcedValue, live: tuple[str, ...]) -> Difference:
    declared = str(value.value)
    escaped = tuple(
        text for text in live if unescaped(text) != text and means_the_same(value.purpose, declared, unescaped(text))
    )
    if escaped:
        return Difference(kinds.ESCAPED, value, escaped)
    alike = tuple(text for text in live if is_of_kind(value.purpose, text))
    kind = kinds.WRONG_BY_PURPOSE.get(value.purpose)
    if alike and kind is not None:
        return Difference(kind, value, alike)
    return Difference(kinds.VALUE_MISSING, value, live)


def _too_many(rrset: RRset, live: tuple[Value, ...]) -> Iterator[Difference]:
    """Give records of which a name may have one only: SPF, DMARC, a key, the MX of a return-path."""
    for purpose, first in {value.purpose: value for value in reversed(rrset.values)}.items():
        if purpose in kinds.SECOND_BY_PURPOSE and rrset.type is RecordType.TXT:
            alike = tuple(each for each in live if is_of_kind(purpose, str(each)))
            if len(alike) > 1:
                yield Difference(kinds.SECOND_BY_PURPOSE[purpose], first, alike)
        elif rrset.type is RecordType.MX and len(live) > len(rrset.values):
            if purpose is Purpose.RETURN_PATH:
                yield Difference(kinds.SECOND_MX, first, live)
            elif purpose is Purpose.NULL_MX:
                yield Difference(kinds.NULL_MX_NOT_ALONE, first, live)
