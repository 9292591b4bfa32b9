"""What is to exist at SendGrid: subuser, authenticated domains, branded links, event webhooks, keys, tracking."""

from collections.abc import Iterator, Sequence
from typing import cast

from sendspec.esp.interface import with_native
from sendspec.esp.sendgrid.calling import DISABLED
from sendspec.esp.sendgrid.facts import (
    DOMAINS,
    EU,
    EU_NEEDS_SUBUSER,
    EVENT_NAMES,
    EVENT_SETTINGS,
    GLOBAL,
    LINKS,
    OPENAPI,
    SEND_SCOPES,
    WEBHOOKS,
)
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.identity import Identity
from sendspec.model.request import asked
from sendspec.model.resource import Resource
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream

Leaving = tuple[Stream, Route]


def resources(setup: Setup, account: Account) -> tuple[Resource, ...]:
    """Give the account's resources in the order to create them."""
    settings = cast("Settings", account.settings)
    leaving = [(stream, route) for stream, route in setup.routes() if route.account == account.id]
    subuser = _subuser(account, settings)
    within = tuple(each.key for each in subuser)
    identities: Sequence[Identity] = ()
    if settings.security != "none":
        found = (each for each in setup.identities if each.account == account.id)
        identities = sorted(found, key=lambda each: each.domain)
    return (
        *subuser,
        *(_domain(each, account, settings, within) for each in identities),
        *(_links(each, account, settings, within) for each in identities if settings.link_branding),
        *_webhooks(account, settings, leaving, within),
        *_keys(setup, account, settings, within),
        *_tracking(account, leaving, within),
    )


def _subuser(account: Account, settings: Settings) -> tuple[Resource, ...]:
    if settings.subuser is None:
        return ()
    properties = {
        "username": settings.subuser,
        "email": asked("subuser_email"),
        "password": asked("subuser_password"),
        "ips": [asked("subuser_ip")],
        "region": settings.region,
        "include_region": True,
        DISABLED: False,
    }
    why = "keeps this mail's reputation, suppressions, domains and keys apart from the rest of the account"
    if settings.region == EU:
        why += f"; {EU_NEEDS_SUBUSER.value}"
    return (
        Resource(
            account=account.id,
            kind="subuser",
            id=settings.subuser,
            properties=with_native(properties, settings.extra.subuser),
            why=why,
            source=f"{OPENAPI}/tsg_subusers_v3.json",
            origin=account.origin.key("settings", "subuser"),
            streams=account.streams,
        ),
    )


def _domain(identity: Identity, account: Account, settings: Settings, within: tuple[str, ...]) -> Resource:
    properties: dict[str, object] = {
        "domain": identity.domain,
        "automatic_security": settings.security == "automatic",
        "custom_spf": False,
        # true would sign mail of domains that nobody authenticated with this one: never aligned, and hard to notice
        "default": False,
        "region": settings.region,
    }
    if settings.domain_label:
        properties["subdomain"] = settings.domain_label
    return Resource(
        account=account.id,
        kind="authenticated-domain",
        id=identity.domain,
        properties=with_native(properties, settings.extra.authenticated_domain),
        why=f"SendGrid signs as {identity.domain} and uses a return-path below it, so that DKIM and SPF both align",
        source=DOMAINS,
        origin=account.origin,
        depends_on=within,
        streams=identity.streams,
    )


def _links(identity: Identity, account: Account, settings: Settings, within: tuple[str, ...]) -> Resource:
    properties = {
        "domain": identity.domain,
        "subdomain": settings.link_label,
        "default": False,
        # this API says `us` where the others say `global`
        "region": "us" if settings.region == GLOBAL else settings.region,
    }
    return Resource(
        account=account.id,
        kind="link-branding",
        id=identity.domain,
        properties=with_native(properties, settings.extra.link_branding),
        why="tracked links stay below the sending domain",
        source=LINKS,
        origin=account.origin.key("settings", "link_branding"),
        depends_on=(*within, f"authenticated-domain/{identity.domain}"),
        streams=identity.streams,
    )


