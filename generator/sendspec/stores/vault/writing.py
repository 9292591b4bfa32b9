"""Set one key of a secret in Vault, with the value on the standard input of its command.

Version 2 of the engine: the new version is made from the one that was read, or not at all (check-and-set), so a key that
somebody else sets at the same time is never lost. Version 1 has nothing of the kind, and its secrets are written whole.
Without `-method`, `vault kv patch` reads and writes where the token may not patch, with the version that it read as the
check; and after a `-` in the place of a value it takes its input as it is.
Source: https://developer.hashicorp.com/vault/docs/commands/kv/patch and .../kv/put; hashicorp/vault command/kv_patch.go;
read 2026-11-26
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.command import Symptom, run
from sendspec.stores.interface import Surroundings
from sendspec.stores.vault.program import NOTHING_THERE, VAULT

TRIES = 4
CHANGED = Unresolved("somebody else changes the same secret all the time", "try again when nothing else writes it")
VAULT_PUT = replace(
    VAULT,
    symptoms=(
        Symptom(("check-and-set parameter did not match",), CHANGED.reason, CHANGED.fix),
        Symptom(
            ("permission denied", "code: 403", "returned 403"),
            "Vault denies writing it: the token has expired, or its policy does not allow it",
            "give the token's policy `create`, `read`, `update` and `patch` on the path",
        ),
        *VAULT.symptoms,
    ),
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is at a path: `version` is None in an engine of version 1; `entries` None where the version is deleted."""

    version: int | None
    entries: Mapping[str, object] | None = field(repr=False)


def put(path: str, values: Mapping[str, Secret], surroundings: Surroundings) -> Unresolved | None:
    """Write values by key, in one step. A secret that does not exist is made."""
    for _ in range(TRIES):
        standing = _look(path, surroundings)
        if isinstance(standing, Unresolved):
            return standing
        arguments, given = _command(path, values, standing)
        output = run(VAULT_PUT, arguments, surroundings, given=given)
        if not isinstance(output, Unresolved):
            return None
        if output != CHANGED:
            return output
    return CHANGED


def _command(path: str, values: Mapping[str, Secret], standing: _Standing | None) -> tuple[tuple[str, ...], bytes]:
    """Give the arguments and the input: the value as it is, or several as JSON."""
    revealed = {key: secret.reveal() for key, secret in values.items()}
    if standing is not None and standing.version is None:
        return ("kv", "put", path, "-"), json.dumps({**(standing.entries or {}), **revealed}).encode()
    [(key, value), *others] = revealed.items()
    entry, given = ("-", json.dumps(revealed).encode()) if others else (f"{key}=-", value.encode())
    if standing is None:
        return ("kv", "put", "-cas=0", path, entry), given
    verb = "put" if standing.entries is None else "patch"
    return ("kv", verb, f"-cas={standing.version}", path, entry), given


def _look(path: str, surroundings: Surroundings) -> _Standing | Unresolved | None:
    """Give what is at a path, None where nothing is."""
    output = run(VAULT, ("kv", "get", "-format=json", path), surroundings)
    if isinstance(output, Unresolved):
        return None if output.reason == NOTHING_THERE else output
    try:
        data = json.loads(output)["data"]
        entries, metadata = data.get("data"), data.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("version"), int) and "created_time" in metadata:
            return _Standing(metadata["version"], entries if isinstance(entries, dict) else None)
        return _Standing(None, dict(data))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # holds the output; it ends here
        return Unresolved("`vault` wrote what is no secret in JSON", "update Vault's CLI")
