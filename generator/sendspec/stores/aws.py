"""Ask AWS for a secret with the credentials that the process has, and say what is missing where it cannot be had.

boto3 finds credentials, region and `AWS_ENDPOINT_URL` as every AWS tool does, in the process's own environment and
`~/.aws`. What AWS says in words is not shown: its code says it, and we say what to do.
"""

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, cast

from sendspec.model.secret import Unresolved

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 5, 2
MAKING = Lock()
"""A boto3 session may make one client at a time; its clients are safe to use from any thread
(https://docs.aws.amazon.com/boto3/latest/guide/clients.html, read 2026-11-26)."""
CODE = re.compile(r"[A-Za-z0-9.]{1,64}\Z")

SIGN_IN = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, set AWS_PROFILE, or run `aws sso login`"
DENIED = ("AWS denies access to it", "")
NO_KMS_KEY = (
    "AWS cannot decrypt it with its KMS key",
    "enable the key, and allow kms:Decrypt to the identity that runs sendspec",
)
ELSEWHERE = "create it, correct the reference, or set AWS_DEFAULT_REGION and AWS_PROFILE to where it is"
EXPIRED = ("the AWS session has expired", "sign in again, as with `aws sso login`")
UNKNOWN_KEY = ("AWS does not know the access key", SIGN_IN)
WRONG_KEY = ("AWS refuses the signature: the secret access key is wrong", SIGN_IN)
THROTTLED = ("AWS limits how often it may be asked", "ask again in a minute")
REFUSED: Mapping[str, tuple[str, str]] = {
    "AccessDeniedException": DENIED,
    "AccessDenied": DENIED,
    "DecryptionFailure": NO_KMS_KEY,
    "InvalidKeyId": NO_KMS_KEY,
    "ResourceNotFoundException": ("AWS has no such secret in this region and account", ELSEWHERE),
    "ParameterNotFound": ("AWS has no such parameter in this region and account", ELSEWHERE),
    "ParameterVersionNotFound": ("AWS has no such version of the parameter", "put a value into it"),
    "InvalidRequestException": (
        "AWS does not give it out: it is marked for deletion, or has no current version",
        "restore it, or put a value into it",
    ),
    "ResourceExistsException": ("somebody else has just created it", "try again"),
    "ParameterAlreadyExists": ("somebody else has just created it", "try again"),
    "EncryptionFailure": (
        "AWS cannot encrypt it with its KMS key",
        "enable the key, and allow kms:GenerateDataKey and kms:Encrypt to the identity that runs sendspec",
    ),
    "LimitExceededException": ("the secret has as many versions as AWS keeps", "delete old versions of it"),
    "ParameterMaxVersionLimitExceeded": (
        "the parameter has as many versions as AWS keeps, and the oldest has a label",
        "move the label of its oldest version to a newer one",
    ),
    "ParameterPatternMismatchException": (
        "the value does not fit the pattern that the parameter allows",
        "correct the AllowedPattern of the parameter",
    ),
    "TooManyUpdates": THROTTLED,
    "ExpiredTokenException": EXPIRED,
    "ExpiredToken": EXPIRED,
    "RequestExpired": ("AWS takes the request for too old", "set this machine's clock"),
    "UnrecognizedClientException": UNKNOWN_KEY,
    "InvalidClientTokenId": UNKNOWN_KEY,
    "InvalidSignatureException": WRONG_KEY,
    "SignatureDoesNotMatch": WRONG_KEY,
    "ThrottlingException": THROTTLED,
    "Throttling": THROTTLED,
    "TooManyRequestsException": THROTTLED,
}
"""What an error's code means, and what to do; no cure: allow the call. Source:
https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the errors of GetSecretValue, PutSecretValue,
CreateSecret, GetParameter and PutParameter in botocore 1.44's models; read 2026-11-26."""
UNREACHABLE = (
    "AWS cannot be reached",
    "check AWS_DEFAULT_REGION, AWS_ENDPOINT_URL and the way out of this network",
)
NO_CREDENTIALS = ("there are no AWS credentials", SIGN_IN)
NOT_ASKED: Mapping[str, tuple[str, str]] = {
    "NoCredentialsError": NO_CREDENTIALS,
    "PartialCredentialsError": NO_CREDENTIALS,
    "NoRegionError": ("no AWS region is set", "set AWS_DEFAULT_REGION to the region of the secret"),
    "ProfileNotFound": (
        "the AWS profile does not exist",
        "correct AWS_PROFILE, or add the profile to ~/.aws/config",
    ),
    "SSOError": EXPIRED,
    "TokenRetrievalError": EXPIRED,
    "LoginError": EXPIRED,
    "CredentialRetrievalError": ("the source of the AWS credentials gives none", SIGN_IN),
    "InvalidRegionError": ("the AWS region is no name of a region", "correct AWS_DEFAULT_REGION"),
    "SSLError": ("the certificate of AWS's server is not trusted", "set AWS_CA_BUNDLE where a proxy has its own CA"),
    "ConnectionError": UNREACHABLE,
    "HTTPClientError": UNREACHABLE,
}
"""What kept us from asking, by the class of the error or one above it (botocore 1.44, botocore/exceptions.py)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that AWS refused: the code of its error, and what it means."""

    code: str
    meaning: Unresolved


