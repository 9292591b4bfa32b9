"""Run a smoke test: hand over, fail over where that is right, wait for the event."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from sendspec.esp.interface import load_sending
from sendspec.model.blame import Blame
from sendspec.model.secret import Unresolved
from sendspec.model.smoke import Attempt, End, EventRun, RoutePlan, SmokePlan, SmokeRun, Way
from sendspec.model.vocabulary import Event
from sendspec.net.net import Net
from sendspec.smoke.app_run import run_app
from sendspec.smoke.events.message_api import Identifier, MessageApi
from sendspec.smoke.events.queue import Queue
from sendspec.smoke.events.receiver import Receiver, Source
from sendspec.smoke.events.sought import Sought
from sendspec.smoke.events.wait import Hoped, Inbox, Poller, wait_for_event
from sendspec.smoke.handover import hand_over, place_of

CERTIFICATE_OCTETS = 65_536
Tell = Callable[[str], None]


async def run_smoke(plan: SmokePlan, net: Net, surroundings: Mapping[str, str], tell: Tell) -> SmokeRun:
    """Carry out a plan. `surroundings` is the caller's environment, `tell` hears what is going on.

    Raises:
        SendspecError: nobody can listen where the receiver should.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    inbox = Inbox()
    async with _listening(plan, net, inbox) as receiver:
        if plan.app is not None:
            tell(f"running the smoke test of {plan.app.id}")
            run = SmokeRun(plan, app_run=await run_app(plan, plan.app, net, surroundings))
        else:
            run = SmokeRun(plan, attempts=await _try_routes(plan, net, tell))
        may_be_from = _may_be_from(run)
        if may_be_from:
            for attempt in may_be_from:
                if receiver is not None and attempt.message_id:
                    await receiver.look_for(attempt.message_id)
            tell(f"waiting for the event, {plan.wait_seconds:g} s at most")
            run = replace(run, event=await _await_event(plan, may_be_from, inbox, receiver, net))
    stopped = net.deadline.reason if net.deadline.has_passed else ""
    return replace(run, seconds=loop.time() - began, stopped=stopped)


async def _try_routes(plan: SmokePlan, net: Net, tell: Tell) -> tuple[Attempt, ...]:
    """Try the routes in their order, each once. The next one is tried only where the verdict allows it."""
    attempts: list[Attempt] = []
    for step in plan.routes:
        tell(f"handing over to {step.route.id}, {place_of(step)}")
        attempt = await hand_over(plan, step, net)
        attempts.append(attempt)
        if attempt.verdict is None or not attempt.verdict.blame.fails_over:
            break
    return tuple(attempts)


@dataclass(frozen=True, slots=True)
class Origin:
    """A route that the message may have left by."""

    step: RoutePlan
    message_id: str = ""
    silence: str = ""


def _may_be_from(run: SmokeRun) -> tuple[Origin, ...]:
    """Give the routes whose events to look for: that which took it, or may have taken it; for an app, all of them."""
    if run.app_run is not None:
        return tuple(Origin(step) for step in run.plan.routes) if run.app_run.end is End.GOOD else ()
    return tuple(
        Origin(attempt.plan, attempt.message_id, attempt.silence)
        for attempt in run.attempts
        if attempt.end is End.GOOD or (attempt.verdict and attempt.verdict.blame is Blame.NOBODY_KNOWS)
    )


async def _await_event(
    plan: SmokePlan, origins: Sequence[Origin], inbox: Inbox, receiver: Receiver | None, net: Net
) -> EventRun:
    expected: dict[str, Event | None] = {}
    blind: dict[str, str] = {}
    doubts: dict[str, str] = {}
    pollers: list[Poller] = []
    queued: list[Origin] = []
    for origin in origins:
        step = origin.step
        expected.setdefault(step.account.id, step.expected)
        if origin.silence or step.way is None:
            blind[step.account.id] = origin.silence or step.blind
        elif step.way is Way.LOOKUP:
            found = await _message_api(plan, origin, net)
            if isinstance(found, str):
                blind[step.account.id] = found
            else:
                pollers.append(found)
        elif step.way is Way.QUEUE:
            queued.append(origin)
        elif receiver is not None and plan.app is not None and plan.marker not in step.recipient:
            pollers += await _identifying(plan, origin, receiver, doubts, net)
    if queued:
        pollers.append(_queue(plan, queued))
    return await wait_for_event(inbox, pollers, Hoped(expected, blind, doubts), plan.wait_seconds, net)


async def _message_api(plan: SmokePlan, origin: Origin, net: Net) -> MessageApi | str:
    """Give the message API, or why it cannot be asked."""
    step = origin.step
    lookup = load_sending(step.account.kind).lookup
    credential = step.account.credential(lookup.credential) if lookup else None
    if lookup is None or credential is None:
        return step.blind
    key = await net.secrets.get(credential)
    if isinstance(key, Unresolved):
        return f"{lookup.title} cannot be asked: {credential.id}: {key.reason}"
    return MessageApi(step, lookup, key, _sought(plan, origin), net)


async def _identifying(
    plan: SmokePlan, origin: Origin, receiver: Receiver, doubts: dict[str, str], net: Net
) -> Sequence[Poller]:
    """Give what finds out the id of an app's message, where its posts may hold neither marker nor subject."""
    account = origin.step.account.id
    found = await _message_api(plan, origin, net)
    if isinstance(found, str):
        doubts[account] = f"{found or 'this ESP tells nobody its id'}, and the post may name neither marker nor subject"
        return ()
    return (Identifier(found, receiver.look_for, partial(doubts.__setitem__, account)),)


def _queue(plan: SmokePlan, origins: Sequence[Origin]) -> Queue:
    sources = [(source.sending, source.accounts) for source in _sources([origin.step for origin in origins])]
    ids = tuple(origin.message_id for origin in origins if origin.message_id)
    region = next((origin.step.route.endpoint.options.get("region", "") for origin in origins), "")
    return Queue(plan.queue, region, sources, Sought(plan.marker, ids))


def _sought(plan: SmokePlan, origin: Origin) -> Sought:
    return Sought(plan.marker, (origin.message_id,) if origin.message_id else ())


def _sources(steps: Sequence[RoutePlan]) -> tuple[Source, ...]:
    """Give each kind of ESP once, with its accounts: a post does not say which account it is from."""
    kinds = dict.fromkeys(step.account.kind for step in steps)
    return tuple(
        Source(load_sending(kind), tuple(dict.fromkeys(step.account.id for step in steps if step.account.kind == kind)))
        for kind in kinds
    )


@asynccontextmanager
async def _listening(plan: SmokePlan, net: Net, inbox: Inbox) -> AsyncIterator[Receiver | None]:
    """Listen before anything is sent, if anybody is to listen: an event may be quicker than the answer to the call."""
    if plan.listen is None:
        yield None
        return

    async def fetch(url: str) -> bytes | None:
        reply = await net.http.call("GET", url, max_octets=CERTIFICATE_OCTETS)
        return reply.body if reply.status == 200 else None  # noqa: PLR2004 - HTTP OK

    receiver = Receiver(
        place=plan.listen,
        sources=_sources(plan.routes),
        sought=Sought(plan.marker),
        key=plan.event_key,
        now=net.now,
        fetch=fetch,
        tell=inbox.put,
    )
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(receiver)
