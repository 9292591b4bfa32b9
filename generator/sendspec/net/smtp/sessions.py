"""Many sessions at once, but not too many, and never many with one host; and the addresses of a host."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sendspec.net.dns.answer import Answer
from sendspec.net.net import Net
from sendspec.net.smtp import client
from sendspec.net.smtp.exchange import Envelope, Exchange, Login, Target

AT_ONCE = 256
"""Sessions that are open at a time; a process may open 1,024 files on most systems."""
WITH_ONE_HOST = 4
"""Fewer than any ESP allows at once."""
MOST_ADDRESSES = 16
"""Of one family. A name with more of them is not an ESP's."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a host, IPv4 first, and what DNS said about each family."""

    found: tuple[str, ...]
    answers: tuple[Answer, Answer]


async def addresses_of(net: Net, host: str) -> Addresses:
    """Look up every address of a host, of both families."""
    answers = await asyncio.gather(net.dns.lookup(host, "A"), net.dns.lookup(host, "AAAA"))
    return Addresses(tuple(address for answer in answers for address in answer.texts[:MOST_ADDRESSES]), answers)


class Sessions:
    """All sessions of one check."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._all = asyncio.Semaphore(AT_ONCE)
        self._of_host: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(WITH_ONE_HOST))

    async def look(
        self, targets: Sequence[Target], login: Login | None, envelopes: Sequence[Envelope]
    ) -> list[Exchange]:
        """Look at several addresses of one host, side by side; the exchanges stand in the order of the targets."""
        return await asyncio.gather(*(self._look(target, login, envelopes) for target in targets))

    async def _look(self, target: Target, login: Login | None, envelopes: Sequence[Envelope]) -> Exchange:
        async with self._of_host[target.host], self._all:
            return await client.look(self._net, target, login, envelopes)

    async def that_greet(self, targets: Sequence[Target]) -> list[Target]:
        """Give those where somebody answers, in their order."""
        answers = await asyncio.gather(*(self._greets(target) for target in targets))
        return [target for target, answers_there in zip(targets, answers, strict=True) if answers_there]

    async def _greets(self, target: Target) -> bool:
        async with self._of_host[target.host], self._all:
            return await client.greets(self._net, target)
