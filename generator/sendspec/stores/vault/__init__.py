"""HashiCorp Vault's key-value engines, both versions: `vault://secret/mail/ses#password`, by its command line.

It takes VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE and ~/.vault-token by itself, and finds out which version of the engine
is mounted at the path.
Source: https://developer.hashicorp.com/vault/docs/commands/kv/get, read 2026-11-26
"""

from collections.abc import Mapping

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.command import run
from sendspec.stores.confirm import confirm, confirm_all
from sendspec.stores.interface import Store, Surroundings
from sendspec.stores.value import text_of
from sendspec.stores.vault.program import VAULT
from sendspec.stores.vault.writing import put


def read(rest: str, surroundings: Surroundings) -> Secret | Unresolved:
    """Give the value of one key of the latest version."""
    path, _, key = rest.rpartition("#")
    if path.startswith("-"):
        return HYPHEN
    output = run(VAULT, ("kv", "get", f"-field={key}", path), surroundings)
    return output if isinstance(output, Unresolved) else text_of(output, "the key in Vault")


def write(rest: str, secret: Secret, surroundings: Surroundings) -> Unresolved | None:
    """Set one key; the others stay."""
    path, _, key = rest.rpartition("#")
    if path.startswith("-"):
        return HYPHEN
    return put(path, {key: secret}, surroundings) or confirm(read, rest, secret, surroundings)


def write_all(values: Mapping[str, Secret], surroundings: Surroundings) -> Unresolved | None:
    """Set several keys of one path, as one version of it; the others stay."""
    path = next(iter(values)).rpartition("#")[0]
    if path.startswith("-"):
        return HYPHEN
    refused = put(path, {rest.rpartition("#")[2]: secret for rest, secret in values.items()}, surroundings)
    return refused or confirm_all(read, values, surroundings)


HYPHEN = Unresolved("the path starts with a hyphen, which `vault` takes for an option", "correct the reference")
STORE = Store(
    id="vault",
    title="HashiCorp Vault",
    read=read,
    write=write,
    write_all=write_all,
    place=lambda rest: rest.rpartition("#")[0],
)
