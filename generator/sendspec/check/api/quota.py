"""From what an ESP grants and what is used of it to what the declared volumes need."""

from collections.abc import Iterator

from sendspec.check.api.account_kinds import OVER_QUOTA, QUOTA_BELOW_VOLUME, QUOTA_LOW, RATE_BELOW_PEAK
from sendspec.model.account import Account
from sendspec.model.account_state import AccountState, Quota
from sendspec.model.observation import Observation
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Role

LOW = 0.1
DAY = "24 hours"


def judge_quota(setup: Setup, account: Account, state: AccountState, answered_by: str) -> Iterator[Observation]:
    """Give what is short now, and what will be when a failover comes."""
    quota = state.quota
    # SES says -1 for no limit (GetAccount, SendQuota); a plan without credits says 0
    if quota.granted is not None and quota.used is not None and quota.granted > 0:
        yield from _used(account, quota, quota.granted, quota.used, answered_by)
    own = list(_streams(setup, account, Role.PRIMARY))
    ids = {stream.id for stream in own}
    taken_over = [stream for stream in _streams(setup, account, Role.FALLBACK) if stream.id not in ids]
    if quota.per_second is not None and quota.per_second >= 0:
        wanted, words = _most(
            [(stream.volume.peak_per_second or 0.0, stream) for stream in own],
            [(stream.volume.peak_per_second or 0.0, stream) for stream in taken_over],
        )
        if wanted > quota.per_second:
            yield Observation(
                RATE_BELOW_PEAK,
                account.origin,
                f"{account.id}: {quota.per_second:g} messages a second are granted, {wanted:.1f} are needed {words}",
                expected=f"{wanted:.1f} a second",
                seen=f"{quota.per_second:g} a second",
                answered_by=answered_by,
            )
    if quota.granted is not None and quota.granted > 0 and quota.period == DAY:
        wanted, words = _most(
            [(stream.volume.per_day or 0, stream) for stream in own],
            [(stream.volume.per_day or 0, stream) for stream in taken_over],
        )
        if wanted > quota.granted:
            yield Observation(
                QUOTA_BELOW_VOLUME,
                account.origin,
                f"{account.id}: {quota.granted:,.0f} messages in {DAY} are granted, {wanted:,.0f} are needed {words}",
                expected=f"{wanted:,.0f} in {DAY}",
                seen=f"{quota.granted:,.0f} in {DAY}",
                answered_by=answered_by,
            )


def _used(account: Account, quota: Quota, granted: float, used: float, answered_by: str) -> Iterator[Observation]:
    left = granted - used
    if left > granted * LOW:
        return
    period = f" ({quota.period})" if quota.period else ""
    yield Observation(
        OVER_QUOTA if left <= 0 else QUOTA_LOW,
        account.origin,
        f"{account.id}: {used:,.0f} of {granted:,.0f} messages{period} are used",
        expected=f"at most {granted * (1 - LOW):,.0f} used",
        seen=f"{used:,.0f} used",
        answered_by=answered_by,
    )


def _streams(setup: Setup, account: Account, role: Role) -> Iterator[Stream]:
    """Give the streams that leave here in this role, each once."""
    for stream in setup.streams:
        if any(route.account == account.id and route.role is role for route in stream.routes):
            yield stream


def _most(own: list[tuple[float, Stream]], taken_over: list[tuple[float, Stream]]) -> tuple[float, str]:
    """Give what all own streams need together, with the largest one that a failover brings on top."""
    total = sum(amount for amount, _ in own)
    words = f"by {', '.join(stream.id for _, stream in own[:5])}" if own else ""
    if taken_over:
        amount, stream = max(taken_over, key=lambda each: each[0])
        return total + amount, f"{words}{' and ' if words else ''}when {stream.id} fails over"
    return total, words
