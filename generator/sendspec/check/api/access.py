"""From what came of asking with one key to what is wrong with the key or the way to the ESP."""

from collections.abc import Iterator, Mapping

from sendspec.check.api.access_kinds import (
    BROKEN,
    BY_TROUBLE,
    CERTIFICATE_ENDS,
    KEY_FORBIDDEN,
    KEY_REFUSED,
    NO_ANSWER,
    RATE_LIMITED,
    UNEXPECTED,
    UNKNOWN_TROUBLES,
    WRONG_REGION,
)
from sendspec.esp.interface import AccountKey, KeyPurpose
from sendspec.model.account import Account
from sendspec.model.account_state import Access, AccountState
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation
from sendspec.model.secret import Unresolved

CERTIFICATE_DAYS = 14
GOOD = frozenset({Access.GOOD, Access.RESTRICTED})
KINDS: Mapping[Access, Kind] = {
    Access.REFUSED: KEY_REFUSED,
    Access.FORBIDDEN: KEY_FORBIDDEN,
    Access.WRONG_REGION: WRONG_REGION,
    Access.RATE_LIMITED: RATE_LIMITED,
    Access.BROKEN: BROKEN,
    Access.UNEXPECTED: UNEXPECTED,
    Access.NO_KEY: KEY_REFUSED,
}
COULD_NOT_LOOK = frozenset({Access.RATE_LIMITED, Access.NO_KEY})


def name_of(key: AccountKey) -> str:
    """Give the key as a reader knows it: `postmark-main.server_token`, `ses-eu.access_key_id`."""
    return key.credentials[0].id


def judge_access(account: Account, key: AccountKey, state: AccountState) -> Iterator[Observation]:
    """Give what is wrong with the key, or with the way to the ESP; nothing where it answered."""
    if state.access not in GOOD:
        yield _failure(account, key, state)
    days = state.certificate_days
    if days is not None and days < CERTIFICATE_DAYS:
        yield Observation(
            CERTIFICATE_ENDS,
            account.origin,
            f"{_host(state)}: its certificate is valid for {days} more days",
            expected=f"at least {CERTIFICATE_DAYS} days",
            seen=f"{days} days",
            answered_by=_by(state),
        )


def judge_unresolved(account: Account, key: AccountKey, problem: Unresolved) -> Observation:
    """Say that a key could not be had: nothing that it would have told is known."""
    return Observation(
        KEY_REFUSED,
        key.at,
        f"{account.id}: {account.title} was not asked with {name_of(key)}: {problem.reason}",
        is_unknown=True,
        fix=problem.fix,
    )


def _failure(account: Account, key: AccountKey, state: AccountState) -> Observation:
    kind = KINDS.get(state.access, NO_ANSWER)
    is_unknown = state.access in COULD_NOT_LOOK
    if state.trouble is not None:
        kind, is_unknown = BY_TROUBLE[state.trouble], state.trouble in UNKNOWN_TROUBLES
    what = str(state.trouble or state.access)
    later = f"; ask again at {state.back_at:%H:%M:%S} UTC on {state.back_at:%Y-%m-%d}" if state.back_at else ""
    words = f" ({state.said})" if state.said else ""
    managing = key.purpose is KeyPurpose.MANAGE and state.trouble is None
    return Observation(
        kind,
        key.at if state.trouble is None else account.origin,
        f"{account.id}: {account.title} asked with {name_of(key)}: {what}{words}{later}",
        is_unknown=is_unknown,
        expected="200",
        seen=str(state.status or state.trouble or ""),
        answered_by=_by(state),
        # without it apps send all the same: only sendspec cannot look
        severity=Severity.WARNING if managing else None,
        related=() if state.trouble is not None else ((account.origin, "the account"),),
    )


def _host(state: AccountState) -> str:
    return state.asked.partition("://")[2].partition("/")[0]


def _by(state: AccountState) -> str:
    return f"{_host(state)} ({state.address})" if state.address else _host(state)
