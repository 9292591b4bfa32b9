"""What can be wrong in DNS."""

from collections.abc import Callable, Iterator
from functools import partial

from sendspec.model.dns_record import Purpose, RecordType, RRset, SourcedValue, Zone
from sendspec.model.observation import Subject
from sendspec.model.setup import Setup
from sendspec.rehearse.fault import Fault
from sendspec.rehearse.stage import Stage
from sendspec.rehearse.world import NAME_SERVERS, RESOLVER, Behaviour, DnsWorld, Key, Values

FIRST_SERVER, SECOND_SERVER = NAME_SERVERS.values()
ELSEWHERE = "203.0.113.9"
OTHER_SPF = "v=spf1 ip4:203.0.113.9 ~all"
OTHER_DMARC = "v=DMARC1; p=none"
MANY_INCLUDES = 11

Pick = Callable[[Setup], "tuple[Zone, RRset, SourcedValue] | None"]
Alter = Callable[[DnsWorld, Zone, RRset, SourcedValue], DnsWorld]


def _values(setup: Setup) -> Iterator[tuple[Zone, RRset, SourcedValue]]:
    for zone, rrset in setup.rrsets():
        for value in rrset.values:
            yield zone, rrset, value


def _first(purpose: Purpose | None, rtype: RecordType | None, setup: Setup) -> tuple[Zone, RRset, SourcedValue] | None:
    """Give the first value with this purpose and of this type."""
    for zone, rrset, value in _values(setup):
        if purpose in {None, value.purpose} and rtype in {None, rrset.type} and value.purpose is not Purpose.FOREIGN:
            return zone, rrset, value
    return None


def _on(pick: Pick, alter: Alter) -> Callable[[Setup, Stage], Stage | None]:
    """Give the change that alters what is picked."""

    def change(setup: Setup, stage: Stage) -> Stage | None:
        picked = pick(setup)
        return stage.with_dns(alter(stage.dns, *picked)) if picked else None

    return change


def _set(world: DnsWorld, key: Key, values: Values | None) -> DnsWorld:
    return world.with_records({key: values})


