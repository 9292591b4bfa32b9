"""SPF evaluated live: what each record costs today, where it leads, and that each ESP's own mail passes.

Records with the same text have the same problems, so thousands of customers with one text are one finding.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable

from sendspec.check.dns import spf_problems
from sendspec.check.dns.meaning import means_the_same
from sendspec.check.dns.spf_live import LiveSpf
from sendspec.check.dns.spf_run import LEG_FAILS, NOT_EVALUATED, SpfRun
from sendspec.check.dns.truth import own_sets
from sendspec.check.dns.wording import answered_by, shorten
from sendspec.check.interface import Check
from sendspec.check.side_by_side import all_of
from sendspec.model.alignment import Proof
from sendspec.model.dns_record import Purpose, RecordType, RRset
from sendspec.model.domain import SpfTree
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer
from sendspec.net.net import Net
from sendspec.records.spf import LookupTrees

AT_ONCE = 200

CHANGED = Kind(
    "live-dns-spf-include-changed",
    Severity.INFO,
    "SPF record of somebody else is not what the lock file holds.",
    "the budget of look-ups that `validate` counts rests on an old text",
    "run `sendspec pull`, look at what its diff says, and commit the lock file",
    "RFC 7208 section 10.1.1",
)


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Judge every SPF record of ours and of ESPs that our return-paths lead to; findings come at the end, by cause."""
    aliases = _aliases(setup)
    state = SpfRun(LiveSpf(net, setup, aliases), _by_envelope(setup.proofs))
    ahead = asyncio.create_task(state.live.ask_ahead([aliases[name] for name in state.proofs if name in aliases]))
    own: list[tuple[RRset, Answer]] = []
    met: set[str] = set()
    async for _, rrset, answer in own_sets(net, setup, Purpose.SPF):
        own.append((rrset, answer))
        met.add(rrset.name)
        if len(own) >= AT_ONCE:
            yield Passed(sum(await all_of(own, state.look_at_own, AT_ONCE)))
            own.clear()
    passed = sum(await all_of(own, state.look_at_own, AT_ONCE))
    ahead.cancel()
    jobs = [(name, aliases[name]) for name in state.proofs if name in aliases]
    passed += sum(await all_of(jobs, state.look_at_alias, AT_ONCE))
    rest = [name for name in state.proofs if name not in aliases and name not in met]
    passed += sum(await all_of(rest, state.look_at_rest, AT_ONCE))
    if passed:
        yield Passed(passed)
    for observation in state.causes.seen():
        yield observation
    for tree in setup.spf_trees:
        changed = _changed(state.live, tree)
        if changed is not None:
            yield changed


def _aliases(setup: Setup) -> dict[str, str]:
    """Give the targets of all return-paths that are CNAMEs, those of other shares of the work too."""
    return {
        rrset.name: str(rrset.values[0].value).lower()
        for domain in setup.index.domains.values()
        for rrset in domain.zone.rrsets
        if rrset.type is RecordType.CNAME and rrset.values[0].purpose is Purpose.RETURN_PATH
    }


def _by_envelope(proofs: Iterable[Proof]) -> dict[str, list[Proof]]:
    """Give one proof for each account at each envelope domain; what an ESP has yet to name is left out."""
    found: dict[str, dict[str, Proof]] = {}
    for proof in proofs:
        if proof.spf.domain and "‹" not in proof.spf.domain:
            found.setdefault(proof.spf.domain, {}).setdefault(proof.account, proof)
    return {name: list(by_account.values()) for name, by_account in found.items()}


def _changed(live: LiveSpf, tree: SpfTree) -> Observation | None:
    """Compare a record of the lock file with what is live, where one of our records led to it."""
    found = live.followed.get(tree.name)
    if found is None or found.text is None or means_the_same(Purpose.SPF, tree.text, found.text):
        return None
    counted = LookupTrees(live.texts).of(tree.name, found.text)
    lookups = 1 + counted.lookups if counted else tree.lookups
    grown = f" and costs {lookups} look-ups, {tree.lookups} before" if lookups != tree.lookups else ""
    return Observation(
        CHANGED,
        tree.origin,
        f"{tree.name}: its SPF record has changed since {tree.read}{grown}",
        expected=shorten(tree.text),
        seen=shorten(found.text),
        answered_by=answered_by([found.answer]),
        fix=f"run `sendspec pull`: it puts the text of {tree.name} and its {lookups} lookups into the lock file",
    )


def _size(setup: Setup) -> int:
    return len(setup.index.spf_values) + len(setup.proofs)


CHECK = Check("dns-spf", Subject.DNS, "SPF", (*spf_problems.KINDS, LEG_FAILS, NOT_EVALUATED, CHANGED), run, _size)
