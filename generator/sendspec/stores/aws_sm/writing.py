"""Put a value into AWS Secrets Manager, or into one key of a secret whose other keys stay.

The object with the changed key is written as a version that nobody reads yet, and then becomes the current one if the
version that it was made from still is: UpdateSecretVersionStage fails "if the label is attached and [...] the version ID
does not match". So a key that somebody else sets at the same time is never lost. A secret that is one value is simply
replaced: the last one holds.
Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html and
.../API_PutSecretValue.html, read 2026-11-26
"""

import json
from collections.abc import Mapping
from uuid import uuid4

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.aws import Refused, ask, call
from sendspec.stores.aws_sm.entries import whole, with_entry

SERVICE = "secretsmanager"
MISSING = "ResourceNotFoundException"
CURRENT, OURS = "AWSCURRENT", "SENDSPEC"
"""The label of the version that everybody reads, and of one that waits to be it."""
TRIES = 4
BUSY = Unresolved(
    "somebody else changes other keys of the same secret all the time", "try again when nothing else writes it"
)
NOT_MATCHED = frozenset({"InvalidParameterException", "InvalidRequestException"})
"""How a label is refused that is no longer where the request says; API_UpdateSecretVersionStage names no error for it."""


def put(name: str, values: Mapping[str, Secret]) -> Unresolved | None:
    """Write values by key; the empty key is the whole secret, and stands alone. In one step: nobody sees some of them only.

    A secret that does not exist is made, with AWS's own KMS key.
    """
    for _ in range(TRIES):
        current = call(
            SERVICE, "get_secret_value", "secretsmanager:GetSecretValue", SecretId=name, VersionStage=CURRENT
        )
        if isinstance(current, Refused):
            if current.code != MISSING:
                return current.meaning
            outcome = _create(name, values)
        elif isinstance(current, Unresolved):
            return current
        else:
            outcome = _replace(name, values, current)
        if outcome is not BUSY:
            return outcome
    return BUSY


def _create(name: str, values: Mapping[str, Secret]) -> Unresolved | None:
    revealed = {key: secret.reveal() for key, secret in values.items()}
    text = revealed[""] if "" in revealed else json.dumps(revealed, ensure_ascii=False)
    made = call(
        SERVICE,
        "create_secret",
        "secretsmanager:CreateSecret",
        Name=name,
        SecretString=text,
        ClientRequestToken=str(uuid4()),
    )
    if isinstance(made, Refused):
        return BUSY if made.code == "ResourceExistsException" else made.meaning
    return made if isinstance(made, Unresolved) else None


def _replace(name: str, values: Mapping[str, Secret], current: Mapping[str, object]) -> Unresolved | None:
    text = current.get("SecretString")
    if not isinstance(text, str):
        return Unresolved("the secret is binary", "store the credential as text")
    if "" in values:
        kept = whole(text)
        return kept if isinstance(kept, Unresolved) else _put(name, values[""].reveal(), CURRENT)
    for key, secret in values.items():
        changed = with_entry(text, key, secret.reveal())
        if isinstance(changed, Unresolved):
            return changed
        text = changed
    version = str(uuid4())
    refused = _put(name, text, OURS, version)
    return refused if refused is not None else _make_current(name, version, str(current.get("VersionId")))


def _put(name: str, text: str, label: str, version: str = "") -> Unresolved | None:
    made = ask(
        SERVICE,
        "put_secret_value",
        "secretsmanager:PutSecretValue",
        SecretId=name,
        SecretString=text,
        ClientRequestToken=version or str(uuid4()),
        VersionStages=[label],
    )
    return made if isinstance(made, Unresolved) else None


def _make_current(name: str, version: str, instead_of: str) -> Unresolved | None:
    """Move the label, if it still is at the version that ours was made from."""
    permission = "secretsmanager:UpdateSecretVersionStage"
    moved = call(
        SERVICE,
        "update_secret_version_stage",
        permission,
        SecretId=name,
        VersionStage=CURRENT,
        RemoveFromVersionId=instead_of,
        MoveToVersionId=version,
    )
    outcome = None if isinstance(moved, Mapping) else moved.meaning if isinstance(moved, Refused) else moved
    if isinstance(moved, Refused) and moved.code in NOT_MATCHED:
        outcome = BUSY
    # The version that waited waits no more, or never became the current one: without a label AWS deletes it in time.
    ask(
        SERVICE,
        "update_secret_version_stage",
        permission,
        SecretId=name,
        VersionStage=OURS,
        RemoveFromVersionId=version,
    )
    return outcome
