"""API keys that streams send with. SendGrid shows the secret of a key once, so it goes to its store in the same step.

Names need not be unique. Ours is the key whose secret the store holds: the middle part of a secret, `SG.ID.…`, is the
id of its key (example of the call that creates one, tsg_api_keys_v3.json @ dbe0e0d, read 2026-11-26).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from sendspec.esp.sendgrid.account import GIVEN_TO_ALL
from sendspec.esp.sendgrid.calling import KEY, PATHS
from sendspec.esp.sendgrid.manage_calls import FORBIDDEN, Call, Caller, CallError
from sendspec.esp.sendgrid.manage_kinds import scope_of
from sendspec.esp.sendgrid.manage_sought import Collected, Sought
from sendspec.esp.sendgrid.resources import sending_keys
from sendspec.model.live import Failure, LiveResource, Outcome
from sendspec.model.plan import Change
from sendspec.model.secret import Secret, Unresolved
from sendspec.net.json_reply import read_json

PATH = PATHS[KEY][1]
MOST_KEYS = 100
"""Source: tsg_api_keys_v3.json @ dbe0e0d: one more is answered 403."""
ANSWER_LOST = 2
"""How often a key is made anew whose answer, and with it its secret, was lost."""
ID = r"^[A-Za-z0-9_-]+$"
SECRET = re.compile(r"SG\.(?P<id>[A-Za-z0-9_-]{1,128})\.[A-Za-z0-9_-]+")


class NamedKey(BaseModel):
    """A key as the list of all keys shows it: without scopes, and without its secret."""

    api_key_id: str = Field(min_length=1, max_length=128, pattern=ID)
    name: str = Field(max_length=1024)


class _Keys(BaseModel):
    result: list[NamedKey]


class _Scoped(NamedKey):
    scopes: list[str] = Field(max_length=2000)


class _KeyAnswer(BaseModel):
    """The description has a list here; the API gives the key itself (kenzo0107/sendgrid @ 1bb2149)."""

    api_key_id: str | None = Field(default=None, max_length=128, pattern=ID)
    name: str | None = None
    scopes: list[str] | None = Field(default=None, max_length=2000)
    result: list[_Scoped] | None = None


class _Made(BaseModel):
    api_key_id: str = Field(min_length=1, max_length=128, pattern=ID)
    api_key: str = Field(min_length=1, max_length=1024, repr=False)


@dataclass(frozen=True, slots=True)
class _Posted:
    """What came of a call that makes a key: the key, or ids of keys whose secret nobody has."""

    made: _Made | None
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What the store holds at a key's reference: the id of a key, a value of another shape (empty id), or nothing seen."""

    reference: str
    key_id: str | None
    reason: str = ""


async def read_keys(caller: Caller, wanted: Sequence[Sought], into: Collected) -> None:
    """Read the keys that are sought. Raises CallError.

    One whose creation was begun and not finished is left out, so that it is finished: see `create_key`.
    """
    every = await list_keys(caller)
    for each in wanted:
        stored = await stored_key(caller, each.id)
        named = [one.api_key_id for one in every if one.name == each.id]
        one = await _find(caller, stored, each.native_id, named)
        if one is None:
            continue
        holds = stored is not None and stored.key_id == one.api_key_id
        if each.is_begun and not (holds and set(named) <= {one.api_key_id}):
            continue
        into.add(_live(each, one))
        if stored is not None and each.resource is not None:
            into.notes += _notes(each, one, named, stored, holds=holds)


async def create_key(caller: Caller, change: Change) -> Outcome:
    """Make a key and put its secret into its store; if the store refuses, the key is removed again. Raises CallError.

    Keys of that name that a run before left behind, their secret lost, go once the new one is safe.
    """
    name, after = change.subject.partition("/")[2], change.after or {}
    stored = await stored_key(caller, name)
    if stored is None:
        raise CallError(Failure.REFUSED, f"the spec names no credential {name}", "plan again")
    every = await list_keys(caller)
    named = [one.api_key_id for one in every if one.name == str(after["name"])]
    held = await _find(caller, stored, None, ())
    if held is not None:
        await put_key(caller, held.api_key_id, after)
    elif named and change.subject not in caller.desk.begun:
        raise CallError(
            Failure.REFUSED,
            f"SendGrid has a key named {name} (id {named[0]}) whose secret is not at {stored.reference}; it is shown once only",
            "put its secret there if you have it; else remove that key in the app, once nothing sends with it",
        )
    native_id = held.api_key_id if held else await _make(caller, after, stored.reference, named, len(every))
    for leftover in named if change.subject in caller.desk.begun else ():
        if leftover != native_id:
            await revoke_key(caller, leftover)
    return Outcome(native_id=native_id)


async def update_key(caller: Caller, change: Change) -> Outcome:
    """Set name and scopes: the call takes both or none. Raises CallError."""
    await put_key(caller, change.native_id, change.after or {})
    return Outcome(native_id=change.native_id)


async def delete_key(caller: Caller, change: Change) -> Outcome:
    """Revoke a key; one that is gone is revoked. SendGrid takes a moment until it refuses it. Raises CallError."""
    await revoke_key(caller, change.native_id)
    return Outcome()


async def _make(caller: Caller, after: Mapping[str, object], reference: str, before: Sequence[str], count: int) -> str:
    """Make a key, keep its secret, give its id."""
    made = await post_key(caller, after, before, count)
    refused = await caller.desk.keeper.keep(reference, Secret(made.api_key))
    if refused is None:
        return made.api_key_id
    said = f"the secret of the new key cannot be kept at {reference}: {refused.reason}"
    fix = refused.fix or f"make {reference} writable, then run the same again"
    try:
        await revoke_key(caller, made.api_key_id)
    except CallError as error:
        said += f"; the key is left at SendGrid, and nobody has its secret ({error.said}): the next run removes it"
        # it stays noted as begun, so that the next run knows whose it is
        raise CallError(Failure.UNKNOWN, said, fix) from None
    raise CallError(Failure.NEEDS, said, fix)


