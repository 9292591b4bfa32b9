"""What sendspec needs at Route 53: the one list of it, and the policy that gives it for the zones of a spec and no others.

Which actions take which resource, and the keys of conditions:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html and
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html, read 2026-11-26.
"""

import json
from collections.abc import Mapping, Sequence

from sendspec.model.access import AccessSheet, Grantee
from sendspec.model.dns_record import RecordType, Zone

LIST = ("route53:ListHostedZonesByName",)
READ = ("route53:GetHostedZone", "route53:ListResourceRecordSets")
CHANGE = ("route53:ChangeResourceRecordSets",)
SOURCE = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html"
NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
TYPES = "route53:ChangeResourceRecordSetsRecordTypes"
LOOK_FILE, APPLY_FILE = "route53-policy-look.json", "route53-policy-apply.json"
MAX_CHARACTERS = 6144
"""Of a managed policy, whitespace aside: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, read 2026-11-26."""
ANY_ZONE = "the ids of zones are not known before they are read, so every zone of the AWS account may be read"


def access(zones: Sequence[Zone]) -> AccessSheet:
    """Give the sheet for the zones that are there."""
    look = _policy(zones, can_change=False)
    change, note = (
        _policy(zones, can_change=True),
        "only names and types of these zones may be changed, whatever their ids",
    )
    if len(json.dumps(change, separators=(",", ":"))) > MAX_CHARACTERS:
        change = _policy(zones, can_change=True, by_name=False)
        note = "the names of all zones find no room in a policy: every zone of the AWS account may be changed"
    managers = (
        Grantee("plan and drift", "reads zones and their records", SOURCE, (*LIST, *READ), (ANY_ZONE,), (LOOK_FILE,)),
        Grantee(
            "apply",
            "changes records, of the types that sendspec writes",
            SOURCE,
            tuple(sorted((*LIST, *READ, *CHANGE))),
            (note, ANY_ZONE),
            (APPLY_FILE,),
        ),
    )
    return AccessSheet((), managers, {LOOK_FILE: look, APPLY_FILE: change})


def _policy(zones: Sequence[Zone], *, can_change: bool, by_name: bool = True) -> Mapping[str, object]:
    ids = [f"arn:aws:route53:::hostedzone/{zone.zone_id}" for zone in zones]
    where = ids if by_name and all(zone.zone_id for zone in zones) else ["arn:aws:route53:::hostedzone/*"]
    statements: list[dict[str, object]] = [
        {"Sid": "FindZones", "Effect": "Allow", "Action": list(LIST), "Resource": "*"},
        {"Sid": "ReadZones", "Effect": "Allow", "Action": list(READ), "Resource": where},
    ]
    if can_change:
        tests: dict[str, dict[str, list[str]]] = {
            "ForAllValues:StringEquals": {TYPES: sorted(str(each) for each in RecordType)}
        }
        if by_name:
            names = [name for zone in zones for name in (zone.name, f"*.{zone.name}")]
            tests["ForAllValues:StringLike"] = {NAMES: names}
        statements.append(
            {"Sid": "ChangeRecords", "Effect": "Allow", "Action": list(CHANGE), "Resource": where, "Condition": tests}
        )
    return {"Version": "2012-10-17", "Statement": statements}
