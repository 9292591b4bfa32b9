"""Every declared webhook, as the ESP would meet it: reachable over https, quick, and deaf to what the ESP did not send.

What is posted is the ESP's own form of an event about a message that does not exist: no person, no credential.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.check.webhook.kinds import (
    ACCEPTS_UNSIGNED,
    BROKEN,
    BY_TROUBLE,
    CERTIFICATE_ENDS,
    ENDS_RETRIES,
    KINDS,
    LIMITS,
    MISSING,
    NO_ANSWER,
    NO_POST,
    ODD_ANSWER,
    REDIRECTS,
    SLOW,
    TOO_LARGE,
    UNKNOWN_TROUBLES,
)
from sendspec.esp.interface import UnsignedEvent, load_esp
from sendspec.model.account import Account
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.model.trouble import Trouble
from sendspec.model.vocabulary import Capability
from sendspec.net.http import Reply
from sendspec.net.net import Net

AT_ONCE = 16
CERTIFICATE_DAYS = 14
WAIT_SECONDS = 10
"""For an ESP that does not say how long it waits: the shortest limit that any names."""
MOST_OCTETS = 100_000
REFUSALS = frozenset({400, 401, 402, 403, 406, 409, 412, 413, 415, 422})
STATUSES: dict[int, Kind] = {404: MISSING, 405: NO_POST, 410: MISSING, 429: LIMITS, 501: NO_POST}
RELATED = 3


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address with the form of one ESP. `places` say where it is declared; never empty."""

    url: str
    account: Account
    event: UnsignedEvent
    places: tuple[Origin, ...]

    @property
    def host(self) -> str:
        """Give the host, and the port where it is not 443. Never the user and password that a URL may hold."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def shown(self) -> str:
        """Give the URL without user and password."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=self.host).geturl()

    @property
    def wait_seconds(self) -> int:
        """Give how long the ESP waits for an answer."""
        limit = self.event.answer_within_seconds
        return limit.value if limit else WAIT_SECONDS

    @property
    def related(self) -> tuple[tuple[Origin, str], ...]:
        """Give other places that declare the same address."""
        return tuple((place, "declared here too") for place in self.places[1 : RELATED + 1])


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Post one unsigned event to every webhook, several side by side."""

    async def work(webhook: Webhook) -> list[Seen]:
        return await _look_at(webhook, net)

    async for seen in side_by_side(webhooks_of(setup), work, AT_ONCE):
        yield seen


def webhooks_of(setup: Setup) -> list[Webhook]:
    """Give each address once for each ESP that posts there, in the order of the setup."""
    found: dict[tuple[str, str], list[tuple[Account, Origin]]] = {}
    for _, route in setup.routes():
        if route.events is not None:
            account = setup.account(route.account)
            found.setdefault((route.events.url, account.kind), []).append((account, route.events.origin))
    webhooks = []
    for (url, kind), uses in found.items():
        event = load_esp(kind).unsigned_event
        if event is not None:
            webhooks.append(Webhook(url, uses[0][0], event, tuple(dict.fromkeys(origin for _, origin in uses))))
    return webhooks


async def _look_at(webhook: Webhook, net: Net) -> list[Seen]:
    headers = (("Content-Type", webhook.event.content_type), *webhook.event.headers)
    reply = await net.http.call(
        "POST",
        webhook.url,
        headers=headers,
        body=webhook.event.body,
        timeout_seconds=webhook.wait_seconds,
        max_octets=MOST_OCTETS,
    )
    found = list(_judge(webhook, reply))
    return [*found] or [Passed()]


def _judge(webhook: Webhook, reply: Reply) -> Iterator[Observation]:
    if reply.trouble is not None:
        yield _trouble(webhook, reply, reply.trouble)
    elif reply.status is not None:
        yield from _answer(webhook, reply, reply.status)
        if reply.seconds > webhook.wait_seconds / 2:
            message = (
                f"it answered after {reply.seconds:.1f} s, and {webhook.account.title} waits {webhook.wait_seconds} s"
            )
            yield _about(
                webhook, reply, SLOW, message, f"less than {webhook.wait_seconds / 2:g} s", f"{reply.seconds:.1f} s"
            )
    days = reply.certificate_days
    if days is not None and days < CERTIFICATE_DAYS:
        message = f"its certificate is valid for {days} more days"
        yield _about(webhook, reply, CERTIFICATE_ENDS, message, f"at least {CERTIFICATE_DAYS} days", f"{days} days")


def _trouble(webhook: Webhook, reply: Reply, trouble: Trouble) -> Observation:
    """A time-out before the event had left may be the network between here and there; afterwards it is the receiver's."""
    kind = BY_TROUBLE[trouble]
    is_unknown = trouble in UNKNOWN_TROUBLES or (trouble is Trouble.TIMEOUT and not reply.was_sent)
    message = f"{trouble}: {reply.detail}" if reply.detail else str(trouble)
    if kind is NO_ANSWER and reply.was_sent:
        message = f"no answer in the {webhook.wait_seconds} s that {webhook.account.title} waits"
    seen = "" if kind is TOO_LARGE else reply.detail
    return _about(webhook, reply, kind, message, "an answer", seen, is_unknown=is_unknown)


