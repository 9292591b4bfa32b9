"""The whole setup, stage by stage: accounts, streams, identities, zones, apps, resources."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sendspec.compile.alignment import prove_alignment
from sendspec.compile.apps import compile_app
from sendspec.compile.dns import Placement, SpfMerger, build_rrsets, canonical, declared_above, values_by_purpose
from sendspec.compile.domain_records import NameSpec, dmarc_intent, domain_records, mta_sts_policy, names_of
from sendspec.compile.identities import compile_identities
from sendspec.compile.key_ages import read_key_ages
from sendspec.compile.published import contested_names, dkim_keys, spf_values
from sendspec.compile.secrets import read_credentials
from sendspec.compile.settings import PluginSettings
from sendspec.compile.spf_budgets import compile_spf_budgets
from sendspec.compile.streams import Context, compile_stream
from sendspec.compile.thresholds import read_thresholds
from sendspec.lock.load import LockFile
from sendspec.model.account import Account
from sendspec.model.dns_record import DnsRecord, PendingRecord, Purpose, RecordType, Zone
from sendspec.model.domain import Domain, SpfTree, Subdomain
from sendspec.model.identity import Identity
from sendspec.model.origin import Origin
from sendspec.model.setup import Acceptance, Index, Setup
from sendspec.model.stream import Stream
from sendspec.spec.schema import AcceptSpec, DomainSpec, Entry, Spec, SubdomainSpec, TopAcceptSpec


def compile_setup(spec: Spec, lock: LockFile, plugins: PluginSettings) -> Setup:
    """Resolve a sound spec. Pure: the same input gives the same setup."""
    accounts = {account_id: _compile_account(account_id, spec, plugins) for account_id in sorted(spec.esps)}
    thresholds = read_thresholds(spec)
    context = Context(accounts, plugins.esps, plugins.routes, thresholds)
    streams = {
        stream_id: compile_stream(stream_id, stream, context) for stream_id, stream in sorted(spec.streams.items())
    }
    accounts = _with_streams(accounts, streams.values())
    context = replace(context, accounts=accounts)
    identities = compile_identities(streams.values(), accounts, plugins.esps, plugins.issued)
    domains, unplaced = _compile_domains(spec, streams.values(), identities)
    by_account = {(identity.account, identity.domain): identity for identity in identities}
    spf_trees = tuple(
        SpfTree(name, entry.text, entry.lookups, entry.read, entry.origin) for name, entry in sorted(lock.spf.items())
    )
    values = values_by_purpose(rrset for domain in domains for rrset in domain.zone.rrsets)
    setup = Setup(
        domains=domains,
        accounts=tuple(accounts.values()),
        streams=tuple(streams.values()),
        identities=identities,
        resources=(),
        apps=tuple(compile_app(app_id, app, spec.apps, streams, context) for app_id, app in sorted(spec.apps.items())),
        spf_trees=spf_trees,
        acceptances=_acceptances(spec),
        unplaced=unplaced,
        key_ages=read_key_ages(lock.rotations),
        thresholds=thresholds,
        proofs=tuple(prove_alignment(streams.values(), domains, by_account)),
        spf_budgets=tuple(compile_spf_budgets(domains, spf_trees)),
        index=Index(
            accounts=accounts,
            streams=streams,
            identities=by_account,
            domains={domain.name: domain for domain in domains},
            values=values,
            spf_values=tuple(spf_values(values)),
            dkim_keys=tuple(dkim_keys(values)),
            contested_names=tuple(contested_names(domains)),
        ),
    )
    resources = (plugins.esps[account.kind].resources(setup, account) for account in setup.accounts)
    setup = replace(setup, resources=tuple(resource for found in resources for resource in found))
    refusals = [refusal for identity in identities for refusal in identity.refused]
    for account in setup.accounts:
        refusals += plugins.esps[account.kind].refusals(setup, account)
    return replace(setup, refusals=tuple(refusals))


def _compile_account(account_id: str, spec: Spec, plugins: PluginSettings) -> Account:
    entry, origin = spec.esps[account_id], Origin(("esps", account_id))
    esp, settings = plugins.esps[entry.kind], plugins.accounts[account_id]
    return Account(
        id=account_id,
        kind=esp.id,
        title=esp.title,
        settings=settings,
        region=esp.region(settings, origin.key("settings", "region")),
        credentials=tuple(
            read_credentials(account_id, account_id, entry.credentials, origin.key("credentials")).values()
        ),
        manage=tuple(read_credentials(f"{account_id}.manage", account_id, entry.manage, origin.key("manage")).values()),
        capabilities=esp.capabilities,
        limits=esp.limits,
        retry=esp.retry,
        managed=entry.managed,
        streams=(),
        origin=origin,
        dedicated_ips=entry.dedicated_ips,
    )


def _with_streams(accounts: Mapping[str, Account], streams: Iterable[Stream]) -> dict[str, Account]:
    used: dict[str, set[str]] = {account_id: set() for account_id in accounts}
    for stream in streams:
        for route in stream.routes:
            used[route.account].add(stream.id)
    return {
        account_id: replace(account, streams=tuple(sorted(used[account_id])))
        for account_id, account in accounts.items()
    }


def _compile_domains(
    spec: Spec, streams: Iterable[Stream], identities: Iterable[Identity]
) -> tuple[tuple[Domain, ...], tuple[DnsRecord | PendingRecord, ...]]:
    placement = Placement(spec.domains)
    senders = {subdomain for stream in streams for subdomain in stream.subdomains}
    senders |= {identity.envelope_domain for identity in identities if identity.envelope_domain}
    for identity in identities:
        for record in identity.records:
            placement.add(record)
        for pending in identity.pending:
            placement.add(pending)
    named = {name: tuple(names_of(name, domain)) for name, domain in spec.domains.items()}
    for domain, names in named.items():
        writes_dmarc = spec.domains[domain].authority == "own"
        for name in names:
            for record in domain_records(name, is_sender=name.name in senders, writes_dmarc=writes_dmarc):
                placement.add(record)
    for record in _report_authorisations(named):
        placement.add(record)
    merger = SpfMerger()
    domains = tuple(
        _compile_domain(name, spec.domains[name], named[name], placement, merger)
        for name in sorted(spec.domains, key=canonical)
    )
    return domains, tuple(placement.unplaced)


def _compile_domain(
    name: str, spec: DomainSpec, names: tuple[NameSpec, ...], placement: Placement, merger: SpfMerger
) -> Domain:
    contents, origin = placement.zones[name], Origin(("domains", name))
    zone = Zone(
        name=name,
        host=spec.dns.host,
        formats=tuple(sorted(set(spec.dns.formats))),
        rrsets=build_rrsets(contents.records, spec.dns.ttl, merger),
        pending=tuple(sorted(contents.pending, key=lambda record: (canonical(record.name), record.type))),
        mta_sts_policies=tuple((each.name, mta_sts_policy(each.spec.mta_sts)) for each in names if each.spec.mta_sts),
        origin=origin,
        zone_file=spec.dns.zone_file or "",
        zone_id=spec.dns.zone_id or "",
        manage=tuple(read_credentials(f"{name}.manage", name, spec.dns.manage, origin.key("dns", "manage")).values()),
    )
    return Domain(
        name=name,
        subdomains=tuple(
            Subdomain(each.name, each.spec.purpose or "", each.spec.receives, each.spec.sends == "never", each.origin)
            for each in names
            if isinstance(each.spec, SubdomainSpec)
        ),
        dmarc=tuple(intent for intent in map(dmarc_intent, names) if intent),
        authority=spec.authority,
        never_sends=spec.sends == "never",
        mailboxes=spec.mailboxes or "",
        zone=zone,
        origin=origin,
    )


def _report_authorisations(named: Mapping[str, tuple[NameSpec, ...]]) -> Iterable[DnsRecord]:
    """Authorise reports between our own domains (RFC 9990 section 4): without it they are silently never sent."""
    for domain, names in named.items():
        for name in names:
            uris = name.spec.dmarc.reports + name.spec.dmarc.failure_reports if name.spec.dmarc else ()
            hosts = {uri.partition("@")[2].partition("?")[0].lower() for uri in uris}
            for host in sorted(host for host in hosts if declared_above(host, named) not in {None, domain}):
                yield DnsRecord(
                    f"{name.name}._report._dmarc.{host}",
                    RecordType.TXT,
                    "v=DMARC1",
                    Purpose.DMARC_REPORTS,
                    f"lets {host} receive the DMARC reports of {name.name}",
                    "receivers send no reports for it",
                    "RFC 9990 section 4",
                    name.origin.key("dmarc", "reports"),
                )


def _acceptances(spec: Spec) -> tuple[Acceptance, ...]:
    found = [
        _acceptance(entry, Origin(), entry.at, Origin(("accept", index))) for index, entry in enumerate(spec.accept)
    ]
    for origin, owner in _entries(spec):
        for index, entry in enumerate(owner.accept):
            found.append(_acceptance(entry, origin, "", origin.key("accept", index)))
    return tuple(found)


def _entries(spec: Spec) -> Iterable[tuple[Origin, Entry]]:
    for name, domain in spec.domains.items():
        yield Origin(("domains", name)), domain
        for label, subdomain in domain.subdomains.items():
            yield Origin(("domains", name, "subdomains", label)), subdomain
    for account_id, account in spec.esps.items():
        yield Origin(("esps", account_id)), account
    for stream_id, stream in spec.streams.items():
        yield Origin(("streams", stream_id)), stream
        for index, route in enumerate(stream.routes):
            yield Origin(("streams", stream_id, "routes", index)), route
    for app_id, app in spec.apps.items():
        yield Origin(("apps", app_id)), app


def _acceptance(spec: AcceptSpec | TopAcceptSpec, at: Origin, glob: str, origin: Origin) -> Acceptance:
    return Acceptance(spec.rule, spec.because, spec.until.isoformat() if spec.until else "", at, glob, origin)
