"""What sendspec needs at Cloudflare: permissions of an API token for the zones of a spec."""

from collections.abc import Sequence

from sendspec.model.access import AccessSheet, Grantee
from sendspec.model.dns_record import Zone

SOURCE = "https://developers.cloudflare.com/fundamentals/api/reference/permissions/"
READS = ("Zone > DNS > Read", "Zone > Zone > Read")
CHANGES = ("Zone > DNS > Edit", "Zone > Zone > Read")
SHOWN = 20


def access(zones: Sequence[Zone]) -> AccessSheet:
    """Give the sheet for the zones that are there."""
    names = [zone.name for zone in zones]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    only = f"limit the token to these zones (Zone Resources): {', '.join(names[:SHOWN])}{more}"
    limits = (only, "a token cannot be limited to names or types: it may change every record of these zones")
    return AccessSheet(
        (),
        (
            Grantee("plan and drift", "reads zones and their records", SOURCE, READS, (only,)),
            Grantee("apply", "changes records", SOURCE, CHANGES, limits),
        ),
    )
