"""Account refuses to send while its return-path cannot be looked up.

Why it matters: a passing fault of DNS stops all mail, which an aligned DKIM signature would have carried.
Do instead: leave the setting at its default, where the ESP falls back to a return-path of its own, and alert on the state that the ESP reports.
Source: https://docs.aws.amazon.com/ses/latest/dg/mail-from.html
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each such account once. Without DKIM the refusal is what protects the domain."""
    seen: set[str] = set()
    for identity in setup.identities:
        if not (identity.stops_without_return_path and identity.envelope_domain and identity.signing_domain):
            continue
        if identity.account not in seen:
            seen.add(identity.account)
            message = f"{identity.account} stops when the MX of {identity.envelope_domain} cannot be seen"
            yield Problem(at=identity.origin.key("settings"), message=message)


RULE = Rule(id="mx-return-path-failure-stops-mail", severity=Severity.WARNING, find=find)
