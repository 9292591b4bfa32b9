"""Cloudflare DNS."""

from sendspec.hosts.cloudflare.access import access
from sendspec.hosts.cloudflare.api import TOKEN, TOKEN_REFERENCE
from sendspec.hosts.cloudflare.apply import apply
from sendspec.hosts.cloudflare.problems import BATCH_RECORDS, RECORD_OCTETS, SET_CHARACTERS, TTL_BOUNDS, problems
from sendspec.hosts.cloudflare.read import read
from sendspec.hosts.interface import Host

_DOCS = "https://developers.cloudflare.com"
_TYPES = f"{_DOCS}/dns/manage-dns-records/reference/dns-record-types/, read 2026-11-26"
_BATCH = f"{_DOCS}/dns/manage-dns-records/how-to/batch-record-changes/, read 2026-11-26"

HOST = Host(
    id="cloudflare",
    title="Cloudflare DNS",
    read=read,
    apply=apply,
    access=access,
    problems=problems,
    ttl_bounds=TTL_BOUNDS,
    facts={
        f"{BATCH_RECORDS} records in one change (3,500 on paid plans)": _BATCH,
        "a change is one transaction, and its propagation is not": _BATCH,
        f"{RECORD_OCTETS:,} octets in a record": _TYPES,
        f"{SET_CHARACTERS:,} characters in all records of a name and type": _TYPES,
        "a CNAME that is proxied, flattened or at the apex answers with addresses": f"{_DOCS}/dns/cname-flattening/, read 2026-11-26",
        "1,200 calls in five minutes for a token": f"{_DOCS}/fundamentals/api/reference/limits/, read 2026-11-26",
    },
    manage={
        TOKEN: f"an API token with Zone > Zone > Read and Zone > DNS > Edit for the zone; default {TOKEN_REFERENCE}",
    },
)
