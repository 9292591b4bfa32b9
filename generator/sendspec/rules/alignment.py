"""Which DMARC policy holds for a From domain, and which legs of a route align with it.

Source: RFC 9989 sections 4.4 and 4.10. Values still pending count as declared.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.setup import DmarcIntent, DmarcPolicy, Domain, Identity, Route, Sender, Setup, Stream


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """What receivers do with mail of one From domain that fails, and the declaration it comes from."""

    policy: DmarcPolicy
    intent: DmarcIntent


@dataclass(frozen=True, slots=True)
class Leg:
    """One sender of one route, and what carries it through DMARC. `policy` is None where nothing is declared."""

    stream: Stream
    route: Route
    sender: Sender
    identity: Identity
    policy: PolicyInForce | None
    spf_aligns: bool
    dkim_aligns: bool


class Policies:
    """Finds the policy in force as receivers do, among what the spec declares."""

    def __init__(self, setup: Setup) -> None:
        self._intents = {intent.name: intent for domain in setup.domains for intent in _intents(domain)}

    def has_own(self, name: str) -> bool:
        """Tell whether a record stands at `_dmarc.<name>` itself."""
        return name in self._intents

    def at(self, from_domain: str) -> PolicyInForce | None:
        """Give the policy for a From domain: its own record, else that of the organizational domain above it."""
        own = self._intents.get(from_domain)
        if own is not None:
            return PolicyInForce(_as_applied(own.policy, own), own)
        organizational = None
        for name in parents(from_domain):
            found = self._intents.get(name)
            if found is not None:
                organizational = found
                if found.psd == "n":  # section 4.10.2: the walk ends here
                    break
        if organizational is None:
            return None
        policy = organizational.subdomains or organizational.policy
        return PolicyInForce(_as_applied(policy, organizational), organizational)


def _intents(domain: Domain) -> Iterator[DmarcIntent]:
    """Give what a domain declares; one that never sends and says no more publishes p=reject."""
    yield from domain.dmarc
    if domain.never_sends and all(intent.name != domain.name for intent in domain.dmarc):
        reject, origin = DmarcPolicy.REJECT, domain.origin.key("sends")
        yield DmarcIntent(domain.name, reject, reject, strict_spf=False, strict_dkim=False, reports=(), origin=origin)


def _as_applied(policy: DmarcPolicy, intent: DmarcIntent) -> DmarcPolicy:
    """Give the policy one level lower under `t=y` (section 4.7)."""
    return tuple(DmarcPolicy)[max(0, policy.rank - 1)] if intent.testing else policy


def parents(name: str) -> Iterator[str]:
    """Give the names above a name, the nearest first, down to two labels."""
    labels = name.split(".")
    return (".".join(labels[start:]) for start in range(1, len(labels) - 1))


def legs(setup: Setup) -> Iterator[Leg]:
    """Give every sender of every route with its alignment, stream by stream, primary first."""
    policies = Policies(setup)
    for stream, route in setup.routes():
        for sender in stream.senders:
            identity = setup.index.identities[route.account, sender.subdomain]
            in_force = policies.at(sender.mailbox.domain)
            intent = in_force.intent if in_force else None
            author = sender.mailbox.domain
            yield Leg(
                stream=stream,
                route=route,
                sender=sender,
                identity=identity,
                policy=in_force,
                spf_aligns=_aligns(setup, author, identity.envelope_domain, bool(intent and intent.strict_spf)),
                dkim_aligns=_aligns(setup, author, identity.signing_domain, bool(intent and intent.strict_dkim)),
            )


def _aligns(setup: Setup, author: str, other: str | None, strict: bool) -> bool:
    """Tell whether two domains align: equal when strict, else of one organizational domain as far as the spec knows."""
    if other is None:
        return False
    if strict or author == other:
        return author == other
    if author.endswith(f".{other}") or other.endswith(f".{author}"):
        return True
    above = _topmost(setup, author)
    return above is not None and above is _topmost(setup, other)


def _topmost(setup: Setup, name: str) -> Domain | None:
    """Give the highest declared domain that `name` is or lies below: the nearest thing to an organizational domain."""
    above = [found for parent in (name, *parents(name)) if (found := setup.index.domains.get(parent))]
    return above[-1] if above else None
