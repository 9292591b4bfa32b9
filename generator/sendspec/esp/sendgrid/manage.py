"""How SendGrid accounts are managed: which code reads and changes which kind, and what becomes of its troubles."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import cast

from sendspec.esp.managing import Desk, Manager
from sendspec.esp.sendgrid.calling import DOMAIN, KEY, LINKS, MANAGEMENT_KEY, SIGNATURE, SUBUSER, TRACKING, WEBHOOK
from sendspec.esp.sendgrid.facts import APPLY_SCOPES
from sendspec.esp.sendgrid.manage_calls import UNAUTHORIZED, Caller, CallError, Pause
from sendspec.esp.sendgrid.manage_domains import (
    create_branded,
    delete_branded,
    read_branded,
    replace_branded,
    update_branded,
    verify_branded,
)
from sendspec.esp.sendgrid.manage_keys import create_key, delete_key, read_keys, update_key
from sendspec.esp.sendgrid.manage_kinds import KINDS
from sendspec.esp.sendgrid.manage_sought import Collected, Sought, sought
from sendspec.esp.sendgrid.manage_tracking import put_tracking, read_tracking
from sendspec.esp.sendgrid.manage_users import (
    create_subuser,
    delete_subuser,
    find_subuser,
    read_subusers,
    replace_subuser,
    update_subuser,
)
from sendspec.esp.sendgrid.manage_webhooks import (
    delete_signature,
    delete_webhook,
    put_signature,
    put_webhook,
    read_webhooks,
)
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.live import Failure, LiveAccount, Outcome, Unread
from sendspec.model.plan import Action, Change
from sendspec.model.secret import Unresolved

Reader = Callable[[Caller, Sequence[Sought], Collected], Awaitable[None]]
Worker = Callable[[Caller, Change], Awaitable[Outcome]]


async def _read_domains(caller: Caller, wanted: Sequence[Sought], into: Collected) -> None:
    await read_branded(caller, DOMAIN, wanted, into)


async def _read_links(caller: Caller, wanted: Sequence[Sought], into: Collected) -> None:
    await read_branded(caller, LINKS, wanted, into)


READERS: Sequence[tuple[tuple[str, ...], Reader]] = (
    ((SUBUSER,), read_subusers),
    ((DOMAIN,), _read_domains),
    ((LINKS,), _read_links),
    ((WEBHOOK, SIGNATURE), read_webhooks),
    ((KEY,), read_keys),
    ((TRACKING,), read_tracking),
)
"""What is read together fails together."""
BRANDED: Mapping[Action, Worker] = {
    Action.CREATE: create_branded,
    Action.UPDATE: update_branded,
    Action.REPLACE: replace_branded,
    Action.DELETE: delete_branded,
    Action.VERIFY: verify_branded,
}
WORKERS: Mapping[str, Mapping[Action, Worker]] = {
    SUBUSER: {
        Action.CREATE: create_subuser,
        Action.UPDATE: update_subuser,
        Action.REPLACE: replace_subuser,
        Action.DELETE: delete_subuser,
    },
    DOMAIN: BRANDED,
    LINKS: BRANDED,
    WEBHOOK: {Action.CREATE: put_webhook, Action.UPDATE: put_webhook, Action.DELETE: delete_webhook},
    SIGNATURE: {Action.CREATE: put_signature, Action.UPDATE: put_signature, Action.DELETE: delete_signature},
    KEY: {Action.CREATE: create_key, Action.UPDATE: update_key, Action.DELETE: delete_key},
    TRACKING: {Action.CREATE: put_tracking, Action.UPDATE: put_tracking},
}


def manager(pause: Pause = asyncio.sleep) -> Manager:
    """Give how accounts are managed, with a way of waiting."""

    async def read(desk: Desk, keys: Collection[str]) -> LiveAccount:
        caller = await open_caller(desk, pause)
        if isinstance(caller, Unread):
            return LiveAccount(unread={"": caller})
        return await _read(caller, keys)

    async def apply(desk: Desk, change: Change) -> Outcome:
        worker = WORKERS.get(change.subject.partition("/")[0], {}).get(change.action)
        if change.action is Action.ADOPT:
            return Outcome(native_id=change.native_id)
        if worker is None:
            return Outcome(Failure.REFUSED, f"sendspec cannot {change.action} {change.subject} at SendGrid")
        caller = await open_caller(desk, pause)
        if isinstance(caller, Unread):
            return Outcome(Failure.NEEDS, caller.reason, caller.fix)
        try:
            return await worker(caller, change)
        except CallError as error:
            return Outcome(error.failure, error.said, error.fix)

    return Manager(kinds=KINDS, read=read, apply=apply)


async def open_caller(desk: Desk, pause: Pause) -> Caller | Unread:
    """Give who calls, with the managing key; or why there is none."""
    where = desk.account.id
    named = next((each for each in desk.account.manage if each.name == MANAGEMENT_KEY), None)
    if named is None:
        fix = f"write `manage: {{{MANAGEMENT_KEY}: {{from: REFERENCE}}}}` below it; the key needs the scopes "
        return Unread(where, f"the spec names no key to manage {where} with", fix + ", ".join(APPLY_SCOPES.value))
    value = await desk.keeper.value(named.reference)
    if isinstance(value, Unresolved):
        return Unread(where, f"the key to manage it with cannot be had: {value.reason}", value.fix)
    return Caller(desk, named.reference, value, pause)


async def _read(caller: Caller, keys: Collection[str]) -> LiveAccount:
    into, wanted = Collected(), sought(caller.desk, keys)
    has_answered = False
    for kinds, reader in READERS:
        part = [each for each in wanted if each.kind in kinds]
        if kinds != (SUBUSER,) and not part:
            continue
        try:
            await reader(caller, part, into)
            if kinds == (SUBUSER,) and await _lacks_subuser(caller, into):
                break
        except CallError as error:
            unread = Unread(caller.desk.account.id, error.said, error.fix)
            if error.status == UNAUTHORIZED and not has_answered:
                return LiveAccount(unread={"": unread})
            into.unread |= dict.fromkeys(kinds, unread)
        else:
            has_answered = has_answered or bool(part) or _settings(caller).subuser is not None
    return LiveAccount(found=into.found, unread=into.unread, issued=into.issued, notes=tuple(into.notes))


async def _lacks_subuser(caller: Caller, into: Collected) -> bool:
    """Tell whether the subuser that everything lies in is missing, and nothing can be in it. Raises CallError."""
    name = _settings(caller).subuser
    if name is None or f"{SUBUSER}/{name}" in into.found:
        return False
    return await find_subuser(caller, name) is None


def _settings(caller: Caller) -> Settings:
    return cast("Settings", caller.desk.account.settings)


MANAGER = manager()
