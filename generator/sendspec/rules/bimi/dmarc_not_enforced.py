"""BIMI logo stands on a domain whose DMARC policy is not enforced.

Why it matters: mailbox providers show a logo only where forgeries are stopped, for the domain and for its subdomains; here it is never shown.
Do instead: bring `dmarc:` to quarantine or reject, without `subdomains: none` and without `testing: true`; until then leave `bimi:` out.
Source: draft-brand-indicators-for-message-identification section 3; https://support.google.com/a/answer/10911320
"""

from collections.abc import Iterator

from sendspec.model.dmarc import DmarcIntent, DmarcPolicy
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.bimi_records import declared_logos
from sendspec.rules.dmarc_intents import Intents
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each logo with what keeps it from being shown. What customers publish is not known unless declared."""
    intents = Intents(setup)
    for logo in declared_logos(setup):
        domain = setup.index.domain_of(logo.name)
        intent = intents.at(logo.name)
        if intent is not None:
            reason = _reason(intent)
            related = ((intent.origin, "the policy"),)
            if reason:
                yield Problem(at=logo.origin, message=f"{logo.name}: a logo, but {reason}", related=related)
        elif domain is not None and domain.authority == "own" and not domain.never_sends:
            yield Problem(at=logo.origin, message=f"{logo.name}: a logo, but no DMARC policy")


def _reason(intent: DmarcIntent) -> str:
    if intent.policy is DmarcPolicy.NONE:
        return "DMARC has p=none"
    if intent.subdomains is DmarcPolicy.NONE:
        return "DMARC has sp=none"
    return "DMARC has t=y" if intent.testing else ""


RULE = Rule(id="bimi-dmarc-not-enforced", severity=Severity.ERROR, find=find)
