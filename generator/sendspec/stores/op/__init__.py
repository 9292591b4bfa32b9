"""1Password: `op://vault/item/field` or `op://vault/item/section/field`, by its command line.

It signs in by itself: OP_SERVICE_ACCOUNT_TOKEN, a Connect server, or the desktop app.
Source: https://developer.1password.com/docs/cli/reference/commands/read, read 2026-11-26
"""

from collections.abc import Mapping

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.command import run
from sendspec.stores.confirm import confirm, confirm_all
from sendspec.stores.interface import Store, Surroundings
from sendspec.stores.op.program import OP
from sendspec.stores.op.writing import put
from sendspec.stores.value import text_of


def read(rest: str, surroundings: Surroundings) -> Secret | Unresolved:
    """Give the value of a field."""
    output = run(OP, ("read", "--no-newline", f"op://{rest}"), surroundings)
    return output if isinstance(output, Unresolved) else text_of(output, "the field in 1Password")


def write(rest: str, secret: Secret, surroundings: Surroundings) -> Unresolved | None:
    """Set one field of an item; the others stay."""
    return put({rest: secret}, surroundings) or confirm(read, rest, secret, surroundings)


def write_all(values: Mapping[str, Secret], surroundings: Surroundings) -> Unresolved | None:
    """Set several fields of one item in one step; the others stay."""
    return put(values, surroundings) or confirm_all(read, values, surroundings)


STORE = Store(
    id="op",
    title="1Password",
    read=read,
    write=write,
    write_all=write_all,
    place=lambda rest: "/".join(rest.split("/")[:2]),
)
