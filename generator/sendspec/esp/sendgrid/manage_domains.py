"""Authenticated domains and branded links: read, made, validated, removed. Both are sets of DNS records with an id."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, Field, RootModel, ValidationError

from sendspec.esp.sendgrid.calling import DOMAIN, LINKS, PATHS
from sendspec.esp.sendgrid.manage_calls import Call, Caller, CallError
from sendspec.esp.sendgrid.manage_kinds import KINDS, scope_of
from sendspec.esp.sendgrid.manage_sought import Collected, Sought
from sendspec.esp.sendgrid.settings import IssuedSet
from sendspec.model.live import Failure, LiveResource, Outcome, Verification
from sendspec.model.plan import Change
from sendspec.net.json_reply import read_json

PAGE, MOST_PAGES = 50, 400
PROPOSED_DMARC = "_dmarc."
"""On a subdomain it would override the parent's policy: see `DMARC_PROPOSAL`."""
REASON_LENGTH = 120


class _Record(BaseModel):
    type: str = Field(default="", max_length=16)
    host: str = Field(max_length=255)
    data: str = Field(max_length=4096)
    valid: bool = False


class _Branded(BaseModel):
    """A domain or a link as SendGrid lists it. What only a domain has is None in a link."""

    id: int = Field(ge=1)
    domain: str = Field(max_length=255)
    subdomain: str | None = Field(default=None, max_length=255)
    username: str | None = Field(default=None, max_length=255)
    default: bool
    valid: bool
    automatic_security: bool | None = None
    custom_spf: bool | None = None
    last_validation_attempt_at: int | None = None
    dns: dict[str, _Record | None]


class _Domain(_Branded):
    """One that does not say how it is secured is not to be believed: a guess would replace it."""

    automatic_security: bool
    custom_spf: bool


class _Domains(RootModel[list[_Domain]]):
    pass


class _Links(RootModel[list[_Branded]]):
    pass


class _Check(BaseModel):
    valid: bool = False
    reason: str | None = None


class _Validation(BaseModel):
    valid: bool
    validation_results: dict[str, _Check | None] = {}


@dataclass(frozen=True, slots=True)
class _Family:
    """How domains and links differ: kind, part of the lock entry, what a PATCH takes, how answers look."""

    kind: str
    part: str
    changeable: tuple[str, ...]
    one: type[_Branded]
    page: type[_Domains] | type[_Links]

    @property
    def path(self) -> str:
        return PATHS[self.kind][1]

    def scope(self, verb: str) -> str:
        return scope_of(self.kind, verb)


FAMILIES = {
    DOMAIN: _Family(DOMAIN, "domain", ("default", "custom_spf"), _Domain, _Domains),
    LINKS: _Family(LINKS, "links", ("default",), _Branded, _Links),
}


async def read_branded(caller: Caller, kind: str, wanted: Sequence[Sought], into: Collected) -> None:
    """Read the domains, or the links, that are sought. Raises CallError."""
    family = FAMILIES[kind]
    every = await _list(caller, family)
    for each in wanted:
        of_name = [one for one in every if one.domain.lower() == each.id]
        one = _choose(of_name, each.native_id, _stated_subdomain(each))
        one = one or await _by_id(caller, family, each)
        if one is None:
            continue
        if len(of_name) > 1:
            ids = ", ".join(str(other.id) for other in of_name)
            into.notes.append(
                f"SendGrid has {len(of_name)} of {each.id} ({KINDS[kind].title}, ids {ids}); {one.id} is compared"
            )
        into.add(_live(each, one))
        if each.resource is not None:
            issued = _issued(one, family, caller.desk.now)
            if isinstance(issued, str):
                into.notes.append(issued)
            else:
                into.issued.setdefault(each.id, {})[family.part] = issued


async def create_branded(caller: Caller, change: Change) -> Outcome:
    """Make a domain or links, or bring what is there to what is wanted. Raises CallError."""
    return await _create(caller, change, gone=None)


