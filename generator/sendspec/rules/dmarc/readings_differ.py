"""Old and new receivers disagree about a stream's DMARC.

Why it matters: receivers of RFC 9989 walk up the DNS tree, older ones use the public suffix list; where their answers differ, the same mail passes at one mailbox provider and fails at the next.
Do instead: declare `dmarc:` on the registrable domain, without `psd: n` on a subdomain whose mail leans on its parent or siblings, and return-path and signature at or below the From domain.
Only information where the registrable domain is not in the spec: a record there, which the spec cannot see, may settle it.
Source: RFC 9989 sections 4.10 and 5.1.8; RFC 7489 sections 3.2 and 6.6.3
"""

from collections.abc import Iterator

from sendspec.model.alignment import Proof
from sendspec.model.dmarc import DmarcIntent
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.alignment import Breach, breaches, parents
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route once that one generation sees otherwise. What is worse has a rule of its own."""
    cuts = {intent.name: intent for domain in setup.domains for intent in domain.dmarc if intent.psd == "n"}
    for proof in breaches(setup, Breach.READINGS_DIFFER):
        message = f"{proof.stream} through {proof.account}, From {proof.author}: {'; '.join(proof.differences())}"
        cut = _cut(proof, cuts)
        yield Problem(
            at=proof.origin.key("esp"),
            message=message,
            fix=f"remove `psd: n` of {cut.name}, or keep envelope sender and signature below it" if cut else "",
            related=((cut.origin.key("psd"), "the tree walk ends here"),) if cut else (),
            severity=Severity.WARNING if proof.is_complete else Severity.INFO,
        )


def _cut(proof: Proof, cuts: dict[str, DmarcIntent]) -> DmarcIntent | None:
    """Give the `psd=n` at or above a name of this proof, if any."""
    names = [name for name in (proof.author, proof.spf.domain, proof.dkim.domain) if name]
    above = (each for name in names for each in (name, *parents(name)))
    return next((cuts[name] for name in above if name in cuts), None)


RULE = Rule(id="dmarc-readings-differ", severity=Severity.WARNING, find=find)
