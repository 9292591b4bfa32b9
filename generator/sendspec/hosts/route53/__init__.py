"""Amazon Route 53."""

from sendspec.hosts.interface import Host
from sendspec.hosts.route53.access import access
from sendspec.hosts.route53.apply import apply
from sendspec.hosts.route53.problems import BATCH_CHARACTERS, BATCH_RECORDS, SET_VALUES, TTL_BOUNDS, problems
from sendspec.hosts.route53.problems import VALUE_CHARACTERS as VALUE
from sendspec.hosts.route53.read import read

_QUOTAS = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html, read 2026-11-26"
_API = "https://docs.aws.amazon.com/Route53/latest/APIReference"

HOST = Host(
    id="route53",
    title="Amazon Route 53",
    read=read,
    apply=apply,
    access=access,
    problems=problems,
    ttl_bounds=TTL_BOUNDS,
    facts={
        f"{BATCH_RECORDS:,} records and {BATCH_CHARACTERS:,} characters of values in one change": _QUOTAS,
        f"{SET_VALUES} values in a set": _QUOTAS,
        f"{VALUE:,} characters in a value": f"{_API}/API_ResourceRecord.html, read 2026-11-26",
        "five calls a second for an account": _QUOTAS,
        "a change is refused whole where a set is not what it was": f"{_API}/API_ChangeResourceRecordSets.html, read 2026-11-26",
    },
    manage={
        "access_key_id": "of an IAM user or role that may list hosted zones and change their records; default: as every AWS tool finds it",
        "secret_access_key": "that belongs to it",
    },
)
