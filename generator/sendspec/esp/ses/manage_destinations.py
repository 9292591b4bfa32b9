"""Event destinations: what SES publishes of a configuration set, and where to."""

from collections.abc import Collection, Mapping

from sendspec.esp.managing import ResourceKind
from sendspec.esp.ses.facts import DG, MODEL
from sendspec.esp.ses.manage_bench import Bench, Reading, ended, look_at, mapping, spelled
from sendspec.esp.ses.manage_calls import Refused, Trouble
from sendspec.esp.ses.resources import EVENT_DESTINATION
from sendspec.model.live import LiveResource, Outcome
from sendspec.model.plan import Action, Change, Stage

KIND = ResourceKind(
    title="event destination",
    stage=Stage.EVENTS,
    source=f"{MODEL} UpdateConfigurationSetEventDestination; {DG}/event-publishing-add-event-destination-sns.html",
    create_only=frozenset({"ConfigurationSetName", "EventDestinationName"}),
    without="SES publishes no events of {streams} any more",
    meanings={
        "EventDestination.MatchingEventTypes": "which events of {streams} the webhook gets changes: {before} becomes "
        "{after}; OPEN and CLICK also switch tracking on or off",
        "EventDestination.Enabled": "SES publishes events of {streams} only while this is true: {before} becomes {after}",
        "EventDestination.SnsDestination": "events of {streams} go to {after} in place of {before}",
    },
)

CREATE, UPDATE = "create_configuration_set_event_destination", "update_configuration_set_event_destination"


async def read(bench: Bench, ids: Collection[str]) -> Reading:
    """Read event destinations: by set and name, else by the topic that they feed."""

    async def look(resource_id: str) -> LiveResource | Refused | None:
        place = _place(bench, resource_id)
        if place is None:
            return None
        configuration_set, name = place
        answer = await bench.calls.ask(
            "sesv2", "get_configuration_set_event_destinations", {"ConfigurationSetName": configuration_set}
        )
        if isinstance(answer, Refused):
            return None if answer.trouble is Trouble.MISSING else answer
        listed = [mapping(each) for each in answer.get("EventDestinations") or ()]
        named = [each for each in listed if each.get("Name") == name]
        arn = bench.topic_arn(resource_id)
        feeding = [each for each in listed if mapping(each.get("SnsDestination")).get("TopicArn") == arn]
        found = next(iter([*named, *feeding]), None)
        return None if found is None else _destination(bench, resource_id, configuration_set, found)

    found = await look_at(ids, look)
    if isinstance(found, Refused):
        return Reading(unread=found.unread(bench.where(EVENT_DESTINATION)))
    return Reading(tuple(found))


def _place(bench: Bench, resource_id: str) -> tuple[str, str] | None:
    """Give configuration set and name: those of the spec, else those remembered as `SET/NAME`."""
    key = f"{EVENT_DESTINATION}/{resource_id}"
    wanted = bench.properties(key)
    if wanted:
        return str(wanted["ConfigurationSetName"]), str(wanted["EventDestinationName"])
    configuration_set, _, name = bench.desk.native_ids.get(key, "").partition("/")
    return (configuration_set, name) if name else None


def _destination(bench: Bench, resource_id: str, configuration_set: str, found: Mapping[str, object]) -> LiveResource:
    definition: dict[str, object] = {"Enabled": bool(found.get("Enabled"))}
    definition |= {part: value for part, value in found.items() if part not in {"Name", "Enabled"}}
    sns = mapping(definition.get("SnsDestination"))
    if sns:
        definition["SnsDestination"] = {"TopicArn": bench.topic_placeholder(str(sns.get("TopicArn")))}
    wanted = bench.properties(f"{EVENT_DESTINATION}/{resource_id}").get("EventDestination")
    name = str(found.get("Name"))
    properties: dict[str, object] = {
        "ConfigurationSetName": configuration_set,
        "EventDestinationName": name,
        "EventDestination": spelled(definition, wanted),
    }
    return LiveResource(EVENT_DESTINATION, resource_id, f"{configuration_set}/{name}", properties)


async def apply(bench: Bench, change: Change) -> Outcome:
    """Carry out one change to an event destination. It is always set as a whole: SES has no other call."""
    before = change.before or {}
    old = {part: before[part] for part in ("ConfigurationSetName", "EventDestinationName") if part in before}
    if change.action is Action.DELETE:
        return await _remove_destination(bench, old)
    filled = await bench.as_at_aws(change.after or {})
    if isinstance(filled, Outcome):
        return filled
    wanted = mapping(filled)
    place = {part: wanted[part] for part in ("ConfigurationSetName", "EventDestinationName")}
    native_id = f"{place['ConfigurationSetName']}/{place['EventDestinationName']}"
    again = Trouble.MISSING if change.action is Action.UPDATE else Trouble.EXISTS
    calls = [UPDATE, CREATE] if change.action is Action.UPDATE else [CREATE, UPDATE]
    # The configuration set may have been made a moment ago.
    done = await bench.calls.ask("sesv2", calls[0], wanted, is_new=calls[0] == CREATE)
    if isinstance(done, Refused) and done.trouble is again:
        done = await bench.calls.ask("sesv2", calls[1], wanted, is_new=True)
    if isinstance(done, Refused) or change.action is not Action.REPLACE or old == place:
        return ended(done, native_id=native_id)
    gone = await _remove_destination(bench, old)
    return gone if gone.failure else Outcome(native_id=native_id)


async def _remove_destination(bench: Bench, place: Mapping[str, object]) -> Outcome:
    return ended(await bench.calls.ask("sesv2", "delete_configuration_set_event_destination", place), Trouble.MISSING)
