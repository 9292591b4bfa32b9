"""What is to exist at Postmark: one server, its message streams, their webhooks, and the account's domains."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sendspec.esp.interface import with_native
from sendspec.esp.postmark.facts import (
    BROADCASTS,
    DEFAULT_STREAMS,
    DOCS,
    EVENT_NAMES,
    NO_OPEN_TRACKING,
    OWN_UNSUBSCRIBE,
    TRIGGERS,
    WEBHOOK_AUTHENTICITY,
)
from sendspec.esp.postmark.message_streams import message_stream_id, message_stream_type
from sendspec.esp.postmark.settings import RouteSettings, Settings
from sendspec.model.account import Account
from sendspec.model.identity import Identity
from sendspec.model.request import asked, secret
from sendspec.model.resource import Resource
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Via

WEBHOOK_USER = "postmark"
DOMAIN_SOURCE = f"{DOCS}/api/domains-api"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A route through this account, with the message stream it takes."""

    stream: Stream
    route: Route
    message_stream: str

    @property
    def native(self) -> Mapping[str, object]:
        """Give the route's own native fields."""
        return cast("RouteSettings", self.route.settings).extra


def resources(setup: Setup, account: Account) -> tuple[Resource, ...]:
    """Give the account's resources in the order to create them: server, domains, message streams, webhooks."""
    settings = cast("Settings", account.settings)
    leaving = tuple(routes_of(setup, account))
    server = _server(account, settings, leaving)
    identities = sorted(
        (identity for identity in setup.identities if identity.account == account.id), key=lambda each: each.domain
    )
    return (
        server,
        *(_domain(identity, account, settings) for identity in identities),
        *_message_streams(account, settings, server, leaving),
        *_webhooks(account, settings, leaving),
    )


def routes_of(setup: Setup, account: Account) -> Iterator[Leaving]:
    """Give every route of the account with its message stream, in the order of the setup."""
    for stream, route in setup.routes():
        if route.account == account.id:
            chosen = cast("RouteSettings", route.settings).message_stream
            yield Leaving(stream, route, message_stream_id(stream.id, chosen))


def own_message_streams(found: Sequence[Resource]) -> list[Resource]:
    """Give the message streams that are made for the spec, without those every server has."""
    return [each for each in found if each.kind == "message-stream" and each.id not in DEFAULT_STREAMS.value]


def _server(account: Account, settings: Settings, leaving: Sequence[Leaving]) -> Resource:
    by_smtp = any(each.route.via is Via.SMTP for each in leaving)
    name = settings.server or account.id
    return Resource(
        account=account.id,
        kind="server",
        id=name,
        properties=with_native(
            {
                "Name": name,
                "DeliveryType": "Live",
                "SmtpApiActivated": by_smtp,
                # Over SMTP Postmark accepts mail to suppressed recipients silently; this turns it into bounce events.
                "EnableSmtpApiErrorHooks": by_smtp,
                "TrackOpens": NO_OPEN_TRACKING.value,
                "TrackLinks": settings.tracking,
            },
            settings.extra.server,
        ),
        why="one server holds the message streams of this account; SMTP is on only if a route uses it",
        source=f"{DOCS}/api/servers-api",
        origin=account.origin,
        streams=account.streams,
    )


def _domain(identity: Identity, account: Account, settings: Settings) -> Resource:
    return Resource(
        account=account.id,
        kind="domain",
        id=identity.domain,
        properties=with_native(
            {"Name": identity.domain, "ReturnPathDomain": identity.envelope_domain}, settings.extra.domain
        ),
        why="lets Postmark sign for the domain, with a return-path below it so that SPF aligns too",
        source=DOMAIN_SOURCE,
        origin=account.origin,
        streams=identity.streams,
    )


