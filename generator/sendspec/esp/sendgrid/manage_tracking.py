"""The account's tracking switches. They always exist."""

from collections.abc import Sequence

from pydantic import BaseModel

from sendspec.esp.sendgrid.calling import PATHS, TRACKING
from sendspec.esp.sendgrid.manage_calls import Call, Caller, CallError
from sendspec.esp.sendgrid.manage_kinds import scope_of
from sendspec.esp.sendgrid.manage_sought import Collected, Sought
from sendspec.model.live import Failure, Outcome
from sendspec.model.plan import Change

SWITCHES = ("click", "open")


class _Switch(BaseModel):
    enabled: bool


async def read_tracking(caller: Caller, wanted: Sequence[Sought], into: Collected) -> None:
    """Read the switches that are sought. Raises CallError."""
    for each in wanted:
        if each.id in SWITCHES:
            switch = await caller.read(_path(each.id), _Switch, scope_of(TRACKING, "read", each.id))
            into.add(each.live(each.id, {"enabled": switch.enabled}))


async def put_tracking(caller: Caller, change: Change) -> Outcome:
    """Set a switch. Raises CallError."""
    name = change.subject.partition("/")[2]
    if name not in SWITCHES:
        raise CallError(Failure.REFUSED, f"sendspec does not know SendGrid's tracking setting {name}")
    await caller.change(Call("PATCH", _path(name), scope_of(TRACKING, "update", name), dict(change.after or {})))
    return Outcome(native_id=name)


def _path(name: str) -> str:
    return PATHS[TRACKING][1].replace("{id}", name)
