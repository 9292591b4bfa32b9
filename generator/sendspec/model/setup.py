"""The compiled setup: every stream, identity, record, endpoint, variable and resource, resolved.

`compile` builds it; rules, targets, explain and (later) check, plan and advise read it. Nothing in it is text in
somebody's format, and no credential's value is in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sendspec.model.account import Account
from sendspec.model.alignment import Proof
from sendspec.model.app import App
from sendspec.model.dns_record import DnsRecord, PendingRecord, Purpose, RRset, SourcedValue, Zone
from sendspec.model.domain import Domain, SpfTree
from sendspec.model.identity import Identity, Refusal
from sendspec.model.key_age import KeyAge
from sendspec.model.origin import Origin
from sendspec.model.published import PublishedKey, SpfValue
from sendspec.model.resource import Resource
from sendspec.model.route import Route
from sendspec.model.spf_budget import SpfBudget
from sendspec.model.stream import Stream
from sendspec.model.thresholds import DEFAULTS, Thresholds


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding the team lives with, at `at` and everything below it. `at_glob` is set for those at the top."""

    rule: str
    because: str
    until: str
    at: Origin
    at_glob: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Index:
    """Look-ups that `compile` builds once, so that no rule walks 10,000 domains inside a loop over streams.

    `dmarc` maps each name with an intent of its own to it; `domain_of` maps a name to the declared domain above it.
    `values` holds every value of every zone by purpose, each with its set, in the order of the zones; `spf_values` and
    `dkim_keys` what can be parsed of them. `spf_values` are first our own records, then those in `txt:`; `dkim_keys` the
    TXT keys of ESP accounts, without the empty ones of names that never send. `contested_names` are the names with more
    than one value, each with everything wanted there, of all types.
    """

    accounts: Mapping[str, Account] = field(default_factory=dict)
    streams: Mapping[str, Stream] = field(default_factory=dict)
    identities: Mapping[tuple[str, str], Identity] = field(default_factory=dict)
    domains: Mapping[str, Domain] = field(default_factory=dict)
    values: Mapping[Purpose, Sequence[tuple[RRset, SourcedValue]]] = field(default_factory=dict)
    spf_values: Sequence[SpfValue] = ()
    dkim_keys: Sequence[PublishedKey] = ()
    contested_names: Sequence[tuple[str, tuple[DnsRecord, ...]]] = ()

    def domain_of(self, name: str) -> Domain | None:
        """Give the declared domain that `name` is or lies below, the longest match first."""
        labels = name.split(".")
        for start in range(len(labels)):
            found = self.domains.get(".".join(labels[start:]))
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything a spec means. All tuples are sorted by id or name unless said otherwise."""

    domains: tuple[Domain, ...]
    accounts: tuple[Account, ...]
    streams: tuple[Stream, ...]
    identities: tuple[Identity, ...]
    resources: tuple[Resource, ...]
    apps: tuple[App, ...]
    spf_trees: tuple[SpfTree, ...]
    acceptances: tuple[Acceptance, ...]
    refusals: tuple[Refusal, ...] = ()
    unplaced: tuple[DnsRecord | PendingRecord, ...] = ()
    """Records whose name lies in no declared domain."""
    proofs: tuple[Proof, ...] = ()
    """For each sender of each route, stream by stream, primary first: what carries its mail through DMARC."""
    spf_budgets: tuple[SpfBudget, ...] = ()
    """Every SPF record that can be read, in the order of the zones, with who spends its lookups."""
    key_ages: tuple[KeyAge, ...] = ()
    """What the lock file says of the age of credentials, by credential."""
    thresholds: Thresholds = DEFAULTS
    index: Index = field(default_factory=Index)

    def account(self, account_id: str) -> Account:
        """Give an account by id. Raises KeyError for an id that the spec does not have."""
        return self.index.accounts[account_id]

    def stream(self, stream_id: str) -> Stream:
        """Give a stream by id. Raises KeyError."""
        return self.index.streams[stream_id]

    def carrier(self, app: App) -> App:
        """Give the app that hands an app's mail to the ESPs: itself, or the last relay it goes `through`."""
        by_id = {each.id: each for each in self.apps}
        seen = {app.id}
        while app.through in by_id and app.through not in seen:
            app = by_id[app.through]
            seen.add(app.id)
        return app

    def identity(self, account_id: str, domain: str) -> Identity | None:
        """Give the identity of a domain at an account, or None when that account does not send for it."""
        return self.index.identities.get((account_id, domain))

    def rrsets(self) -> Iterator[tuple[Zone, RRset]]:
        """Give every RRset with its zone."""
        for domain in self.domains:
            for rrset in domain.zone.rrsets:
                yield domain.zone, rrset

    def pending(self) -> Iterator[PendingRecord]:
        """Give every pending record, zone by zone."""
        for domain in self.domains:
            yield from domain.zone.pending

    def routes(self) -> Iterator[tuple[Stream, Route]]:
        """Give every route with its stream."""
        for stream in self.streams:
            for route in stream.routes:
                yield stream, route
