"""DMARC is enforced on mail that only SPF carries.

Why it matters: forwarding breaks SPF, so receivers then reject (or junk) legitimate mail; enforcement must not rely on SPF alone.
Do instead: let the account sign with the From domain, or keep `policy: none` until it does.
At quarantine this is a warning.
Source: RFC 9989 sections 7.4 and 8
"""

from collections.abc import Iterator

from sendspec.model.alignment import PolicyInForce, Proof
from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.alignment import Breach, breaches
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route once whose DKIM leg cannot align under enforcement. Unsigned fallbacks have a rule of their own."""
    for proof in breaches(setup, Breach.ENFORCED_WITHOUT_DKIM):
        if proof.walk is not None:
            yield _problem(setup, proof, proof.walk)


def _problem(setup: Setup, proof: Proof, in_force: PolicyInForce) -> Problem:
    signer = proof.dkim.domain
    reason = f"signs with {signer}, which does not align" if signer else "does not sign"
    signing = setup.account(proof.account).origin.key("settings", "dkim")
    cure = f"let {proof.account} sign: delete or correct `settings.dkim`, and publish the key" if not signer else ""
    return Problem(
        at=proof.origin.key("esp"),
        message=f"{proof.stream}: p={in_force.policy} holds for {proof.author}, but {proof.account} {reason}",
        fix=f"{cure}, or keep `policy: none` until it does" if cure else "",
        related=((in_force.origin, "the policy"), *(() if signer else ((signing, "signing is switched off here"),))),
        severity=Severity.ERROR if in_force.policy is DmarcPolicy.REJECT else Severity.WARNING,
    )


RULE = Rule(id="dmarc-enforced-without-dkim", severity=Severity.ERROR, find=find)
