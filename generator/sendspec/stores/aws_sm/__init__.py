"""AWS Secrets Manager: `aws-sm://prod/mail/ses#username`, or without a key for a secret that is one value.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html, read 2026-11-26
"""

from collections.abc import Mapping

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.aws import ask
from sendspec.stores.aws_sm.entries import entry, whole
from sendspec.stores.aws_sm.writing import CURRENT, SERVICE, put
from sendspec.stores.confirm import confirm, confirm_all
from sendspec.stores.interface import Store, Surroundings


def read(rest: str, _surroundings: Surroundings) -> Secret | Unresolved:
    """Give a secret's current value, or one key of it."""
    name, _, key = rest.partition("#")
    answer = ask(SERVICE, "get_secret_value", "secretsmanager:GetSecretValue", SecretId=name, VersionStage=CURRENT)
    if isinstance(answer, Unresolved):
        return answer
    text = answer.get("SecretString")
    if not isinstance(text, str):
        return Unresolved("the secret is binary", "store the credential as text")
    return entry(text, key) if key else whole(text)


def write(rest: str, secret: Secret, surroundings: Surroundings) -> Unresolved | None:
    """Put a value into a secret, or into one key of it; the other keys stay."""
    name, _, key = rest.partition("#")
    return put(name, {key: secret}) or confirm(read, rest, secret, surroundings)


def write_all(values: Mapping[str, Secret], surroundings: Surroundings) -> Unresolved | None:
    """Put values into several keys of one secret, as one new version of it."""
    name = next(iter(values)).partition("#")[0]
    refused = put(name, {rest.partition("#")[2]: secret for rest, secret in values.items()})
    return refused or confirm_all(read, values, surroundings)


STORE = Store(id="aws-sm", title="AWS Secrets Manager", read=read, write=write, write_all=write_all)
