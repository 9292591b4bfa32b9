"""What the decision looks at: one stream with the apps that send it and the ESP of its primary."""

from dataclasses import dataclass
from functools import cached_property

from sendspec.capacity import Surroundings
from sendspec.model.account import Account
from sendspec.model.app import App
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.thresholds import Thresholds
from sendspec.model.vocabulary import Capability, Need, Role, Via
from sendspec.need_support import unmet_needs

SUBMISSION_PORTS = frozenset({25, 465, 587})
"""Ports RFC 6409 and RFC 8314 name for submission, and 25; vendors add 2525, 2587 and 2465."""


@dataclass(frozen=True)
class Situation:
    """A stream as the decision sees it."""

    setup: Setup
    stream: Stream
    apps: tuple[App, ...]

    @property
    def thresholds(self) -> Thresholds:
        """Give the thresholds of this spec."""
        return self.setup.thresholds

    @cached_property
    def primary(self) -> Route | None:
        """Give the declared primary, None where the spec has none (a rule says so)."""
        return next((route for route in self.stream.routes if route.role is Role.PRIMARY), None)

    @cached_property
    def fallback(self) -> Route | None:
        """Give the first declared fallback."""
        return next((route for route in self.stream.routes if route.role is Role.FALLBACK), None)

    @cached_property
    def account(self) -> Account | None:
        """Give the ESP account of the primary."""
        return self.setup.account(self.primary.account) if self.primary else None

    @cached_property
    def speaks(self) -> frozenset[Via]:
        """Give the protocols that every app of this stream speaks; both where no app is declared."""
        spoken = frozenset(Via)
        for app in self.apps:
            spoken &= frozenset(app.speaks)
        return spoken

    @cached_property
    def blocked_ports(self) -> frozenset[int]:
        """Give ports that some app's platform blocks."""
        return frozenset(port for app in self.apps for port in app.blocked_ports)

    @property
    def is_smtp_blocked(self) -> bool:
        """Tell whether no port that the ESP serves for submission is open to every app."""
        if self.account is None or not self.blocked_ports:
            return False
        served = frozenset(port for ports in self.account.limits.smtp_ports.values() for port in ports)
        return (served or SUBMISSION_PORTS) <= self.blocked_ports

    @cached_property
    def surroundings(self) -> Surroundings:
        """Give the worst distance and process any app declares."""
        distances = [app.rtt_ms for app in self.apps if app.rtt_ms is not None]
        return Surroundings(max(distances, default=None), any(app.is_cold for app in self.apps))

    @property
    def per_month(self) -> int | None:
        """Give declared messages in 30 days."""
        per_day = self.stream.volume.per_day
        return None if per_day is None else per_day * 30

    def offers(self, capability: Capability) -> bool:
        """Tell whether the primary's ESP can do something."""
        return self.account is not None and capability in self.account.capabilities

    def unmet(self, via: Via) -> tuple[Need, ...]:
        """Give the needs that the primary's ESP does not meet over a protocol, sorted; none where no ESP is known."""
        return unmet_needs(self.stream.needs, via, self.account) if self.account else ()
