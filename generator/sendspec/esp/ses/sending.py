"""How one message goes through SES, what its refusals mean, and where its events come from."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from email.headerregistry import Address

from pydantic import AliasChoices, BaseModel, Field

from sendspec.esp.ses.account import AMBIENT_REFERENCE
from sendspec.esp.ses.account_answers import AmbientKey
from sendspec.esp.ses.account_signature import AMBIENT
from sendspec.esp.ses.facts import DG
from sendspec.esp.ses.notifications import confirmation_url, read_events, verify
from sendspec.esp.ses.signature import SigningKey, signing_headers
from sendspec.model.account import Account
from sendspec.model.blame import Blame
from sendspec.model.credential import Credential
from sendspec.model.fact import Fact
from sendspec.model.route import Endpoint
from sendspec.model.secret import Secret
from sendspec.model.sending import Answer, ApiRequest, Headers, Outgoing, Refusal, Sending, TestAddress
from sendspec.model.vocabulary import Event
from sendspec.net.json_reply import read_json

READ = date(2026, 11, 26)
SIMULATOR = "send-an-email-from-console.html"
SUCCESS = Fact(
    "success@simulator.amazonses.com",
    f"{DG}/{SIMULATOR}",
    READ,
    note="billed like any message; counts neither in the quota nor in the bounce rate; works in the sandbox too; "
    "`success+label@` is the same address",
)
BOUNCE = Fact(
    "bounce@simulator.amazonses.com", f"{DG}/{SIMULATOR}", READ, note="answers 550 5.1.1; suppresses no address"
)
TROUBLE = f"{DG}/troubleshoot-smtp.html"
TAG = "sendspec-smoke"
TAGS_HEADER = "X-SES-MESSAGE-TAGS"
SEND_PATH = "/v2/email/outbound-emails"
OK_ID = re.compile(r"250 Ok ([0-9A-Za-z-]{20,80})\Z", re.IGNORECASE)
"""`250 Ok 01010160d7de98d8-21e57d9a-8e5d-416c-bbe1-8ebaAexample-000000`: the message id (DG/send-email-smtp.html)."""

NOT_SENT, NEVER = Blame.ACCOUNT_OR_ENDPOINT, Blame.RECIPIENT_OR_CONTENT
API_BLAMES: Mapping[str, Blame] = {
    "AccountSuspendedException": NOT_SENT,
    "SendingPausedException": NOT_SENT,
    "MailFromDomainNotVerifiedException": NOT_SENT,
    "LimitExceededException": NOT_SENT,
    "TooManyRequestsException": NOT_SENT,
    "MessageRejected": NEVER,
    "BadRequestException": NEVER,
    "NotFoundException": NEVER,
}
"""By the error's name: SES answers 400 for a suspended account too. Source: botocore, sesv2, errors of SendEmail."""
REFUSALS = (
    Refusal(
        codes=("554", "MessageRejected"),
        words="is not verified",
        blame=NOT_SENT,
        because="the sender is not verified in this region, or the account is in its sandbox",
        source="https://repost.aws/knowledge-center/ses-554-400-message-rejected-error",
    ),
    Refusal(
        codes=("554",),
        words="access denied",
        blame=NOT_SENT,
        because="the key may not send with this sender or configuration set",
        source=TROUBLE,
    ),
    Refusal(
        codes=("454",),
        words="daily message quota exceeded",
        blame=NOT_SENT,
        because="the account's daily quota is used up: trying again today is no use",
        source=TROUBLE,
    ),
)


class _Taken(BaseModel):
    message_id: str = Field(alias="MessageId")


class _Refused(BaseModel):
    kind: str = Field(default="", alias="__type")
    message: str = Field(default="", validation_alias=AliasChoices("message", "Message"))


