"""IAM policies for whoever sends: one for each credential, no wider than the streams that use it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sendspec.esp.ses.facts import DG, MAX_MANAGED_POLICY, partition
from sendspec.esp.ses.names import aws_account, configuration_set_name, shortened
from sendspec.esp.ses.settings import RouteSettings, Settings
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.resource import Resource
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Need, Via

MAX_POLICY_NAME = 128
"""CreatePolicy PolicyName, botocore 1.44.5 data/iam/2010-05-08/service-2.json."""

ACTIONS = {Via.SMTP: ["ses:SendRawEmail"], Via.API: ["ses:SendEmail", "ses:SendRawEmail"]}
"""SMTP submissions are authorised as SendRawEmail (developer guide, control-user-access)."""


@dataclass(frozen=True, slots=True)
class Sender:
    """One stream as one credential sends it."""

    stream: Stream
    configuration_sets: tuple[str, ...]


def sending_policies(setup: Setup, account: Account, settings: Settings) -> Iterator[Resource]:
    """Yield a managed policy for each credential and way of sending, sorted by name."""
    for (owner, via), routes in sorted(_groups(setup, account).items()):
        name = _name(account, settings, owner, via)
        senders = _senders(account, settings, routes)
        document, note = _document(settings, via, senders)
        yield Resource(
            account=account.id,
            kind="policy",
            id=name,
            properties={"PolicyName": name, "PolicyDocument": document},
            why=f"attach it to the IAM user or role that sends by {via}: it may send for the declared From addresses "
            f"through their configuration sets, and nothing else{note}",
            source=f"{DG}/control-user-access.html",
            origin=account.origin,
            streams=tuple(sorted({sender.stream.id for sender in senders})),
        )


def policies_of(setup: Setup, account: Account, settings: Settings, login: Credential) -> frozenset[str]:
    """Give the names that policies have for whoever sends with a login, which its user name stands for.

    For each way of sending, whether or not a route takes it.
    """
    owners = {_owner(account, login)} if login.account == account.id else set[str]()
    for (owner, _), routes in _groups(setup, account).items():
        if any(_is_same(route.endpoint.username, login) for _, route in routes):
            owners.add(owner)
    return frozenset(_name(account, settings, owner, via) for owner in owners for via in Via)


def policy_prefix(account: Account, settings: Settings) -> str:
    """Give what the names of an account's policies begin with."""
    return f"{settings.configuration_set or account.id}-{settings.region}-send-"


def _is_same(one: object, login: Credential) -> bool:
    return isinstance(one, Credential) and one.reference == login.reference


def _groups(setup: Setup, account: Account) -> dict[tuple[str, Via], list[tuple[Stream, Route]]]:
    """Give the routes by whose they are and how they send: what has one policy."""
    groups: dict[tuple[str, Via], list[tuple[Stream, Route]]] = {}
    for stream, route in _routes_as_used(setup, account):
        groups.setdefault((_owner(account, route.endpoint.username), route.via), []).append((stream, route))
    return groups


def _owner(account: Account, login: object) -> str:
    return login.id.removesuffix(f".{login.name}") if isinstance(login, Credential) else account.id


def _name(account: Account, settings: Settings, owner: str, via: Via) -> str:
    owner_part = "" if owner == account.id else f"-{owner.replace('.', '-')}"
    return shortened(f"{policy_prefix(account, settings)}{via}{owner_part}", MAX_POLICY_NAME)


def _routes_as_used(setup: Setup, account: Account) -> Iterator[tuple[Stream, Route]]:
    """Yield each route as the apps use it, which may bring credentials of their own; a route no app uses as it is."""
    used: set[str] = set()
    for app in setup.apps:
        for binding in app.bindings:
            if binding.account.id == account.id:
                used.add(binding.route.id)
                yield binding.stream, binding.route
    for stream, route in setup.routes():
        if route.account == account.id and route.id not in used:
            yield stream, route


def _senders(account: Account, settings: Settings, routes: Iterable[tuple[Stream, Route]]) -> tuple[Sender, ...]:
    streams: dict[str, Stream] = {}
    sets: dict[str, set[str]] = {}
    for stream, route in routes:
        if isinstance(route.settings, RouteSettings):
            streams[stream.id] = stream
            name = configuration_set_name(settings, route.settings, account.id, stream.id)
            sets.setdefault(stream.id, set()).add(name)
    return tuple(Sender(streams[stream_id], tuple(sorted(sets[stream_id]))) for stream_id in sorted(streams))


def _document(settings: Settings, via: Via, senders: tuple[Sender, ...]) -> tuple[dict[str, object], str]:
    """Give the narrowest policy that IAM takes, and a note on what had to be left out."""
    start = f"arn:{partition(settings.region)}:ses:{settings.region}:{aws_account(settings)}"
    exact = _with_ids(statement for sender in senders for statement in _statements(start, via, sender))
    document: dict[str, object] = {"Version": "2012-10-17", "Statement": exact}
    length = len(json.dumps(document, separators=(",", ":")))
    if length <= MAX_MANAGED_POLICY.value:
        return document, ""
    wide = {
        "Sid": "AnyIdentity",
        "Effect": "Allow",
        "Action": sorted({action for statement in exact for action in _actions(statement)}),
        "Resource": [f"{start}:configuration-set/*", f"{start}:identity/*"],
    }
    note = (
        f". All addresses would make {length} characters and IAM takes {MAX_MANAGED_POLICY.value}, so it allows every "
        "identity of the account in this region"
    )
    return {"Version": "2012-10-17", "Statement": [wide]}, note


def _statements(start: str, via: Via, sender: Sender) -> Iterator[dict[str, object]]:
    stream = sender.stream
    sid = "".join(part.capitalize() for part in stream.id.split("-"))
    resources = [f"{start}:configuration-set/{name}" for name in sender.configuration_sets]
    resources += [f"{start}:identity/{domain}" for domain in stream.subdomains]
    addresses = sorted({_literal(each.mailbox.address) for each in stream.senders})
    uses_templates = via is Via.API and bool({Need.TEMPLATES, Need.BATCHING} & stream.needs)
    yield {
        "Sid": sid,
        "Effect": "Allow",
        "Action": ACTIONS[via],
        "Resource": [*resources, f"{start}:template/*"] if uses_templates else resources,
        # a header may carry other capitals than the spec, and StringEquals minds them
        "Condition": {"StringEqualsIgnoreCase": {"ses:FromAddress": addresses}},
    }
    if uses_templates:
        yield {
            "Sid": f"{sid}Bulk",
            "Effect": "Allow",
            # without the condition: its key is documented for SendEmail and SendRawEmail only
            "Action": ["ses:SendBulkEmail"],
            "Resource": [*resources, f"{start}:template/*"],
        }


def _with_ids(statements: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Number statement ids that occur twice: they are letters and digits only, and `1-2` and `12` both become `12`."""
    counts: dict[object, int] = {}
    found = []
    for statement in statements:
        sid = statement["Sid"]
        counts[sid] = counts.get(sid, 0) + 1
        found.append(statement if counts[sid] == 1 else statement | {"Sid": f"{sid}N{counts[sid]}"})
    return found


def _actions(statement: dict[str, object]) -> list[str]:
    actions = statement["Action"]
    return actions if isinstance(actions, list) else []


def _literal(address: str) -> str:
    """Keep IAM from reading a policy variable into an address: `${` is legal in a local part."""
    return address.replace("${", "${$}{")
