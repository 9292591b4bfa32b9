"""How an app uses a route in one environment: as it is, through a relay app, in the ESP's sandbox, or caught."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel

from sendspec.capacity import Surroundings, plan_delivery
from sendspec.compile.streams import Context, endpoint_for_app
from sendspec.model.account import Account
from sendspec.model.app import Listener
from sendspec.model.credential import Credential
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.origin import Origin
from sendspec.model.route import NOTHING, Endpoint, Route
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Role, Tls, Via

CATCHER = "catcher"
NEARBY = Surroundings(rtt_ms=1)
"""The round trip within a machine or a data centre, an assumption; a new connection a message costs nothing there."""
RELAY_RETRY = RetryFacts(
    (),
    (),
    notes=("the relay queues, tries again and changes to a fallback of its own; the app waits only for the relay",),
    source="RFC 5321 section 4.2.1",
)
CATCHER_RETRY = RetryFacts((), (), source="RFC 5321 section 4.2.1")


class NoSettings(BaseModel):
    """What a relay or a catcher has in place of an ESP's settings."""


@dataclass(frozen=True, slots=True)
class Way:
    """A route as it is used: where it leads, and why it cannot be used if it cannot (`Binding.problem`)."""

    account: Account
    route: Route
    problem: str = ""


def as_declared(
    context: Context, stream: Stream, route: Route, own: Mapping[str, Credential], surroundings: Surroundings
) -> Way:
    """Give a route with the app's own credentials and numbers."""
    account = context.accounts[route.account]
    numbers = plan_delivery(
        route.via,
        stream.kind,
        stream.volume,
        stream.needs,
        account.limits,
        account.retry,
        surroundings,
        context.thresholds,
    )
    return Way(account, replace(route, endpoint=endpoint_for_app(context, route, own), delivery=numbers))


def through_relay(context: Context, stream: Stream, relay_id: str, listener: Listener, origin: Origin) -> Way:
    """Give the one way of a stream whose app hands its mail to a relay app.

    Without headers that pick the stream at an ESP: the relay sets them, by the envelope sender. Without a login and a
    fallback: it has both.
    """
    account = _standing_in(relay_id, f"the relay {relay_id}", RELAY_RETRY, Origin(("apps", relay_id)))
    endpoint = _plain_endpoint(listener.host, listener.port, listener.tls, listener.origin.to_text())
    first = replace(stream.routes[0], role=Role.PRIMARY, number=1, origin=origin, events=None)
    return Way(account, _handed_to(context, stream, first, account, endpoint))


def caught(context: Context, stream: Stream, route: Route, host: str, port: int, origin: Origin) -> Way:
    """Give a route that ends in a catcher: under its own name, with the headers it has over SMTP, without a login."""
    account = _standing_in(CATCHER, f"the mail catcher at {host}:{port}", CATCHER_RETRY, origin)
    endpoint = _plain_endpoint(host, port, Tls.NONE, "a mail catcher: it shows mail and delivers none")
    endpoint = replace(endpoint, headers=route.endpoint.headers)
    return Way(account, _handed_to(context, stream, route, account, endpoint))


def in_sandbox(context: Context, way: Way, own: Mapping[str, Credential]) -> Way:
    """Give a route to an ESP in that ESP's sandbox. A login that is all the environment's own is kept: it is a sandbox's.

    Where the ESP has none and the environment no such login, the route leads nowhere.
    """
    declared = way.route.endpoint
    sandbox = context.esps[way.account.kind].sandbox(declared)
    endpoint = sandbox.endpoint
    parts = [part for part in (declared.username, declared.password) if isinstance(part, Credential)]
    if parts and all(part in own.values() for part in parts):
        endpoint = replace(
            endpoint or declared,
            username=declared.username,
            password=declared.password,
            needs_credentials=declared.needs_credentials,
        )
    if endpoint is None:
        return unusable(way, f"{way.account.title}: {sandbox.reason}")
    return replace(way, route=replace(way.route, endpoint=endpoint))


def unusable(way: Way, problem: str) -> Way:
    """Give a way that leads nowhere and has no login, so that nothing goes out by mistake."""
    endpoint = replace(
        way.route.endpoint,
        host="",
        base_url="",
        username=None,
        password=None,
        headers=(),
        options=NOTHING,
        needs_credentials=(),
    )
    return Way(way.account, replace(way.route, endpoint=endpoint), problem)


def _plain_endpoint(host: str, port: int, tls: Tls, source: str) -> Endpoint:
    return Endpoint(via=Via.SMTP, host=host, port=port, tls=tls, source=source)


def _handed_to(context: Context, stream: Stream, route: Route, account: Account, endpoint: Endpoint) -> Route:
    numbers = plan_delivery(
        Via.SMTP, stream.kind, stream.volume, stream.needs, account.limits, account.retry, NEARBY, context.thresholds
    )
    return replace(
        route, via=Via.SMTP, account=account.id, endpoint=endpoint, delivery=numbers, settings=account.settings
    )


def _standing_in(account_id: str, title: str, retry: RetryFacts, origin: Origin) -> Account:
    """Give what stands where an app's files name an ESP."""
    return Account(
        id=account_id,
        kind="",
        title=title,
        settings=NoSettings(),
        region=None,
        credentials=(),
        manage=(),
        capabilities=frozenset(),
        limits=Limits(),
        retry=retry,
        managed="files",
        streams=(),
        origin=origin,
        is_esp=False,
    )
