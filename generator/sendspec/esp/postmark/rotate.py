"""How Postmark's tokens and DKIM keys are replaced: tokens by people, for the API makes and revokes none; keys by calls.

Source: https://postmarkapp.com/developer/api/server-api lists no call for tokens; ApiTokens of its answers holds all tokens
of a server (read 2026-11-26).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from pydantic import BaseModel, Field

from sendspec.esp.managing import Desk
from sendspec.esp.postmark.endpoint import SMTP_TOKEN
from sendspec.esp.postmark.manage_calls import CallError, Level, Patience, open_api
from sendspec.esp.postmark.manage_dkim import DkimState, read_keys, request_key, verify_key
from sendspec.esp.postmark.settings import Settings
from sendspec.esp.rotating import DkimRotator, HandRotator, Rotator, SpecKey
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.credential_use import logins_in_use
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup

MARK_CHARACTERS = 8
"""32 bits of a digest: they tell two tokens apart, and lead to none of 2^122."""


class _Tokens(BaseModel):
    """All tokens of a server, for as long as it takes to make marks of them."""

    api_tokens: list[str] = Field(alias="ApiTokens", max_length=1000, repr=False)


def keys(setup: Setup, account: Account) -> tuple[SpecKey, ...]:
    """Give every token of the account: server tokens, and SMTP tokens, which are a pair."""
    found: dict[str, SpecKey] = {}
    declared = {each.name: each for each in account.credentials}
    logins: list[tuple[Credential, ...]] = [*logins_in_use(setup, account)]
    if Level.SERVER in declared:
        logins.append((declared[Level.SERVER],))
    if set(SMTP_TOKEN) <= set(declared):
        logins.append(tuple(declared[name] for name in SMTP_TOKEN))
    for login in logins:
        if tuple(each.name for each in login) in {(Level.SERVER.value,), SMTP_TOKEN}:
            key = SpecKey(login)
            found.setdefault(key.id, key)
    return tuple(sorted(found.values(), key=lambda each: each.id))


def name_of(key: SpecKey, values: Mapping[str, Secret]) -> str:
    """Give a mark of a token."""
    return _mark(values[key.credentials[0].id].reveal())


def _mark(token: str) -> str:
    return hashlib.sha256(f"sendspec token {token.strip().lower()}".encode()).hexdigest()[:MARK_CHARACTERS]


@dataclass(frozen=True, slots=True)
class _Way:
    """The calls, with how long Postmark is waited for."""

    patience: Patience

    async def existing(self, desk: Desk, key: SpecKey) -> frozenset[str] | None:
        """Give marks of all tokens of the server that the token belongs to; SMTP tokens are listed nowhere."""
        credential = key.credentials[-1]
        if credential.name != Level.SERVER:
            return None
        token = await desk.keeper.value(credential.reference)
        if isinstance(token, Unresolved):
            return None
        try:
            api = (await open_api(desk, self.patience)).with_token(Level.SERVER, token)
            found = await api.read(Level.SERVER, "/server", _Tokens)
        except CallError:
            return None
        return frozenset(_mark(each) for each in found.api_tokens)

    async def request(self, desk: Desk, domain: str) -> Outcome:
        return await request_key(desk, domain, self.patience)

    async def switch(self, desk: Desk, domain: str, _until: date) -> Outcome:
        """Let Postmark look; one that it does not see yet is for later."""
        outcome = await verify_key(desk, domain, self.patience)
        if outcome.failure is None and outcome.notes:
            fix = "Postmark's own look at DNS may lag behind: run it again in some minutes"
            return Outcome(Failure.LATER, outcome.notes[0], fix, issued=outcome.issued)
        return outcome

    async def finish(self, desk: Desk, domain: str, _today: date) -> Outcome:
        """See whether Postmark says that the old key may go."""
        state = await read_keys(desk, domain, self.patience)
        if isinstance(state, DkimState):
            return Outcome(issued={domain: state.issued})
        if isinstance(state, Unread):
            return Outcome(Failure.LATER, state.reason, state.fix)
        return Outcome(Failure.REFUSED, f"the account has no domain {domain}", "`sendspec apply` makes it")


def rotator(patience: Patience | None = None) -> Rotator:
    """Give how they are replaced, with calls that wait so long."""
    way = _Way(patience or Patience())
    hands = HandRotator("token", keys, name_of, way.existing, to_make, to_remove)
    return Rotator(keys=hands, dkim=DkimRotator(lambda _account: "", way.request, way.switch, way.finish))


def to_make(account: Account, key: SpecKey) -> tuple[str, ...]:
    """Say how to make a token. The store takes it from a person, so that no shell and no log has it."""
    server = cast("Settings", account.settings).server or account.id
    places = " and ".join(each.reference for each in key.credentials)
    if key.credentials[-1].name == Level.SERVER:
        where = f"in Postmark, open Servers, {server}, API Tokens, and generate another token; leave the old one there"
    else:
        where = (
            f"in Postmark, open Servers, {server}, the message stream, Settings, and generate another SMTP token; leave the "
            "old one there, and take down the secret key: it is shown once"
        )
    return (
        where,
        f"put it at {places} with the store's own client, in place of the old one",
        "deploy the apps that use it",
    )


def to_remove(account: Account, key: SpecKey) -> tuple[str, ...]:
    """Say how to revoke the old token."""
    server = cast("Settings", account.settings).server or account.id
    what = "API Tokens" if key.credentials[-1].name == Level.SERVER else "the message stream, Settings"
    return (f"in Postmark, open Servers, {server}, {what}, and delete the token that is not in the store",)


ROTATOR = rotator()
