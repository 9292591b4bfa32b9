"""An SES account that tests manage: a spec, a lock file in memory, stores in memory, and what would be planned."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import yaml
from botocore.config import Config

from sendspec.esp.managing import Desk, load_manager
from sendspec.model.live import LiveAccount, Outcome
from sendspec.model.plan import Action, Change, Stage
from sendspec.model.resource import Resource
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup

MANAGER = load_manager("ses")
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
ABSENT = object()
SPEC = """
version: 1
domains: {northwind.example: {}}
esps:
  ses-eu:
    kind: ses
    managed: apply
    settings: {region: eu-west-1, configuration_set: northwind}
streams:
  receipts:
    kind: transactional
    from: Northwind <receipts@mail.northwind.example>
    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [delivered, bounced, complained]}
    routes:
      - {role: primary, via: api, esp: ses-eu}
      - {role: fallback, via: smtp, esp: ses-eu}
"""
MAIL = "mail.northwind.example"
SET, TOPIC = "northwind-receipts", "northwind-receipts-events"
IDENTITY, POLICY = f"identity/{MAIL}", "policy/northwind-eu-west-1-send-smtp"


class OneTry:
    """Clients as `sendspec.net.aws.AwsClients` makes them, but for the retries of boto3: our own are looked at."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clients: dict[tuple[str, str], Any] = {}
        self.session = boto3.Session(aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="not-a-secret")

    def __call__(self, service: str, region: str) -> Any:
        """Give a client."""
        if (service, region) not in self.clients:
            config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})
            self.clients[service, region] = self.session.client(
                service, region_name=region, endpoint_url=self.url, config=config
            )
        return self.clients[service, region]


@dataclass
class MemoryKeeper:
    """Secrets by reference. `refuses` is what the store says to whoever writes."""

    held: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    refuses: Unresolved | None = None
    writes: int = 0

    async def value(self, reference: str) -> Secret | Unresolved:
        """Give a secret."""
        found = self.held.get(reference)
        return Unresolved(f"there is nothing at {reference}", "put it there") if found is None else Secret(found)

    async def input(self, name: str) -> Secret | Unresolved:
        """Give what a person gave."""
        return Secret(self.inputs[name]) if name in self.inputs else Unresolved(f"nobody gave {name}")

    async def keep(self, reference: str, secret: Secret) -> Unresolved | None:
        """Keep a secret."""
        if self.refuses is None:
            self.held[reference] = secret.reveal()
            self.writes += 1
        return self.refuses

    def hide(self, text: str) -> str:
        """Take out what is held."""
        for value in self.held.values():
            text = text.replace(value, "…")
        return text


@dataclass
class Managed:
    """One account between runs: spec and lock file stay, everything else is made anew for each command."""

    compile_: Callable[..., Setup]
    spec: str
    aws: Any
    account: str = "ses-eu"
    keeper: MemoryKeeper = field(default_factory=MemoryKeeper)
    issued: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)
    native_ids: dict[str, str] = field(default_factory=dict)
    _setups: dict[tuple[str, str], Setup] = field(default_factory=dict)

    def desk(self) -> Desk:
        """Compile spec and lock file."""
        entries = {
            domain: {part: {**value, "read": NOW.date()} for part, value in parts.items()}
            for domain, parts in self.issued.items()
        }
        text = self.spec, yaml.safe_dump({"version": 1, "issued": {self.account: entries}})
        if text not in self._setups:
            self._setups[text] = self.compile_(*text)
        setup = self._setups[text]
        http: Any = None
        return Desk(setup, setup.account(self.account), self.keeper, http, self.aws, lambda: NOW, self.native_ids)

    def resources(self) -> dict[str, Resource]:
        """Give what the spec wants."""
        return {each.key: each for each in self.desk().setup.resources if each.account == self.account}

    def read(self, *keys: str) -> LiveAccount:
        """Read all that is wanted, or the keys given."""
        desk = self.desk()
        wanted = [each.key for each in desk.setup.resources if each.account == self.account]
        assert MANAGER is not None
        return asyncio.run(MANAGER.read(desk, keys or wanted))

    def apply(self, change: Change) -> Outcome:
        """Carry out a change, and remember what came of it."""
        assert MANAGER is not None
        outcome = asyncio.run(MANAGER.apply(self.desk(), change))
        if outcome.failure is None and outcome.native_id:
            self.native_ids[change.subject] = outcome.native_id
        for domain, parts in outcome.issued.items():
            self.issued.setdefault(domain, {}).update({part: dict(value) for part, value in parts.items()})
        return outcome

    def differences(self, key: str) -> dict[str, tuple[object, object]]:
        """Give path -> (live, wanted) of what the spec states and the world has otherwise."""
        live = self.read(key)
        assert not live.unread, live.unread
        wanted = self.resources()[key]
        seen = live.found[key].properties if key in live.found else {}
        return different(wanted.properties, seen, _kind(key).unreadable)

    def make(self, *kinds: str) -> list[Change]:
        """Bring about what is missing or differs, stage by stage, and give the changes that it took."""
        done = []
        for change in sorted(self.planned(), key=lambda each: each.stage.rank):
            if kinds and change.subject.partition("/")[0] not in kinds:
                continue
            outcome = self.apply(replace(change, after=self._now(change)))
            assert outcome.failure is None, (change.key, outcome)
            done.append(change)
        return done

    def _now(self, change: Change) -> Mapping[str, object]:
        """Give what is wanted now: a change before this one may have issued what it needs."""
        later = set(_kind(change.subject).later) if change.action is Action.CREATE else set()
        return without(self.resources()[change.subject].properties, later)

    def planned(self) -> list[Change]:
        """Give the changes that a plan would hold."""
        live = self.read()
        assert not live.unread, live.unread
        for domain, parts in live.issued.items():
            self.issued.setdefault(domain, {}).update({part: dict(value) for part, value in parts.items()})
        changes = []
        for key, resource in self.resources().items():
            seen, kind = live.found.get(key), _kind(key)
            if seen is None:
                changes.append(change_of(resource, Action.CREATE, after=without(resource.properties, set(kind.later))))
            differs = different(resource.properties, seen.properties if seen else {}, kind.unreadable)
            if any(path in kind.create_only for path in differs) and seen is not None:
                changes.append(change_of(resource, Action.REPLACE, before=seen.properties, native_id=seen.native_id))
                continue
            stages = {stage_of(path, kind.later, kind.stage) for path in differs}
            changes += [
                change_of(resource, Action.UPDATE, stage=stage, before=seen.properties if seen else None)
                for stage in sorted(stages, key=lambda each: each.rank)
                if seen is not None or stage is not kind.stage
            ]
        return changes


