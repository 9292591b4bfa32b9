"""What goes to a worker and what comes back: values that pickle, and the same version of sendspec on both sides."""

import pickle
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sendspec.check.run import CheckRun
from sendspec.check.scope import Scope
from sendspec.model.observation import Subject
from sendspec.net.address import Server
from sendspec.spec.files import SpecFiles

Share = tuple[int, int]
"""Its number, from 1, and of how many, as in `check.scope`."""


@dataclass(frozen=True, slots=True)
class Work:
    """What all shares of one run have in common. No credential is in it: workers resolve the references of the spec.

    Attributes:
        run: Names the run among others of the same cluster.
        spec: The files of the spec, packed by `pack_spec`.
        seconds: What a share may take at the most.
        resolvers: Recursive resolvers; empty: the worker's own.
    """

    run: str
    spec: bytes
    subjects: Collection[Subject]
    scope: Scope
    seconds: float
    resolvers: tuple[Server, ...]
    today: date

    def pack(self) -> bytes:
        """Give the bytes that a scheduler can pass on without knowing what is in them."""
        return pickle.dumps(self)


@dataclass(frozen=True, slots=True)
class ShareRun:
    """What came of a share. `looked_at` counts things."""

    run: CheckRun
    looked_at: int


def unpack(packed: bytes) -> Work:
    """Give the work that `Work.pack` has packed. From Dask alone: whoever can hand a worker tasks can run any code there."""
    work: Work = pickle.loads(packed)  # noqa: S301 - Dask itself unpickles whatever a client sends
    return work


def pack_spec(found: SpecFiles) -> bytes:
    """Give the files of a spec for another machine; they are text, and a tenth is left of it."""
    return zlib.compress(pickle.dumps(found.elsewhere()))


def unpack_spec(packed: bytes) -> SpecFiles:
    """Give the files that `pack_spec` has packed."""
    found: SpecFiles = pickle.loads(zlib.decompress(packed))  # noqa: S301 - see `unpack`
    return found
