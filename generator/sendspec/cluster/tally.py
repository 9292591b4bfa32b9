"""Adds up what the shares of a run came to, as they come back."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sendspec.check.alike import ALIKE_SHOWN, Alike
from sendspec.check.run import CheckRun, Watcher
from sendspec.check.shares import lost_share
from sendspec.cluster.work import Share, ShareRun
from sendspec.model.finding import Finding, Severity
from sendspec.model.observation import Kind


@dataclass(slots=True)
class Tally:
    """The run so far, told to the watcher.

    `shares` is how many there are and `total` about how many things they hold; `size` gives it for one of them.
    """

    watcher: Watcher
    shares: int
    total: int
    size: Callable[[Share], int]
    run: CheckRun = field(default_factory=CheckRun)
    _alike: Alike = field(default_factory=Alike)
    _back: int = 0
    _lost: int = 0
    _looked_at: int = 0

    def add(self, part: ShareRun) -> None:
        """Count a share that came back. What it has folded is counted, and folded again with that of other shares."""
        run, part_run = self.run, part.run
        run.passed += part_run.passed
        run.unknown += part_run.unknown
        run.accepted += part_run.accepted
        run.measurements += part_run.measurements
        run.stopped = run.stopped or part_run.stopped
        folded = {each.finding for each in part_run.folded}
        for finding in part_run.findings:
            if finding not in folded:
                self._take(finding)
        for each in part_run.folded:
            self._alike.add(each)
        self._advance(part.looked_at)

    def lose(self, share: Share, kind: Kind, why: str) -> None:
        """Count a share that will not come back: all of it is unknown.

        To look into each of a thousand would take minutes: those that nobody is shown count for the average of what is left.
        """
        self._lost += 1
        left = max(self.total - self._looked_at, 0) // max(self.shares - self._back, 1)
        things = self.size(share) if self._lost <= ALIKE_SHOWN else left
        self.run.unknown += things
        self._take(lost_share(kind, share, things, why))
        self._advance(things)

    def finish(self) -> CheckRun:
        """Tell how many more there were of what was shown often enough, and give the whole."""
        for folded in self._alike.rest():
            self.run.folded.append(folded)
            self._tell(folded.finding)
        return self.run

    def _take(self, finding: Finding) -> None:
        if finding.severity is not Severity.UNKNOWN or self._alike.is_shown(finding):
            self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        self.run.findings.append(finding)
        self.watcher.found(finding)

    def _advance(self, things: int) -> None:
        self._back += 1
        self._looked_at += things
        self.watcher.advanced(self._looked_at, self.total, f"{self._back:,} of {self.shares:,} shares are back")
