"""DMARC records as DNS has them now, and what both generations of receivers make of them for a From domain."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from sendspec.check.dns.truth import look, own_sets, registrable_of
from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.dns_record import Purpose
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer
from sendspec.net.net import Net
from sendspec.records import dmarc
from sendspec.records.dmarc import DmarcRecord
from sendspec.records.dmarc_discovery import Discovery, by_public_suffix, walk_tree, walked_names
from sendspec.records.error import RecordError

PREFIX = "_dmarc."


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at `_dmarc.<name>`: the answer, the records among it, and the one that counts, None without one."""

    answer: Answer
    texts: tuple[str, ...]
    record: DmarcRecord | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Discoveries:
    """What receivers find for a From domain, by both ways; `unknown` is an answer that could not be had, None without."""

    walk: Discovery
    suffix: Discovery
    unknown: Answer | None


@dataclass(slots=True)
class LiveDmarc:
    """DMARC records by the name they hold for, each asked for once."""

    net: Net
    setup: Setup
    _found: dict[str, Found] = field(default_factory=dict)

    async def read_own(self) -> None:
        """Read every record that the spec itself publishes; cheap where they are as declared."""
        async for _, rrset, answer in own_sets(self.net, self.setup, Purpose.DMARC):
            self._found[rrset.name.removeprefix(PREFIX)] = _read(answer)

    async def at(self, name: str) -> Found:
        """Give what stands at `_dmarc.<name>`."""
        if name not in self._found:
            self._found[name] = _read(await look(self.net, self.setup, f"{PREFIX}{name}", "TXT"))
        return self._found[name]

    async def discover(self, author: str) -> Discoveries:
        """Discover by the tree walk and by public suffix."""
        registrable = registrable_of(self.setup, author)
        names = dict.fromkeys((*walked_names(author), registrable))
        found = dict(zip(names, await asyncio.gather(*map(self.at, names)), strict=True))
        unknown = next((each.answer for each in found.values() if not each.answer.status.is_known), None)

        def record(name: str) -> DmarcRecord | None:
            return found[name].record

        return Discoveries(walk_tree(author, record), by_public_suffix(author, registrable, record), unknown)

    def seen(self, names: Iterable[str]) -> list[Found]:
        """Give what was found at names asked for before."""
        return [self._found[name] for name in names if name in self._found]


def _read(answer: Answer) -> Found:
    texts = tuple(text for text in answer.texts if dmarc.is_dmarc(text))
    if len(texts) != 1:
        return Found(answer, texts, None)
    try:
        return Found(answer, texts, dmarc.parse(texts[0]))
    except RecordError as error:
        return Found(answer, texts, None, str(error))


def policy_for(author: str, found: Discovery, *, knows_testing: bool) -> DmarcPolicy | None:
    """Give what receivers do with mail of a From domain that fails: `sp` below the name of the record, else `p`."""
    record = found.record
    if record is None:
        return None
    asked = (record.subdomain_policy if found.found_at != author else None) or record.policy or dmarc.Policy.NONE
    policy = DmarcPolicy(asked)
    if record.testing and knows_testing:  # RFC 9989 section 4.7: one level lower; RFC 7489 has no `t`
        policy = tuple(DmarcPolicy)[max(0, policy.rank - 1)]
    return policy
