"""Managed policies of IAM: compared by what they mean, changed by a new version, of which IAM keeps five."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from urllib.parse import unquote

from sendspec.esp.managing import ResourceKind
from sendspec.esp.ses.manage_bench import Bench, Reading, ended, look_at, mapping
from sendspec.esp.ses.manage_calls import Answer, Refused, Trouble
from sendspec.esp.ses.resources import POLICY
from sendspec.model.fact import Fact
from sendspec.model.live import Failure, LiveResource, Outcome
from sendspec.model.plan import Action, Change, Stage

KIND = ResourceKind(
    title="IAM policy",
    stage=Stage.EVENTS,
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html",
    create_only=frozenset({"PolicyName"}),
    without="whoever sends {streams} with this policy alone is refused",
    stops_mail=True,
    meanings={
        "PolicyDocument": "whoever sends {streams} by this policy may do what the new document says, and nothing else, "
        "within seconds"
    },
)
MOST_VERSIONS = Fact(
    5,
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    date(2026, 11, 26),
    note="versions of a managed policy; the default one cannot be removed",
)
ATTACHED: Mapping[str, tuple[str, str]] = {
    "PolicyUsers": ("user", "UserName"),
    "PolicyGroups": ("group", "GroupName"),
    "PolicyRoles": ("role", "RoleName"),
}


def document_text(document: object) -> str:
    """Give a policy as the compact JSON text that IAM and SNS take."""
    return json.dumps(document, separators=(",", ":"))


def alike(live: object, wanted: object) -> object:
    """Give a live policy as the wanted one spells it, if both mean the same; otherwise as it is."""
    return wanted if _meaning(live) == _meaning(wanted) else live


def _meaning(document: object) -> object:
    """Give a form in which policies that mean the same are equal.

    One value equals a list of it, the order of statements and values says nothing, and names of actions and condition
    keys may have any capitals: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and
    reference_policies_elements_condition.html, read 2026-11-26.
    """
    if not isinstance(document, Mapping):
        return document
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    parts = sorted(json.dumps(_statement(mapping(each)), sort_keys=True) for each in listed)
    return (document.get("Version"), parts)


def _statement(statement: Mapping[str, object]) -> dict[str, object]:
    meaning: dict[str, object] = {}
    for name, value in statement.items():
        if name in {"Action", "NotAction"}:
            meaning[name] = [text.lower() for text in _values(value)]
        elif name == "Condition":
            meaning[name] = {
                operator: {key.lower(): _values(values) for key, values in mapping(tests).items()}
                for operator, tests in mapping(value).items()
            }
        elif name in {"Principal", "NotPrincipal"} and isinstance(value, Mapping):
            meaning[name] = {kind: _values(each) for kind, each in value.items()}
        elif name != "Sid":
            meaning[name] = value if name == "Effect" else _values(value)
    return meaning


def _values(value: object) -> list[str]:
    listed = value if isinstance(value, list | tuple) else [value]
    return sorted({str(each).lower() if isinstance(each, bool) else str(each) for each in listed})


async def read(bench: Bench, ids: Collection[str]) -> Reading:
    """Read policies by name, in the version that counts, and who they are attached to."""
    notes: dict[str, str] = {}

    async def look(name: str) -> LiveResource | Refused | None:
        arn = _arn(bench, name)
        answer = await bench.calls.ask("iam", "get_policy", {"PolicyArn": arn})
        if isinstance(answer, Refused):
            return None if answer.trouble is Trouble.MISSING else answer
        version = str(mapping(answer.get("Policy")).get("DefaultVersionId"))
        document = await _document(bench, arn, version)
        if isinstance(document, Refused):
            return document
        notes[name] = _attached(name, await _holders(bench, arn))
        wanted = bench.properties(f"{POLICY}/{name}").get("PolicyDocument")
        properties = {"PolicyName": name, "PolicyDocument": alike(bench.as_in_spec(document), wanted)}
        return LiveResource(POLICY, name, arn, properties)

    found = await look_at(ids, look)
    if isinstance(found, Refused):
        return Reading(unread=found.unread(bench.where(POLICY)))
    return Reading(tuple(found), notes=tuple(notes[resource.id] for resource in found))


def _arn(bench: Bench, name: str) -> str:
    return bench.desk.native_ids.get(f"{POLICY}/{name}") or bench.arn("iam", f"policy/{name}")


async def _document(bench: Bench, arn: str, version: str) -> object:
    """Give the document of a version. IAM quotes it as a URL is (RFC 3986); boto3 takes that away."""
    answer = await bench.calls.ask("iam", "get_policy_version", {"PolicyArn": arn, "VersionId": version})
    if isinstance(answer, Refused):
        return answer
    document = mapping(answer.get("PolicyVersion")).get("Document")
    if not isinstance(document, str):
        return document
    try:
        return json.loads(unquote(document))
    except (ValueError, RecursionError):
        return document


async def _holders(bench: Bench, arn: str) -> list[str] | Refused:
    """Give who a policy is attached to: `user mailer`, sorted."""
    names: set[str] = set()
    for member, (kind, name) in ATTACHED.items():
        listed = await bench.calls.pages("iam", "list_entities_for_policy", _only(arn, kind), member)
        if isinstance(listed, Refused):
            return listed
        names |= {f"{kind} {each.get(name)}" for each in listed}
    return sorted(names)


def _only(arn: str, kind: str) -> dict[str, object]:
    return {"PolicyArn": arn, "EntityFilter": kind.capitalize()}


def _attached(name: str, holders: list[str] | Refused) -> str:
    if isinstance(holders, Refused):
        return f"who has the policy {name} cannot be told: {holders.reason}"
    if not holders:
        return f"the policy {name} is attached to nobody: attach it to the IAM user or role that sends"
    return f"the policy {name} is attached to {', '.join(holders)}"


async def apply(bench: Bench, change: Change) -> Outcome:
    """Carry out one change."""
    name = change.subject.partition("/")[2]
    arn = change.native_id or _arn(bench, name)
    if change.action is Action.DELETE:
        return await _remove(bench, arn)
    wanted = await bench.as_at_aws((change.after or {}).get("PolicyDocument"))
    if isinstance(wanted, Outcome):
        return wanted
    if change.action is not Action.UPDATE:
        parameters = {"PolicyName": name, "PolicyDocument": document_text(wanted)}
        made = await bench.calls.ask("iam", "create_policy", parameters)
        if not isinstance(made, Refused):
            return Outcome(native_id=str(mapping(made.get("Policy")).get("Arn") or arn), notes=(_attached(name, []),))
        if made.trouble is not Trouble.EXISTS:
            return ended(made)
    return await _bring(bench, arn, wanted)


async def _bring(bench: Bench, arn: str, wanted: object) -> Outcome:
    versions = await _versions(bench, arn)
    if isinstance(versions, Refused):
        return ended(versions)
    for each in versions:
        if each.get("IsDefaultVersion"):
            document = await _document(bench, arn, str(each.get("VersionId")))
            if isinstance(document, Refused):
                return ended(document)
            if alike(document, wanted) == wanted:
                return Outcome(native_id=arn)
    spare = [each for each in versions if not each.get("IsDefaultVersion")]
    if len(versions) >= MOST_VERSIONS.value and spare:
        oldest = min(spare, key=_number)
        gone = await bench.calls.ask(
            "iam", "delete_policy_version", {"PolicyArn": arn, "VersionId": oldest.get("VersionId")}
        )
        if isinstance(gone, Refused) and gone.trouble is not Trouble.MISSING:
            return ended(gone)
    parameters = {"PolicyArn": arn, "PolicyDocument": document_text(wanted), "SetAsDefault": True}
    return ended(await bench.calls.ask("iam", "create_policy_version", parameters), native_id=arn)


async def _versions(bench: Bench, arn: str) -> list[Answer] | Refused:
    return await bench.calls.pages("iam", "list_policy_versions", {"PolicyArn": arn}, "Versions")


def _number(version: Answer) -> int:
    """Give the number of a version: IAM counts them from 1 and never takes one twice."""
    number = str(version.get("VersionId", "")).removeprefix("v")
    return int(number) if number.isdecimal() else 0


async def _remove(bench: Bench, arn: str) -> Outcome:
    """Remove a policy that nobody has. Taking it from somebody is for people: they may still send with it."""
    holders = await _holders(bench, arn)
    if isinstance(holders, Refused):
        return ended(holders, Trouble.MISSING)
    if holders:
        fix = "detach it there once nothing sends with it any more, and run apply again"
        return Outcome(Failure.REFUSED, f"the policy is attached to {', '.join(holders)}", fix)
    versions = await _versions(bench, arn)
    if isinstance(versions, Refused):
        return ended(versions, Trouble.MISSING)
    for each in _spare(versions):
        gone = await bench.calls.ask(
            "iam", "delete_policy_version", {"PolicyArn": arn, "VersionId": each.get("VersionId")}
        )
        if isinstance(gone, Refused) and gone.trouble is not Trouble.MISSING:
            return ended(gone)
    return ended(await bench.calls.ask("iam", "delete_policy", {"PolicyArn": arn}), Trouble.MISSING)


def _spare(versions: Iterable[Answer]) -> list[Answer]:
    return [each for each in versions if not each.get("IsDefaultVersion")]
