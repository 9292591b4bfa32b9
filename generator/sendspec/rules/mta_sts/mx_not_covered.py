"""MTA-STS policy does not name the MX of its domain.

Why it matters: in enforce mode senders deliver only to hosts that the policy lists, so mail to this one stops.
Do instead: add the host to `mx:`; `*.` stands for exactly one leftmost label. A name that takes no mail needs no policy.
A warning in testing mode. Compared with the MX records that sendspec writes; people's MX is checked live.
Source: RFC 8461 sections 4.1 and 5
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Mx, RecordType
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.mta_sts_policies import DeclaredPolicy, declared_policies


def find(setup: Setup) -> Iterator[Problem]:
    """Give each policy with the first MX at its name that it leaves out."""
    for declared in declared_policies(setup):
        missing = [host for host in _hosts(declared) if not _is_listed(host, declared.policy.mx)]
        if declared.policy.mode == "none" or not missing:
            continue
        what = f"the MX {missing[0]} is not in the policy" if missing[0] else "it takes no mail, so it needs no policy"
        yield Problem(
            at=declared.origin.key("mx"),
            message=f"{declared.name}: {what}",
            severity=Severity.ERROR if declared.policy.mode == "enforce" else Severity.WARNING,
        )


def _hosts(declared: DeclaredPolicy) -> Iterator[str]:
    """Give the MX hosts at the policy's name; the null MX is an empty host."""
    for rrset in declared.domain.zone.rrsets:
        if rrset.name == declared.name and rrset.type is RecordType.MX:
            yield from (value.value.exchange for value in rrset.values if isinstance(value.value, Mx))


def _is_listed(host: str, patterns: tuple[str, ...]) -> bool:
    parent = host.partition(".")[2]
    return any(pattern.lower() in (host, f"*.{parent}") for pattern in patterns)


RULE = Rule(id="mta-sts-mx-not-covered", severity=Severity.ERROR, find=find)
