"""Where a record that is missing usually is instead: the mistakes that DNS panels and people make most."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.check.dns import published_kinds as kinds
from sendspec.check.dns.comparison import differences
from sendspec.check.dns.meaning import is_of_kind
from sendspec.model.dns_record import Purpose, RecordType, RRset, Value, Zone
from sendspec.model.observation import Kind
from sendspec.net.address import Server
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net

ADDRESS_TYPES = ("A", "AAAA")
DOMAINKEY = "._domainkey."


@dataclass(frozen=True, slots=True)
class Mistake:
    """What stands instead of a missing record, and where."""

    kind: Kind
    answer: Answer
    values: tuple[Value, ...]


async def find_mistake(net: Net, server: Server, zone: Zone, rrset: RRset) -> Mistake | None:
    """Ask for what usually stands instead of a record that this server does not have; None where nothing does."""
    if rrset.type is RecordType.CNAME:
        found = await _instead_of_cname(net, server, rrset.name)
        if found is not None:
            return found
    for name in _wrong_names(rrset, zone.name):
        answer = await net.dns.ask(server, name, rrset.type)
        if answer.status is Status.ANSWER and _is_ours(rrset, answer, zone.name):
            is_doubled = name == f"{rrset.name}.{zone.name}"
            return Mistake(kinds.DOUBLED_ZONE if is_doubled else kinds.AT_WRONG_NAME, answer, answer.values)
    return None


async def _instead_of_cname(net: Net, server: Server, name: str) -> Mistake | None:
    for rtype in (*ADDRESS_TYPES, "TXT", "MX"):
        answer = await net.dns.ask(server, name, rtype)
        if answer.status is Status.ANSWER and not answer.chain:
            kind = kinds.ADDRESS_INSTEAD if rtype in ADDRESS_TYPES else kinds.TEXT_INSTEAD
            return Mistake(kind, answer, answer.values)
    return None


def _wrong_names(rrset: RRset, zone: str) -> Iterator[str]:
    """Give the names to try, the most frequent mistake first."""
    name, purpose = rrset.name, rrset.values[0].purpose
    yield f"{name}.{zone}"
    if purpose is Purpose.DMARC:
        yield name.removeprefix("_")
        yield name.removeprefix("_dmarc.")
    elif DOMAINKEY in name:
        selector, _, domain = name.partition(DOMAINKEY)
        yield f"{selector}._domainkey._domainkey.{domain}"  # the panel or the ESP had added it already
        yield f"{selector}.{domain}"
        if domain != zone:
            yield f"{selector}._domainkey.{zone}"  # written at the apex, the subdomain forgotten
    elif name.startswith("_"):
        yield name.removeprefix("_")


def _is_ours(rrset: RRset, answer: Answer, zone: str) -> bool:
    """Tell whether what stands at a wrong name is the declared record, or for DMARC any record of that kind."""
    if answer.chain and rrset.type is not RecordType.CNAME:
        return False
    if rrset.values[0].purpose is Purpose.DMARC:
        return any(is_of_kind(Purpose.DMARC, text) for text in answer.texts)
    return not any(difference.live == answer.values for difference in differences(rrset, answer.values, zone))