def _kind(key: str) -> Any:
    assert MANAGER is not None
    return MANAGER.kinds[key.partition("/")[0]]


def change_of(
    resource: Resource,
    action: Action,
    *,
    after: Mapping[str, object] | None = None,
    before: Mapping[str, object] | None = None,
    stage: Stage | None = None,
    native_id: str = "",
) -> Change:
    """Give a change of one resource, as a plan has it."""
    return Change(
        key=f"esp/{resource.account}/{resource.key}",
        place=resource.account,
        subject=resource.key,
        action=action,
        stage=stage or _kind(resource.key).stage,
        before=before,
        after=None if action is Action.DELETE else after if after is not None else resource.properties,
        origin=resource.origin,
        native_id=native_id,
    )


def stage_of(path: str, later: Mapping[str, Stage], first: Stage) -> Stage:
    """Give the stage in which a path is set."""
    return next((stage for place, stage in later.items() if f"{path}.".startswith(f"{place}.")), first)


def different(
    wanted: Mapping[str, object], live: Mapping[str, object], leave_out: Iterable[str] = (), start: str = ""
) -> dict[str, tuple[object, object]]:
    """Compare the paths that are stated."""
    found: dict[str, tuple[object, object]] = {}
    for name, value in wanted.items():
        path, seen = f"{start}{name}", live.get(name, ABSENT)
        if path in leave_out:
            continue
        if isinstance(value, Mapping) and isinstance(seen, Mapping | type(ABSENT)):
            inner = seen if isinstance(seen, Mapping) else {}
            found |= different(value, inner, leave_out, f"{path}.")
        elif seen != value:
            found[path] = (None if seen is ABSENT else seen, value)
    return found


def without(properties: Mapping[str, object], places: set[str], start: str = "") -> dict[str, object]:
    """Give properties without these paths."""
    return {
        name: without(value, places, f"{start}{name}.") if isinstance(value, Mapping) else value
        for name, value in properties.items()
        if f"{start}{name}" not in places
    }


def before(kind: str) -> list[str]:
    """Give the kinds that are made before one, and that one."""
    assert MANAGER is not None
    kinds = list(MANAGER.kinds)
    return kinds[: kinds.index(kind) + 1]


def update(account: Managed, key: str) -> Change:
    """Give the change that brings a resource to what is wanted."""
    return change_of(account.resources()[key], Action.UPDATE, before={})


def create(account: Managed, key: str) -> Change:
    """Give the change that makes a resource, all of it at once."""
    return change_of(account.resources()[key], Action.CREATE)


def delete(account: Managed, key: str) -> Change:
    """Give the change that removes a resource."""
    live = account.read(key).found[key]
    return change_of(account.resources()[key], Action.DELETE, before=live.properties, native_id=live.native_id)
