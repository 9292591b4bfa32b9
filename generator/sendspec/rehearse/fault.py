"""What a fault of the rehearsal is: a change of the stage, and the finding that must name it."""

from collections.abc import Callable
from dataclasses import dataclass

from sendspec.model.observation import Subject
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.rehearse.stage import Stage

Change = Callable[[Setup, Stage], "Stage | None"]
"""Gives the stage with the fault; None where the spec has nothing that it could happen to."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        id: What `--fault` takes: `dns-nxdomain`.
        title: What happens, as a sentence without a full stop.
        subject: What `check` looks at to see it; None: only a message shows it.
        expects: Id of the finding that names it.
        hits: The protocol of the routes that it breaks: their failover is rehearsed too. None: it breaks none at once.
    """

    id: str
    title: str
    subject: Subject | None
    expects: str
    change: Change
    hits: Via | None = None
