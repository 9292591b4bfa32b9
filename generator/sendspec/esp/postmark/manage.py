"""How an account at Postmark is managed: servers and domains with the account token, the rest with the server's."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from sendspec.esp.managing import Desk, Manager
from sendspec.esp.postmark.manage_answers import Domain, Server, Streams
from sendspec.esp.postmark.manage_calls import Api, CallError, Level, Patience, open_api
from sendspec.esp.postmark.manage_domain import change_domain, domain_resource, issued_of
from sendspec.esp.postmark.manage_domain_lookup import domain_ids, read_domain
from sendspec.esp.postmark.manage_kinds import DOMAIN, KINDS, SERVER, STREAM, WEBHOOK
from sendspec.esp.postmark.manage_server import (
    KeepError,
    change_server,
    find_server,
    keep_token,
    open_server,
    server_resource,
    wanted_server,
)
from sendspec.esp.postmark.manage_spelling import missing, values_of
from sendspec.esp.postmark.manage_stream import change_stream, stream_resource
from sendspec.esp.postmark.manage_webhook import all_webhooks, change_webhook, pick, webhook_resource
from sendspec.model.live import Failure, LiveAccount, LiveResource, Outcome, Unread
from sendspec.model.plan import Action, Change
from sendspec.model.secret import Unresolved

SIDE_BY_SIDE = 6
"""Domains that are read at once. Postmark publishes no rate; what is too fast is asked again later."""
Properties = Mapping[str, Mapping[str, object]]


def make_manager(patience: Patience) -> Manager:
    """Give how accounts are managed, with calls that wait so long."""

    async def read(desk: Desk, keys: Collection[str]) -> LiveAccount:
        return await _read(desk, keys, patience)

    async def apply(desk: Desk, change: Change) -> Outcome:
        return await _apply(desk, change, patience)

    return Manager(KINDS, read, apply)


async def _read(desk: Desk, keys: Collection[str], patience: Patience) -> LiveAccount:
    api = await open_api(desk, patience)
    wanted = {each.key: each.properties for each in desk.setup.resources if each.account == desk.account.id}
    by_kind: dict[str, list[str]] = {}
    for key in sorted(keys):
        kind, _, key_id = key.partition("/")
        by_kind.setdefault(kind, []).append(key_id)
    parts = [
        await _guarded(api, kind, reader(api, by_kind[kind], wanted))
        for kind, reader in ((SERVER, _read_servers), (DOMAIN, _read_domains))
        if kind in by_kind
    ]
    if STREAM in by_kind or WEBHOOK in by_kind:
        parts += await _read_below_server(api, by_kind, wanted)
    return _joined(parts)


async def _guarded(api: Api, kind: str, work: Awaitable[LiveAccount]) -> LiveAccount:
    try:
        return await work
    except CallError as error:
        return _unread(api, kind, error)


def _unread(api: Api, kind: str, error: CallError) -> LiveAccount:
    return LiveAccount(unread={kind: error.unread(f"{api.desk.account.id}: {KINDS[kind].title}s")})


def _joined(parts: Iterable[LiveAccount]) -> LiveAccount:
    found: dict[str, LiveResource] = {}
    unread: dict[str, Unread] = {}
    issued: dict[str, Mapping[str, Mapping[str, object]]] = {}
    notes: list[str] = []
    for part in parts:
        found |= part.found
        unread |= part.unread
        issued |= part.issued
        notes += [note for note in part.notes if note not in notes]
    return LiveAccount(found, unread, issued, tuple(notes))


async def _read_servers(api: Api, names: Collection[str], wanted: Properties) -> LiveAccount:
    found: dict[str, LiveResource] = {}
    for name in names:
        key = f"{SERVER}/{name}"
        server = await find_server(api, name, api.desk.native_ids.get(key, ""))
        if server is not None:
            properties = wanted.get(key, {})
            found[key] = server_resource(server, name, properties, await values_of(api, properties))
    return LiveAccount(found)


async def _read_domains(api: Api, names: Collection[str], wanted: Properties) -> LiveAccount:
    known = await _by_number(api, {name: api.desk.native_ids.get(f"{DOMAIN}/{name}", "") for name in names})
    others = [name for name in names if name not in known]
    if others:
        numbers = await domain_ids(api)
        known |= await _by_number(api, {name: str(numbers.get(name.lower(), "")) for name in others})
    found: dict[str, LiveResource] = {}
    issued: dict[str, Mapping[str, Mapping[str, object]]] = {}
    for name, domain in sorted(known.items()):
        key = f"{DOMAIN}/{name}"
        properties = wanted.get(key, {})
        found[key] = domain_resource(api, domain, properties, await values_of(api, properties))
        if parts := issued_of(api, domain):
            issued[name] = parts
    return LiveAccount(found, issued=issued)


async def _by_number(api: Api, numbers: Mapping[str, str]) -> dict[str, Domain]:
    """Give the domains that have these numbers and are still named so, several at once."""
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def details(number: str) -> Domain | None:
        async with turns:
            return await read_domain(api, number)

    asked = {name: number for name, number in numbers.items() if number.isdecimal()}
    read = await asyncio.gather(*(details(number) for number in asked.values()), return_exceptions=True)
    found: dict[str, Domain] = {}
    for name, domain in zip(asked, read, strict=True):
        if isinstance(domain, BaseException):
            raise domain
        if domain is not None and domain.name.lower() == name.lower():
            found[name] = domain
    return found


async def _read_below_server(api: Api, by_kind: Mapping[str, list[str]], wanted: Properties) -> list[LiveAccount]:
    kinds = [kind for kind in (STREAM, WEBHOOK) if kind in by_kind]
    try:
        opened = await open_server(api)
    except CallError as error:
        return [_unread(api, kind, error) for kind in kinds]
    if opened is None:  # without its server there is nothing
        return []
    below, server, is_borrowed = opened
    readers = {STREAM: _read_streams, WEBHOOK: _read_webhooks}
    parts = [await _guarded(below, kind, readers[kind](below, by_kind[kind], wanted)) for kind in kinds]
    if is_borrowed:
        parts.append(LiveAccount(notes=(_borrowed(api, server),)))
    return parts


def _borrowed(api: Api, server: Server) -> str:
    declared = api.desk.account.credential(Level.SERVER)
    place = declared.reference if declared else "the store"
    return (
        f"{api.desk.account.id}: the token of server {server.name[:100]} is not at {place}; the next change of a message "
        "stream or webhook puts it there"
    )


async def _read_streams(api: Api, ids: Collection[str], wanted: Properties) -> LiveAccount:
    answer = await api.read(Level.SERVER, "/message-streams?MessageStreamType=All&IncludeArchivedStreams=true", Streams)
    found: dict[str, LiveResource] = {}
    notes: list[str] = []
    for stream in answer.message_streams:
        key = f"{STREAM}/{stream.id}"
        if stream.id not in ids:
            continue
        properties = wanted.get(key, {})
        if not stream.archived_at:
            found[key] = stream_resource(stream, properties, await values_of(api, properties))
        elif properties:
            until = (stream.expected_purge_date or "")[:10] or "a day that Postmark does not say"
            notes.append(
                f"message stream {stream.id} is archived, to be purged on {until}: making it restores it, with what it "
                "suppresses"
            )
    return LiveAccount(found, notes=tuple(notes))


async def _read_webhooks(api: Api, ids: Collection[str], wanted: Properties) -> LiveAccount:
    webhooks = await all_webhooks(api)
    found: dict[str, LiveResource] = {}
    notes: list[str] = []
    taken: set[int] = set()
    # Those that sendspec made choose first: an address that moved must not be taken for another's.
    native = api.desk.native_ids
    for key_id in sorted(ids, key=lambda each: (not native.get(f"{WEBHOOK}/{each}"), each)):
        key = f"{WEBHOOK}/{key_id}"
        free = [webhook for webhook in webhooks if webhook.id not in taken]
        webhook = pick(free, wanted.get(key), native.get(key, ""))
        if webhook is None:
            continue
        taken.add(webhook.id)
        properties = wanted.get(key, {})
        values = await values_of(api, properties)
        for reference, why in missing(values):
            said = f"what is kept at {reference} has to be compared and cannot be had: {why.reason}"
            raise CallError(Failure.NEEDS, said, why.fix)
        if any(isinstance(value, Unresolved) for value in values.values()):
            notes.append(
                f"{key}: whether its password is the one you chose cannot be seen: name its place in `manage:`"
            )
        if webhook.status == "unverified":
            notes.append(f"{key}: Postmark has not verified it, and posts no events to it")
        found[key] = webhook_resource(webhook, key_id, properties, values)
    return LiveAccount(found, notes=tuple(notes))


async def _apply(desk: Desk, change: Change, patience: Patience) -> Outcome:
    if change.action is Action.ADOPT:
        return Outcome(native_id=change.native_id)
    kind = change.subject.partition("/")[0]
    try:
        api = await open_api(desk, patience)
        if kind in CHANGES:
            return await CHANGES[kind](api, change)
        if kind in CHANGES_BELOW_SERVER:
            below = await _server_api(api, change)
            # What belonged to a server that is gone is gone.
            return await CHANGES_BELOW_SERVER[kind](below, change) if below else Outcome()
    except KeepError as error:
        return error.outcome(error.native_id)
    except CallError as error:
        return error.outcome()
    return Outcome(Failure.REFUSED, f"sendspec does not know how to change a {kind} at Postmark", "do it by hand")


async def _server_api(api: Api, change: Change) -> Api | None:
    """Give the API with the token of the wanted server, which is put where the spec keeps it if it is not there."""
    opened = await open_server(api)
    if opened is None and change.action is Action.DELETE:
        return None
    if opened is None:
        name = wanted_server(api)
        raise CallError(Failure.REFUSED, f"server {name} is not there for {change.subject}", "plan again")
    below, server, is_borrowed = opened
    if is_borrowed:
        await keep_token(api, server, server.name)
    return below


Carry = Callable[[Api, Change], Awaitable[Outcome]]
CHANGES: Mapping[str, Carry] = {SERVER: change_server, DOMAIN: change_domain}
CHANGES_BELOW_SERVER: Mapping[str, Carry] = {STREAM: change_stream, WEBHOOK: change_webhook}
MANAGER = make_manager(Patience())
