"""What a secret store is to the rest of sendspec, and how to find one by the scheme of a reference."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

import sendspec.stores
from sendspec.model.secret import Secret, Unresolved
from sendspec.plugins import load_plugin, plugin_ids


@dataclass(frozen=True, slots=True)
class Store:
    """A place where secrets are kept.

    Attributes:
        id: The scheme of its references: `aws-sm`; its folder has `_` for `-`.
        title: Its name for people.
        read: Gives the value at a reference (what follows `scheme://`), or why it cannot be had. May block: callers run
            it in a thread. Never raises, and no part of a value is in a reason.
    """

    id: str
    title: str
    read: Callable[[str], Secret | Unresolved]


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
