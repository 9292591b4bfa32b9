"""DMARC is enforced on mail that only SPF carries.

Why it matters: forwarding breaks SPF, so receivers then reject (or junk) legitimate mail; enforcement must not rely on SPF alone.
Do instead: let the account sign with the From domain, or keep `policy: none` until it does.
At quarantine this is a warning.
Source: RFC 9989 sections 7.4 and 8 (DMARC-09)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import DmarcPolicy, Role, Setup
from sendspec.rules.alignment import Leg, legs
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route once whose DKIM leg cannot align under enforcement. Unsigned fallbacks have a rule of their own."""
    seen: set[Origin] = set()
    for leg in legs(setup):
        if leg.policy is None or leg.policy.policy is DmarcPolicy.NONE or leg.dkim_aligns or not leg.spf_aligns:
            continue
        if leg.route.role is Role.FALLBACK and leg.identity.signing_domain is None:
            continue
        if leg.route.origin not in seen:
            seen.add(leg.route.origin)
            yield _problem(leg, leg.policy.policy, leg.policy.intent.origin)


def _problem(leg: Leg, policy: DmarcPolicy, declared: Origin) -> Problem:
    author, signer = leg.sender.mailbox.domain, leg.identity.signing_domain
    reason = f"signs with {signer}, which does not align" if signer else "does not sign"
    return Problem(
        at=leg.route.origin.key("esp"),
        message=f"{leg.stream.id}: p={policy} holds for {author}, but {leg.route.account} {reason}",
        related=((declared, "the policy"),),
        severity=Severity.ERROR if policy is DmarcPolicy.REJECT else Severity.WARNING,
    )


RULE = Rule(id="dmarc-enforced-without-dkim", severity=Severity.ERROR, find=find)
