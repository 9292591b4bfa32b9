"""Set one field of an item in 1Password. The item goes to `op` as JSON on its standard input: arguments can be seen by others.

`op item edit` takes what it gets as the whole item. So what its JSON does not show would be gone, and of that 1Password
names none: a passkey in a Login was reported lost in this way (op 2.32, seen in public 2025-12-07), and files are not in
the JSON. Items that may hold such things are left alone. There is no condition on the item's version either: of two who
change one item at the same time, one is lost.
Source: https://developer.1password.com/docs/cli/reference/management-commands/item (`cat updatedLogin.json | op item edit
oldLogin`, `op item create --vault prod -`) and .../docs/cli/item-template-json, read 2026-11-26
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.command import run
from sendspec.stores.interface import Surroundings
from sendspec.stores.op.program import NO_ITEM, OP

NEW_CATEGORY = "API_CREDENTIAL"
HOLDS_MORE = frozenset({"LOGIN", "DOCUMENT", "SSH_KEY"})
"""Categories of items whose JSON does not hold everything: passkeys, files, keys."""
ITEM_ID = re.compile(r"[a-z2-7]{26}\Z")
IN_SECTION = 4
"""Parts of a reference that names a section."""


def put(values: Mapping[str, Secret], surroundings: Surroundings) -> Unresolved | None:
    """Write values by reference, all in one item. An item that does not exist is made, as an API Credential."""
    vault, item = next(iter(values)).split("/")[:2]
    if item.startswith("-"):
        return Unresolved("the item starts with a hyphen, which `op` takes for an option", "name the item by its id")
    found = _item(vault, item, surroundings)
    if isinstance(found, Unresolved):
        if found.reason != NO_ITEM or ITEM_ID.match(item):
            return found
        made: dict[str, Any] = {"title": item, "category": NEW_CATEGORY, "fields": []}
        for section, field, secret in _places(values):
            _add(made, section, field, secret)
        return _run(("item", "create", f"--vault={vault}", "-"), made, surroundings)
    refused = _unfit(found)
    for section, field, secret in _places(values):
        refused = refused or _set(found, section, field, secret)
    return refused or _run(("item", "edit", str(found["id"]), f"--vault={vault}"), found, surroundings)


def _places(values: Mapping[str, Secret]) -> Iterator[tuple[str, str, Secret]]:
    """Give (section, field, value); the section is empty where a reference names none."""
    for rest, secret in values.items():
        parts = rest.split("/")
        yield (parts[2] if len(parts) == IN_SECTION else ""), parts[-1], secret


def _run(arguments: Sequence[str], item: dict[str, Any], surroundings: Surroundings) -> Unresolved | None:
    output = run(OP, arguments, surroundings, given=json.dumps(item).encode())
    return output if isinstance(output, Unresolved) else None


def _item(vault: str, item: str, surroundings: Surroundings) -> dict[str, Any] | Unresolved:
    output = run(OP, ("item", "get", item, f"--vault={vault}", "--format=json"), surroundings)
    if isinstance(output, Unresolved):
        return output
    try:
        found = json.loads(output)
    except (ValueError, RecursionError):  # holds the output; it ends here
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("id"), str) or not ITEM_ID.match(found["id"]):
        return Unresolved("`op` wrote what is no item in JSON", "update the 1Password CLI")
    return found


def _unfit(item: dict[str, Any]) -> Unresolved | None:
    if item.get("category") in HOLDS_MORE or item.get("files"):
        return Unresolved(
            "the item is a Login, a Document or an SSH key, or has files: 1Password's command would drop a passkey or a file "
            "that is in it",
            "keep the credential in an item of the category API Credential, and refer to that",
        )
    return None


def _set(item: dict[str, Any], section: str, field: str, secret: Secret) -> Unresolved | None:
    """Change the field that a reference leads to, or add it."""
    item["fields"] = [each for each in item.get("fields") or () if not _is_empty_date(each)]
    fields = [each for each in item["fields"] if isinstance(each, dict) and _is(each, field)]
    if section:
        ids = {each.get("id") for each in _sections(item, section)}
        fields = [each for each in fields if isinstance(each.get("section"), dict) and each["section"].get("id") in ids]
    else:
        fields = [each for each in fields if not each.get("section")] or fields
    if len(fields) > 1:
        return Unresolved("the item has several fields of this name", "give each another name, or name the section")
    if fields:
        fields[0]["value"] = secret.reveal()
    else:
        _add(item, section, field, secret)
    return None


def _add(item: dict[str, Any], section: str, field: str, secret: Secret) -> None:
    added: dict[str, Any] = {"type": "CONCEALED", "label": field, "value": secret.reveal()}
    if section:
        known = next(_sections(item, section), None)
        if known is None:
            known = {"id": section, "label": section}
            item["sections"] = [*(item.get("sections") or ()), known]
        added["section"] = known
    item["fields"] = [*(item.get("fields") or ()), added]


def _sections(item: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    return (each for each in item.get("sections") or () if isinstance(each, dict) and _is(each, name))


def _is(named: dict[str, Any], name: str) -> bool:
    """Tell whether a name in a reference leads to a field or section: by id or label, in any case."""
    return name.lower() in {str(named.get(key)).lower() for key in ("id", "label") if named.get(key)}


def _is_empty_date(field: object) -> bool:
    """Tell what `op item get` shows of every API Credential, and `op item edit` refuses (public scripts leave them out, read 2026-11-26)."""
    return isinstance(field, dict) and field.get("type") in {"DATE", "MONTH_YEAR"} and not field.get("value")
