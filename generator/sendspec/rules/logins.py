"""Credentials as logins: which stand together, and which streams they serve."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.esp.interface import load_esp
from sendspec.model.app import Binding
from sendspec.model.credential import Credential
from sendspec.model.route import Endpoint
from sendspec.model.setup import Setup
from sendspec.rules.routes_in_use import routes_in_use


@dataclass(frozen=True, slots=True)
class LoginUse:
    """One login and the streams it sends. `parts` are user name before password, one where one secret is both.

    The parts of one login are made, and replaced, together: an SMTP password belongs to its user name.
    """

    parts: tuple[Credential, ...]
    streams: tuple[str, ...]

    @property
    def secret(self) -> Credential:
        """Give the part to talk about: the password."""
        return self.parts[-1]


def logins_in_use(setup: Setup) -> Iterator[LoginUse]:
    """Give each login once, sorted by the ids of its parts, with the ids of its streams, sorted."""
    found: dict[tuple[Credential, ...], set[str]] = {}
    for route in routes_in_use(setup):
        parts = login_parts(route.endpoint)
        if parts:
            found.setdefault(parts, set()).add(route.stream)
    for parts, streams in sorted(found.items(), key=lambda each: [part.id for part in each[0]]):
        yield LoginUse(parts, tuple(sorted(streams)))


def login_parts(endpoint: Endpoint) -> tuple[Credential, ...]:
    """Give the secrets of an endpoint's login, each once; a user name that is no secret is left out."""
    logins = (endpoint.username, endpoint.password)
    return tuple(dict.fromkeys(login for login in logins if isinstance(login, Credential)))


def production_references(setup: Setup) -> frozenset[str]:
    """Give where the logins are kept that production sends with."""
    return frozenset(part.reference for route in routes_in_use(setup) for part in login_parts(route.endpoint))


def rests_on_login(binding: Binding) -> bool:
    """Tell whether nothing but the login can keep an ESP from delivering: its own sandbox is not asked for."""
    endpoint = binding.route.endpoint
    return load_esp(binding.account.kind).sandbox(endpoint).endpoint != endpoint
