"""DMARC policy is on its way to its target.

Why it matters: until then receivers deliver some or all of the mail that forges the domain.
Do instead: cure what the message names; then, after at least a month of reports without surprises at each stage, raise `policy`.
Source: RFC 9989 sections 5.1 and 7.4
"""

from collections.abc import Iterator, Mapping

from sendspec.model.dmarc import DmarcIntent
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each policy below its target with what stands in the way, as far as the spec shows it."""
    waiting = [(domain, intent) for domain in setup.domains for intent in domain.dmarc if _is_on_its_way(intent)]
    unsigned = _unsigned(setup) if waiting else {}
    for domain, intent in waiting:
        obstacles = [f"{stream} has no DKIM leg" for stream in unsigned.get(intent.origin.path, ())]
        obstacles.extend(domain.dmarc_obstacles(intent))
        in_the_way = "; ".join(obstacles) or "in the spec nothing stands in the way, the reports have the last word"
        message = f"{intent.name}: p={intent.policy} is to become {intent.target}: {in_the_way}"
        yield Problem(at=intent.origin.key("target"), message=message)


def _is_on_its_way(intent: DmarcIntent) -> bool:
    return intent.policy.rank < intent.target.rank


def _unsigned(setup: Setup) -> Mapping[tuple[str | int, ...], list[str]]:
    """Give the streams that DKIM does not carry, by the place of the policy that holds for them."""
    found: dict[tuple[str | int, ...], dict[str, None]] = {}
    for proof in setup.proofs:
        if proof.walk and not proof.dkim.walk.aligns:
            found.setdefault(proof.walk.origin.path, {})[proof.stream] = None
    return {path: list(streams) for path, streams in found.items()}


RULE = Rule(id="dmarc-target-not-reached", severity=Severity.INFO, find=find)
