"""Configuration sets: which routes use one, and which events their webhooks want."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sendspec.esp.ses.facts import EVENT_NAMES
from sendspec.esp.ses.names import configuration_set_name
from sendspec.esp.ses.settings import RouteSettings, Settings
from sendspec.model.account import Account
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Event, StreamKind

FEEDBACK = frozenset({Event.BOUNCED, Event.COMPLAINED})


@dataclass(frozen=True, slots=True)
class SendingRoute:
    """A route through this account, with its stream and its settings as the model they are."""

    stream: Stream
    route: Route
    settings: RouteSettings


@dataclass(frozen=True, slots=True)
class ConfigurationSet:
    """A configuration set and the routes that use it, in the order of the setup."""

    name: str
    users: tuple[SendingRoute, ...]

    @property
    def streams(self) -> tuple[str, ...]:
        """Give the ids of the streams, sorted."""
        return tuple(sorted({user.stream.id for user in self.users}))


def settings_of(account: Account) -> Settings:
    """Give the settings of an SES account as their own model."""
    if not isinstance(account.settings, Settings):
        raise TypeError(f"{account.id} carries the settings of another ESP")
    return account.settings


def configuration_sets(setup: Setup, account: Account) -> tuple[ConfigurationSet, ...]:
    """Give the configuration sets of an account, sorted by name."""
    settings = settings_of(account)
    users: dict[str, list[SendingRoute]] = {}
    for stream, route in setup.routes():
        if route.account != account.id or not isinstance(route.settings, RouteSettings):
            continue
        name = configuration_set_name(settings, route.settings, account.id, stream.id)
        users.setdefault(name, []).append(SendingRoute(stream, route, route.settings))
    return tuple(ConfigurationSet(name, tuple(found)) for name, found in sorted(users.items()))


def subscriptions(each: ConfigurationSet) -> tuple[tuple[str, tuple[str, ...], Origin], ...]:
    """Give (URL, event names, where it is said) of every webhook of a set, sorted by URL."""
    wanted: dict[str, tuple[set[str], Origin]] = {}
    for user in each.users:
        events = user.route.events
        if events is None:
            continue
        names, _ = wanted.setdefault(events.url, (set(), events.origin))
        names.update(_event_names(user.stream, events.types))
    return tuple((url, tuple(sorted(names)), origin) for url, (names, origin) in sorted(wanted.items()) if names)


def _event_names(stream: Stream, types: Iterable[Event]) -> Iterator[str]:
    for event in types:
        # rewritten links in a password reset look like phishing and are spent by link scanners
        may_track_clicks = stream.tracks_clicks and stream.kind is not StreamKind.AUTHENTICATION
        if (event is Event.CLICKED and not may_track_clicks) or (event is Event.OPENED and not stream.tracks_opens):
            continue
        yield from EVENT_NAMES.value.get(event, ())


def covers_feedback(each: ConfigurationSet) -> bool:
    """Tell whether a webhook takes bounces and complaints of every route of the set."""
    return all(user.route.events is not None and set(user.route.events.types) >= FEEDBACK for user in each.users)
