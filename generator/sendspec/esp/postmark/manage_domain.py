"""Postmark's domains: what it signs for, and where bounces of them go."""

from collections.abc import Iterator, Mapping
from typing import cast

from sendspec.esp.postmark.manage_answers import Domain, Done
from sendspec.esp.postmark.manage_calls import Api, CallError, Code, Level, or_look
from sendspec.esp.postmark.manage_dkim import FAILED, ask_to_verify, dkim_state
from sendspec.esp.postmark.manage_domain_lookup import find_domain, read_domain
from sendspec.esp.postmark.manage_kinds import DOMAIN
from sendspec.esp.postmark.manage_spelling import Values, differing, filled, spelled, values_of
from sendspec.esp.postmark.settings import Settings
from sendspec.model.live import Failure, LiveResource, Outcome, Verification
from sendspec.model.plan import Action, Change

SHOWN = frozenset({"Name", "ReturnPathDomain"})
FIXED = frozenset({"Name"})


def domain_resource(api: Api, domain: Domain, wanted: Mapping[str, object], values: Values) -> LiveResource:
    """Give a domain as it is, in the words of the spec, with what Postmark has seen of it in DNS."""
    shown = {name: live for name, live in domain.raw().items() if name in SHOWN or name in wanted}
    properties: dict[str, object] = {}
    for name, live in shown.items():
        want = wanted.get(name)
        # Names of domains have no case (RFC 4343).
        alike = name in SHOWN and str(live or "").casefold() == str(want or "").casefold()
        properties[name] = want if alike else spelled(live, want, values)
    words = tuple(_unseen(api, domain))
    return LiveResource(
        DOMAIN, domain.name.lower(), str(domain.id), properties, _verification(api, domain, words), _said(domain, words)
    )


def _signs(api: Api) -> bool:
    return cast("Settings", api.desk.account.settings).dkim != "none"


def _unseen(api: Api, domain: Domain) -> Iterator[str]:
    """Say what Postmark has not seen in DNS."""
    state = dkim_state(domain)
    if _signs(api):
        if state.status == FAILED:
            yield "Postmark has given up on the new DKIM key"
        elif state.pending and state.active:
            yield f"the new DKIM key {state.pending.selector} is not seen yet; Postmark signs with {state.active.selector}"
        elif not domain.dkim_verified:
            yield "the DKIM key is not seen yet"
        if state.unusable:
            yield state.unusable
    if domain.return_path_domain and not domain.return_path_domain_verified:
        yield "the CNAME of the return-path is not seen yet"


def _verification(api: Api, domain: Domain, unseen: tuple[str, ...]) -> Verification:
    if _signs(api) and dkim_state(domain).status == FAILED:
        return Verification.FAILED
    return Verification.PENDING if unseen else Verification.DONE


def _said(domain: Domain, unseen: tuple[str, ...]) -> str:
    if unseen:
        return "; ".join(unseen)
    if domain.dkim_verified:
        return (
            "Postmark has seen the DKIM key once, and goes on saying so when its record is gone: `sendspec check` looks"
        )
    return ""


async def change_domain(api: Api, change: Change) -> Outcome:
    """Carry out a change of a domain. Raises CallError."""
    name = change.subject.partition("/")[2]
    if change.action is Action.DELETE or (change.after is None and change.action is not Action.VERIFY):
        return await _delete(api, name, change.native_id)
    if change.action is Action.REPLACE:
        raise CallError(Failure.REFUSED, f"domain {name} cannot be renamed", "plan again")
    found = await find_domain(api, name, change.native_id)
    if change.action is Action.VERIFY:
        if found is None:
            raise CallError(Failure.REFUSED, f"domain {name} is gone", "plan again")
        return await _verify(api, found)
    if found is None and change.action is not Action.CREATE:
        raise CallError(Failure.REFUSED, f"domain {name} is gone", "plan again")
    after = change.after or {}
    values = await values_of(api, after)
    made = found or await _create(api, name, filled(after, values))
    return _outcome(api, await _update(api, made, after, values))


async def _create(api: Api, name: str, body: object) -> Domain:
    async def look() -> Domain | None:
        return await find_domain(api, name)

    return await or_look(api.change(Level.ACCOUNT, "POST", "/domains", Domain, body), look, taken={Code.DOMAIN_EXISTS})


async def _update(api: Api, domain: Domain, after: Mapping[str, object], values: Values) -> Domain:
    def open_ends(now: Domain) -> list[str]:
        return [
            name for name in differing(domain_resource(api, now, after, values).properties, after) if name not in FIXED
        ]

    changed = open_ends(domain)
    if not changed:
        return domain

    async def look() -> Domain | None:
        now = await read_domain(api, domain.id)
        return now if now and not open_ends(now) else None

    body = filled({name: after[name] for name in changed}, values)
    return await or_look(api.change(Level.ACCOUNT, "PUT", f"/domains/{domain.id}", Domain, body), look)


async def _verify(api: Api, domain: Domain) -> Outcome:
    """Let Postmark look at DNS for what it has not seen yet. That it still sees nothing is no failure."""
    if _signs(api) and (dkim_state(domain).pending or not domain.dkim_verified):
        domain = await ask_to_verify(api, domain, "verifyDkim")
    if domain.return_path_domain and not domain.return_path_domain_verified:
        domain = await ask_to_verify(api, domain, "verifyReturnPath")
    return _outcome(api, domain, tuple(f"{domain.name[:253]}: {words}" for words in _unseen(api, domain)))


async def _delete(api: Api, name: str, native_id: str) -> Outcome:
    found = await find_domain(api, name, native_id)
    if found is None:
        return Outcome()

    async def look() -> Done | None:
        return Done() if await read_domain(api, found.id) is None else None

    try:
        await or_look(api.change(Level.ACCOUNT, "DELETE", f"/domains/{found.id}", Done), look)
    except CallError as error:
        if not error.says_missing(Code.DOMAIN_NOT_FOUND):
            raise
    return Outcome()


def issued_of(api: Api, domain: Domain) -> Mapping[str, Mapping[str, object]]:
    """Give what was issued for a domain, by part of its lock entry; nothing where nobody signs for it."""
    return dkim_state(domain).issued if _signs(api) else {}


def _outcome(api: Api, domain: Domain, notes: tuple[str, ...] = ()) -> Outcome:
    issued = issued_of(api, domain)
    return Outcome(native_id=str(domain.id), issued={domain.name.lower(): issued} if issued else {}, notes=notes)
