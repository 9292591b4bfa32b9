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
    """Give what was measured, an endpoint a line, and how the decision can use it."""
    if not measurements:
        return ""
    lines = [paint("measured:", BOLD)]
    for seen in sorted(measurements, key=lambda each: (each.route, each.endpoint)):
        phases = ", ".join(f"{name} {_ms(seconds)}" for name, seconds in seen.phases)
        trip = f"; a round trip {_ms(seen.round_trip_seconds)}" if seen.round_trip_seconds else ""
        lines.append(f"  {visible(seen.route)} {visible(seen.endpoint)}: {phases}{trip}")
    trips = sorted(seen.round_trip_seconds for seen in measurements if seen.round_trip_seconds)
    if trips:
        lines.append(
            f"  for the decision: `rtt_ms: {max(1, round(trips[-1] / MILLISECOND))}` in the app that runs where this ran "
            "(`sendspec advise`)"
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
    return f"{seconds / MILLISECOND:.0f} ms" if seconds >= MILLISECOND else f"{seconds / MILLISECOND:.1f} ms"