def _webhooks(
    account: Account, settings: Settings, leaving: Sequence[Leaving], within: tuple[str, ...]
) -> Iterator[Resource]:
    """One webhook for each address; each posts the events of all streams, because SendGrid cannot tell them apart."""
    taken: set[str] = set()
    for url in sorted({route.events.url for _, route in leaving if route.events}):
        users = [(stream, route.events) for stream, route in leaving if route.events and route.events.url == url]
        wanted = {event for _, events in users for event in events.types}
        switched_on = {name for event in wanted for name in EVENT_NAMES[event]}
        streams = tuple(sorted({stream.id for stream, _ in users}))
        name = "+".join(streams)
        webhook_id = name if name not in taken else f"{name}+{len(taken)}"
        taken.add(webhook_id)
        properties: dict[str, object] = {"enabled": True, "url": url, "friendly_name": f"{account.id}: {webhook_id}"}
        properties |= {name: name in switched_on for name in EVENT_SETTINGS}
        yield Resource(
            account=account.id,
            kind="event-webhook",
            id=webhook_id,
            properties=with_native(properties, settings.extra.event_webhook),
            why=_why_webhook(account, streams, {stream.id: set(events.types) for stream, events in users}),
            source=WEBHOOKS,
            origin=users[0][1].origin,
            depends_on=within,
            streams=streams,
        )
        yield Resource(
            account=account.id,
            kind="event-webhook-signature",
            id=webhook_id,
            properties={"enabled": True},
            why="SendGrid signs each post (ECDSA over timestamp and raw body); the receiver refuses what is not signed",
            source=WEBHOOKS,
            origin=users[0][1].origin,
            depends_on=(*within, f"event-webhook/{webhook_id}"),
            streams=streams,
        )


def _why_webhook(account: Account, streams: Sequence[str], wanted: dict[str, set[str]]) -> str:
    why = f"posts the events wanted for {', '.join(streams)}; `bounced` includes dropped mail"
    others = [stream for stream in account.streams if stream not in streams]
    if others:
        why += f". SendGrid cannot filter by stream: events of {', '.join(others)} arrive here too"
    if len({frozenset(types) for types in wanted.values()}) > 1:
        asks = "; ".join(f"{stream}: {', '.join(sorted(types))}" for stream, types in sorted(wanted.items()))
        why += f". One webhook serves streams of different needs ({asks}): each posts what any of them asks for"
    return why


def _keys(setup: Setup, account: Account, settings: Settings, within: tuple[str, ...]) -> Iterator[Resource]:
    for credential, streams in sorted(sending_keys(setup, account).items(), key=lambda each: each[0].id):
        yield Resource(
            account=account.id,
            kind="api-key",
            id=credential.id,
            properties=with_native({"name": credential.id, "scopes": list(SEND_SCOPES.value)}, settings.extra.api_key),
            why=f"sends {', '.join(sorted(streams))} and can do nothing else",
            source=SEND_SCOPES.source,
            origin=credential.origin,
            depends_on=within,
            streams=tuple(sorted(streams)),
        )


def sending_keys(setup: Setup, account: Account) -> dict[Credential, set[str]]:
    """Give every key that routes or apps send with, with the ids of the streams it sends."""
    keys: dict[Credential, set[str]] = {}
    used = [route for _, route in setup.routes()]
    used += [binding.route for app in setup.apps for binding in app.bindings]
    for route in used:
        key = route.endpoint.password
        if route.account == account.id and isinstance(key, Credential):
            keys.setdefault(key, set()).add(route.stream)
    return keys


def _tracking(account: Account, leaving: Sequence[Leaving], within: tuple[str, ...]) -> Iterator[Resource]:
    wishes = {
        "click": [stream.id for stream, _ in leaving if stream.tracks_clicks],
        "open": [stream.id for stream, _ in leaving if stream.tracks_opens],
    }
    for name, streams in wishes.items():
        reason = f"wanted for {', '.join(sorted(set(streams)))}; a stream without it says so on every message"
        yield Resource(
            account=account.id,
            kind="tracking",
            id=name,
            properties={"enabled": bool(streams)},
            why=f"{name} tracking, one switch for all mail of this user: {reason if streams else 'no stream asks for it'}",
            source=f"{OPENAPI}/tsg_tracking_settings_v3.json",
            origin=account.origin,
            depends_on=within,
            streams=account.streams,
        )
