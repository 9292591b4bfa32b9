"""Postmark's servers: found by their name, made with the account token, their own token put where the spec keeps it."""

from collections.abc import Collection, Mapping
from urllib.parse import quote

from sendspec.esp.postmark.manage_answers import Server, Servers
from sendspec.esp.postmark.manage_calls import MOST_PAGES, PAGE, UNPROCESSABLE, Api, CallError, Code, Level, or_look
from sendspec.esp.postmark.manage_kinds import SERVER
from sendspec.esp.postmark.manage_spelling import Values, differing, filled, spelled, values_of
from sendspec.model.live import Failure, LiveResource, Outcome
from sendspec.model.plan import Action, Change
from sendspec.model.secret import Secret, Unresolved

SHOWN = frozenset(
    {
        "Name",
        "Color",
        "SmtpApiActivated",
        "RawEmailEnabled",
        "DeliveryType",
        "PostFirstOpenOnly",
        "InboundDomain",
        "InboundSpamThreshold",
        "TrackOpens",
        "TrackLinks",
        "IncludeBounceContentInHook",
        "EnableSmtpApiErrorHooks",
    }
)
"""Members that are shown whether the spec names them or not. Addresses of hooks may hold a login or a key."""
CASELESS = frozenset({"Color"})
"""Postmark's pages write `Purple`, its answers `purple`."""


def wanted_server(api: Api) -> str:
    """Give the name of the server that the spec wants for the account."""
    mine = api.desk.account.id
    return next(each.id for each in api.desk.setup.resources if each.account == mine and each.kind == SERVER)


async def find_server(api: Api, name: str, native_id: str = "") -> Server | None:
    """Give a server by the number it had, else by its name; None: there is none. Raises CallError.

    Without an account token only the server is seen that the server token belongs to.
    """
    if not api.has(Level.ACCOUNT):
        return await _own_server(api, name)
    if native_id.isdecimal():
        try:
            return await api.read(Level.ACCOUNT, f"/servers/{native_id}", Server)
        except CallError as error:
            # Which ErrorCode says that a server is gone stands on no page: every 422 leads to the list.
            if not error.says_missing() and error.status != UNPROCESSABLE:
                raise
    found = await _named(api, name)
    exact = [server for server in found if server.name == name]
    return next(iter((*exact, *found)), None)


async def _own_server(api: Api, name: str) -> Server:
    if not api.has(Level.SERVER):
        raise missing_token(api, Level.ACCOUNT)
    own = await api.read(Level.SERVER, "/server", Server)
    if own.name.casefold() != name.casefold():
        needs = missing_token(api, Level.ACCOUNT)
        said = f"the server token belongs to server {own.name[:100]}, and to see {name} it takes the account token"
        raise CallError(Failure.NEEDS, said, needs.fix)
    return own


def missing_token(api: Api, level: Level) -> CallError:
    """Give why a token cannot be had."""
    token = api.tokens[level]
    if isinstance(token, Unresolved):
        return CallError(Failure.NEEDS, token.reason, token.fix)
    return CallError(Failure.NEEDS, f"no {level}")


async def _named(api: Api, name: str) -> list[Server]:
    """Give the servers of a name, whatever its case: Postmark looks for a part of the name."""
    found: list[Server] = []
    for page in range(MOST_PAGES):
        path = f"/servers?count={PAGE}&offset={page * PAGE}&name={quote(name, safe='')}"
        answer = await api.read(Level.ACCOUNT, path, Servers)
        found += [server for server in answer.servers if server.name.casefold() == name.casefold()]
        if len(answer.servers) < PAGE:
            break
    return found


def server_resource(server: Server, name: str, wanted: Mapping[str, object], values: Values) -> LiveResource:
    """Give a server as it is, in the words of the spec."""
    properties: dict[str, object] = {}
    for member, live in server.raw().items():
        if member not in SHOWN and member not in wanted:
            continue
        want = wanted.get(member)
        if member in CASELESS and str(live).casefold() == str(want).casefold():
            properties[member] = want
        else:
            properties[member] = spelled(live, want, values)
    return LiveResource(SERVER, name, str(server.id), properties)


async def open_server(api: Api) -> tuple[Api, Server, bool] | None:
    """Give the API with a token of the server that the spec wants, and the server; None: it does not exist yet.

    The flag says that the token came from Postmark, because the store holds none. Raises CallError where it cannot be
    told, or where the token that is kept belongs to another server: what is meant for one must not be done to another.
    """
    name = wanted_server(api)
    kept = api.tokens[Level.SERVER]
    if not api.has(Level.ACCOUNT):
        return api, await _own_server(api, name), False
    server = await find_server(api, name, api.desk.native_ids.get(f"{SERVER}/{name}", ""))
    if server is None:
        await refuse_foreign_token(api, name)
        return None
    if isinstance(kept, Unresolved):
        token = server.token()
        ours = {*api.desk.native_ids, *api.desk.begun}
        if token is None or f"{SERVER}/{name}" not in ours:
            raise missing_token(api, Level.SERVER)
        return api.with_token(Level.SERVER, token), server, True
    if not server.owns(kept):
        own = await api.read(Level.SERVER, "/server", Server)
        if own.id != server.id:
            raise _foreign(api, own, name)
    return api, server, False


