"""From the webhooks that an ESP has registered to how they differ from those that the spec implies."""

from collections.abc import Iterator, Sequence

from sendspec.check.api.account_kinds import (
    WEBHOOK_DISABLED,
    WEBHOOK_ELSEWHERE,
    WEBHOOK_LACKS_EVENTS,
    WEBHOOK_MISSING,
    WEBHOOK_UNSIGNED,
)
from sendspec.model.account import Account
from sendspec.model.account_state import AccountState, WantedWebhook, Webhook
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen
from sendspec.model.vocabulary import Capability, Event

SHOWN = 3


def judge_webhooks(account: Account, state: AccountState, answered_by: str) -> Iterator[Seen]:
    """Give what is wrong with each wanted webhook; that they could not be seen, where this key should see them."""
    registered = state.webhooks
    if registered is None:
        for wanted in state.wanted if state.webhooks_hidden else ():
            message = f"{_place(account, wanted)}: registered webhooks could not be read: {state.webhooks_hidden}"
            yield Observation(WEBHOOK_MISSING, wanted.at, message, is_unknown=True, answered_by=answered_by)
        return
    for wanted in state.wanted:
        found = list(_judge(account, wanted, registered, answered_by))
        if found:
            yield from found
        else:
            yield Passed()


def _judge(account: Account, wanted: WantedWebhook, registered: Sequence[Webhook], by: str) -> Iterator[Observation]:
    here = [each for each in registered if each.esp_stream in {"", wanted.esp_stream}]
    ours = [each for each in here if each.url in {"", wanted.url}]
    place = _place(account, wanted)
    if not ours:
        others = sorted({each.url for each in here})
        kind = WEBHOOK_ELSEWHERE if others else WEBHOOK_MISSING
        seen = ", ".join(others[:SHOWN]) or "no webhook"
        what = f"events go to {seen}" if others else "no webhook is registered"
        yield Observation(kind, wanted.at, f"{place}: {what}", expected=wanted.url, seen=seen[:200], answered_by=by)
        return
    enabled = [each for each in ours if each.is_enabled]
    if not enabled:
        yield _about(WEBHOOK_DISABLED, wanted, f"{place}: the webhook is switched off", "enabled", "disabled", by)
        return
    posted = {event for each in enabled for event in each.events}
    lacking = wanted.events - posted
    if lacking:
        message = f"{place}: the webhook does not post {_words(lacking)}"
        yield _about(WEBHOOK_LACKS_EVENTS, wanted, message, _words(wanted.events), _words(posted) or "no event", by)
    if not all(each.is_authenticated for each in enabled):
        yield _unsigned(account, wanted, place, by)


def _unsigned(account: Account, wanted: WantedWebhook, place: str, by: str) -> Observation:
    """An ESP that could sign and does not is worse than one that cannot: there the way out is a password."""
    can_sign = Capability.SIGNED_EVENTS in account.capabilities
    return Observation(
        WEBHOOK_UNSIGNED,
        wanted.at,
        f"{place}: events come {'unsigned' if can_sign else 'without a password'}",
        expected="a signature" if can_sign else "basic auth, or a header of your own",
        seen="neither",
        answered_by=by,
        severity=None if can_sign else Severity.WARNING,
    )


def _about(kind: Kind, wanted: WantedWebhook, message: str, expected: str, seen: str, by: str) -> Observation:
    return Observation(kind, wanted.at, message, expected=expected, seen=seen, answered_by=by)


def _place(account: Account, wanted: WantedWebhook) -> str:
    return f"{account.id} ({wanted.esp_stream})" if wanted.esp_stream else account.id


def _words(events: frozenset[Event] | set[Event]) -> str:
    return ", ".join(sorted(events))
