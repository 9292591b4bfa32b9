"""One account: resources that the spec wants beside those that exist, as changes."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sendspec.esp.managing import Removal, ResourceKind
from sendspec.model.account import Account
from sendspec.model.live import LiveAccount, LiveResource, Unread, Verification
from sendspec.model.plan import ESP, Action, Awaited, Change, Held, Hold, PropertyChange, Stage
from sendspec.model.request import PLACEHOLDER
from sendspec.model.resource import Resource
from sendspec.plan.differences import differences, lies_in, only, without
from sendspec.plan.found import Found
from sendspec.plan.ownership import BEGUN, OwnedResource

INPUT = "input:"
APPLY = "apply"
LOOK = "look"
"""Ends the key of a change that asks an ESP to look at DNS: what is *set* in the stage of verification has another one."""
NOTHING: Mapping[str, OwnedResource] = {}


def resource_key(account: str, subject: str) -> str:
    """Give the key of a change to a resource: `esp/ACCOUNT/KIND/ID`."""
    return f"{ESP}/{account}/{subject}"


def compare_account(
    account: Account,
    wanted: Sequence[Resource],
    kinds: Mapping[str, ResourceKind],
    live: LiveAccount,
    owned: Mapping[str, OwnedResource],
    is_adopted: Callable[[str], bool],
    inputs: Collection[str],
) -> Found:
    """Compare. What could not be read is unread, and nothing is planned for it."""
    found = Found(notes=[f"{account.id}: {note}" for note in live.notes])
    unread = {
        kind: reason
        for kind, reason in live.unread.items()
        if not kind
        or any(resource.kind == kind for resource in wanted)
        or any(key.startswith(f"{kind}/") for key in owned)
    }
    found.unread += unread.values()
    if "" in live.unread:
        return found
    names = names_of(owned)
    dark: set[str] = set()
    """What is missing, and rests on what could not be read: nobody can tell whether it can be made."""
    waiting: dict[str, Held] = {}
    """What is missing, and waits for what only a person can give."""
    for resource in wanted:
        kind = kinds.get(resource.kind)
        if resource.kind in live.unread:
            continue
        if kind is None:
            found.add(_unmanaged(account, resource))
            continue
        seen = live.found.get(resource.key)
        if seen is None and any(key in dark or key.partition("/")[0] in live.unread for key in resource.depends_on):
            dark.add(resource.key)
            continue
        comparison = _Comparison(account, resource, kind, _ours(resource, kind, owned, names, seen), is_adopted, inputs)
        items = list(comparison.missing() if seen is None else comparison.existing(seen))
        if seen is None:
            items = _waiting(items, resource, waiting)
        found.in_place += seen is not None and not any(isinstance(item, (Change, Held)) for item in items)
        found.add(items)
    _removals(account, wanted, kinds, live, owned, found)
    return found


def _waiting(
    items: Sequence[Change | Held | Awaited], resource: Resource, waiting: dict[str, Held]
) -> list[Change | Held | Awaited]:
    """Hold what is in something that is not made yet, and remember what is not made."""
    cause = next((waiting[key] for key in resource.depends_on if key in waiting), None)
    if cause is not None:
        reason = f"it needs {cause.change.subject}, which waits for you: {cause.reason}"
        items = [Held(each, cause.hold, reason, cause.fix) if isinstance(each, Change) else each for each in items]
    held = [each for each in items if isinstance(each, Held) and each.hold is Hold.INPUT]
    if held:
        waiting[resource.key] = cause or held[0]
        items = [
            Held(each, held[0].hold, held[0].reason, held[0].fix) if isinstance(each, Change) else each
            for each in items
        ]
    return list(items)


Names = Mapping[tuple[str, str], str]
"""Kind and native id -> the key under which we own it."""


def names_of(owned: Mapping[str, OwnedResource]) -> Names:
    """Give under which key we own what a provider calls so.

    A resource that is named after its streams has another name as soon as one more stream uses it.
    """
    return {(key.partition("/")[0], each.native_id): key for key, each in owned.items() if each.native_id}


def _ours(
    resource: Resource,
    kind: ResourceKind,
    owned: Mapping[str, OwnedResource],
    names: Names,
    seen: LiveResource | None,
) -> OwnedResource | None:
    """Give what makes a resource ours: its own entry, that of what it came along with, or that of another name it had."""
    along = resource.depends_on if resource.id in kind.comes_along else ()
    former = names.get((resource.kind, seen.native_id), "") if seen is not None else ""
    return next((owned[key] for key in (resource.key, *along, former) if key in owned), None)


def _unmanaged(account: Account, resource: Resource) -> Iterator[Held]:
    change = _change(account, resource, Action.CREATE, Stage.EVENTS, None, resource.properties)
    yield Held(
        change,
        Hold.BY_HAND,
        f"sendspec does not manage what {account.title} calls {resource.kind}",
        f"compare it with output/esps/{account.id}/ by hand",
    )


class _Comparison:
    """One resource that the spec wants."""

    def __init__(
        self,
        account: Account,
        resource: Resource,
        kind: ResourceKind,
        owned: OwnedResource | None,
        is_adopted: Callable[[str], bool],
        inputs: Collection[str],
    ) -> None:
        self.account = account
        self.resource = resource
        self.kind = kind
        self.owned = owned
        self.key = resource_key(account.id, resource.key)
        self.is_adopted = is_adopted(self.key)
        self.inputs = inputs

    def missing(self) -> Iterator[Change | Held]:
        """Give what makes it: at once, and what is set in later stages."""
        resource, kind = self.resource, self.kind
        first = without(resource.properties, kind.later.keys())
        create = _change(self.account, resource, Action.CREATE, kind.stage, None, first)
        create = replace(create, is_owned=self.owned is not None and self.owned.by != BEGUN)
        yield self._held(create) or create
        yield from self._later(create.key)

    def _later(self, first: str) -> Iterator[Change | Held]:
        for stage in sorted(set(self.kind.later.values()), key=lambda each: each.rank):
            part = self._part(stage)
            if not part:
                continue
            changed = differences(part, {}, self.kind.unreadable)
            change = self._update(stage, None, part, changed)
            change = replace(change, needs=(first, *change.needs))
            yield self._held(change) or change

    def existing(self, seen: LiveResource) -> Iterator[Change | Held | Awaited]:
        """Give what differs, and what is awaited of it."""
        changed = differences(self.resource.properties, seen.properties, self.kind.unreadable)
        if changed:
            yield from self._changed(seen, changed)
        elif self.is_adopted and self.owned is None and self.account.managed == APPLY:
            adopt = _change(self.account, self.resource, Action.ADOPT, Stage.ISSUE, seen.properties, seen.properties)
            yield replace(adopt, native_id=seen.native_id)
        if self.kind.is_verified_by_dns and seen.verification in {Verification.PENDING, Verification.FAILED}:
            yield self._verification(seen)

    def _changed(self, seen: LiveResource, changed: Sequence[PropertyChange]) -> Iterator[Change | Held]:
        fixed = [each for each in changed if lies_in(each.path, self.kind.create_only)]
        if fixed:
            stage = Stage.REMOVE if self.kind.removal is Removal.BY_HAND else self.kind.stage
            change = _change(
                self.account, self.resource, Action.REPLACE, stage, seen.properties, self.resource.properties
            )
            change = self._known(replace(change, differences=tuple(changed)), seen)
            yield self._held(change) or change
            return
        by_stage: dict[Stage, list[PropertyChange]] = {}
        for each in changed:
            place = lies_in(each.path, self.kind.later.keys())
            by_stage.setdefault(self.kind.later[place] if place else self.kind.stage, []).append(each)
        for stage, part in by_stage.items():
            change = self._known(self._update(stage, seen.properties, self._part(stage), part), seen)
            yield self._held(change) or change

    def _part(self, stage: Stage) -> Mapping[str, object]:
        """Give what is set in a stage."""
        if stage is self.kind.stage:
            return without(self.resource.properties, self.kind.later.keys())
        return only(self.resource.properties, [path for path, when in self.kind.later.items() if when is stage])

    def _update(
        self,
        stage: Stage,
        before: Mapping[str, object] | None,
        after: Mapping[str, object],
        changed: Sequence[PropertyChange],
    ) -> Change:
        change = _change(self.account, self.resource, Action.UPDATE, stage, before, after)
        if stage is not self.kind.stage:
            change = replace(change, key=f"{change.key}#{stage}")
        return replace(change, differences=tuple(changed))

    def _known(self, change: Change, seen: LiveResource) -> Change:
        return replace(change, native_id=seen.native_id, is_owned=self.owned is not None)

    def _verification(self, seen: LiveResource) -> Change | Awaited:
        words = seen.verification_words or str(seen.verification)
        what = f"{self.account.title} says of {self.resource.id}: {words}"
        if self.account.managed != APPLY:
            return Awaited(self.key, what, "it looks again by itself, or when somebody asks it to")
        if self.owned is None and not self.is_adopted:
            then = f"it looks again by itself; with --adopt '{self.key}' sendspec asks it to"
            return Awaited(self.key, what, then)
        change = _change(
            self.account, self.resource, Action.VERIFY, Stage.VERIFY, seen.properties, self.resource.properties
        )
        return replace(self._known(change, seen), key=f"{self.key}#{LOOK}", means=(what,))

    def _held(self, change: Change) -> Held | None:
        """Give why a change is not carried out; None if it is."""
        title = self.account.title
        if self.account.managed != APPLY:
            reason = (
                f"the spec says `managed: {self.account.managed}`: somebody else applies output/esps/{self.account.id}/"
            )
            return Held(change, Hold.REPORTED, reason, "apply those files, or write `managed: apply` in the spec")
        if change.before is not None and self.owned is None and not self.is_adopted:
            reason = "it exists, and sendspec neither made nor adopted it"
            return Held(change, Hold.FOREIGN, reason, f"--adopt '{self.key}' makes it sendspec's, and changes it")
        if change.action is Action.REPLACE and self.kind.removal is Removal.BY_HAND:
            paths = ", ".join(each.path for each in change.differences)
            reason = f"{title} cannot change {paths} of a {self.kind.title}, and has no call to remove one"
            return Held(change, Hold.BY_HAND, reason, "make a new one under another name, or correct the spec")
        missing = [name for name in change.inputs if name not in self.inputs]
        if missing and change.action is not Action.UPDATE:
            options = " ".join(f"--input {name}=REFERENCE" for name in missing)
            reason = f"it needs what only you can give: {', '.join(missing)}"
            return Held(
                change, Hold.INPUT, reason, f"{options}, with references such as env://NAME; or make it in the app"
            )
        return None


def _change(
    account: Account,
    resource: Resource,
    action: Action,
    stage: Stage,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
) -> Change:
    return Change(
        key=resource_key(account.id, resource.key),
        place=account.id,
        subject=resource.key,
        action=action,
        stage=stage,
        before=before,
        after=after,
        origin=resource.origin,
        streams=resource.streams,
        needs=tuple(resource_key(account.id, other) for other in resource.depends_on),
        inputs=tuple(sorted(_inputs(after or {}))),
        why=resource.why,
        source=resource.source,
    )


def _inputs(value: object) -> set[str]:
    """Give the names of what stands as `${input:NAME}` anywhere in a value."""
    if isinstance(value, str):
        return {name.removeprefix(INPUT) for name in PLACEHOLDER.findall(value) if name.startswith(INPUT)}
    if isinstance(value, Mapping):
        return {name for inner in value.values() for name in _inputs(inner)}
    if isinstance(value, (list, tuple)):
        return {name for inner in value for name in _inputs(inner)}
    return set()


def _removals(
    account: Account,
    wanted: Sequence[Resource],
    kinds: Mapping[str, ResourceKind],
    live: LiveAccount,
    owned: Mapping[str, OwnedResource],
    found: Found,
) -> None:
    """Give what is ours and wanted no more; what depends on other things first."""
    keys = {resource.key for resource in wanted}
    order = {kind: place for place, kind in enumerate(kinds)}
    served = {(each.kind, each.native_id) for key, each in live.found.items() if key in keys and each.native_id}
    leftover = [key for key in owned if key not in keys and key.partition("/")[0] in kinds]
    for key in sorted(leftover, key=lambda each: (-order[each.partition("/")[0]], each)):
        name = key.partition("/")[0]
        kind, seen = kinds[name], live.found.get(key)
        if name in live.unread:
            continue
        if seen is None or key.partition("/")[2] in kind.comes_along or (name, seen.native_id) in served:
            found.gone.append(resource_key(account.id, key))
            continue
        if kind.removal is not Removal.BY_HAND and owned[key].native_id not in {"", seen.native_id}:
            found.gone.append(resource_key(account.id, key))
            found.notes.append(f"{account.id}: {key} is another one of that name, and not sendspec's: it is left alone")
            continue
        if kind.removal is Removal.BY_HAND and account.managed == APPLY:
            reason = (
                f"nothing in the spec wants {key} any more, and {account.title} has no call to remove a {kind.title}"
            )
            found.notes.append(f"{account.id}: {reason}; remove it in the app, or leave it: it does no harm")
            continue
        change = Change(
            key=resource_key(account.id, key),
            place=account.id,
            subject=key,
            action=Action.DELETE,
            stage=Stage.REMOVE,
            before=seen.properties,
            after=None,
            origin=account.origin,
            native_id=seen.native_id,
            is_owned=True,
            streams=owned[key].streams,
            why=f"nothing in the spec wants this {kind.title} any more",
            source=kind.source,
        )
        if account.managed != APPLY:
            reason = f"the spec says `managed: {account.managed}`"
            found.add([Held(change, Hold.REPORTED, reason, "whoever applies the files removes it")])
        else:
            found.add([change])


def nothing_read(account: Account, reason: str, fix: str) -> Found:
    """Give what is found in an account that nobody can read."""
    return Found(unread=[Unread(account.id, reason, fix)])
