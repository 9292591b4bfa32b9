"""Subusers, found by name. The account that owns them makes them, at the global host."""

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel

from sendspec.esp.sendgrid.calling import DISABLED, PATHS, SUBUSER
from sendspec.esp.sendgrid.manage_calls import Call, Caller, CallError
from sendspec.esp.sendgrid.manage_kinds import scope_of
from sendspec.esp.sendgrid.manage_sought import Collected, Sought
from sendspec.model.live import Failure, Outcome
from sendspec.model.plan import Change
from sendspec.net.json_reply import read_json

PATH = PATHS[SUBUSER][1]
PAGE, MOST_PAGES = 100, 20


class _Subuser(BaseModel):
    id: int
    username: str = Field(max_length=255)
    disabled: bool
    region: str | None = Field(default=None, max_length=32)


class _Subusers(RootModel[list[_Subuser]]):
    pass


class _Made(BaseModel):
    user_id: int
    username: str = Field(max_length=255)


async def find_subuser(caller: Caller, name: str) -> _Subuser | None:
    """Give a subuser by its exact name: the filter of the API may find longer ones too. Raises CallError."""
    for number in range(MOST_PAGES):
        query = f"username={quote(name, safe='')}&include_region=true&limit={PAGE}&offset={number * PAGE}"
        page = await caller.read(f"{PATH}?{query}", _Subusers, scope_of(SUBUSER, "read"), as_parent=True)
        found = next((one for one in page.root if one.username.lower() == name.lower()), None)
        if found is not None or len(page.root) < PAGE:
            return found
    raise CallError(Failure.LATER, f"GET {PATH} does not come to an end")


async def read_subusers(caller: Caller, wanted: Sequence[Sought], into: Collected) -> None:
    """Read the subusers that are sought. Raises CallError."""
    for each in wanted:
        one = await find_subuser(caller, each.id)
        if one is not None:
            seen: dict[str, object] = {"username": each.id, DISABLED: one.disabled}
            into.add(each.live(str(one.id), seen | ({"region": one.region} if one.region else {})))


async def create_subuser(caller: Caller, change: Change) -> Outcome:
    """Make a subuser; one that is there is enabled, if the spec wants that. Raises CallError."""
    after, name = change.after or {}, change.subject.partition("/")[2]
    disabled = bool(after.get(DISABLED))

    async def find() -> tuple[str, bool] | None:
        one = await find_subuser(caller, name)
        return (str(one.id), one.disabled) if one else None

    there = await find()
    if there is None:
        body = await caller.fill({key: value for key, value in after.items() if key != DISABLED})
        call = Call("POST", PATH, scope_of(SUBUSER, "create"), body, as_parent=True, is_repeatable=False)
        there = (await caller.make(call, _made, find))[0]
    native_id, is_disabled = there
    if is_disabled != disabled:
        await _set_disabled(caller, name, disabled=disabled)
    return Outcome(native_id=native_id)


async def update_subuser(caller: Caller, change: Change) -> Outcome:
    """Enable or disable it; nothing else of it can be changed. Raises CallError."""
    other = [each.path for each in change.differences if each.path != DISABLED]
    if other:
        raise CallError(Failure.REFUSED, f"SendGrid cannot change {', '.join(other)} of a subuser")
    name = change.subject.partition("/")[2]
    await _set_disabled(caller, name, disabled=bool((change.after or {}).get(DISABLED)))
    return Outcome(native_id=change.native_id)


async def replace_subuser(_caller: Caller, change: Change) -> Outcome:
    """Refuse: its suppressions, keys and domains would go with it, and its name may stay taken. Raises CallError."""
    raise CallError(
        Failure.REFUSED,
        f"{change.subject} is never replaced: its suppressions, keys and domains would be lost",
        "give the new one another name (`settings.subuser`), and remove the old one when nothing sends with it",
    )


async def delete_subuser(caller: Caller, change: Change) -> Outcome:
    """Remove a subuser for good; one that is gone is removed. Raises CallError."""
    name = change.subject.partition("/")[2]
    if await find_subuser(caller, name) is not None:
        call = Call("DELETE", f"{PATH}/{quote(name, safe='')}", scope_of(SUBUSER, "delete"), as_parent=True)
        await caller.change(call)
    return Outcome()


async def _set_disabled(caller: Caller, name: str, *, disabled: bool) -> None:
    path = f"{PATH}/{quote(name, safe='')}"
    await caller.change(Call("PATCH", path, scope_of(SUBUSER, "update"), {DISABLED: disabled}, as_parent=True))


def _made(answer: bytes) -> tuple[str, bool] | None:
    made = read_json(answer, _Made)
    return (str(made.user_id), False) if made else None
