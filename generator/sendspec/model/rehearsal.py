"""What came of a fault in a rehearsal."""

from dataclasses import dataclass

from sendspec.model.finding import Finding
from sendspec.model.smoke import SmokeRun


@dataclass(frozen=True, slots=True)
class FaultRun:
    """One fault, what named it, and what became of a message meanwhile.

    Attributes:
        id, title: Of the fault.
        expects: Id of the finding that must name it.
        findings: What the check, or the message, came to.
        smoke: What became of a message of a stream whose primary route the fault breaks; None where there is none.
        applies: The spec has something that it could happen to.
    """

    id: str
    title: str
    expects: str
    findings: tuple[Finding, ...] = ()
    smoke: SmokeRun | None = None
    applies: bool = True

    @property
    def named_by(self) -> Finding | None:
        """Give the finding that names it, None where it is not there."""
        return next((finding for finding in self.findings if finding.rule == self.expects), None)
