"""How a SendGrid key is replaced: by another one with the scopes of its streams; the old one is deleted after the overlap.

While it is made it carries a name of its own, so that one whose answer is lost is recognised; then it gets that of the
resource that plan and apply manage.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sendspec.esp.managing import Desk
from sendspec.esp.rotating import DkimRotator, KeyRotator, LiveKey, Made, Making, Rotator, SpecKey, Standing
from sendspec.esp.sendgrid.calling import KEY
from sendspec.esp.sendgrid.manage import open_caller
from sendspec.esp.sendgrid.manage_calls import Caller, CallError, Pause
from sendspec.esp.sendgrid.manage_keys import MOST_KEYS, SECRET, list_keys, post_key, put_key, revoke_key
from sendspec.esp.sendgrid.resources import sending_keys
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup

BEHIND_CNAMES = (
    "SendGrid rotates the keys of automatic security by itself, behind the CNAMEs: nothing is to be published anew"
)
BY_ANEW = "SendGrid has no call that replaces the key of a domain with manual security; `security: automatic` rotates by itself"


def keys(setup: Setup, account: Account) -> tuple[SpecKey, ...]:
    """Give every key that streams of the account send with."""
    found = sorted(sending_keys(setup, account), key=lambda each: each.id)
    return tuple(SpecKey((each,)) for each in found)


@dataclass(frozen=True, slots=True)
class _Way:
    """The calls, with a way of waiting."""

    pause: Pause

    async def look(self, desk: Desk, key: SpecKey) -> Standing | Unread:
        caller = await open_caller(desk, self.pause)
        if isinstance(caller, Unread):
            return caller
        try:
            return await _look(caller, key)
        except CallError as error:
            return Unread(key.id, error.said, error.fix)

    async def make(self, desk: Desk, key: SpecKey, standing: Standing, making: Making) -> Made | Outcome:
        caller = await open_caller(desk, self.pause)
        if isinstance(caller, Unread):
            return Outcome(Failure.NEEDS, caller.reason, caller.fix)
        body = {**_body(desk, key), "name": title(key, making)}
        try:
            made = await post_key(caller, body, [each.name for each in standing.keys], len(standing.keys))
        except CallError as error:
            return Outcome(error.failure, error.said, error.fix)
        secret = Secret(made.api_key)
        desk.keeper.cover(secret)
        return Made(made.api_key_id, {each.id: secret for each in standing.sharing}, made.api_key_id)

    async def settle(self, desk: Desk, key: SpecKey, name: str) -> Outcome:
        return await self._change(desk, lambda caller: put_key(caller, name, _body(desk, key)))

    async def delete(self, desk: Desk, _standing: Standing, name: str) -> Outcome:
        return await self._change(desk, lambda caller: revoke_key(caller, name))

    async def _change(self, desk: Desk, work: Callable[[Caller], Awaitable[None]]) -> Outcome:
        caller = await open_caller(desk, self.pause)
        if isinstance(caller, Unread):
            return Outcome(Failure.NEEDS, caller.reason, caller.fix)
        try:
            await work(caller)
        except CallError as error:
            return Outcome(error.failure, error.said, error.fix)
        return Outcome()


def rotator(pause: Pause = asyncio.sleep) -> Rotator:
    """Give how keys are replaced, with a way of waiting."""
    way = _Way(pause)
    return Rotator(
        keys=KeyRotator(
            title="API key",
            keys=keys,
            look=way.look,
            is_ours=is_ours,
            make=way.make,
            recover=recover,
            settle=way.settle,
            delete=way.delete,
            resource=lambda key: f"{KEY}/{key.id}",
        ),
        dkim=DKIM,
    )


def title(key: SpecKey, making: Making) -> str:
    """Give the name that a key has while it is made."""
    return f"{key.id} {making.tag}"


def is_ours(key: LiveKey, making: Making) -> bool:
    """Tell by the word that was noted before the call."""
    return key.name not in making.before and key.title.endswith(f" {making.tag}")


async def _look(caller: Caller, key: SpecKey) -> Standing | Unread:
    desk = caller.desk
    held: dict[str, str] = {}
    for credential in _all_keys(desk):
        value = await desk.keeper.value(credential.reference)
        if isinstance(value, Unresolved):
            if credential.id == key.id:
                return Unread(key.id, f"{key.id}: {value.reason}", value.fix)
            continue
        match = SECRET.fullmatch(value.reveal().strip())
        held[credential.id] = match["id"] if match else ""
    every = await list_keys(caller)
    known = {each.api_key_id for each in every}
    current = held[key.id]
    if current not in known:
        said = f"SendGrid lists no key with the id of the value at {key.credentials[-1].reference}"
        return Unread(
            key.id, said, "see whether it is a key of this user or subuser; `sendspec apply` makes the first one"
        )
    sharing = tuple(each for each in _all_keys(desk) if held.get(each.id) == current)
    live = tuple(LiveKey(each.api_key_id, each.name) for each in every)
    full = fix = ""
    if len(every) >= MOST_KEYS:
        full = f"the user has {len(every)} keys, and SendGrid allows {MOST_KEYS}"
        fix = "delete keys that nothing uses in the app, Settings, API Keys"
    native = {each.api_key_id: each.api_key_id for each in every}
    return Standing(_owner(desk.account), live, held, sharing, native, full, fix)


def _owner(account: Account) -> str:
    subuser = cast("Settings", account.settings).subuser
    return f"subuser {subuser}" if subuser else f"the user of {account.id}"


def _all_keys(desk: Desk) -> list[Credential]:
    """Give the sending keys of every account of this kind: a key may stand in several."""
    accounts = [each for each in desk.setup.accounts if each.kind == desk.account.kind]
    return [credential for account in accounts for credential in sending_keys(desk.setup, account)]


def _body(desk: Desk, key: SpecKey) -> dict[str, object]:
    """Give name and scopes as the spec wants them: those of the resource."""
    mine = desk.account.id
    found = next(
        each for each in desk.setup.resources if each.account == mine and each.kind == KEY and each.id == key.id
    )
    return dict(found.properties)


async def recover(
    _desk: Desk, _credentials: Sequence[Credential], _standing: Standing, _name: str
) -> Mapping[str, Secret] | None:
    """Give nothing: a value tells its key, so a store that has it is seen to hold it; elsewhere it is not."""
    return None


def _itself(account: Account) -> str:
    return BY_ANEW if cast("Settings", account.settings).security == "manual" else BEHIND_CNAMES


async def _never(*_arguments: object) -> Outcome:
    return Outcome(Failure.REFUSED, BEHIND_CNAMES)


DKIM = DkimRotator(itself=_itself, request=_never, switch=_never, finish=_never)
ROTATOR = rotator()
