"""What a live command tells while it runs, and its last lines."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from sendspec.model.finding import Finding
from sendspec.model.observation import Measurement
from sendspec.report.progress import CLEAR_LINE
from sendspec.report.terminal import BOLD, GREEN, Paint, visible

EVERY_SECONDS = 0.1
PATIENCE_SECONDS = 1.0
MILLISECOND = 0.001
SHOWN_FROM = 0.0005
"""What takes less is part of an answer that came together with another one."""


@dataclass(slots=True)
class Ticker:
    """Shows on a terminal how far a run has come, and tells each finding as it is found.

    `tell` writes a finding; None: this format is one document, written at the end.
    """

    stderr: TextIO
    tell: Callable[[Finding], None] | None
    clock: Callable[[], float] = time.monotonic
    _started: float = field(init=False)
    _shown_at: float = 0.0
    _is_shown: bool = False
    _found: int = 0

    def __post_init__(self) -> None:
        self._started = self.clock()

    def found(self, finding: Finding) -> None:
        """Tell a finding at once."""
        self._found += 1
        if self.tell is not None:
            self.clear()
            self.tell(finding)

    def advanced(self, done: int, total: int, title: str) -> None:
        """Show how far it is, ten times a second at the most, once a second has passed."""
        now = self.clock()
        if not self.stderr.isatty() or now - self._started < PATIENCE_SECONDS or now - self._shown_at < EVERY_SECONDS:
            return
        self._shown_at, self._is_shown = now, True
        of = f" of about {total:,}" if total > done else ""
        found = f", {self._found} found" if self._found else ""
        self.stderr.write(f"{CLEAR_LINE}sendspec: looked at {done:,}{of}{found}; {title} ...")
        self.stderr.flush()

    def clear(self) -> None:
        """Take the progress line away."""
        if self._is_shown:
            self.stderr.write(CLEAR_LINE)
            self.stderr.flush()
            self._is_shown = False

    @property
    def seconds(self) -> float:
        """Give how long the run has taken so far."""
        return self.clock() - self._started


def measurements_text(measurements: Sequence[Measurement], paint: Paint) -> str:
    """Give what was measured, an endpoint a line: the best of its sessions; and how the decision can use it."""
    if not measurements:
        return ""
    by_endpoint: dict[str, list[Measurement]] = {}
    for seen in measurements:
        by_endpoint.setdefault(seen.endpoint, []).append(seen)
    lines = [paint("measured:", BOLD)]
    for endpoint, sessions in sorted(by_endpoint.items()):
        best = min(sessions, key=lambda seen: seen.total_seconds)
        phases = ", ".join(f"{name} {_ms(seconds)}" for name, seconds in best.phases if seconds >= SHOWN_FROM)
        routes = ", ".join(dict.fromkeys(seen.route for seen in sessions))
        lines.append(f"  {visible(endpoint)}: {phases}; for {visible(routes)}")
    trips = [seen.round_trip_seconds for seen in measurements if seen.round_trip_seconds]
    if trips:
        lines.append(
            f"  a round trip took {_ms(min(trips))} to {_ms(max(trips))}: for the decision, `rtt_ms:` of the apps that run "
            "where this ran (`sendspec advise`)"
        )
    return "".join(f"{line}\n" for line in lines)


def passed_text(passed: int, seconds: float, stopped: str, paint: Paint) -> str:
    """Give the very last line: how much was as declared, how long it took, and why it ended early if it did."""
    said = f"{passed:,} {'things are' if passed != 1 else 'thing is'} as declared; {seconds:.1f} s"
    early = f"; {stopped}, so not everything was looked at" if stopped else ""
    return f"{paint(said, GREEN) if not stopped else said}{early}\n"


def measurement_part(seen: Measurement) -> dict[str, object]:
    """Give the JSON-able form: seconds, by phase in order."""
    return {
        "route": seen.route,
        "endpoint": seen.endpoint,
        "phases": [{"name": name, "seconds": round(seconds, 6)} for name, seconds in seen.phases],
        "round_trip_seconds": round(seen.round_trip_seconds, 6),
    }


def _ms(seconds: float) -> str:
    return f"{seconds / MILLISECOND:.0f} ms" if seconds >= 10 * MILLISECOND else f"{seconds / MILLISECOND:.1f} ms"
