"""The AWS credentials that the process itself has: environment, profile, web identity, role of the machine.

`aws-ambient://default` stands in no spec: it is what an account is read with where the spec names no key for that. The
value is JSON: access_key_id, secret_access_key, and session_token where the credentials are temporary.
Source: https://docs.aws.amazon.com/boto3/latest/guide/credentials.html, read 2026-11-26
"""

import json
import logging
from typing import Any

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.aws import SIGN_IN
from sendspec.stores.interface import Store, Surroundings


def read(_rest: str, _surroundings: Surroundings) -> Secret | Unresolved:
    """Give what botocore finds. Looks in the process's own environment and `~/.aws`, as every AWS tool does."""
    from botocore.exceptions import BotoCoreError  # loads when an account at AWS is read

    try:
        found = _credentials()
    except BotoCoreError as error:  # its text may hold anything
        return Unresolved(f"the AWS credentials cannot be had ({type(error).__name__})", SIGN_IN)
    if found is None:
        return Unresolved("there are no AWS credentials", f"{SIGN_IN}, or name keys below `manage:` of the account")
    value = {"access_key_id": found.access_key, "secret_access_key": found.secret_key}
    if found.token:
        value["session_token"] = found.token
    return Secret(json.dumps(value))


def _credentials() -> Any:
    from botocore.session import Session

    # at level DEBUG, botocore logs what its sources answer
    logging.getLogger("botocore").setLevel(logging.INFO)
    found = Session().get_credentials()
    return None if found is None else found.get_frozen_credentials()


STORE = Store(id="aws-ambient", title="AWS credentials of the process", read=read)