def _answer(webhook: Webhook, reply: Reply, status: int) -> Iterator[Observation]:
    wanted = f"{webhook.event.refuse_with}, or another refusal"
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 section 15.3
        yield _accepts(webhook, reply, wanted)
    elif status in REFUSALS:
        if status in webhook.event.gives_up_after:
            message = f"it refuses with {status}, after which {webhook.account.title} does not try again"
            yield _about(webhook, reply, ENDS_RETRIES, message, str(webhook.event.refuse_with), str(status))
    elif 300 <= status < 400:  # noqa: PLR2004 - RFC 9110 section 15.4
        to = reply.headers.get("location", "nowhere")[:120]
        yield _about(webhook, reply, REDIRECTS, f"it redirects to {to}", wanted, f"{status} to {to}")
    else:
        kind = STATUSES.get(status, BROKEN if status >= 500 else ODD_ANSWER)  # noqa: PLR2004 - RFC 9110 section 15.6
        yield _about(webhook, reply, kind, f"it answers {status}", wanted, str(status), is_unknown=kind is LIMITS)


def _accepts(webhook: Webhook, reply: Reply, wanted: str) -> Observation:
    """An ESP that signs nothing leaves a password: without one the receiver cannot do better, with one it must."""
    can_sign = Capability.SIGNED_EVENTS in webhook.account.capabilities
    message = f"it accepts an event that {webhook.account.title} did not {'sign' if can_sign else 'send'}"
    return Observation(
        ACCEPTS_UNSIGNED,
        webhook.places[0],
        f"{webhook.shown}: {message}",
        expected=wanted,
        seen=str(reply.status),
        answered_by=_by(webhook, reply),
        fix=webhook.event.protection,
        severity=None if can_sign else Severity.WARNING,
        related=webhook.related,
    )


def _about(
    webhook: Webhook, reply: Reply, kind: Kind, message: str, expected: str, seen: str, *, is_unknown: bool = False
) -> Observation:
    return Observation(
        kind,
        webhook.places[0],
        f"{webhook.shown}: {message}",
        is_unknown=is_unknown,
        expected=expected,
        seen=seen,
        answered_by=_by(webhook, reply),
        related=webhook.related,
    )


def _by(webhook: Webhook, reply: Reply) -> str:
    return f"{webhook.host} ({reply.address})" if reply.address else webhook.host


def _size(setup: Setup) -> int:
    return len(webhooks_of(setup))


CHECK = Check("webhook-endpoint", Subject.WEBHOOK, "webhooks", KINDS, run, _size)
