"""Bulk mail leaves from the same dedicated IP addresses as other mail.

Why it matters: receivers rate an address by all that comes from it: a campaign that is throttled holds up the password resets behind it.
Do instead: name a pool of its own in the bulk route's `settings:`, or send the bulk stream from shared addresses.
Source: https://docs.aws.amazon.com/ses/latest/dg/dedicated-ip-pools.html; https://www.twilio.com/docs/sendgrid/ui/account-and-settings/dedicated-ip-addresses
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.sharing import bulk_beside_other


def find(setup: Setup) -> Iterator[Problem]:
    """Give each bulk route with the first route of another kind that leaves from the same pool."""

    def pool_of(route: Route) -> str:
        if route.endpoint.ip_pool:
            return f"the IP pool {route.endpoint.ip_pool}"
        return "the dedicated IP addresses" if setup.account(route.account).dedicated_ips else ""

    for sharing in bulk_beside_other(setup, pool_of):
        bulk, other = sharing.stream, sharing.other
        what = f"{pool_of(sharing.route)} of {sharing.route.account}"
        message = f"{bulk.id}: {bulk.kind} mail shares {what} with {other.id} ({other.kind})"
        related = ((sharing.other_route.origin.key("settings"), f"{other.kind} mail"),)
        yield Problem(at=sharing.route.origin.key("settings"), message=message, related=related)


RULE = Rule(id="routes-bulk-shares-ip-pool", severity=Severity.WARNING, find=find)