def _request(endpoint: Endpoint, message: Outgoing) -> ApiRequest:
    sender = message.sender
    from_address = sender.address
    if sender.display_name:
        from_address = _encoded(sender.display_name, sender.address)
    simple = {
        "Subject": {"Data": message.subject, "Charset": "UTF-8"},
        "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
        "Headers": [{"Name": name, "Value": value} for name, value in message.headers],
    }
    body = {
        "FromEmailAddress": from_address,
        "Destination": {"ToAddresses": [message.recipient]},
        "Content": {"Simple": simple},
        "ConfigurationSetName": endpoint.options["configuration_set"],
        "EmailTags": [{"Name": TAG, "Value": message.marker}],
    }
    url = f"{endpoint.base_url}{SEND_PATH}"
    return ApiRequest("POST", url, (("Content-Type", "application/json"),), json.dumps(body).encode())


def _encoded(name: str, address: str) -> str:
    """Give a mailbox in ASCII: SES takes encoded words in a name (RFC 2047), nothing else beyond ASCII."""
    from email.policy import SMTP

    local, _, domain = address.rpartition("@")
    header = SMTP.header_factory("From", [Address(name, local, domain)])
    folded: str = header.fold(policy=SMTP.clone(max_line_length=998))
    return " ".join(folded.partition(":")[2].split())


def _ambient(account: Account) -> Credential:
    """Give what stands for the chain of the AWS SDKs: an app without a key of its own sends with a role."""
    return Credential(f"{account.id}.{AMBIENT}", account.id, AMBIENT, AMBIENT_REFERENCE, "", None, account.origin)


def _authorize(
    request: ApiRequest, endpoint: Endpoint, user: Secret | None, key: Secret | None, now: datetime
) -> ApiRequest:
    if key is None:
        raise ValueError("there is no AWS key to sign with")
    signing_key = _ambient_key(key) if user is None else SigningKey(user, key)
    region = endpoint.options["region"]
    signing = signing_headers(request.method, request.url, request.body, region=region, key=signing_key, now=now)
    return replace(request, headers=(*request.headers, *signing))


def _ambient_key(key: Secret) -> SigningKey:
    found = read_json(key.reveal().encode(), AmbientKey)
    if found is None:
        raise ValueError("what the machine brings is no pair of AWS keys")
    token = Secret(found.session_token) if found.session_token else None
    return SigningKey(Secret(found.access_key_id), Secret(found.secret_access_key), token)


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The error's name decides: in a header, or in the body where a proxy took the header away."""
    if status == 200:  # noqa: PLR2004 - HTTP OK
        taken = read_json(body, _Taken)
        return Answer(is_accepted=taken is not None, id=taken.message_id if taken else "")
    refused = read_json(body, _Refused) or _Refused()
    name = headers.get("x-amzn-errortype", "") or refused.kind
    return Answer(is_accepted=False, code=name.partition(":")[0].rpartition("#")[2], said=refused.message)


def _smtp_headers(own: Headers, marker: str) -> Headers:
    return (*own, (TAGS_HEADER, f"{TAG}={marker}"))


def _smtp_id(said: str) -> str:
    match = OK_ID.search(said)
    return match[1] if match else ""


SENDING = Sending(
    addresses={
        Event.DELIVERED: TestAddress(SUCCESS, takes_label=True),
        Event.BOUNCED: TestAddress(BOUNCE, takes_label=True),
    },
    cost="one message on the bill, at the price of any other; the mailbox simulator counts in no quota",
    smtp_headers=_smtp_headers,
    request=_request,
    authorize=_authorize,
    answer=_answer,
    smtp_id=_smtp_id,
    read_events=read_events,
    verify=verify,
    confirm=confirmation_url,
    refusals=REFUSALS,
    api_blames=API_BLAMES,
    no_lookup="SES tells of a message to its event destination only: give the queue that its SNS topic feeds (--queue URL), "
    "or listen where the topic posts to (--listen HOST:PORT)",
    comes_by_queue=True,
    ambient=_ambient,
)
