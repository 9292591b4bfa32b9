"""Ask an ESP's message API what became of a message, again and again."""

import asyncio
from collections.abc import Awaitable, Callable

from sendspec.model.secret import Secret
from sendspec.model.sending import ApiRequest, EventSeen, Lookup
from sendspec.model.smoke import RoutePlan
from sendspec.net.http import Reply, Trouble
from sendspec.net.net import Net
from sendspec.smoke.events.sought import Blind, Came, Sought

SLOWEST_SECONDS = 10.0
GROWTH = 1.3
PATIENT = 3
"""So many answers in a row that cannot be used are bad luck; more are a reason to give up."""
PASSING = frozenset({429, *range(500, 600)})


class MessageApi:
    """The message API of one account, for one message."""

    def __init__(self, step: RoutePlan, lookup: Lookup, key: Secret, sought: Sought, net: Net) -> None:
        self._step, self._lookup, self._key, self._sought, self._net = step, lookup, key, sought, net
        self._message_id = next(iter(sought.message_ids), "")
        self._told = 0
        self._bad = 0

    async def next_events(self) -> tuple[Came, ...] | Blind:
        """Ask until there is something new, or until asking is of no use."""
        wait = self._lookup.every_seconds
        while True:
            found = await self._ask()
            if isinstance(found, Blind) or found:
                return found
            await asyncio.sleep(wait)
            wait = min(wait * GROWTH, SLOWEST_SECONDS)

    async def find(self) -> str | Blind:
        """Ask until the message's id is known, or until asking is of no use."""
        while not self._message_id:
            found = await self._search()
            if isinstance(found, Blind):
                return found
            if not self._message_id:
                await asyncio.sleep(self._lookup.every_seconds)
        return self._message_id

    async def _search(self) -> tuple[Came, ...] | Blind | None:
        """Look for the message by its subject; None when that is done, found or not."""
        reply = await self._call(self._lookup.search(self._step.route.endpoint, self._key, self._sought.marker))
        problem = self._problem(reply)
        if problem is None:
            self._message_id = self._lookup.found(reply.body, self._sought.marker)
        return problem

    async def _ask(self) -> tuple[Came, ...] | Blind:
        if not self._message_id:
            problem = await self._search()
            if problem is not None or not self._message_id:
                return problem or ()
        reply = await self._call(self._lookup.details(self._key, self._message_id))
        if reply.status is not None and self._lookup.is_not_yet(reply.status, reply.body):
            return ()
        problem = self._problem(reply)
        if problem is not None:
            return problem
        events = self._lookup.events(reply.body)
        if events is None:
            return self._count("it answers something that is not the documented form")
        new = tuple(self._came(seen) for seen in events[self._told :])
        self._told = len(events)
        return new

    def _came(self, seen: EventSeen) -> Came:
        return Came(seen, (self._step.account.id,), self._lookup.title)

    async def _call(self, call: ApiRequest) -> Reply:
        return await self._net.http.call(call.method, call.url, headers=call.headers, body=call.body)

    def _problem(self, reply: Reply) -> tuple[Came, ...] | Blind | None:
        """Give what to make of an answer that is not the hoped-for one: nothing for now, or no use; None for a good one."""
        if reply.status == 200:  # noqa: PLR2004 - HTTP OK
            self._bad = 0
            return None
        if reply.status is None and reply.trouble is not Trouble.STOPPED:
            return self._count(str(reply.trouble))
        if reply.status in PASSING:
            return self._count(f"it answers {reply.status}")
        said = f"it answers {reply.status}" if reply.status else self._net.deadline.reason
        return self._blind(said)

    def _count(self, reason: str) -> tuple[Came, ...] | Blind:
        self._bad += 1
        return self._blind(reason) if self._bad > PATIENT else ()

    def _blind(self, reason: str) -> Blind:
        return Blind((self._step.account.id,), f"{self._lookup.title}: {reason}")


class Identifier:
    """Finds out by the message API which id a message got, for an ESP whose posts hold nothing else of it.

    An app sets what it sets: Postmark's posts, say, repeat metadata and tag, and neither subject nor a label in an address.
    """

    def __init__(self, api: MessageApi, tell: Callable[[str], Awaitable[None]], doubt: Callable[[str], None]) -> None:
        self._api, self._tell, self._doubt = api, tell, doubt

    async def next_events(self) -> tuple[Came, ...] | Blind:
        """Tell the id once it is known, or why it cannot be; then there is never anything new."""
        found = await self._api.find()
        if isinstance(found, Blind):
            self._doubt(found.reason)
        else:
            await self._tell(found)
        await asyncio.Event().wait()
        return ()
