"""The proof that a stream's mail passes DMARC: which leg carries it, under which policy, as which receivers see it.

Receivers run two generations of DMARC side by side: the tree walk of RFC 9989, and RFC 7489 with its list of public
suffixes. Each answer is given for both. Values still pending count as declared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.origin import Origin


class Fit(StrEnum):
    """How the domain that SPF or DKIM proves compares with the From domain (RFC 9989 section 4.4)."""

    SAME = "aligned"
    RELAXED = "relaxed"
    NONE = "does not align"

    @property
    def aligns(self) -> bool:
        """Tell whether DMARC takes it."""
        return self is not Fit.NONE


@dataclass(frozen=True, slots=True)
class Leg:
    """SPF or DKIM of one route.

    Attributes:
        domain: What it proves: the envelope sender's domain, or `d=`. None: the ESP's own domain, or no signature.
        walk: How that compares for receivers that walk the tree.
        suffix: The same for those that use the public suffix list.
    """

    domain: str | None
    walk: Fit
    suffix: Fit

    @property
    def differs(self) -> bool:
        """Tell whether the two generations disagree."""
        return self.walk.aligns != self.suffix.aligns


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """What receivers do with mail of a From domain that fails: the policy, where its record stands, who declared it."""

    policy: DmarcPolicy
    found_at: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Proof:
    """One sender of one route, and what carries its mail.

    Attributes:
        stream, route, account: Ids. `author` is the From domain, `subdomain` the identity's.
        walk, suffix: The policy that each generation finds; None: the spec declares no record, and says nothing of what stands there.
        is_complete: The spec declares the registrable domain. Else a record above what it declares may hold.
        envelope_note: What the ESP does when the envelope sender cannot be used.
        origin: The route. `sender_origin` is the From.
    """

    stream: str
    route: str
    account: str
    author: str
    subdomain: str
    is_fallback: bool
    spf: Leg
    dkim: Leg
    walk: PolicyInForce | None
    suffix: PolicyInForce | None
    is_complete: bool
    envelope_note: str
    origin: Origin
    sender_origin: Origin

    @property
    def aligns(self) -> bool:
        """Tell whether either leg carries the mail for receivers of both generations."""
        return (self.spf.walk.aligns or self.dkim.walk.aligns) and (self.spf.suffix.aligns or self.dkim.suffix.aligns)

    @property
    def is_enforced(self) -> bool:
        """Tell whether receivers act on mail that fails, by the tree walk."""
        return self.walk is not None and self.walk.policy is not DmarcPolicy.NONE

    @property
    def differs(self) -> bool:
        """Tell whether the two generations disagree about a leg or about whose record holds."""
        found = [policy.found_at if policy else "" for policy in (self.walk, self.suffix)]
        return self.spf.differs or self.dkim.differs or found[0] != found[1]

    def differences(self) -> Iterator[str]:
        """Say where the two generations disagree, one clause each."""
        for name, leg in (("SPF", self.spf), ("DKIM", self.dkim)):
            if leg.differs:
                walk, suffix = ("aligns" if fit.aligns else "does not align" for fit in (leg.walk, leg.suffix))
                yield f"{name} ({leg.domain}) {walk} by the tree walk of RFC 9989 and {suffix} by the public suffix list"
        walk_at, suffix_at = (policy.found_at if policy else "" for policy in (self.walk, self.suffix))
        if walk_at != suffix_at:
            walk, suffix = (_policy(policy) for policy in (self.walk, self.suffix))
            yield f"{walk} by the tree walk of RFC 9989 and {suffix} by the public suffix list"

    @property
    def consequence(self) -> str:
        """Say what is lost when one leg breaks, for tables and explanations."""
        parts = [self._carried()]
        if self.envelope_note and self.spf.walk.aligns:
            parts.append(self.envelope_note)
        parts.extend(self.differences())
        if not self.is_complete:
            parts.append("as far as the spec knows: it does not declare the registrable domain above")
        return "; ".join(parts)

    def _carried(self) -> str:
        policy = _policy(self.walk)
        if self.spf.walk.aligns and self.dkim.walk.aligns:
            return f"the other carries; both under {policy}"
        if self.dkim.walk.aligns:
            return f"only DKIM carries; without it the mail fails, under {policy}"
        if self.spf.walk.aligns:
            return f"only SPF carries, and forwarding breaks it, under {policy}"
        return f"neither leg carries: the mail fails, under {policy}"


def _policy(policy: PolicyInForce | None) -> str:
    return f"p={policy.policy} of {policy.found_at}" if policy else "no DMARC record that the spec declares"
