"""SPF include of an ESP stands where that ESP's mail never looks.

Why it matters: SPF is read at the return-path. Elsewhere the include costs lookups, lets more senders pass, and aligns nothing.
Do instead: remove the include; give the account a return-path below the From domain, whose record sendspec writes.
A warning where the account sends for this very name with a return-path of its own domain, else information.
Source: RFC 7208 section 2.4, RFC 9989 section 4.4.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.identity import Identity
from sendspec.model.setup import Setup
from sendspec.records.spf import followed
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each include of an account's ESP at a name that is no return-path of such an account."""
    by_include: dict[str, dict[str, Identity]] = {}
    envelopes: set[tuple[str, str | None]] = set()
    for identity in setup.identities:
        fact = setup.account(identity.account).limits.spf_include
        if fact:
            by_include.setdefault(fact.value, {}).setdefault(identity.domain, identity)
            envelopes.add((fact.value, identity.envelope_domain))
    for value in setup.index.spf_values:
        for include in followed(value.record) if value.record else ():
            if include not in by_include or (include, value.name) in envelopes:
                continue
            here = by_include[include].get(value.name)
            identity = here or next(iter(by_include[include].values()))
            is_relied_on = here is not None and here.envelope_domain is None
            yield Problem(
                at=value.origin_of(include),
                message=f"{value.name}: `include:{include}` is not read for mail through {identity.account}: "
                f"its return-path is {identity.envelope_domain or 'on a domain of its own'}",
                related=((identity.origin, identity.account),),
                severity=Severity.WARNING if is_relied_on else Severity.INFO,
            )


RULE = Rule(id="spf-include-at-wrong-name", severity=Severity.WARNING, find=find)
