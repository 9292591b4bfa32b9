"""MTA-STS policy waits to be served.

Why it matters: senders fetch it over https; without a web host that serves the file the TXT record promises what nobody finds.
Do instead: serve the policy file from `output/` at the address in the message: valid certificate, status 200, no redirect, text/plain.
Source: RFC 8461 section 3.3
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.mta_sts_policies import declared_policies


def find(setup: Setup) -> Iterator[Problem]:
    """Give each policy with the address it must be served at."""
    for declared in declared_policies(setup):
        address = f"https://mta-sts.{declared.name}/.well-known/mta-sts.txt"
        yield Problem(at=declared.origin, message=f"{declared.name}: the policy is yours to serve at {address}")


RULE = Rule(id="mta-sts-host-is-yours", severity=Severity.INFO, find=find)
