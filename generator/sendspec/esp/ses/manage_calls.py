"""Calls to AWS while an account is managed: made in a thread, asked again as AWS wants it, and never raising.

The error's name decides, not its status: AlreadyExistsException comes as 400, ConcurrentModificationException as 500.
"""

import asyncio
import random
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Any

from sendspec.esp.ses.facts import MODEL
from sendspec.model.fact import Fact
from sendspec.model.keeper import Aws, Keeper
from sendspec.model.live import Failure, Outcome, Unread

READ = date(2026, 11, 26)
MOST_SECONDS = 60.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 15.0
"""SES names no time to wait (no Retry-After): pauses double, with jitter, and most management calls may come once a second."""
NEW_SECONDS = 10.0
"""What was made a moment ago may be "not found" for seconds; longer than this it is."""
SHOWN_CHARACTERS = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Trouble(Enum):
    """What an error of AWS means for whoever asked."""

    MISSING = auto()
    EXISTS = auto()
    BUSY = auto()
    """Too many calls, or two changes at once: not done, worth another try."""
    DENIED = auto()
    KEY = auto()
    """There are no credentials, or AWS does not take them."""
    UNREACHABLE = auto()
    """Nobody answered: it was not done."""
    UNKNOWN = auto()
    """The answer was lost, or says that AWS itself failed: it may have been done."""
    REFUSED = auto()


ERRORS: Fact[Mapping[str, Trouble]] = Fact(
    {
        "NotFoundException": Trouble.MISSING,
        "NotFound": Trouble.MISSING,
        "NoSuchEntity": Trouble.MISSING,
        "NoSuchEntityException": Trouble.MISSING,
        "AlreadyExistsException": Trouble.EXISTS,
        "EntityAlreadyExists": Trouble.EXISTS,
        "EntityAlreadyExistsException": Trouble.EXISTS,
        "TooManyRequestsException": Trouble.BUSY,
        "ConcurrentModificationException": Trouble.BUSY,
        "ConcurrentModification": Trouble.BUSY,
        "ConcurrentAccess": Trouble.BUSY,
        "Throttled": Trouble.BUSY,
        "Throttling": Trouble.BUSY,
        "ThrottlingException": Trouble.BUSY,
        "ThrottledException": Trouble.BUSY,
        "RequestLimitExceeded": Trouble.BUSY,
        "RequestThrottled": Trouble.BUSY,
        "ServiceUnavailable": Trouble.BUSY,
        "AccessDenied": Trouble.DENIED,
        "AccessDeniedException": Trouble.DENIED,
        "AuthorizationError": Trouble.DENIED,
        "AuthorizationErrorException": Trouble.DENIED,
        "ExpiredToken": Trouble.KEY,
        "ExpiredTokenException": Trouble.KEY,
        "IncompleteSignature": Trouble.KEY,
        "InvalidClientTokenId": Trouble.KEY,
        "InvalidSignatureException": Trouble.KEY,
        "MissingAuthenticationTokenException": Trouble.KEY,
        "OptInRequired": Trouble.KEY,
        "RequestExpired": Trouble.KEY,
        "SignatureDoesNotMatch": Trouble.KEY,
        "UnrecognizedClientException": Trouble.KEY,
        "InternalError": Trouble.UNKNOWN,
        "InternalFailure": Trouble.UNKNOWN,
        "InternalServiceError": Trouble.UNKNOWN,
        "InternalServiceErrorException": Trouble.UNKNOWN,
        "ServiceFailure": Trouble.UNKNOWN,
        "ServiceFailureException": Trouble.UNKNOWN,
    },
    f"{MODEL}; data/sns/2010-03-31 and data/iam/2010-05-08, shapes with `exception`; "
    "https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html",
    READ,
    note="SNS and IAM answer with the code of `error.code`, which lacks `Exception` at the end",
)
NEVER_LEFT = frozenset({"EndpointConnectionError", "ConnectTimeoutError", "SSLError", "ProxyConnectionError"})
NO_KEY = frozenset(
    {
        *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
        *("SSOError", "TokenRetrievalError", "LoginError", "NoRegionError", "InvalidRegionError"),
    }
)
ILL_FORMED = "ParamValidationError"
CLIENT_ERROR, OTHER_ERROR = "ClientError", "BotoCoreError"
"""Classes of botocore 1.44 (botocore/exceptions.py), by name or that of one above."""
FAILED_STATUS = 500
QUOTA = "LimitExceeded"
"""How the codes of a quota that is used up start, in SES, SNS and IAM."""
SIGN_IN = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, set AWS_PROFILE, or run `aws sso login`"
PREFIXES = {"sesv2": "ses"}
"""How IAM names the actions of a service whose client has another name."""

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """A call without an answer that helps. `said` holds no secret; `action` is what IAM calls it (`ses:GetAccount`)."""

    trouble: Trouble
    action: str
    code: str = ""
    said: str = ""

    @property
    def reason(self) -> str:
        """Give a clause that says what went wrong."""
        if self.trouble is Trouble.DENIED:
            return f"AWS denies {self.action}"
        words = f"{self.code}: {self.said}" if self.code and self.said else self.code or self.said
        return f"{self.action}: {words}"

    @property
    def fix(self) -> str:
        """Say what to do about it; empty where nobody knows."""
        if self.code.startswith(QUOTA):
            return "remove what nothing needs any more, or ask AWS for a higher quota"
        return {
            Trouble.DENIED: f"allow {self.action} to the identity that sendspec runs as",
            Trouble.KEY: SIGN_IN,
            Trouble.BUSY: "run it again in a few minutes",
            Trouble.UNREACHABLE: "check the region, AWS_ENDPOINT_URL and the way out of this network",
            Trouble.UNKNOWN: "run it again: it looks at what exists first",
        }.get(self.trouble, "")

    def unread(self, where: str) -> Unread:
        """Give it as what could not be looked at."""
        return Unread(where, self.reason, self.fix)

    def outcome(self) -> Outcome:
        """Give it as what came of a change."""
        failure = {
            Trouble.DENIED: Failure.NEEDS,
            Trouble.KEY: Failure.NEEDS,
            Trouble.BUSY: Failure.LATER,
            Trouble.UNREACHABLE: Failure.LATER,
            Trouble.UNKNOWN: Failure.UNKNOWN,
        }.get(self.trouble, Failure.REFUSED)
        return Outcome(failure, self.reason, self.fix)