async def refuse_foreign_token(api: Api, name: str) -> None:
    """Raise CallError if the server token that is kept works at another server: it must not be written over."""
    if not api.has(Level.SERVER):
        return
    try:
        own = await api.read(Level.SERVER, "/server", Server)
    except CallError as error:
        if error.failure is Failure.NEEDS:  # nobody's token any more
            return
        raise
    if own.name.casefold() != name.casefold():
        raise _foreign(api, own, name)


def _foreign(api: Api, own: Server, name: str) -> CallError:
    account = api.desk.account.id
    return CallError(
        Failure.NEEDS,
        f"the server token of {account} belongs to server {own.name[:100]}, and the spec says {name}",
        f"write `settings: {{server: ...}}` of {account} as the server is named, or keep the token of {name} elsewhere",
    )


async def change_server(api: Api, change: Change) -> Outcome:
    """Carry out a change of a server. Raises CallError."""
    name = change.subject.partition("/")[2]
    if change.action in {Action.DELETE, Action.REPLACE} or change.after is None:
        raise CallError(
            Failure.REFUSED,
            "most accounts may not delete servers by the API (ErrorCode 604)",
            f"delete server {name} in Postmark: Servers, {name}, Settings",
        )
    values = await values_of(api, change.after)
    found = await find_server(api, name, change.native_id)
    if found is None and change.action is not Action.CREATE:
        raise CallError(Failure.REFUSED, f"server {name} is gone", "plan again")
    made = found or await _create(api, name, filled(change.after, values))
    if api.has(Level.ACCOUNT) and change.action is Action.CREATE:
        await keep_token(api, made, name)
    await _update(api, made, name, change.after, values)
    return Outcome(native_id=str(made.id), notes=tuple(_token_notes(api)))


async def _create(api: Api, name: str, body: object) -> Server:
    if not api.has(Level.ACCOUNT):
        raise missing_token(api, Level.ACCOUNT)
    await refuse_foreign_token(api, name)

    async def look() -> Server | None:
        return await find_server(api, name)

    return await or_look(api.change(Level.ACCOUNT, "POST", "/servers", Server, body), look, taken={Code.SERVER_EXISTS})


async def keep_token(api: Api, server: Server, name: str) -> None:
    """Put a token of a server where the spec keeps it, unless a good one is there. Raises CallError.

    Nothing is undone when the store refuses: the account token is shown the server's tokens at any time.
    """
    declared = api.desk.account.credential(Level.SERVER)
    kept, token = api.tokens[Level.SERVER], server.token()
    if declared is None or token is None or (isinstance(kept, Secret) and server.owns(kept)):
        return
    await refuse_foreign_token(api, name)
    refused = await api.desk.keeper.keep(declared.reference, token)
    if refused is not None:
        fix = refused.fix or f"see that {declared.reference} can be written"
        said = f"server {name} is there, and its token could not be kept: {refused.reason}"
        raise KeepError(said, f"{fix}; apply again: Postmark shows the token again", str(server.id))


class KeepError(CallError):
    """A server that exists, whose token is not where the spec keeps it."""

    def __init__(self, said: str, fix: str, native_id: str) -> None:
        super().__init__(Failure.NEEDS, said, fix)
        self.native_id = native_id


def _token_notes(api: Api) -> Collection[str]:
    if api.desk.account.credential(Level.SERVER) is None:
        return (f"the spec does not say where the server token of {api.desk.account.id} is kept: it was not stored",)
    return ()


async def _update(api: Api, server: Server, name: str, after: Mapping[str, object], values: Values) -> None:
    changed = differing(server_resource(server, name, after, values).properties, after)
    if "DeliveryType" in changed:
        said = f"server {name} is there with DeliveryType {server.delivery_type[:40]}, which cannot be changed"
        raise CallError(Failure.REFUSED, said, "name another server in `settings:`, or delete this one in Postmark")
    if not changed:
        return
    level, path = (Level.ACCOUNT, f"/servers/{server.id}") if api.has(Level.ACCOUNT) else (Level.SERVER, "/server")

    async def look() -> Server | None:
        now = await api.read(level, path, Server)
        return now if not differing(server_resource(now, name, after, values).properties, after) else None

    body = filled({member: after[member] for member in changed}, values)
    await or_look(api.change(level, "PUT", path, Server, body), look)
