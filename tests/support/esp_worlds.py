"""ESPs in tests: stand-ins for the accounts of a setup, secrets that fit them, and one way to ask and to check."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from https_peers import Peer, serving

from sendspec.check.interface import Check
from sendspec.esp.interface import AccountKey, AccountQuestion, KeyPurpose, load_account, load_stand_in
from sendspec.model.account_state import AccountState
from sendspec.model.credential import Credential
from sendspec.model.credential_use import credentials_of
from sendspec.model.observation import Observation, Passed, Seen
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall, StandIn
from sendspec.net.net import Net

Site = Callable[[ApiCall], ApiAnswer]


@dataclass
class Held:
    """Secrets of a test, by credential id. Those it does not hold are unresolved."""

    values: dict[str, str]

    async def get(self, credential: Credential) -> Secret | Unresolved:
        if credential.id in self.values:
            return Secret(self.values[credential.id])
        return Unresolved(f"{credential.reference} is not to be had here", "sign in first")

    def hide(self, text: str) -> str:
        for value in self.values.values():
            text = text.replace(value, "…")
        return text


def now() -> datetime:
    return datetime.now(UTC)


class World:
    """The ESPs of a setup. `sites` answer by host; a test may put others in their place."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        credentials = {
            credential.id: (account.kind, credential)
            for account in setup.accounts
            for credential in (
                *credentials_of(setup, account),
                *(each for key in self.keys(account.id) for each in key.credentials),
            )
        }
        self.secrets = Held({name: load_stand_in(kind).value(each) for name, (kind, each) in credentials.items()})
        kinds = sorted({account.kind for account in setup.accounts})
        self.stand_ins: dict[str, StandIn] = {
            kind: load_stand_in(kind).make(setup, dict(self.secrets.values), now) for kind in kinds
        }
        self.sites: dict[str, Site] = {
            host: stand_in.answer for stand_in in self.stand_ins.values() for host in stand_in.hosts
        }

    def keys(self, account_id: str) -> tuple[AccountKey, ...]:
        account = self.setup.account(account_id)
        return load_account(account.kind).keys(self.setup, account)

    def key(self, account_id: str, purpose: KeyPurpose) -> AccountKey:
        return next(key for key in self.keys(account_id) if key.purpose is purpose)

    def edited(self, host: str, change: Callable[[ApiCall, ApiAnswer], ApiAnswer]) -> None:
        """Let a host's answers pass through a function."""
        honest = self.sites[host]
        self.sites[host] = lambda call: change(call, honest(call))

    def faulty(self, kind: str, status: int) -> None:
        """Let an ESP answer every call with its own error."""
        stand_in = self.stand_ins[kind]
        for host in stand_in.hosts:
            self.sites[host] = lambda _call: stand_in.fault(status)

    @asynccontextmanager
    async def open(self, **options):
        async with serving(self.sites, **options) as peer:
            yield peer

    def net(self, peer: Peer) -> Net:
        return Net(
            dns=peer.names,
            zones=None,
            http=peer.client,
            secrets=self.secrets,
            make_tls=lambda: peer.tls,
            dial=peer.dial,
            deadline=peer.deadline,
            now=now,
        )

    def ask(self, account_id: str, purpose: KeyPurpose = KeyPurpose.SEND, **options) -> AccountState:
        """Ask about an account with one of its keys."""
        return self.ask_as(account_id, self.key(account_id, purpose), **options)

    def ask_as(self, account_id: str, key: AccountKey, **options) -> AccountState:
        account = self.setup.account(account_id)
        values = {each.name: Secret(self.secrets.values[each.id]) for each in key.credentials}

        async def work() -> AccountState:
            async with self.open(**options) as peer:
                question = AccountQuestion(self.setup, account, key, values, peer.client, self.secrets.hide, now)
                return await load_account(account.kind).read(question)

        return asyncio.run(work())

    def run(self, check: Check, setup: Setup | None = None, **options) -> list[Seen]:
        """Run one check; give what it saw. No secret may be in any of it."""

        async def work() -> list[Seen]:
            async with self.open(**options) as peer:
                return [seen async for seen in check.run(setup or self.setup, self.net(peer))]

        found = asyncio.run(work())
        for secret in self.secrets.values.values():
            assert secret not in repr(found)
        return found


def findings(seen: list[Seen]) -> list[Observation]:
    return [each for each in seen if isinstance(each, Observation)]


def ids(seen: list[Seen]) -> set[str]:
    """Give the ids of what was found; `?` before those that could not be told."""
    return {("?" if each.is_unknown else "") + each.kind.id for each in findings(seen)}


def passed(seen: list[Seen]) -> int:
    return sum(each.count for each in seen if isinstance(each, Passed))


def with_json(answer: ApiAnswer, change: Callable[[dict], object]) -> ApiAnswer:
    """Give an answer with its JSON body changed in place."""
    import json

    body = json.loads(answer.body)
    change(body)
    return replace(answer, body=json.dumps(body).encode())


def call(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> ApiCall:
    """Give a call as a server would read it."""
    from urllib.parse import parse_qsl, urlsplit

    parts = urlsplit(url)
    named = {name.lower(): value for name, value in (headers or {}).items()}
    return ApiCall(
        method, parts.netloc, parts.path, tuple(parse_qsl(parts.query)), named | {"host": parts.netloc}, body
    )