class _UnreadableError(Exception):
    """An answer of a form that botocore trips over."""


def _called(call: Callable[..., Answer], parameters: Mapping[str, object]) -> Answer:
    """Call. botocore's readers fail with whatever comes of an answer in another form, and their text may hold all of it."""
    try:
        return call(**parameters)
    except Exception as error:
        if {CLIENT_ERROR, OTHER_ERROR}.intersection(kind.__name__ for kind in type(error).__mro__):
            raise
    raise _UnreadableError


class Calls:
    """Calls operations of AWS in one region."""

    def __init__(self, aws: Aws, keeper: Keeper, region: str) -> None:
        self._aws = aws
        self._keeper = keeper
        self._region = region

    async def ask(
        self, service: str, operation: str, parameters: Mapping[str, object], *, is_new: bool = False
    ) -> Answer | Refused:
        """Give the answer of an operation (`get_account`). `is_new`: it was made just now, so "not found" is too early."""
        start, pause = time.monotonic(), FIRST_PAUSE_SECONDS
        limits = {Trouble.BUSY: MOST_SECONDS} | ({Trouble.MISSING: NEW_SECONDS} if is_new else {})
        while True:
            answer = await asyncio.to_thread(self._call, service, operation, parameters)
            if not isinstance(answer, Refused) or answer.trouble not in limits:
                return answer
            wait = random.uniform(pause / 2, pause)  # noqa: S311 - jitter, not a secret
            if time.monotonic() + wait > start + limits[answer.trouble]:
                return answer
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def pages(
        self, service: str, operation: str, parameters: Mapping[str, object], member: str
    ) -> list[Answer] | Refused:
        """Give what a list holds, all pages of it; IAM and SNS each have their own way to go on."""
        found: list[Answer] = []
        more: dict[str, object] = {}
        while True:
            answer = await self.ask(service, operation, {**parameters, **more})
            if isinstance(answer, Refused):
                return answer
            found.extend(answer.get(member) or ())
            if answer.get("NextToken"):
                more = {"NextToken": answer["NextToken"]}
            elif answer.get("IsTruncated") and answer.get("Marker"):
                more = {"Marker": answer["Marker"]}
            else:
                return found

    def _call(self, service: str, operation: str, parameters: Mapping[str, object]) -> Answer | Refused:
        name = "".join(part.capitalize() for part in operation.split("_"))
        action = f"{PREFIXES.get(service, service)}:{name}"
        try:
            client: Any = self._aws(service, self._region)
            call = getattr(client, operation)
            answer: Answer = _called(call, parameters)
        except Exception as error:
            kinds = {kind.__name__ for kind in type(error).__mro__}
            if CLIENT_ERROR in kinds:
                return self._refused(action, getattr(error, "response", {}))
            if OTHER_ERROR in kinds or isinstance(error, _UnreadableError):
                return self._lost(action, error, kinds)
            raise
        return answer

    def _refused(self, action: str, response: Answer) -> Refused:
        error = response.get("Error") or {}
        code = str(error.get("Code") or "")
        status = (response.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0
        trouble = ERRORS.value.get(code)
        if trouble is None:
            trouble = Trouble.UNKNOWN if status >= FAILED_STATUS else Trouble.REFUSED
        return Refused(trouble, action, self._shown(code), self._shown(str(error.get("Message") or "")))

    def _lost(self, action: str, error: Exception, kinds: Collection[str]) -> Refused:
        name = type(error).__name__
        if NO_KEY.intersection(kinds):
            return Refused(Trouble.KEY, action, said="there are no AWS credentials that can be used")
        if ILL_FORMED in kinds:
            return Refused(Trouble.REFUSED, action, name, self._shown(str(error)))
        if NEVER_LEFT.intersection(kinds):
            return Refused(Trouble.UNREACHABLE, action, said=f"AWS cannot be reached ({name})")
        if isinstance(error, _UnreadableError):
            return Refused(Trouble.UNKNOWN, action, said="the answer has another form than AWS describes")
        return Refused(Trouble.UNKNOWN, action, said=f"the answer was lost ({name})")

    def _shown(self, text: str) -> str:
        shown = CONTROL.sub(" ", self._keeper.hide(text)).strip()
        return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[: SHOWN_CHARACTERS - 1]}…"