def ask(service: str, operation: str, permission: str, **arguments: object) -> Mapping[str, object] | Unresolved:
    """Give the answer to one call. `permission` is what the caller's identity needs for it: `ssm:GetParameter`."""
    answer = call(service, operation, permission, **arguments)
    return answer.meaning if isinstance(answer, Refused) else answer


def call(
    service: str, operation: str, permission: str, **arguments: object
) -> Mapping[str, object] | Refused | Unresolved:
    """Give the answer to one call, or AWS's refusal with its code, or what kept us from asking."""
    from botocore.exceptions import BotoCoreError, ClientError  # loads when a spec refers to AWS
    from botocore.parsers import ResponseParserError

    try:
        with MAKING:
            client = _client(service)
        return cast("Mapping[str, object]", getattr(client, operation)(**arguments))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        return Refused(code if isinstance(code, str) else "", _refused(code, permission))
    except (BotoCoreError, ResponseParserError) as error:  # the latter is none of the former, and holds the answer
        return _not_asked(error)


def _refused(code: object, permission: str) -> Unresolved:
    known = REFUSED.get(code) if isinstance(code, str) else None
    if known is not None:
        reason, fix = known
        return Unresolved(reason, fix or f"allow {permission} on it to the identity that runs sendspec")
    shown = code if isinstance(code, str) and CODE.match(code) else "an unknown error"
    return Unresolved(f"AWS answered {shown}", "ask again later; https://health.aws.amazon.com says how AWS fares")


def _not_asked(error: Exception) -> Unresolved:
    """Say what kept us from asking, by the kind of the error: its text may hold anything."""
    for kind in type(error).__mro__:
        if kind.__name__ in NOT_ASKED:
            return Unresolved(*NOT_ASKED[kind.__name__])
    return Unresolved(
        f"AWS could not be asked ({type(error).__name__})", "run `aws sts get-caller-identity` to see why"
    )


@cache
def _client(service: str) -> Any:
    from botocore.config import Config

    session = _session()
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )
    # Lambda and ECS set AWS_REGION, which boto3 does not read (boto3 1.44, seen 2026-11-26).
    return session.client(service, region_name=session.region_name or os.environ.get("AWS_REGION"), config=config)


@cache
def _session() -> Any:
    """Give the one session of the process: it costs 50 MB and 400 ms."""
    import boto3

    # At level DEBUG, botocore logs every answer as it came, with the secret in it.
    logging.getLogger("botocore").setLevel(logging.INFO)
    return boto3.Session()