def _message_streams(
    account: Account, settings: Settings, server: Resource, leaving: Sequence[Leaving]
) -> Iterator[Resource]:
    for message_stream in sorted({each.message_stream for each in leaving}):
        users = [each for each in leaving if each.message_stream == message_stream]
        names = ", ".join(sorted({each.stream.id for each in users}))
        kind = _type_of(message_stream, users)
        handling, why = "None", f"carries {names}: mail that one person's action asks for"
        if kind == BROADCASTS:
            own = all(each.stream.one_click_unsubscribe for each in users)
            handling, why = _unsubscribe(names, own_process=own)
        properties: dict[str, object] = {
            "ID": message_stream,
            "Name": message_stream,
            "MessageStreamType": kind,
            "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": handling},
        }
        for native in (settings.extra.message_stream, *(each.native for each in users)):
            properties = with_native(properties, native)
        yield Resource(
            account=account.id,
            kind="message-stream",
            id=message_stream,
            properties=properties,
            why=why,
            source=f"{DOCS}/api/message-streams-api",
            origin=users[0].route.origin,
            depends_on=(server.key,),
            streams=tuple(sorted({each.stream.id for each in users})),
        )


def _type_of(message_stream: str, users: Iterable[Leaving]) -> str:
    """One bulk user makes a stream a broadcast stream; the default streams are what they are."""
    types = {message_stream_type(message_stream, each.stream.kind) for each in users}
    return DEFAULT_STREAMS.value.get(message_stream) or (BROADCASTS if BROADCASTS in types else types.pop())


def _unsubscribe(names: str, *, own_process: bool) -> tuple[str, str]:
    head = f"carries {names}: bulk mail, which Postmark sends from other servers; "
    if own_process:
        return "Custom", f"{head}the spec declares its own one-click unsubscribe: {OWN_UNSUBSCRIBE.value}"
    return "Postmark", f"{head}Postmark adds and handles the unsubscribe link and headers (RFC 8058)"


def _webhooks(account: Account, settings: Settings, leaving: Sequence[Leaving]) -> Iterator[Resource]:
    wanted = sorted({(each.message_stream, each.route.events.url) for each in leaving if each.route.events})
    for message_stream, url in wanted:
        users = [
            each
            for each in leaving
            if each.route.events and (each.message_stream, each.route.events.url) == (message_stream, url)
        ]
        events = {event for each in users if each.route.events for event in each.route.events.types}
        triggers = {name for event in events for name in EVENT_NAMES[event]}
        number = [other for stream, other in wanted if stream == message_stream].index(url) + 1
        yield Resource(
            account=account.id,
            kind="webhook",
            id=message_stream if number == 1 else f"{message_stream}-{number}",
            properties=with_native(
                {
                    "Url": url,
                    "MessageStream": message_stream,
                    "HttpAuth": {"Username": WEBHOOK_USER, "Password": _webhook_password(account)},
                    "Triggers": {trigger: _trigger(trigger, enabled=trigger in triggers) for trigger in TRIGGERS},
                },
                settings.extra.webhook,
            ),
            why=f"posts exactly what the spec asks for ({', '.join(sorted(events))}); protected by basic auth, because "
            "Postmark does not sign webhooks",
            source=WEBHOOK_AUTHENTICITY.source,
            origin=users[0].route.events.origin if users[0].route.events else users[0].route.origin,
            depends_on=(f"message-stream/{message_stream}",),
            streams=tuple(sorted({each.stream.id for each in users})),
        )


def _trigger(name: str, *, enabled: bool) -> dict[str, bool]:
    options = {"Open": {"PostFirstOpenOnly": False}, "Bounce": {"IncludeContent": False}}
    options["SpamComplaint"] = options["Bounce"]
    return {"Enabled": enabled} | options.get(name, {})


def _webhook_password(account: Account) -> str:
    """Give the placeholder: the account's `manage.webhook_password`, or something for a person to choose."""
    for credential in account.manage:
        if credential.name == "webhook_password":
            return secret(credential.reference)
    return asked("webhook_password")
