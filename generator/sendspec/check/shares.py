"""What can be said of a share of the work that a cluster did not bring back."""

from sendspec.model.finding import Finding, Severity
from sendspec.model.observation import Kind

DESIGN = "sendspec: `check --dask`"

LATE = Kind(
    id="live-cluster-late",
    severity=Severity.ERROR,
    summary="A share of the work was not back from the cluster when the run ended.",
    why="what the share holds was perhaps not looked at: whether it is as declared is not known",
    instead="give the run more time (--deadline SECONDS), or the cluster more workers",
    source=DESIGN,
)
FAILED = Kind(
    id="live-cluster-share-failed",
    severity=Severity.ERROR,
    summary="The cluster failed at a share of the work: its worker died, was cut off, or could not do it.",
    why="what the share holds was perhaps not looked at: whether it is as declared is not known",
    instead="look into the log of the worker; one that dies over and over often lacks memory",
    source=DESIGN,
)
KINDS = (LATE, FAILED)


def lost_share(kind: Kind, share: tuple[int, int], things: int, why: str) -> Finding:
    """Give the finding about a share that did not come back, and how to look at just this one. `things` is about how many."""
    number, of = share
    return Finding(
        rule=kind.id,
        severity=Severity.UNKNOWN,
        message=f"share {number}/{of}, about {things:,} {'thing' if things == 1 else 'things'}: {why}",
        fix=f"{kind.instead}; `sendspec check --shard {number}/{of}` looks at just this share",
        source=kind.source,
    )
