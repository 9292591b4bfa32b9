"""Postmark's message streams: made, changed in what may change, archived instead of deleted."""

from collections.abc import Mapping
from urllib.parse import quote

from sendspec.esp.postmark.facts import DEFAULT_STREAMS
from sendspec.esp.postmark.manage_answers import Archived, Stream
from sendspec.esp.postmark.manage_calls import Api, CallError, Code, Level, or_look
from sendspec.esp.postmark.manage_kinds import STREAM
from sendspec.esp.postmark.manage_spelling import Values, differing, filled, spelled, values_of
from sendspec.model.live import Failure, LiveResource, Outcome
from sendspec.model.plan import Action, Change

SHOWN = frozenset({"ID", "Name", "Description", "MessageStreamType", "SubscriptionManagementConfiguration"})
FIXED = frozenset({"ID", "MessageStreamType"})


def stream_resource(stream: Stream, wanted: Mapping[str, object], values: Values) -> LiveResource:
    """Give a message stream as it is, in the words of the spec.

    The default streams have names of Postmark's own (`Default Transactional Stream`): where the spec chose none, theirs is
    as good as its id.
    """
    raw = stream.raw()
    if stream.id in DEFAULT_STREAMS.value and wanted.get("Name") == stream.id:
        raw["Name"] = stream.id
    shown = {name: live for name, live in raw.items() if name in SHOWN or name in wanted}
    properties = {name: spelled(live, wanted.get(name), values) for name, live in shown.items()}
    return LiveResource(STREAM, stream.id, stream.id, properties)


async def find_stream(api: Api, stream_id: str) -> Stream | None:
    """Give a message stream, archived or not; None: there is none. Raises CallError."""
    try:
        return await api.read(Level.SERVER, _path(stream_id), Stream)
    except CallError as error:
        if error.says_missing(Code.STREAM_NOT_FOUND):
            return None
        raise


async def change_stream(api: Api, change: Change) -> Outcome:
    """Carry out a change of a message stream. Raises CallError."""
    stream_id = change.subject.partition("/")[2]
    if change.action is Action.DELETE or change.after is None:
        return await _archive(api, stream_id)
    if change.action is Action.REPLACE:
        raise _other_type(stream_id)
    values = await values_of(api, change.after)
    found = await find_stream(api, stream_id)
    if found is None and change.action is not Action.CREATE:
        raise CallError(Failure.REFUSED, f"message stream {stream_id} is gone", "plan again")
    made = found or await _create(api, stream_id, filled(change.after, values))
    if made.message_stream_type != change.after.get("MessageStreamType", made.message_stream_type):
        raise _other_type(stream_id)
    notes: tuple[str, ...] = ()
    if made.archived_at:
        made = await _unarchive(api, stream_id)
        notes = (f"message stream {stream_id} was archived and is restored, with its suppressions",)
    await _update(api, made, change.after, values)
    return Outcome(native_id=stream_id, notes=notes)


async def _create(api: Api, stream_id: str, body: object) -> Stream:
    async def look() -> Stream | None:
        return await find_stream(api, stream_id)

    work = api.change(Level.SERVER, "POST", "/message-streams", Stream, body)
    return await or_look(work, look, taken={Code.STREAM_EXISTS})


async def _update(api: Api, stream: Stream, after: Mapping[str, object], values: Values) -> None:
    changed = [
        name for name in differing(stream_resource(stream, after, values).properties, after) if name not in FIXED
    ]
    if not changed:
        return

    async def look() -> Stream | None:
        now = await find_stream(api, stream.id)
        return now if now and not differing(stream_resource(now, after, values).properties, after) else None

    body = filled({name: after[name] for name in changed}, values)
    await or_look(api.change(Level.SERVER, "PATCH", _path(stream.id), Stream, body), look)


async def _unarchive(api: Api, stream_id: str) -> Stream:
    async def look() -> Stream | None:
        now = await find_stream(api, stream_id)
        return now if now and not now.archived_at else None

    return await or_look(api.change(Level.SERVER, "POST", f"{_path(stream_id)}/unarchive", Stream), look)


async def _archive(api: Api, stream_id: str) -> Outcome:
    if stream_id in DEFAULT_STREAMS.value:
        return Outcome(notes=(f"message stream {stream_id} stays: every server has it, and it cannot be archived",))
    found = await find_stream(api, stream_id)
    if found is None or found.archived_at:
        return Outcome()

    async def look() -> Archived | None:
        now = await find_stream(api, stream_id)
        return Archived() if now is None or now.archived_at else None

    try:
        done = await or_look(api.change(Level.SERVER, "POST", f"{_path(stream_id)}/archive", Archived), look)
    except CallError as error:
        if error.is_about(Code.STREAM_STAYS):
            return Outcome(notes=(f"message stream {stream_id} stays: Postmark archives no default stream",))
        raise
    until = f" on {done.expected_purge_date[:10]}" if done.expected_purge_date else " after 45 days"
    return Outcome(notes=(f"message stream {stream_id} is archived; Postmark purges it{until}, with its suppressions",))


def _other_type(stream_id: str) -> CallError:
    return CallError(
        Failure.REFUSED,
        f"message stream {stream_id} is there with another type, which cannot be changed, and its id stays taken",
        "give the stream another id: `settings: {message_stream: ...}` on its routes",
    )


def _path(stream_id: str) -> str:
    return f"/message-streams/{quote(stream_id, safe='')}"
