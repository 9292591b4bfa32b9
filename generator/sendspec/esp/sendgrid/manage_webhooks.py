"""Event webhooks, found by their address, and their signatures."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from sendspec.esp.sendgrid.account import WEBHOOKS_CALL
from sendspec.esp.sendgrid.calling import PATHS, SIGNATURE, WEBHOOK
from sendspec.esp.sendgrid.facts import EVENT_SETTINGS
from sendspec.esp.sendgrid.manage_calls import NOT_FOUND, Call, Caller, CallError
from sendspec.esp.sendgrid.manage_kinds import scope_of
from sendspec.esp.sendgrid.manage_sought import Collected, Sought
from sendspec.model.live import Failure, Outcome
from sendspec.model.plan import Action, Change
from sendspec.net.json_reply import read_json

PATH = PATHS[WEBHOOK][1]
SIGNED_PATH = PATHS[SIGNATURE][1]
TEXTS = ("friendly_name", "oauth_client_id", "oauth_token_url")


class _Webhook(BaseModel):
    """Events that SendGrid may add are kept as they come: a spec may name them below `extra`."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    url: str = Field(max_length=2048)
    enabled: bool
    friendly_name: str | None = Field(default=None, max_length=1024)
    public_key: str | None = Field(default=None, max_length=1024)
    oauth_client_id: str | None = Field(default=None, max_length=1024)
    oauth_token_url: str | None = Field(default=None, max_length=2048)


class _Webhooks(BaseModel):
    max_allowed: int | None = None
    webhooks: list[_Webhook]


class _Signed(BaseModel):
    public_key: str = Field(max_length=1024)


async def read_webhooks(caller: Caller, wanted: Sequence[Sought], into: Collected) -> None:
    """Read webhooks and signatures that are sought. Raises CallError.

    A signature that is switched off has no key pair: it does not exist.
    """
    every = await _list(caller)
    urls = {each.id: _url(each.resource.properties) for each in wanted if each.kind == WEBHOOK and each.resource}
    claimed = {one.id for url in urls.values() for one in every.webhooks if one.url == url}
    for each in wanted:
        # a signature is its webhook's: ours is what is ours of either
        one = _choose(every.webhooks, urls.get(each.id), each.native_id, claimed)
        if one is None and each.native_id and each.native_id not in claimed:
            one = await _by_id(caller, each.native_id)
        if one is None:
            continue
        if each.kind == WEBHOOK:
            into.add(each.live(one.id, _shown(one)))
        elif one.public_key:
            into.add(each.live(one.id, {"enabled": True, "public_key": one.public_key}))
    missing = sum(each.kind == WEBHOOK and each.resource is not None and each.key not in into.found for each in wanted)
    if every.max_allowed is not None and missing and len(every.webhooks) + missing > every.max_allowed:
        into.notes.append(
            f"SendGrid's plan allows {every.max_allowed} event webhooks; {len(every.webhooks)} exist, and the spec wants "
            f"{missing} more"
        )


async def put_webhook(caller: Caller, change: Change) -> Outcome:
    """Make a webhook, or set all of one that is there: found by its address, or by its id. Raises CallError."""
    after = change.after or {}
    url = _url(after)
    body = await caller.fill(dict(after))

    async def find() -> str | None:
        every = (await _list(caller)).webhooks
        return next((one.id for one in every if one.url == url), None)

    there = change.native_id if change.action is Action.UPDATE else await find()
    if not there:
        call = Call("POST", PATH, scope_of(WEBHOOK, "create"), body, is_repeatable=False)
        made, is_new = await caller.make(call, _id_of, find)
        if is_new:
            return Outcome(native_id=made)
        there = made
    await caller.change(Call("PATCH", f"{PATH}/{there}", scope_of(WEBHOOK, "update"), body))
    return Outcome(native_id=there)


async def delete_webhook(caller: Caller, change: Change) -> Outcome:
    """Remove one; one that is gone is removed. Raises CallError."""
    await caller.change(Call("DELETE", f"{PATH}/{change.native_id}", scope_of(WEBHOOK, "delete")))
    return Outcome()


async def put_signature(caller: Caller, change: Change) -> Outcome:
    """Switch signing on; the public key is the receiver's. Raises CallError."""
    name = change.subject.partition("/")[2]
    url = next(
        (
            _url(each.properties)
            for each in caller.desk.setup.resources
            if each.account == caller.desk.account.id and each.key == f"{WEBHOOK}/{name}"
        ),
        None,
    )
    ours = caller.desk.native_ids.get(f"{WEBHOOK}/{name}")
    one = _choose((await _list(caller)).webhooks, url, change.native_id or ours, frozenset())
    native_id = one.id if one else ours
    if not native_id:
        raise CallError(Failure.LATER, f"SendGrid has no event webhook {name} yet", "run the same again")
    wants = bool((change.after or {}).get("enabled", True))
    path = SIGNED_PATH.replace("{id}", native_id)
    reply = await caller.change(Call("PATCH", path, scope_of(SIGNATURE, "update"), {"enabled": wants}))
    signed = read_json(reply.body, _Signed)
    if not wants:
        return Outcome(native_id=native_id)
    if signed is None or not signed.public_key:
        raise CallError(Failure.UNKNOWN, f"PATCH {path} does not give the public key", "run the same again")
    key = caller.desk.keeper.hide(signed.public_key)
    note = f"the receiver of {url or name} checks the signature of each post with this public key: {key}"
    return Outcome(native_id=native_id, notes=(note,))


async def delete_signature(caller: Caller, change: Change) -> Outcome:
    """Switch signing off, which deletes the key pair; with the webhook it is gone already. Raises CallError."""
    path = SIGNED_PATH.replace("{id}", change.native_id)
    try:
        await caller.change(Call("PATCH", path, scope_of(SIGNATURE, "update"), {"enabled": False}))
    except CallError as error:
        if error.status != NOT_FOUND:
            raise
    return Outcome()


async def _list(caller: Caller) -> _Webhooks:
    return await caller.read(WEBHOOKS_CALL.value, _Webhooks, scope_of(WEBHOOK, "read"))


async def _by_id(caller: Caller, native_id: str) -> _Webhook | None:
    """Ask for one that the list lacks, as it may right after it was made."""
    if not native_id.replace("-", "").replace("_", "").isalnum():
        return None
    return await caller.read_if_there(f"{PATH}/{native_id}", _Webhook, scope_of(WEBHOOK, "read"))


def _choose(
    every: Sequence[_Webhook], url: str | None, native_id: str | None, claimed: frozenset[str] | set[str]
) -> _Webhook | None:
    """Give the one that posts to the address; else ours, unless another resource is found by its address there."""
    by_url = next((one for one in every if url and one.url == url), None)
    ours = next((one for one in every if one.id == native_id and one.id not in claimed), None)
    return by_url or ours


def _url(properties: Mapping[str, object]) -> str:
    return str(properties.get("url") or "")


def _id_of(answer: bytes) -> str | None:
    made = read_json(answer, _Webhook)
    return made.id if made else None


def _shown(one: _Webhook) -> dict[str, object]:
    """Give the fields of the answer that a spec can state."""
    events = {name: value for name, value in (one.model_extra or {}).items() if isinstance(value, bool)}
    seen: dict[str, object] = {"url": one.url, "enabled": one.enabled, **dict.fromkeys(EVENT_SETTINGS, False), **events}
    return seen | {name: getattr(one, name) for name in TEXTS if name in one.model_fields_set}
