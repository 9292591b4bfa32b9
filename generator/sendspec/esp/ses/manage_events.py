"""How events leave SES: topics and their subscriptions at SNS, and the event destinations that feed them."""

import json
from collections.abc import Collection, Mapping

from sendspec.esp.managing import ResourceKind
from sendspec.esp.ses.manage_bench import Bench, Reading, covers, ended, look_at, mapping
from sendspec.esp.ses.manage_calls import Answer, Refused, Trouble
from sendspec.esp.ses.manage_policy import alike, document_text
from sendspec.esp.ses.resources import SUBSCRIPTION, TOPIC
from sendspec.model.live import LiveResource, Outcome
from sendspec.model.plan import Action, Change, Stage

SNS = "https://docs.aws.amazon.com/sns/latest/api"
TOPIC_KIND = ResourceKind(
    title="topic",
    stage=Stage.EVENTS,
    source=f"{SNS}/API_SetTopicAttributes.html",
    create_only=frozenset({"Name"}),
    without="events of {streams} reach nobody",
    meanings={
        "Policy": "who may publish to the topic changes: without SES in it events of {streams} are lost, with others in "
        "it they could forge them",
        "SignatureVersion": "posts are signed with SHA-1 (1) or SHA-256 (2), which the webhook must verify: {before} "
        "becomes {after}",
    },
)
SUBSCRIPTION_KIND = ResourceKind(
    title="subscription",
    stage=Stage.EVENTS,
    source=f"{SNS}/API_Subscribe.html",
    create_only=frozenset({"TopicArn", "Protocol", "Endpoint"}),
    without="the webhook gets no events of {streams} any more",
    meanings={"Endpoint": "events of {streams} go to {after} in place of {before}, once it has confirmed"},
)
PENDING = "PendingConfirmation"
"""What stands for the ARN of a subscription whose endpoint has not confirmed (SNS ListSubscriptionsByTopic)."""
DEFAULT_SIGNATURE = "1"
OWN_KEY = "alias/aws/sns"
"""The key of SNS, whose policy lets no other service in (developer guide of SNS, sns-key-management; read 2026-11-26)."""


async def read_topics(bench: Bench, ids: Collection[str]) -> Reading:
    """Read topics by name."""
    notes = []

    async def look(name: str) -> LiveResource | Refused | None:
        arn = bench.topic_arn(name)
        answer = await bench.calls.ask("sns", "get_topic_attributes", {"TopicArn": arn})
        if isinstance(answer, Refused):
            return None if answer.trouble is Trouble.MISSING else answer
        attributes = mapping(answer.get("Attributes"))
        if str(attributes.get("KmsMasterKeyId") or "").endswith(OWN_KEY):
            notes.append(
                f"the topic {name} is encrypted with the key of SNS itself, which SES may not use: no event passes"
            )
        wanted = bench.properties(f"{TOPIC}/{name}").get("Policy")
        properties: dict[str, object] = {
            "Name": name,
            "SignatureVersion": attributes.get("SignatureVersion") or DEFAULT_SIGNATURE,
            "Policy": alike(bench.as_in_spec(_json(attributes.get("Policy"))), wanted),
        }
        return LiveResource(TOPIC, name, arn, properties)

    found = await look_at(ids, look)
    if isinstance(found, Refused):
        return Reading(unread=found.unread(bench.where(TOPIC)))
    return Reading(tuple(found), notes=tuple(sorted(notes)))


def _json(text: object) -> object:
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError):
        return text


async def apply_topic(bench: Bench, change: Change) -> Outcome:
    """Carry out one change to a topic."""
    name = change.subject.partition("/")[2]
    arn = bench.topic_arn(name)
    if change.action is Action.DELETE:
        return ended(await bench.calls.ask("sns", "delete_topic", {"TopicArn": arn}), Trouble.MISSING, native_id=arn)
    filled = await bench.as_at_aws(change.after or {})
    if isinstance(filled, Outcome):
        return filled
    wanted = {
        attribute: document_text(value) if attribute == "Policy" else str(value)
        for attribute, value in mapping(filled).items()
        if attribute != "Name"
    }
    seen = await bench.calls.ask("sns", "get_topic_attributes", {"TopicArn": arn})
    if isinstance(seen, Refused):
        if seen.trouble is not Trouble.MISSING:
            return ended(seen)
        made = await bench.calls.ask("sns", "create_topic", {"Name": name, "Attributes": wanted})
        return ended(made, native_id=arn)
    live = mapping(seen.get("Attributes"))
    for attribute, text in wanted.items():
        have = live.get(attribute) or (DEFAULT_SIGNATURE if attribute == "SignatureVersion" else "")
        if alike(_json(have), _json(text)) == _json(text):
            continue
        parameters = {"TopicArn": arn, "AttributeName": attribute, "AttributeValue": text}
        done = await bench.calls.ask("sns", "set_topic_attributes", parameters)
        if isinstance(done, Refused):
            return ended(done)
    return Outcome(native_id=arn)