async def replace_branded(caller: Caller, change: Change) -> Outcome:
    """Remove the old one and make the new one. Raises CallError."""
    await delete_branded(caller, change)
    return await _create(caller, change, gone=change.native_id)


async def update_branded(caller: Caller, change: Change) -> Outcome:
    """Set what a PATCH can set. Raises CallError."""
    family, after = _family(change), change.after or {}
    paths = [each.path for each in change.differences]
    fixed = [path for path in paths if path not in family.changeable]
    if fixed:
        raise CallError(Failure.REFUSED, f"SendGrid cannot change {', '.join(fixed)} of {change.subject}", "plan again")
    body = {name: after[name] for name in family.changeable if name in paths}
    await caller.change(Call("PATCH", f"{family.path}/{change.native_id}", family.scope("update"), body))
    return Outcome(native_id=change.native_id)


async def delete_branded(caller: Caller, change: Change) -> Outcome:
    """Remove one; one that is gone is removed. Raises CallError."""
    family = _family(change)
    await caller.change(Call("DELETE", f"{family.path}/{change.native_id}", family.scope("delete")))
    return Outcome()


async def verify_branded(caller: Caller, change: Change) -> Outcome:
    """Let SendGrid look at DNS. That it sees nothing there is an answer, not a failure (HTTP 200). Raises CallError."""
    family = _family(change)
    path = f"{family.path}/{change.native_id}/validate"
    reply = await caller.change(Call("POST", path, family.scope("update")))
    found = read_json(reply.body, _Validation)
    if found is None:
        raise CallError(Failure.LATER, f"POST {path} is answered with something else than SendGrid documents")
    name = change.subject.partition("/")[2]
    if found.valid:
        return Outcome(native_id=change.native_id, notes=(f"SendGrid has seen the records of {name}",))
    missing = [
        f"{record}: {' '.join((check.reason or 'not as issued').split())[:REASON_LENGTH]}"
        for record, check in sorted(found.validation_results.items())
        if check is not None and not check.valid
    ]
    words = caller.desk.keeper.hide("; ".join(missing[:8])) or "it does not say which"
    return Outcome(native_id=change.native_id, notes=(f"SendGrid does not see every record of {name} yet: {words}",))


def _family(change: Change) -> _Family:
    return FAMILIES[change.subject.partition("/")[0]]


async def _create(caller: Caller, change: Change, gone: str | None) -> Outcome:
    family, after = _family(change), change.after or {}
    name = change.subject.partition("/")[2]
    subdomain = str(after.get("subdomain") or "")

    async def find() -> _Branded | None:
        found = [one for one in await _list(caller, family) if one.domain.lower() == name and str(one.id) != gone]
        return _choose(found, None, subdomain)

    there = await find()
    if there is not None:
        one, is_new = there, False
    else:
        body = await caller.fill(dict(after))
        call = Call("POST", family.path, family.scope("create"), body, is_repeatable=False)
        one, is_new = await caller.make(call, lambda answer: read_json(answer, family.one), find)
    if not is_new:
        await _bring(caller, family, one, after)
    issued = _issued(one, family, caller.desk.now)
    notes = (issued,) if isinstance(issued, str) else ()
    parts = {} if isinstance(issued, str) else {name: {family.part: issued}}
    return Outcome(native_id=str(one.id), issued=parts, notes=notes)


async def _bring(caller: Caller, family: _Family, one: _Branded, after: Mapping[str, object]) -> None:
    """Bring one that is there already to what is wanted."""
    seen = _shown(one)
    other = [name for name, value in after.items() if name in seen and seen[name] != value]
    fixed = [name for name in other if name not in family.changeable]
    if fixed:
        raise CallError(
            Failure.REFUSED,
            f"SendGrid has one of {one.domain} (id {one.id}) with another {', '.join(fixed)}",
            "plan again: the plan then replaces it, once it is adopted",
        )
    if other:
        body = {name: after[name] for name in other}
        await caller.change(Call("PATCH", f"{family.path}/{one.id}", family.scope("update"), body))


