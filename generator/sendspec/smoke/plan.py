"""What a smoke test will do, as data that can be shown before anything happens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sendspec.errors import UsageError
from sendspec.esp.interface import load_sending
from sendspec.model.account import Account
from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.route import Route
from sendspec.model.sending import Sending
from sendspec.model.setup import Setup
from sendspec.model.smoke import RoutePlan, SmokePlan, Way
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Event, Role, Via
from sendspec.smoke.message import new_marker, subject_of

PREFERRED = (Event.DELIVERED, Event.BOUNCED)
"""What a test address can bring about, the better proof first."""
SLOT = re.compile(r"\{(to|marker|subject|stream)\}")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reader chose.

    Attributes:
        app: Whose path; empty: the only one that has a `smoke_test:`, else the routes themselves.
        route: `primary`, `fallback` or a route's id: try this one only, not the app's command.
        to: An address the reader owns, in place of the ESP's test address.
    """

    app: str = ""
    route: str = ""
    to: str = ""
    listen: tuple[str, int] | None = None
    queue: str = ""
    event_key: str = ""
    passed_on: tuple[str, ...] = ()
    wait_seconds: float = 120.0


def plan_smoke(setup: Setup, stream: Stream, choices: Choices, folder: Path, marker: str = "") -> SmokePlan:
    """Decide what will run. `folder` is where an app's command runs; `marker` is made up unless given.

    Raises:
        UsageError: the choices name nothing, or leave open what is meant.
    """
    marker = marker or new_marker()
    app = _app(setup, stream, choices)
    routes = _routes(setup, stream, app, choices.route)
    command = app if app is not None and app.smoke_test and not choices.route else None
    steps = tuple(_step(setup.account(route.account), route, choices, marker) for route in routes)
    subject = subject_of(marker)
    values = {"to": steps[0].recipient, "marker": marker, "subject": subject, "stream": stream.id}
    return SmokePlan(
        stream=stream,
        sender=stream.senders[0],
        routes=steps,
        marker=marker,
        subject=subject,
        app=command,
        argv=tuple(SLOT.sub(lambda slot: values[slot[1]], part) for part in command.smoke_test) if command else (),
        folder=str(folder) if command else "",
        passed_on=choices.passed_on if command else (),
        listen=choices.listen,
        queue=choices.queue,
        event_key=choices.event_key,
        wait_seconds=choices.wait_seconds,
    )


def _app(setup: Setup, stream: Stream, choices: Choices) -> App | None:
    """Give the app whose path is meant: the one that is named, or the only one that can be meant."""
    sending = [app for app in setup.apps if any(binding.stream.id == stream.id for binding in app.bindings)]
    if choices.app:
        named = next((app for app in sending if app.id == choices.app), None)
        if named is None:
            known = ", ".join(app.id for app in sending) or "none"
            raise UsageError(f"no app called `{choices.app}` sends `{stream.id}`", f"apps that send it: {known}")
        return named
    if choices.route:
        return sending[0] if len(sending) == 1 else None
    testing = [app for app in sending if app.smoke_test]
    if len(testing) > 1:
        names = " or ".join(f"--app {app.id}" for app in testing)
        raise UsageError(f"several apps send `{stream.id}` and declare a `smoke_test:`", f"say which: {names}")
    if testing:
        return testing[0]
    return sending[0] if len(sending) == 1 else None


def _routes(setup: Setup, stream: Stream, app: App | None, wanted: str) -> Sequence[Route]:
    """Give the routes to try, primary first, as the app uses them where one is known, or the relay it goes through."""
    carrier = setup.carrier(app) if app is not None else None
    found = [each.route for each in carrier.esp_bindings() if each.stream.id == stream.id] if carrier else []
    found = found or list(stream.routes)
    found.sort(key=lambda route: (route.role is not Role.PRIMARY, route.number))
    if wanted:
        names = (wanted, f"{stream.id}.{wanted}")
        found = [route for route in found if route.id in names]
    if not found:
        known = ", ".join(route.id for route in stream.routes) or "none"
        raise UsageError(f"`{stream.id}` has no route `{wanted or 'to try'}`", f"routes: {known}")
    return found


def _step(account: Account, route: Route, choices: Choices, marker: str) -> RoutePlan:
    sending = load_sending(account.kind)
    way, title, blind = _way(account, route, choices, sending)
    expected = _expected(route, choices, sending, way)
    if way is not None and expected is None:
        way, title, blind = None, "", _no_event(route, choices, sending)
    address = sending.addresses[expected or next(iter(sending.addresses))]
    return RoutePlan(
        route=route,
        account=account,
        recipient=choices.to or address.marked(marker),
        credentials=tuple(_credentials(account, route, sending, way)),
        cost=sending.cost if not choices.to else "one message like any other",
        expected=expected if way is not None else None,
        way=way,
        way_title=title,
        blind=blind,
        caveat=sending.caveat if not choices.to else "",
    )


def _way(account: Account, route: Route, choices: Choices, sending: Sending) -> tuple[Way | None, str, str]:
    """Give (way, its title, why there is none): what the reader chose, else what the ESP can."""
    is_posted = choices.listen is not None or (choices.queue and sending.comes_by_queue)
    if is_posted and route.events is None:
        return None, "", f"the spec declares no `events:` for {route.id}, so the ESP posts none"
    if choices.listen is not None:
        host, port = choices.listen
        return Way.LISTEN, f"what is posted to {host}:{port}", ""
    if is_posted:
        return Way.QUEUE, f"the queue {choices.queue}", ""
    if sending.lookup is None:
        return None, "", sending.no_lookup
    name = sending.lookup.credential
    if account.credential(name) is None:
        return None, "", f"{sending.lookup.title} wants a credential `{name}`, which {account.id} does not declare"
    return Way.LOOKUP, sending.lookup.title, ""


def _expected(route: Route, choices: Choices, sending: Sending, way: Way | None) -> Event | None:
    """Give the event to wait for: one that this way shows, and that the address leads to."""
    reachable = (Event.DELIVERED,) if choices.to else tuple(event for event in PREFERRED if event in sending.addresses)
    if way is Way.LOOKUP:
        return reachable[0]
    subscribed = route.events.types if route.events else ()
    return next((event for event in reachable if event in subscribed), None)


def _no_event(route: Route, choices: Choices, sending: Sending) -> str:
    types = ", ".join(route.events.types) if route.events else "none"
    bringing = "delivered" if choices.to else " or ".join(event for event in PREFERRED if event in sending.addresses)
    return f"{route.id} subscribes to {types}; a test message brings about {bringing} only"


def _ambient(account: Account, route: Route, sending: Sending) -> Credential | None:
    return sending.ambient(account) if route.via is Via.API else None


def _credentials(account: Account, route: Route, sending: Sending, way: Way | None) -> Iterator[Credential]:
    seen: set[str] = set()
    wanted = [route.endpoint.username, route.endpoint.password or _ambient(account, route, sending)]
    if way is Way.LOOKUP and sending.lookup is not None:
        wanted.append(account.credential(sending.lookup.credential))
    for login in wanted:
        if isinstance(login, Credential) and login.id not in seen:
            seen.add(login.id)
            yield login
