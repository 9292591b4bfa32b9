"""Spec entries become streams with resolved routes: endpoint, events, numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from sys import intern
from typing import Any

from pydantic import BaseModel

from sendspec.capacity import Surroundings, plan_delivery
from sendspec.compile.secrets import read_credentials
from sendspec.esp.interface import AnyEsp, EndpointRequest
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.route import Endpoint, Events, Route
from sendspec.model.stream import Mailbox, Sender, Stream, Volume
from sendspec.model.thresholds import Thresholds
from sendspec.model.vocabulary import Event, Role
from sendspec.spec.schema import EventsSpec, MailboxSpec, RouteSpec, StreamSpec


@dataclass(frozen=True, slots=True)
class Context:
    """What a stream's routes refer to. `route_settings` holds validated models by (stream id, route index).

    `requests` collects what each route asked its ESP, by stream id and origin, for apps that ask again.
    """

    accounts: Mapping[str, Account]
    esps: Mapping[str, AnyEsp]
    route_settings: Mapping[tuple[str, int], BaseModel]
    thresholds: Thresholds
    requests: dict[tuple[str, Origin], EndpointRequest[Any, Any]] = field(default_factory=dict)


def compile_stream(stream_id: str, spec: StreamSpec, context: Context) -> Stream:
    """Resolve one stream. Routes keep their declared order, primaries first."""
    origin = Origin(("streams", stream_id))
    subscriptions = [spec.events, *(route.events for route in spec.routes)]
    wanted = {event for subscription in subscriptions if subscription for event in subscription.types}
    opens, clicks = spec.tracking.opens, spec.tracking.clicks
    stream = Stream(
        id=stream_id,
        kind=spec.kind,
        senders=_senders(spec, origin),
        volume=Volume(spec.volume.per_day, spec.volume.peak_per_hour),
        needs=frozenset(spec.needs),
        one_click_unsubscribe=spec.unsubscribe.one_click or "",
        tracks_opens=Event.OPENED in wanted if opens is None else opens,
        tracks_clicks=Event.CLICKED in wanted if clicks is None else clicks,
        routes=(),
        origin=origin,
        working=spec.working,
        portable=spec.portable,
    )
    counts = dict.fromkeys(Role, 0)
    routes = []
    for index, route in enumerate(spec.routes):
        counts[route.role] += 1
        routes.append(_compile_route(stream, spec, route, index, counts[route.role], context))
    return replace(stream, routes=tuple(sorted(routes, key=lambda route: route.role is not Role.PRIMARY)))


def _senders(spec: StreamSpec, origin: Origin) -> tuple[Sender, ...]:
    if spec.senders is not None:
        return tuple(
            _sender(key, mailbox, spec.subdomain, origin.key("senders", key))
            for key, mailbox in sorted(spec.senders.items())
        )
    if spec.from_ is None:
        return ()  # the schema refuses a stream without either
    return (_sender("", spec.from_, spec.subdomain, origin.key("from")),)


def _sender(key: str, spec: MailboxSpec, subdomain: str | None, origin: Origin) -> Sender:
    mailbox = Mailbox(intern(spec.name), spec.address)
    return Sender(key, mailbox, subdomain or mailbox.domain, origin)


def _compile_route(
    stream: Stream, spec: StreamSpec, route: RouteSpec, index: int, number: int, context: Context
) -> Route:
    origin = stream.origin.key("routes", index)
    account = context.accounts[route.esp]
    own = read_credentials(f"{stream.id}.{route.role}", account.id, route.credentials, origin.key("credentials"))
    settings = context.route_settings[stream.id, index]
    request = EndpointRequest(
        account_id=account.id,
        settings=account.settings,
        route_settings=settings,
        stream_id=stream.id,
        stream_kind=stream.kind,
        role=route.role,
        via=route.via,
        port=route.port,
        tls=route.tls,
        tracks_opens=stream.tracks_opens,
        tracks_clicks=stream.tracks_clicks,
        one_click_unsubscribe=bool(stream.one_click_unsubscribe),
        credentials={credential.name: credential for credential in account.credentials} | own,
    )
    context.requests[stream.id, origin] = request
    endpoint = context.esps[account.kind].endpoint(request)
    return Route(
        stream=stream.id,
        role=route.role,
        via=route.via,
        account=account.id,
        endpoint=endpoint,
        events=_events(spec.events, route.events, stream.origin, origin, account),
        delivery=plan_delivery(
            route.via,
            stream.kind,
            stream.volume,
            stream.needs,
            account.limits,
            account.retry,
            Surroundings(),
            context.thresholds,
        ),
        settings=settings,
        origin=origin,
        number=number,
    )


def _events(
    of_stream: EventsSpec | None, of_route: EventsSpec | None, stream: Origin, route: Origin, account: Account
) -> Events | None:
    """Give the subscription of a route: its own, or the stream's. `{kind}` and `{esp}` are filled in."""
    spec, origin = (of_route, route) if of_route else (of_stream, stream)
    if spec is None:
        return None
    url = spec.url.replace("{kind}", account.kind).replace("{esp}", account.id)
    return Events(url, tuple(sorted(set(spec.types))), origin.key("events"))


def endpoint_for_app(context: Context, route: Route, own: Mapping[str, Credential]) -> Endpoint:
    """Give a route's endpoint as an app with credentials of its own uses it; they stand before the account's."""
    if not own:
        return route.endpoint
    request = context.requests[route.stream, route.origin]
    kind = context.accounts[route.account].kind
    return context.esps[kind].endpoint(replace(request, credentials={**request.credentials, **own}))
