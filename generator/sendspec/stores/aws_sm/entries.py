"""What is inside a secret: one text, or what the console makes of keys and values, a JSON object."""

import json

from sendspec.model.secret import Secret, Unresolved


def whole(text: str) -> Secret | Unresolved:
    """Give the whole text, unless it is a JSON object: no credential looks like that."""
    if entries(text) is not None:
        return Unresolved(
            "the secret is a JSON object, and the reference names no key in it",
            "add the key: aws-sm://secret-name#json-key",
        )
    return Secret(text)


def entry(text: str, key: str) -> Secret | Unresolved:
    """Give the value of one key."""
    found = entries(text)
    if found is None:
        return no_object(key)
    if key not in found:
        return Unresolved(f"the secret has no key `{key}`", "add the key to the secret, or correct the reference")
    value = found[key]
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Secret(str(value))
    return Unresolved(f"the key `{key}` of the secret holds no text", "store the credential as text")


def with_entry(text: str, key: str, value: str) -> str | Unresolved:
    """Give the text with one key set; all others stay."""
    found = entries(text)
    return no_object(key) if found is None else json.dumps({**found, key: value}, ensure_ascii=False)


def entries(text: str) -> dict[str, object] | None:
    """Give keys and values, None for a text that is no JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # holds the text; it ends here
        return None
    return found if isinstance(found, dict) else None


def no_object(key: str) -> Unresolved:
    """Say that the reference has a key and the secret none."""
    return Unresolved(
        f"the secret is no JSON object, so it has no key `{key}`",
        "store it as keys and values, or leave out the key",
    )
