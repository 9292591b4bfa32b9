"""How an SES account is managed: what exists is read, and one change at a time carried out, both idempotent.

Calls go through boto3 (`desk.aws`), with the keys below `manage:` of the account or those that the machine has.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from sendspec.esp.managing import Desk, Manager, ResourceKind
from sendspec.esp.ses import (
    dkim_keys,
    manage_destinations,
    manage_events,
    manage_identity,
    manage_policy,
    manage_sets,
)
from sendspec.esp.ses.account_answers import AccountAnswer, standing_of
from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.manage_bench import Bench, Reading, covers
from sendspec.esp.ses.manage_calls import Calls, Refused
from sendspec.esp.ses.resources import (
    CONFIGURATION_SET,
    DKIM_KEY,
    EVENT_DESTINATION,
    IDENTITY,
    POLICY,
    SUBSCRIPTION,
    TOPIC,
)
from sendspec.model.account_state import Standing
from sendspec.model.live import Failure, LiveAccount, LiveResource, Outcome, Unread
from sendspec.model.plan import Action, Change


@dataclass(frozen=True, slots=True)
class _Part:
    """What reads and changes resources of one kind."""

    kind: ResourceKind
    read: Callable[[Bench, Collection[str]], Awaitable[Reading]]
    apply: Callable[[Bench, Change], Awaitable[Outcome]]


PARTS: Mapping[str, _Part] = {
    CONFIGURATION_SET: _Part(manage_sets.KIND, manage_sets.read, manage_sets.apply),
    DKIM_KEY: _Part(dkim_keys.KIND, dkim_keys.read, dkim_keys.apply),
    IDENTITY: _Part(manage_identity.KIND, manage_identity.read, manage_identity.apply),
    TOPIC: _Part(manage_events.TOPIC_KIND, manage_events.read_topics, manage_events.apply_topic),
    SUBSCRIPTION: _Part(
        manage_events.SUBSCRIPTION_KIND, manage_events.read_subscriptions, manage_events.apply_subscription
    ),
    EVENT_DESTINATION: _Part(manage_destinations.KIND, manage_destinations.read, manage_destinations.apply),
    POLICY: _Part(manage_policy.KIND, manage_policy.read, manage_policy.apply),
}
"""In the order in which resources need each other; what is removed goes the other way."""


async def _read(desk: Desk, keys: Collection[str]) -> LiveAccount:
    bench = await _bench(desk)
    if isinstance(bench, Outcome):
        return LiveAccount(unread={"": Unread(desk.account.id, bench.said, bench.fix)})
    found: dict[str, LiveResource] = {}
    unread: dict[str, Unread] = {}
    issued: dict[str, Mapping[str, Mapping[str, object]]] = {}
    notes = await _account_notes(bench)
    for kind, part in PARTS.items():
        ids = {key.removeprefix(f"{kind}/") for key in keys if key.startswith(f"{kind}/")}
        reading = await part.read(bench, ids) if ids else Reading()
        found.update({resource.key: resource for resource in reading.found})
        if reading.unread is not None:
            unread[kind] = reading.unread
        issued.update(reading.issued)
        notes += reading.notes
    return LiveAccount(found, unread, issued, tuple(notes))


async def _bench(desk: Desk) -> Bench | Outcome:
    """Find out which AWS account this is; one that is not the spec's is left alone."""
    settings = settings_of(desk.account)
    calls = Calls(desk.aws, desk.keeper, settings.region)
    caller = await calls.ask("sts", "get_caller_identity", {})
    if isinstance(caller, Refused):
        return caller.outcome()
    number = str(caller.get("Account") or "")
    if settings.aws_account not in {None, number}:
        said = f"the credentials are of the AWS account {number}, and the spec says {settings.aws_account}"
        fix = "take the credentials of that account (AWS_PROFILE), or correct `aws_account:`"
        return Outcome(Failure.NEEDS, said, fix)
    wanted = {each.key: each for each in desk.setup.resources if each.account == desk.account.id}
    return Bench(desk, settings, calls, number, wanted)


async def _account_notes(bench: Bench) -> list[str]:
    """Say what holds for the account as a whole: sandbox, pause, suppression."""
    answer = await bench.calls.ask("sesv2", "get_account", {})
    if isinstance(answer, Refused):
        return [f"the state of the account is unknown: {answer.reason}"]
    try:
        standing, words = standing_of(AccountAnswer.model_validate(answer))
    except ValidationError:  # holds the answer; it ends here
        return ["the state of the account is unknown: GetAccount answers otherwise than described"]
    notes = [] if standing is Standing.SENDING else [MEANINGS.get(standing, "SES says").format(words)]
    reasons = (answer.get("SuppressionAttributes") or {}).get("SuppressedReasons") or []
    missing = sorted({"BOUNCE", "COMPLAINT"} - set(reasons))
    if missing:
        what = " and ".join(missing)
        notes.append(
            f"the account's own suppression list does not take {what}: it counts for mail without a configuration set"
        )
    return notes


MEANINGS = {
    Standing.SANDBOX: "the account is in the SES sandbox of this region: it may send 200 messages a day, and only to "
    "verified addresses; ask for production access in the console ({})",
    Standing.PAUSED: "SES has paused sending for the whole account in this region ({})",
    Standing.SUSPENDED: "SES has suspended the account in this region ({})",
    Standing.PROBATION: "SES has put the account under review ({})",
}


async def _apply(desk: Desk, change: Change) -> Outcome:
    if change.action is Action.ADOPT:
        return Outcome(native_id=change.native_id)
    kind = change.subject.partition("/")[0]
    bench = await _bench(desk)
    if isinstance(bench, Outcome):
        return bench
    outcome = await PARTS[kind].apply(bench, change)
    return await _after_all(bench, change, outcome) if outcome.failure is Failure.UNKNOWN else outcome


async def _after_all(bench: Bench, change: Change, lost: Outcome) -> Outcome:
    """Look what became of a change whose answer was lost."""
    part = PARTS[change.subject.partition("/")[0]]
    reading = await part.read(bench, {change.subject.partition("/")[2]})
    if reading.unread is not None or change.action is Action.VERIFY:
        return lost
    seen = next(iter(reading.found), None)
    if change.action is Action.DELETE:
        return Outcome() if seen is None else lost
    if seen is None or not covers(_stated(seen.properties, part.kind), _stated(change.after or {}, part.kind)):
        return lost
    return Outcome(native_id=seen.native_id, issued=reading.issued, notes=reading.notes)


def _stated(properties: Mapping[str, object], kind: ResourceKind, start: str = "") -> dict[str, object]:
    """Give properties without what no read gives back."""
    return {
        name: _stated(value, kind, f"{start}{name}.") if isinstance(value, Mapping) else value
        for name, value in properties.items()
        if f"{start}{name}" not in kind.unreadable
    }


MANAGER = Manager(kinds={name: part.kind for name, part in PARTS.items()}, read=_read, apply=_apply)
