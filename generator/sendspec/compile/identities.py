"""Streams become identities: one for each From domain and ESP account, primary and fallback alike."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from sendspec.esp.interface import AnyEsp, IdentityRequest
from sendspec.model.account import Account
from sendspec.model.identity import Identity, Use
from sendspec.model.origin import Document, Origin
from sendspec.model.stream import Stream


def compile_identities(
    streams: Iterable[Stream],
    accounts: Mapping[str, Account],
    esps: Mapping[str, AnyEsp],
    issued: Mapping[tuple[str, str], BaseModel],
) -> tuple[Identity, ...]:
    """Give every identity, sorted by domain and account, with the DNS its ESP wants for it.

    `issued` holds the validated lock entries by (account id, domain).
    """
    uses: dict[tuple[str, str], set[Use]] = {}
    for stream in streams:
        for route in stream.routes:
            use = Use(stream.id, route.role, route.via)
            for subdomain in stream.subdomains:
                uses.setdefault((subdomain, route.account), set()).add(use)
    return tuple(
        _compile_identity(domain, accounts[account_id], esps[accounts[account_id].kind], found, issued)
        for (domain, account_id), found in sorted(uses.items())
    )


def _compile_identity(
    domain: str, account: Account, esp: AnyEsp, uses: set[Use], issued: Mapping[tuple[str, str], BaseModel]
) -> Identity:
    ordered = tuple(sorted(uses, key=lambda use: (use.stream, use.role != "primary", use.via)))
    request = IdentityRequest(
        account_id=account.id,
        settings=account.settings,
        domain=domain,
        uses=ordered,
        streams=tuple(sorted({use.stream for use in uses})),
        issued=issued.get((account.id, domain)),
        origin=account.origin,
        issued_origin=Origin(("issued", account.id, domain), Document.LOCK),
    )
    dns = esp.identity_dns(request)
    return Identity(
        domain=domain,
        account=account.id,
        uses=ordered,
        envelope_domain=dns.envelope_domain,
        signing_domain=dns.signing_domain,
        records=dns.records,
        pending=dns.pending,
        origin=account.origin,
        has_own_key=dns.has_own_key,
        stops_without_return_path=dns.stops_without_return_path,
        envelope_note=dns.envelope_note,
        refused=dns.refused,
    )