async def post_key(caller: Caller, after: Mapping[str, object], before: Sequence[str], count: int) -> _Made:
    """Make a key. One whose answer is lost is lost with its secret: it is removed, and another one made."""
    call = Call("POST", PATH, scope_of(KEY, "create"), dict(after), is_repeatable=False)
    name = str(after["name"])

    async def find() -> _Posted | None:
        lost = [one.api_key_id for one in await list_keys(caller) if one.name == name and one.api_key_id not in before]
        return _Posted(None, tuple(lost)) if lost else None

    for _ in range(ANSWER_LOST):
        try:
            posted, _is_new = await caller.make(call, _read_made, find)
        except CallError as error:
            if error.status == FORBIDDEN and count >= MOST_KEYS:
                said = f"{error.said}; SendGrid allows {MOST_KEYS} keys, and there are {count}"
                raise CallError(Failure.REFUSED, said, "remove keys that nothing uses", FORBIDDEN) from None
            raise
        if posted.made is not None:
            return posted.made
        for lost in posted.lost:
            await revoke_key(caller, lost)
    raise CallError(Failure.LATER, f"the answer to POST {PATH} was lost {ANSWER_LOST} times; no key is left of it")


def _read_made(answer: bytes) -> _Posted | None:
    made = read_json(answer, _Made)
    return _Posted(made) if made else None


async def put_key(caller: Caller, key_id: str, after: Mapping[str, object]) -> None:
    """Set name and scopes of a key. Raises CallError."""
    body = {"name": after["name"], "scopes": after["scopes"]}
    await caller.change(Call("PUT", f"{PATH}/{key_id}", scope_of(KEY, "update"), body))


async def revoke_key(caller: Caller, key_id: str) -> None:
    """Remove a key; one that is gone is removed. Raises CallError."""
    await caller.change(Call("DELETE", f"{PATH}/{key_id}", scope_of(KEY, "delete")))


async def list_keys(caller: Caller) -> list[NamedKey]:
    """Give all keys; the call has no pages."""
    return (await caller.read(PATH, _Keys, scope_of(KEY, "read"))).result


async def _read_one(caller: Caller, key_id: str) -> _Scoped | None:
    found = await caller.read_if_there(f"{PATH}/{key_id}", _KeyAnswer, scope_of(KEY, "read"))
    if found is None:
        return None
    if found.result:
        return found.result[0]
    if found.name is None or found.scopes is None:
        raise CallError(Failure.REFUSED, f"GET {PATH}/{key_id} is answered without name and scopes")
    return _Scoped(api_key_id=key_id, name=found.name, scopes=found.scopes)


async def stored_key(caller: Caller, credential_id: str) -> StoredKey | None:
    """Look whose secret the store holds; None for a credential that the spec does not name."""
    keys = sending_keys(caller.desk.setup, caller.desk.account)
    reference = next((each.reference for each in keys if each.id == credential_id), None)
    if reference is None:
        return None
    value = await caller.desk.keeper.value(reference)
    if isinstance(value, Unresolved):
        return StoredKey(reference, None, value.reason)
    match = SECRET.fullmatch(value.reveal().strip())
    return StoredKey(reference, match["id"] if match else "")


async def _find(
    caller: Caller, stored: StoredKey | None, native_id: str | None, named: Sequence[str]
) -> _Scoped | None:
    """Give the key whose secret we hold, whatever its name; else the one that is ours; else the first of that name.

    Each is asked for by its id: what was just made may be missing in the list.
    """
    for key_id in dict.fromkeys((stored.key_id if stored else None, native_id, *named)):
        one = await _read_one(caller, key_id) if key_id else None
        if one is not None:
            return one
    return None


def _live(wanted: Sought, one: _Scoped) -> LiveResource:
    """Give a key without the scopes that SendGrid gives to all, and with the rest in the order of the spec."""
    stated = wanted.resource.properties.get("scopes") if wanted.resource else None
    first = [str(scope) for scope in stated] if isinstance(stated, list) else []
    scopes = set(one.scopes) - (set(GIVEN_TO_ALL.value) - set(first))
    ordered = [*(scope for scope in first if scope in scopes), *sorted(scopes - set(first))]
    return wanted.live(one.api_key_id, {"name": one.name, "scopes": ordered})


def _notes(wanted: Sought, one: _Scoped, named: Sequence[str], stored: StoredKey, *, holds: bool) -> list[str]:
    """Say where key and secret do not belong together. What cannot be seen of a key of ours is not said."""
    notes = []
    others = [each for each in named if each != one.api_key_id]
    if others:
        ids = ", ".join(others[:5])
        notes.append(f"SendGrid has more than one key named {wanted.id}: {one.api_key_id} is compared, not {ids}")
    if not holds and stored.key_id is not None:
        notes.append(
            f"the key {wanted.id} (id {one.api_key_id}) exists, but {stored.reference} holds another value than its secret, "
            "which SendGrid shows once only: put the secret there, or rotate the key"
        )
    elif not holds and wanted.native_id is None:
        notes.append(
            f"the key {wanted.id} (id {one.api_key_id}) exists, and its secret cannot be seen at {stored.reference} "
            f"({stored.reason}); SendGrid shows it once only: put it there, or remove that key so that another is made"
        )
    return notes