def _name_missing(world: DnsWorld, _zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    return world.without_name(rrset.name)


def _record_missing(world: DnsWorld, _zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    return world.with_records({(rrset.name, rrset.type): None, (rrset.name, "A"): (ELSEWHERE,)})


def _doubled(world: DnsWorld, zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    key = (rrset.name, str(rrset.type))
    doubled = (f"{rrset.name}.{zone.name}", str(rrset.type))
    return world.with_records({key: None, doubled: world.records[key]})


def _other_key(world: DnsWorld, _zone: Zone, rrset: RRset, value: SourcedValue) -> DnsWorld:
    """Change the key within its modulus, so that it stays a key."""
    text = str(value.value)
    start = text.index("p=") + len(text.partition("p=")[2]) // 2
    other = "A" if text[start] != "A" else "B"
    return _set(world, (rrset.name, rrset.type), (f"{text[:start]}{other}{text[start + 1 :]}",))


def _second(text: str, world: DnsWorld, _zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    key = (rrset.name, str(rrset.type))
    return _set(world, key, (*world.records[key], text))


def _proxied(world: DnsWorld, _zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    return world.with_records({(rrset.name, rrset.type): None, (rrset.name, "A"): (ELSEWHERE,)})


def _other_target(world: DnsWorld, _zone: Zone, rrset: RRset, value: SourcedValue) -> DnsWorld:
    return _set(world, (rrset.name, rrset.type), (f"old-{value.value}",))


def _dangling(world: DnsWorld, _zone: Zone, _rrset: RRset, value: SourcedValue) -> DnsWorld:
    return world.without_name(str(value.value))


def _disagree(world: DnsWorld, _zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    key = (rrset.name, str(rrset.type))
    return DnsWorld(world.records, world.zones, world.behaviours, {SECOND_SERVER: {key: (OTHER_DMARC,)}})


def _absence_remembered(world: DnsWorld, _zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    return DnsWorld(world.records, world.zones, world.behaviours, {RESOLVER: {(rrset.name, str(rrset.type)): ()}})


def _delegated(world: DnsWorld, zone: Zone, rrset: RRset, _value: SourcedValue) -> DnsWorld:
    """Cut the zone above a record: what the parent's zone holds there is no longer seen."""
    labels = rrset.name.removesuffix(f".{zone.name}").split(".")
    cut = f"{labels[-1]}.{zone.name}"
    return DnsWorld(world.without_name(cut).records, {**world.zones, cut: ("ns.elsewhere.invalid",)})


def _many_lookups(world: DnsWorld, _zone: Zone, _rrset: RRset, value: SourcedValue) -> DnsWorld:
    """Let somebody else's include grow over night."""
    include = next(term for term in str(value.value).split() if term.startswith("include:")).removeprefix("include:")
    names = [f"part{number}.{include}" for number in range(MANY_INCLUDES)]
    grown = "v=spf1 " + " ".join(f"include:{name}" for name in names) + " ~all"
    return world.with_records({(include, "TXT"): (grown,)} | {(name, "TXT"): (OTHER_SPF,) for name in names})


def _spf_with_include(setup: Setup) -> tuple[Zone, RRset, SourcedValue] | None:
    for zone, rrset, value in _values(setup):
        if value.purpose is Purpose.SPF and "include:" in str(value.value):
            return zone, rrset, value
    return None


def _below_a_subdomain(setup: Setup) -> tuple[Zone, RRset, SourcedValue] | None:
    for zone, rrset, value in _values(setup):
        if value.records[0].account and rrset.name.removesuffix(f".{zone.name}").count("."):
            return zone, rrset, value
    return None


def _behaving(behaviour: Behaviour, setup: Setup, stage: Stage) -> Stage | None:
    """Let one of two servers misbehave: what people call flaky."""
    return stage.with_dns(stage.dns.behaving(behaviour, [FIRST_SERVER])) if any(setup.rrsets()) else None


_DKIM_TXT = partial(_first, Purpose.DKIM, RecordType.TXT)
_DKIM_CNAME = partial(_first, Purpose.DKIM, RecordType.CNAME)
_DMARC = partial(_first, Purpose.DMARC, RecordType.TXT)
_SPF = partial(_first, Purpose.SPF, RecordType.TXT)
_ANY_CNAME = partial(_first, None, RecordType.CNAME)
_ANY = partial(_first, None, None)


def _fault(name: str, title: str, expects: str, change: Callable[[Setup, Stage], Stage | None]) -> Fault:
    return Fault(f"dns-{name}", title, Subject.DNS, f"live-dns-{expects}", change)


DNS_FAULTS = (
    _fault("nxdomain", "A return-path or key is not in DNS at all", "name-missing", _on(_ANY_CNAME, _name_missing)),
    _fault(
        "nodata",
        "The name of the DMARC record exists, the record does not",
        "record-missing",
        _on(_DMARC, _record_missing),
    ),
    _fault(
        "doubled-zone", "A panel has appended the zone to a whole name", "doubled-zone-name", _on(_ANY_CNAME, _doubled)
    ),
    _fault("wrong-key", "The DKIM key in DNS is not the ESP's", "wrong-key", _on(_DKIM_TXT, _other_key)),
    _fault(
        "second-spf", "Somebody has added a second SPF record", "second-spf", _on(_SPF, partial(_second, OTHER_SPF))
    ),
    _fault(
        "second-dmarc",
        "Somebody has added a second DMARC record",
        "second-dmarc",
        _on(_DMARC, partial(_second, OTHER_DMARC)),
    ),
    _fault(
        "proxied",
        "A CDN answers with its own addresses where a CNAME is declared",
        "address-instead-of-cname",
        _on(_ANY_CNAME, _proxied),
    ),
    _fault("wrong-cname", "A CNAME still leads where it led before", "wrong-cname", _on(_ANY_CNAME, _other_target)),
    _fault(
        "dangling",
        "The ESP has dropped the domain: its CNAMEs lead nowhere",
        "dangling-cname",
        _on(_DKIM_CNAME, _dangling),
    ),
    _fault(
        "delegated",
        "A subdomain has been delegated to other servers",
        "delegated-elsewhere",
        _on(_below_a_subdomain, _delegated),
    ),
    _fault(
        "spf-grown",
        "An include of somebody else has grown past ten look-ups",
        "spf-too-many-lookups",
        _on(_spf_with_include, _many_lookups),
    ),
    _fault("servers-disagree", "One of two servers has an old zone", "servers-disagree", _on(_DMARC, _disagree)),
    _fault(
        "absence-cached",
        "A resolver still remembers that a record was not there",
        "absence-cached",
        _on(_ANY, _absence_remembered),
    ),
    _fault("servfail", "One of two servers answers SERVFAIL", "servfail", partial(_behaving, Behaviour.SERVFAIL)),
    _fault("refused", "One of two servers refuses to answer", "refused", partial(_behaving, Behaviour.REFUSED)),
    _fault(
        "lame", "One of two servers does not know that it is one", "lame-server", partial(_behaving, Behaviour.LAME)
    ),
    _fault("timeout", "One of two servers does not answer", "timeout", partial(_behaving, Behaviour.SILENT)),
    _fault(
        "truncation",
        "One of two servers truncates, and takes no TCP",
        "no-dns-answer",
        partial(_behaving, Behaviour.TRUNCATES),
    ),
)
