"""Calls to Route 53, in a thread: every trouble is a value, and throttling is waited out."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from sendspec.hosts.interface import HostDesk
from sendspec.hosts.patience import Patience
from sendspec.model.live import Failure

SERVICE, REGION = "route53", "us-east-1"
"""A global service; the partition `aws` has its endpoint there (https://docs.aws.amazon.com/general/latest/gr/r53.html, read 2026-11-26)."""
SAID_LENGTH = 200
FIRST_SERVER_ERROR = 500
THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "PriorRequestNotComplete"})
"""Five calls a second an account, and one change at a time a zone: DNSLimitations.html and
API_ChangeResourceRecordSets.html, read 2026-11-26."""
FORBIDDEN = frozenset({
    "AccessDenied", "AccessDeniedException", "InvalidClientTokenId", "UnrecognizedClientException", "OptInRequired",
    "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "MissingAuthenticationToken", "NotAuthorized",
})  # fmt: skip
RIGHTS = (
    "allow route53:ListHostedZonesByName, route53:GetHostedZone, route53:ListResourceRecordSets and "
    "route53:ChangeResourceRecordSets for the zone"
)
CREDENTIALS = "set `dns.manage` with access_key_id and secret_access_key, or give the machine AWS credentials (AWS_PROFILE, a role)"


class Trouble(Enum):
    """What kept an answer away, as far as it matters what is done next."""

    REFUSED = auto()
    FORBIDDEN = auto()
    NO_CREDENTIAL = auto()
    BUSY = auto()
    NOT_SENT = auto()
    LOST = auto()
    """It was asked, and nobody knows what became of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a call. `answer` is empty where there is a trouble; `words` are Route 53's, or botocore's."""

    trouble: Trouble | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    words: str = ""

    @property
    def said(self) -> str:
        """Give the trouble in words."""
        return f"{self.code}: {self.words}" if self.code and self.words else self.words or self.code

    @property
    def failure(self) -> Failure:
        """Give why a change did not come about."""
        return {
            Trouble.REFUSED: Failure.REFUSED,
            Trouble.LOST: Failure.UNKNOWN,
            Trouble.FORBIDDEN: Failure.NEEDS,
            Trouble.NO_CREDENTIAL: Failure.NEEDS,
        }.get(self.trouble or Trouble.BUSY, Failure.LATER)

    @property
    def fix(self) -> str:
        """Say what to do about it."""
        return {
            Trouble.FORBIDDEN: RIGHTS,
            Trouble.NO_CREDENTIAL: CREDENTIALS,
            Trouble.BUSY: "run it again in a few minutes",
            Trouble.NOT_SENT: "see that this machine reaches route53.amazonaws.com, and run it again",
            Trouble.LOST: "run `sendspec plan`: it reads what is there",
        }.get(self.trouble or Trouble.REFUSED, "run `sendspec plan` again")


async def ask(desk: HostDesk, patience: Patience, operation: str, **arguments: Any) -> Told:
    """Make a call, again while Route 53 has too much to do. A call that was lost is not made again."""
    waits = patience.start()
    while True:
        told = await asyncio.to_thread(_call, desk, operation, arguments)
        if told.trouble is not Trouble.BUSY or not await waits.before_next():
            return told


def _call(desk: HostDesk, operation: str, arguments: Mapping[str, Any]) -> Told:
    from botocore import exceptions  # takes 0.2 s to load
    from botocore.parsers import ResponseParserError

    lost = (exceptions.HTTPClientError, ResponseParserError)
    try:
        client: Any = desk.aws(SERVICE, REGION)
        return Told(answer=getattr(client, operation)(**arguments))
    except exceptions.ClientError as error:
        return _refused(desk, error.response)
    except exceptions.ConnectionError as error:  # no name, no connection, no TLS
        return _failed(desk, Trouble.NOT_SENT, error)
    except lost as error:
        return _failed(desk, Trouble.LOST, error)
    except exceptions.ParamValidationError as error:
        return _failed(desk, Trouble.REFUSED, error)
    except exceptions.BotoCoreError as error:  # no credentials, a profile that does not exist, a role that is not given
        return _failed(desk, Trouble.NO_CREDENTIAL, error)


def _refused(desk: HostDesk, response: Any) -> Told:
    error = response.get("Error", {})
    code, status = str(error.get("Code", "")), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED:
        trouble = Trouble.BUSY
    elif code in FORBIDDEN:
        trouble = Trouble.FORBIDDEN
    else:
        trouble = Trouble.LOST if status >= FIRST_SERVER_ERROR else Trouble.REFUSED
    messages = error.get("Message") or "; ".join(map(str, response.get("messages", ())))
    return Told(trouble, code=code, words=_short(desk, str(messages)))


def _failed(desk: HostDesk, trouble: Trouble, error: Exception) -> Told:
    return Told(trouble, words=_short(desk, str(error)))


def _short(desk: HostDesk, text: str) -> str:
    return " ".join(desk.keeper.hide(text).split())[:SAID_LENGTH]