async def _list(caller: Caller, family: _Family) -> list[_Branded]:
    """Give all of them, page by page. Raises CallError, also where pages repeat: half a list is no list.

    The description of branded links knows no `offset`; it goes along from the second page on only.
    """
    found: dict[int, _Branded] = {}
    for number in range(MOST_PAGES):
        offset = f"&offset={number * PAGE}" if number else ""
        page = (await caller.read(f"{family.path}?limit={PAGE}{offset}", family.page, family.scope("read"))).root
        fresh = {one.id: one for one in page if one.id not in found}
        found |= fresh
        if len(page) < PAGE:
            return list(found.values())
        if not fresh:
            break
    raise CallError(Failure.LATER, f"GET {family.path} does not come to an end after {len(found)}")


async def _by_id(caller: Caller, family: _Family, wanted: Sought) -> _Branded | None:
    """Ask for ours that the list lacks, as it may right after it was made."""
    native_id = wanted.native_id or ""
    if not (native_id.isascii() and native_id.isdecimal()):
        return None
    one = await caller.read_if_there(f"{family.path}/{native_id}", family.one, family.scope("read"))
    return one if one is not None and one.domain.lower() == wanted.id else None


def _stated_subdomain(wanted: Sought) -> str:
    return str(wanted.resource.properties.get("subdomain") or "") if wanted.resource else ""


def _choose(found: Sequence[_Branded], native_id: str | None, subdomain: str) -> _Branded | None:
    """Give ours; else the one with the host that the spec names, then one that is valid, then the oldest."""

    def rank(one: _Branded) -> tuple[bool, bool, bool, int]:
        return (str(one.id) != native_id, bool(subdomain) and one.subdomain != subdomain, not one.valid, one.id)

    return min(found, key=rank, default=None)


def _shown(one: _Branded) -> dict[str, object]:
    """Give the fields of the answer that a spec can state."""
    names = ("domain", "subdomain", "username", "default", "automatic_security", "custom_spf")
    seen = {name: getattr(one, name) for name in names}
    return {name: value for name, value in seen.items() if value is not None} | {"domain": one.domain.lower()}


def _live(wanted: Sought, one: _Branded) -> LiveResource:
    live = wanted.live(str(one.id), _shown(one))
    state, words = Verification.DONE, "valid, as of its last check"
    if not one.valid:
        state = Verification.FAILED if one.last_validation_attempt_at else Verification.PENDING
        missing = ", ".join(sorted(name for name, record in one.dns.items() if record and not record.valid)[:8])
        words = f"not valid as of {_day(one.last_validation_attempt_at)}: {missing or 'it does not say why'}"
    return LiveResource(live.kind, live.id, live.native_id, live.properties, state, words)


def _day(seconds: int | None) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else "today, never checked"
    except (OverflowError, OSError, ValueError):
        return "its last check"


def _issued(one: _Branded, family: _Family, now: Callable[[], datetime]) -> Mapping[str, object] | str:
    """Give the part of the lock entry: every record the answer lists, whatever its key; or why it cannot be believed."""
    records = [
        {"type": each.type.upper(), "name": each.host.rstrip(".").lower(), "value": _value(each)}
        for each in one.dns.values()
        if each is not None and not each.host.lower().startswith(PROPOSED_DMARC)
    ]
    records.sort(key=lambda each: (each["name"], each["type"], each["value"]))
    try:
        IssuedSet.model_validate({"id": one.id, "records": records, "read": now().date().isoformat()})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]["msg"]
        title = KINDS[family.kind].title
        return (
            f"what SendGrid lists for {one.domain} ({title} {one.id}) is not taken into the lock file: {problem[:160]}"
        )
    return {"id": one.id, "records": records}


def _value(record: _Record) -> str:
    return record.data if record.type.upper() == "TXT" else record.data.strip().rstrip(".").lower()
