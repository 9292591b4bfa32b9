"""AWS Secrets Manager: `aws-sm://prod/mail/ses#username`, or without a key for a secret that is one value.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html, read 2026-11-26
"""

import json

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.aws import ask
from sendspec.stores.interface import Store, Surroundings


def read(rest: str, _surroundings: Surroundings) -> Secret | Unresolved:
    """Give a secret's current value, or one key of it."""
    name, _, key = rest.partition("#")
    answer = ask("secretsmanager", "get_secret_value", "secretsmanager:GetSecretValue", SecretId=name)
    if isinstance(answer, Unresolved):
        return answer
    text = answer.get("SecretString")
    if not isinstance(text, str):
        return Unresolved("the secret is binary", "store the credential as text")
    return _entry(text, key) if key else _whole(text)


def _whole(text: str) -> Secret | Unresolved:
    """Give the whole text, unless it is what the console makes of keys and values: no credential looks like that."""
    if isinstance(_parse(text), dict):
        return Unresolved(
            "the secret is a JSON object, and the reference names no key in it",
            "add the key: aws-sm://secret-name#json-key",
        )
    return Secret(text)


def _entry(text: str, key: str) -> Secret | Unresolved:
    entries = _parse(text)
    if not isinstance(entries, dict):
        return Unresolved(
            f"the secret is no JSON object, so it has no key `{key}`",
            "store it as keys and values, or leave out the key",
        )
    if key not in entries:
        return Unresolved(f"the secret has no key `{key}`", "add the key to the secret, or correct the reference")
    value = entries[key]
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Secret(str(value))
    return Unresolved(f"the key `{key}` of the secret holds no text", "store the credential as text")


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # holds the text; it ends here
        return None


STORE = Store(id="aws-sm", title="AWS Secrets Manager", read=read)
