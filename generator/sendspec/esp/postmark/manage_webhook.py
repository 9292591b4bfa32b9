"""Postmark's webhooks: told apart by message stream and address; the password of their basic auth is never shown."""

from collections.abc import Mapping, Sequence

from sendspec.esp.postmark.manage_answers import Done, Verdict, Webhook, Webhooks
from sendspec.esp.postmark.manage_calls import Api, CallError, Code, Level, or_look
from sendspec.esp.postmark.manage_kinds import WEBHOOK
from sendspec.esp.postmark.manage_spelling import Values, differing, filled, spelled, values_of, without_login
from sendspec.model.live import Failure, LiveResource, Outcome
from sendspec.model.plan import Action, Change

SHOWN = frozenset({"Url", "MessageStream", "HttpAuth", "Triggers"})
FIXED = frozenset({"MessageStream", "Verify"})
"""What an edit does not send: the message stream cannot change, and `Verify` is no state."""


def webhook_resource(webhook: Webhook, key_id: str, wanted: Mapping[str, object], values: Values) -> LiveResource:
    """Give a webhook as it is, in the words of the spec."""
    raw: dict[str, object] = {
        "ID": webhook.id,
        **(webhook.model_extra or {}),
        "Url": webhook.url,
        "MessageStream": webhook.message_stream,
        "HttpAuth": webhook.http_auth
        and {"Username": webhook.http_auth.username, "Password": webhook.http_auth.password},
        "HttpHeaders": [{"Name": each.name, "Value": each.value} for each in webhook.http_headers or []],
        "Triggers": webhook.triggers,
    }
    shown = {name: live for name, live in raw.items() if name in SHOWN or name in wanted}
    properties = {name: spelled(live, wanted.get(name), values) for name, live in shown.items()}
    return LiveResource(WEBHOOK, key_id, str(webhook.id), properties)


async def all_webhooks(api: Api) -> list[Webhook]:
    """Give every webhook of the server. Raises CallError."""
    return (await api.read(Level.SERVER, "/webhooks", Webhooks)).webhooks


def pick(webhooks: Sequence[Webhook], wanted: Mapping[str, object] | None, native_id: str) -> Webhook | None:
    """Give the webhook that is meant: the one sendspec made, else one of this message stream and address."""
    for webhook in webhooks:
        if native_id and str(webhook.id) == native_id:
            return webhook
    if wanted is None:
        return None
    place = (wanted.get("MessageStream"), without_login(str(wanted.get("Url"))))
    return next((each for each in webhooks if (each.message_stream, without_login(each.url)) == place), None)


async def change_webhook(api: Api, change: Change) -> Outcome:
    """Carry out a change of a webhook. Raises CallError."""
    key_id, after = change.subject.partition("/")[2], change.after
    if change.action is Action.VERIFY:
        return await _verify(api, change.native_id)
    webhooks = await all_webhooks(api)
    if change.action is Action.DELETE or after is None:
        # What was there when the plan was made is looked for where no number is known.
        return await _delete(api, pick(webhooks, change.before, change.native_id))
    values = await values_of(api, after)
    if change.action is Action.REPLACE:
        # The new one first: no event is lost, and what cannot be verified leaves the old one as it is.
        made = pick(webhooks, after, "") or await _create(api, after, values)
        await _delete(api, pick(webhooks, None, change.native_id if change.native_id != str(made.id) else ""))
    else:
        found = pick(webhooks, after, change.native_id)
        if found is None and change.action is not Action.CREATE:
            raise CallError(Failure.REFUSED, f"webhook {key_id} is gone", "plan again")
        made = found or await _create(api, after, values)
    await _update(api, made, key_id, after, values)
    return Outcome(native_id=str(made.id))


async def _create(api: Api, after: Mapping[str, object], values: Values) -> Webhook:
    async def look() -> Webhook | None:
        return pick(await all_webhooks(api), after, "")

    return await or_look(api.change(Level.SERVER, "POST", "/webhooks", Webhook, filled(after, values)), look)


async def _update(api: Api, webhook: Webhook, key_id: str, after: Mapping[str, object], values: Values) -> None:
    """Send the members that differ, and no others: who changes a trigger needs no password."""

    def open_ends(now: Webhook) -> list[str]:
        live = webhook_resource(now, key_id, after, values).properties
        return [name for name in differing(live, after) if name not in FIXED]

    changed = open_ends(webhook)
    if not changed:
        return

    async def look() -> Webhook | None:
        now = await api.read(Level.SERVER, f"/webhooks/{webhook.id}", Webhook)
        return None if open_ends(now) else now

    body = filled({name: after[name] for name in changed}, values)
    await or_look(api.change(Level.SERVER, "PUT", f"/webhooks/{webhook.id}", Webhook, body), look)


async def _delete(api: Api, webhook: Webhook | None) -> Outcome:
    if webhook is None:
        return Outcome()

    async def look() -> Done | None:
        return None if pick(await all_webhooks(api), None, str(webhook.id)) else Done()

    try:
        await or_look(api.change(Level.SERVER, "DELETE", f"/webhooks/{webhook.id}", Done), look)
    except CallError as error:
        if not error.says_missing(Code.WEBHOOK_NOT_FOUND):
            raise
    return Outcome()


async def _verify(api: Api, native_id: str) -> Outcome:
    """Let Postmark post a test event for each trigger: until all are answered 200 a webhook hears of nothing."""
    if not native_id.isdecimal():
        raise CallError(Failure.REFUSED, "the webhook is not known", "plan again")
    verdict = await api.change(Level.SERVER, "POST", f"/webhooks/{native_id}/verify", Verdict)
    if verdict.success:
        return Outcome(native_id=native_id)
    said = " ".join(api.desk.keeper.hide(verdict.message).split())[:160]
    return Outcome(native_id=native_id, notes=(f"webhook {native_id} is not verified: {said}",))
