"""Find plug-ins: every folder or module of a package that exports one named object."""

import importlib
import pkgutil
from types import ModuleType


def plugin_ids(package: ModuleType) -> tuple[str, ...]:
    """Give the ids of a package's plug-ins, sorted: its sub-packages, with `_` written as `-`. Imports none of them."""
    return tuple(
        sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(package.__path__) if found.ispkg)
    )


def load_plugin(package: ModuleType, plugin_id: str, attribute: str) -> object:
    """Import one plug-in and give its object. Raises ModuleNotFoundError or AttributeError: our bug, not the user's."""
    module = importlib.import_module(f"{package.__name__}.{plugin_id.replace('-', '_')}")
    return getattr(module, attribute)
