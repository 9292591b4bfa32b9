"""Configuration sets as SES has them: read, made, changed group by group, removed."""

from collections.abc import Collection, Mapping

from sendspec.esp.managing import ResourceKind
from sendspec.esp.ses.facts import DG, MODEL
from sendspec.esp.ses.manage_bench import Bench, Reading, covers, ended, look_at, mapping, spelled
from sendspec.esp.ses.manage_calls import Answer, Refused, Trouble
from sendspec.esp.ses.resources import CONFIGURATION_SET, merged
from sendspec.model.live import LiveResource, Outcome
from sendspec.model.plan import Action, Change, Stage

NAME = "ConfigurationSetName"
KIND = ResourceKind(
    title="configuration set",
    stage=Stage.ISSUE,
    source=f"{MODEL} CreateConfigurationSet, PutConfigurationSet*Options; {DG}/using-configuration-sets.html",
    create_only=frozenset({NAME}),
    unreadable=frozenset({"Tags"}),
    without="SES refuses mail of {streams} that names it, and that of identities whose default it is",
    stops_mail=True,
    meanings={
        "SendingOptions.SendingEnabled": "SES sends mail of {streams} only while this is true: {before} becomes {after}",
        "SuppressionOptions": "which addresses get no more mail of {streams} changes: {before} becomes {after}",
        "ReputationOptions": "bounce and complaint rates of {streams} are measured apart only while this is true",
        "DeliveryOptions.TlsPolicy": "REQUIRE bounces mail of {streams} to receivers without TLS, OPTIONAL sends it in "
        "the clear: {before} becomes {after}",
        "DeliveryOptions.SendingPoolName": "mail of {streams} leaves from other IP addresses, which have a reputation "
        "of their own",
        "TrackingOptions": "tracked links in mail of {streams} lead through {after}; links in mail that was sent keep "
        "the old host",
    },
    stopping={"SendingOptions.SendingEnabled": (False,)},
)
CALLS = {
    "DeliveryOptions": "put_configuration_set_delivery_options",
    "ReputationOptions": "put_configuration_set_reputation_options",
    "SendingOptions": "put_configuration_set_sending_options",
    "SuppressionOptions": "put_configuration_set_suppression_options",
    "TrackingOptions": "put_configuration_set_tracking_options",
    "ArchivingOptions": "put_configuration_set_archiving_options",
    "VdmOptions": "put_configuration_set_vdm_options",
    "MessageSecurityOptions": "update_configuration_set",
}
"""Group of options -> what sets it. There is no call for all of them (botocore 1.44.5 sesv2)."""
WHOLE = frozenset({"VdmOptions", "MessageSecurityOptions"})
"""Groups that go into their call under their own name, where the others are spread over its members."""


async def read(bench: Bench, ids: Collection[str]) -> Reading:
    """Read configuration sets by name."""

    async def look(name: str) -> LiveResource | Refused | None:
        answer = await bench.calls.ask("sesv2", "get_configuration_set", {NAME: name})
        if isinstance(answer, Refused):
            return None if answer.trouble is Trouble.MISSING else answer
        key = f"{CONFIGURATION_SET}/{name}"
        properties = mapping(spelled(_options(answer), bench.properties(key)))
        return LiveResource(CONFIGURATION_SET, name, name, {NAME: name} | properties)

    found = await look_at(ids, look)
    if isinstance(found, Refused):
        return Reading(unread=found.unread(bench.where(CONFIGURATION_SET)))
    return Reading(tuple(found))


def _options(answer: Answer) -> dict[str, object]:
    """Give the groups with the defaults that SES leaves out; what it counts by itself is no setting."""
    defaults: dict[str, object] = {
        "DeliveryOptions": {"TlsPolicy": "OPTIONAL"},
        "ReputationOptions": {"ReputationMetricsEnabled": False},
        "SendingOptions": {"SendingEnabled": True},
    }
    options = merged(defaults, {group: mapping(answer[group]) for group in CALLS if answer.get(group)})
    mapping_of = mapping(options["ReputationOptions"])
    mapping_of.pop("LastFreshStart", None)
    return options | {"ReputationOptions": mapping_of}


async def apply(bench: Bench, change: Change) -> Outcome:
    """Carry out one change."""
    name = change.subject.partition("/")[2]
    if change.action is Action.DELETE:
        gone = await bench.calls.ask("sesv2", "delete_configuration_set", {NAME: name})
        return ended(gone, Trouble.MISSING)
    wanted = await bench.as_at_aws(change.after or {})
    if isinstance(wanted, Outcome):
        return wanted
    return await _bring(bench, name, mapping(wanted), is_there=change.action is Action.UPDATE)


async def _bring(bench: Bench, name: str, wanted: Mapping[str, object], *, is_there: bool) -> Outcome:
    if not is_there:
        made = await bench.calls.ask("sesv2", "create_configuration_set", {**wanted, NAME: name})
        if not isinstance(made, Refused):
            return Outcome(native_id=name)
        if made.trouble is not Trouble.EXISTS:
            return ended(made)
    answer = await bench.calls.ask("sesv2", "get_configuration_set", {NAME: name}, is_new=not is_there)
    if isinstance(answer, Refused):
        if is_there and answer.trouble is Trouble.MISSING:
            return await _bring(bench, name, wanted, is_there=False)
        return ended(answer)
    live = _options(answer)
    for group, call in CALLS.items():
        if group not in wanted or covers(live.get(group), wanted[group]):
            continue
        # A call replaces its whole group: what the spec does not state stays as it is.
        options = merged(mapping(live.get(group)), mapping(wanted[group]))
        parameters = {group: options} if group in WHOLE else options
        done = await bench.calls.ask("sesv2", call, {NAME: name, **parameters})
        if isinstance(done, Refused):
            return ended(done)
    return Outcome(native_id=name)