async def read_subscriptions(bench: Bench, ids: Collection[str]) -> Reading:
    """Read subscriptions, each by the topic that it is of: the one of our endpoint, else the one that we made."""
    notes = []

    async def look(name: str) -> LiveResource | Refused | None:
        listed = await _subscriptions(bench, name)
        if isinstance(listed, Refused):
            return None if listed.trouble is Trouble.MISSING else listed
        found = _ours(bench, name, listed)
        if found is None:
            return None
        arn, endpoint = str(found.get("SubscriptionArn")), str(found.get("Endpoint"))
        if arn == PENDING:
            notes.append(_to_confirm(name, endpoint))
        properties: dict[str, object] = {
            "TopicArn": bench.topic_placeholder(str(found.get("TopicArn"))),
            "Protocol": found.get("Protocol"),
            "Endpoint": endpoint,
        }
        return LiveResource(SUBSCRIPTION, name, "" if arn == PENDING else arn, properties)

    found = await look_at(ids, look)
    if isinstance(found, Refused):
        return Reading(unread=found.unread(bench.where(SUBSCRIPTION)))
    return Reading(tuple(found), notes=tuple(sorted(notes)))


def _to_confirm(topic: str, endpoint: str) -> str:
    return (
        f"SNS has posted a SubscriptionConfirmation for {topic} to {endpoint}, and no event before the endpoint has "
        "fetched the SubscribeURL in it"
    )


async def _subscriptions(bench: Bench, topic: str) -> list[Answer] | Refused:
    parameters = {"TopicArn": bench.topic_arn(topic)}
    return await bench.calls.pages("sns", "list_subscriptions_by_topic", parameters, "Subscriptions")


def _ours(bench: Bench, name: str, listed: Collection[Answer]) -> Answer | None:
    key = f"{SUBSCRIPTION}/{name}"
    wanted, native_id = bench.properties(key), bench.desk.native_ids.get(key)
    place = (wanted.get("Protocol"), wanted.get("Endpoint"))
    same = [each for each in listed if (each.get("Protocol"), each.get("Endpoint")) == place]
    made = [each for each in listed if native_id and each.get("SubscriptionArn") == native_id]
    return next(iter([*same, *made]), None)


async def apply_subscription(bench: Bench, change: Change) -> Outcome:
    """Carry out one change to a subscription. SNS gives the one that exists to whoever subscribes again."""
    name = change.subject.partition("/")[2]
    if change.action is Action.DELETE:
        return await _unsubscribe(bench, name, change.native_id, change.before or {})
    filled = await bench.as_at_aws(change.after or {})
    if isinstance(filled, Outcome):
        return filled
    listed = await _subscriptions(bench, name)
    same = [] if isinstance(listed, Refused) else [each for each in listed if covers(each, filled)]
    arn = str(same[0].get("SubscriptionArn")) if same else ""
    if not same:
        made = await bench.calls.ask(
            "sns", "subscribe", {**mapping(filled), "ReturnSubscriptionArn": True}, is_new=True
        )
        if isinstance(made, Refused):
            return ended(made)
        arn = str(made.get("SubscriptionArn"))
    if change.action is Action.REPLACE and change.native_id not in {"", arn}:
        gone = await bench.calls.ask("sns", "unsubscribe", {"SubscriptionArn": change.native_id})
        if isinstance(gone, Refused) and gone.trouble is not Trouble.MISSING:
            return ended(gone)
    is_confirmed = bool(same) and arn != PENDING
    note = _to_confirm(name, str(mapping(filled).get("Endpoint")))
    return Outcome(native_id="" if arn == PENDING else arn, notes=() if is_confirmed else (note,))


async def _unsubscribe(bench: Bench, name: str, arn: str, before: Mapping[str, object]) -> Outcome:
    """Unsubscribe by the ARN; one that was never confirmed may have none, and SNS forgets it by itself."""
    if not arn:
        listed = await _subscriptions(bench, name)
        if isinstance(listed, Refused):
            return ended(listed, Trouble.MISSING)
        place = (before.get("Protocol"), before.get("Endpoint"))
        found = [each for each in listed if (each.get("Protocol"), each.get("Endpoint")) == place]
        arn = str(found[0].get("SubscriptionArn")) if found else ""
    if arn in {"", PENDING}:
        return Outcome()
    return ended(await bench.calls.ask("sns", "unsubscribe", {"SubscriptionArn": arn}), Trouble.MISSING)
