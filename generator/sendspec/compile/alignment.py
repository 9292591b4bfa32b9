"""Proves alignment: for each sender of each route, both legs under the DMARC record that receivers will find.

The records are the spec's own. A name above every declared domain counts as one without a record, and the proof says so.
Source: RFC 9989 sections 4.4 and 4.10; RFC 7489 sections 3.1, 3.2 and 6.6.3.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from sendspec.model.alignment import Fit, Leg, PolicyInForce, Proof
from sendspec.model.dmarc import DmarcIntent, DmarcPolicy
from sendspec.model.dns_record import RecordType
from sendspec.model.domain import Domain
from sendspec.model.identity import Identity
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.stream import Sender, Stream
from sendspec.model.vocabulary import Role
from sendspec.records import dmarc
from sendspec.records.dmarc import DmarcRecord
from sendspec.records.dmarc_discovery import Discovery, by_public_suffix, is_aligned, walk_tree
from sendspec.records.error import RecordError
from sendspec.records.public_suffix import registrable_domain

Published = Mapping[str, tuple[DmarcRecord, Origin]]
"""The one DMARC record of each name that has one, and who declared it."""
REGISTRABLE_LABELS = 2
DMARC_LABEL = "_dmarc."


def prove_alignment(
    streams: Iterable[Stream], domains: Iterable[Domain], identities: Mapping[tuple[str, str], Identity]
) -> Iterator[Proof]:
    """Give a proof for each sender of each route, stream by stream, primary first."""
    readers = _Readers(domains)
    for stream in streams:
        for route in stream.routes:
            route_id = route.id
            for sender in stream.senders:
                yield _prove(route, route_id, sender, identities[route.account, sender.subdomain], readers)


class _Readers:
    """Both generations of receivers. What they found for a name is kept, so that ten thousand senders stay linear."""

    def __init__(self, domains: Iterable[Domain]) -> None:
        domains = tuple(domains)
        self._declared = frozenset(domain.name for domain in domains)
        self._published = _published(domains)
        self._walked: dict[str, Discovery] = {}
        self._registrable: dict[str, str] = {}

    def walk(self, name: str) -> Discovery:
        """Discover as RFC 9989 does."""
        if name not in self._walked:
            self._walked[name] = walk_tree(name, self._record)
        return self._walked[name]

    def suffix(self, name: str) -> Discovery:
        """Discover as RFC 7489 did."""
        return by_public_suffix(name, self.registrable(name), self._record)

    def organizational(self, name: str) -> str:
        """Give the organizational domain by the tree walk."""
        return self.walk(name).organizational

    def registrable(self, name: str) -> str:
        """Give the organizational domain by public suffix. A declared domain of two labels is one as it stands."""
        labels = name.rsplit(".", REGISTRABLE_LABELS)
        if len(labels) <= REGISTRABLE_LABELS:
            return name
        top = f"{labels[-2]}.{labels[-1]}"
        if top in self._declared:
            return top
        if name not in self._registrable:
            self._registrable[name] = registrable_domain(name)
        return self._registrable[name]

    def is_complete(self, name: str) -> bool:
        """Tell whether the spec declares the registrable domain of a name."""
        return self.registrable(name) in self._declared

    def policy(self, author: str, found: Discovery, *, knows_testing: bool) -> PolicyInForce | None:
        """Give what a record asks for mail of a From domain: `sp` below the name it stands at, else `p`."""
        record = found.record
        if record is None:
            return None
        asked = (record.subdomain_policy if found.found_at != author else None) or record.policy or dmarc.Policy.NONE
        policy = DmarcPolicy(asked)
        if record.testing and knows_testing:  # RFC 9989 section 4.7: one level lower; RFC 7489 has no `t`
            policy = tuple(DmarcPolicy)[max(0, policy.rank - 1)]
        return PolicyInForce(policy, found.found_at, self._published[found.found_at][1])

    def _record(self, name: str) -> DmarcRecord | None:
        found = self._published.get(name)
        return found[0] if found else None


def _prove(route: Route, route_id: str, sender: Sender, identity: Identity, readers: _Readers) -> Proof:
    author = sender.mailbox.domain
    walk, suffix = readers.walk(author), readers.suffix(author)
    # Without a record DMARC does not apply. The legs are shown as they will be once the registrable domain has one.
    organizational = readers.organizational if walk.record else readers.registrable

    def leg(domain: str | None, strict: Callable[[DmarcRecord], bool]) -> Leg:
        by_walk, by_suffix = (bool(found.record and strict(found.record)) for found in (walk, suffix))
        return Leg(
            domain,
            _fit(author, domain, by_walk, organizational),
            _fit(author, domain, by_suffix, readers.registrable),
        )

    policy = readers.policy(author, walk, knows_testing=True)
    elsewhere = readers.policy(author, suffix, knows_testing=False)
    return Proof(
        stream=route.stream,
        route=route_id,
        account=route.account,
        author=author,
        subdomain=sender.subdomain,
        is_fallback=route.role is Role.FALLBACK,
        spf=leg(identity.envelope_domain, lambda record: record.strict_spf),
        dkim=leg(identity.signing_domain, lambda record: record.strict_dkim),
        walk=policy,
        suffix=policy if elsewhere == policy else elsewhere,
        is_complete=readers.is_complete(author),
        envelope_note=identity.envelope_note,
        origin=route.origin,
        sender_origin=sender.origin,
    )


def _fit(author: str, proven: str | None, strict: bool, organizational: Callable[[str], str]) -> Fit:
    if proven is None:
        return Fit.NONE
    if proven == author:
        return Fit.SAME
    return Fit.RELAXED if is_aligned(author, proven, strict=strict, organizational=organizational) else Fit.NONE


def _published(domains: Iterable[Domain]) -> Published:
    """Give every DMARC record by the name it holds for: what domains declare, and what stands in `txt:`.

    A customer's policy, which is never written, counts: it is what the spec says will be found. A name with two records
    has none (RFC 9989 section 4.10).
    """
    published = {intent.name: (_record_of(intent), intent.origin) for domain in domains for intent in _intents(domain)}
    for domain in domains:
        for rrset in domain.zone.rrsets:
            if rrset.type is RecordType.TXT and rrset.name.startswith(DMARC_LABEL):
                texts = [value for value in rrset.values if dmarc.is_dmarc(str(value.value))]
                name = rrset.name.removeprefix(DMARC_LABEL)
                if len(texts) > 1:
                    published.pop(name, None)
                elif texts and name not in published:
                    record = _parse(str(texts[0].value))
                    if record is not None:
                        published[name] = record, texts[0].records[0].origin
    return published


def _intents(domain: Domain) -> Iterator[DmarcIntent]:
    """Give what a domain declares; one that never sends and says no more publishes p=reject."""
    yield from domain.dmarc
    if domain.never_sends and all(intent.name != domain.name for intent in domain.dmarc):
        reject, origin = DmarcPolicy.REJECT, domain.origin.key("sends")
        yield DmarcIntent(domain.name, reject, reject, strict_spf=False, strict_dkim=False, reports=(), origin=origin)


def _record_of(intent: DmarcIntent) -> DmarcRecord:
    return DmarcRecord(
        policy=dmarc.Policy(intent.policy),
        subdomain_policy=dmarc.Policy(intent.subdomains) if intent.subdomains else None,
        strict_dkim=intent.strict_dkim,
        strict_spf=intent.strict_spf,
        testing=intent.testing,
        psd=intent.psd,
    )


def _parse(text: str) -> DmarcRecord | None:
    """Read a record in `txt:`. One that cannot be read is none; a rule says so."""
    try:
        return dmarc.parse(text)
    except RecordError:
        return None
