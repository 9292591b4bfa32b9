"""Account has dedicated IP addresses for too little mail.

Why it matters: receivers forget an address that sends little, so its mail is treated like a stranger's; shared addresses are kept warm by others.
Do instead: drop `dedicated_ips` and use the ESP's shared addresses.
Source: the ESP's page on dedicated addresses, as its facts cite it
"""

from collections.abc import Iterator

from sendspec.model.account import Account
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule

DAYS = 30


def find(setup: Setup) -> Iterator[Problem]:
    """Give each such account whose streams all declare their volume, when the sum is below the ESP's floor."""
    for account in setup.accounts:
        floor = account.limits.dedicated_ip_floor
        per_day = _per_day(setup, account)
        if account.dedicated_ips and floor and per_day is not None and per_day * DAYS < floor.value:
            message = f"{account.id}: {per_day * DAYS:,} messages a month for dedicated IP addresses"
            origin = account.origin.key("dedicated_ips")
            yield Problem(at=origin, message=f"{message}, which want {floor.value:,} at {account.title}")


def _per_day(setup: Setup, account: Account) -> int | None:
    """Give what leaves here on an ordinary day: the primaries. None when one of them does not say."""
    volumes = [
        stream.volume.per_day
        for stream, route in setup.routes()
        if route.account == account.id and route.role is Role.PRIMARY
    ]
    known = [volume for volume in volumes if volume is not None]
    return sum(known) if len(known) == len(volumes) else None


RULE = Rule(id="esps-dedicated-ip-below-floor", severity=Severity.WARNING, find=find)
