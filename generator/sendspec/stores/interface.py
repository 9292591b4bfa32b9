"""What a secret store is to the rest of sendspec, and how to find one by the scheme of a reference."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

import sendspec.stores
from sendspec.model.secret import Secret, Unresolved
from sendspec.plugins import load_plugin, plugin_ids

PROGRAM_SECONDS = 20.0
"""Reading one value takes a command a second or two; a person who must touch a fingerprint reader takes longer."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a store may use of the process around it.

    Attributes:
        environment: The variables of the process; programs are started with them. They hold secrets, so no repr shows them.
        folder: What a relative path in a reference is relative to: the folder the command was started in.
        program_seconds: How long a store's program may take.
    """

    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    program_seconds: float = PROGRAM_SECONDS


@dataclass(frozen=True, slots=True)
class Store:
    """A place where secrets are kept.

    Attributes:
        id: The scheme of its references: `aws-sm`; its folder has `_` for `-`.
        title: Its name for people.
        read: Gives the value at a reference (what follows `scheme://`), or why it cannot be had. May block: callers run
            it in a thread. Never raises, and no part of a value is in a reason.
        write: Puts a value there in place of the old one, and leaves what stands beside it (other keys of the same
            secret); gives None, or why it could not. As `read` otherwise. The value is in no argument of a program and in
            no file but the store's own. None: the store cannot be written from here.
        write_all: Puts several values that stand in one place there in one step: nobody sees some of them only. By what
            follows `scheme://`; None: each is written by itself.
        place: Gives the place of a reference: values of the same place are written together.
    """

    id: str
    title: str
    read: Callable[[str, Surroundings], Secret | Unresolved]
    write: Callable[[str, Secret, Surroundings], Unresolved | None] | None = None
    write_all: Callable[[Mapping[str, Secret], Surroundings], Unresolved | None] | None = None
    place: Callable[[str], str] = lambda rest: rest.partition("#")[0]


@cache
def store_ids() -> tuple[str, ...]:
    """Give the schemes of all stores, sorted, without importing them."""
    return plugin_ids(sendspec.stores)


@cache
def load_store(store_id: str) -> Store:
    """Import one store. Raises KeyError for a scheme that no folder has."""
    if store_id not in store_ids():
        raise KeyError(store_id)
    return cast("Store", load_plugin(sendspec.stores, store_id, "STORE"))
