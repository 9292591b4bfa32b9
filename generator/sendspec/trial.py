"""Try credentials as `check` does: the harmless read of each API, and a login at each submission endpoint. Nothing else.

What the account is set up like, and whether a sender is taken, is not the credential's matter: `check` says that.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sendspec.check.api.access import GOOD, judge_access
from sendspec.check.smtp.judgement import judge
from sendspec.check.smtp.probes import Probe
from sendspec.esp.interface import AccountKey, AccountQuestion, KeyPurpose, load_account
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.credential import Login as Declared
from sendspec.model.credential_use import routes_as_used
from sendspec.model.keeper import Keeper
from sendspec.model.observation import Observation
from sendspec.model.rotation import Trial
from sendspec.model.route import Endpoint
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.net.net import Net
from sendspec.net.smtp.exchange import Failure, Login, Target
from sendspec.net.smtp.sessions import Sessions, addresses_of

AUTH = frozenset({Failure.AUTH_REFUSED, Failure.AUTH_MECHANISM, Failure.AUTH_MISSING})


@dataclass(frozen=True, slots=True)
class Bench:
    """Who tries: the world, the stores, and values that stand in for what these hold, by credential id."""

    setup: Setup
    net: Net
    keeper: Keeper
    values: Mapping[str, Secret]

    async def value(self, declared: Declared | None) -> Secret | Unresolved:
        """Give one part of a login."""
        if declared is None:
            return Unresolved("the spec declares none")
        if not isinstance(declared, Credential):
            return Secret(declared.value)
        known = self.values.get(declared.id)
        return known if known is not None else await self.keeper.value(declared.reference)


async def try_out(
    setup: Setup, net: Net, keeper: Keeper, credentials: Sequence[Credential], values: Mapping[str, Secret]
) -> Trial:
    """Try every key and login of which one of the credentials is a part."""
    bench = Bench(setup, net, keeper, values)
    wanted = frozenset(each.id for each in credentials)
    accounts = [setup.account(name) for name in sorted({each.account for each in credentials})]
    parts = [_try_key(bench, account, key) for account in accounts for key in _keys(setup, account, wanted)]
    parts += [_try_login(bench, probe) for account in accounts for probe in _logins(setup, account, wanted)]
    found = await asyncio.gather(*parts)
    return Trial(
        sum(each.tried for each in found),
        tuple(dict.fromkeys(said for each in found for said in each.refused)),
        tuple(dict.fromkeys(said for each in found for said in each.unknown)),
    )


def _keys(setup: Setup, account: Account, wanted: frozenset[str]) -> list[AccountKey]:
    every = load_account(account.kind).keys(setup, account)
    return [
        key for key in every if key.purpose is KeyPurpose.SEND and any(each.id in wanted for each in key.credentials)
    ]


async def _try_key(bench: Bench, account: Account, key: AccountKey) -> Trial:
    values: dict[str, Secret] = {}
    for credential in key.credentials:
        value = await bench.value(credential)
        if isinstance(value, Unresolved):
            return Trial(unknown=(f"{credential.id}: {value.reason}",))
        values[credential.name] = value
    question = AccountQuestion(bench.setup, account, key, values, bench.net.http, bench.keeper.hide, bench.net.now)
    state = await load_account(account.kind).read(question)
    if state.access in GOOD:
        return Trial(1)
    return _told(judge_access(account, key, state))


def _told(seen: Iterable[Observation]) -> Trial:
    observations = tuple(seen)
    refused = tuple(each.message for each in observations if not each.is_unknown)
    return Trial(1, refused, tuple(each.message for each in observations if each.is_unknown))


def _logins(setup: Setup, account: Account, wanted: frozenset[str]) -> list[Probe]:
    """Give what is to be logged in at: each endpoint with each login once, also those that apps use by themselves."""
    probes: dict[tuple[str, int, Declared | None, Declared | None], Probe] = {}
    for route in routes_as_used(setup, account):
        endpoint = route.endpoint
        logins = (each for each in (endpoint.username, endpoint.password) if isinstance(each, Credential))
        if route.via is Via.SMTP and any(each.id in wanted for each in logins):
            probe = probes.setdefault(_place(endpoint), Probe(endpoint, account))
            probe.routes.append((setup.stream(route.stream), route))
    return list(probes.values())


def _place(endpoint: Endpoint) -> tuple[str, int, Declared | None, Declared | None]:
    return endpoint.host, endpoint.port, endpoint.username, endpoint.password


async def _try_login(bench: Bench, probe: Probe) -> Trial:
    endpoint, net = probe.endpoint, bench.net
    username, password = await bench.value(endpoint.username), await bench.value(endpoint.password)
    if isinstance(username, Unresolved):
        return Trial(unknown=(f"{probe.place}: {username.reason}",))
    if isinstance(password, Unresolved):
        return Trial(unknown=(f"{probe.place}: {password.reason}",))
    addresses = await addresses_of(net, endpoint.host)
    if not addresses.found:
        return Trial(unknown=(f"{endpoint.host}: {addresses.answers[0].said or 'no address was found'}",))
    targets = [Target(endpoint.host, address, endpoint.port, endpoint.tls) for address in addresses.found]
    exchanges = await Sessions(net).look(targets, Login(username, password), ())
    refusing = [each for each in exchanges if each.problem is not None and each.problem.failure in AUTH]
    if not refusing and any(each.has_logged_in for each in exchanges):
        return Trial(1)
    messages = [
        each.message for each in judge(probe, refusing or exchanges, (), net.patience) if isinstance(each, Observation)
    ]
    words = tuple(bench.keeper.hide(each) for each in messages[:2]) or (f"{probe.place}: the login was not tried",)
    return Trial(1, refused=words) if refusing else Trial(unknown=words)
