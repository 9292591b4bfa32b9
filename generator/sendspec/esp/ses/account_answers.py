"""Answers of SES and what they mean: only the members that are looked at; the error's name decides, never the status."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from sendspec.esp.ses.facts import MODEL
from sendspec.model.account_state import Access, Standing
from sendspec.model.fact import Fact

READ = date(2026, 11, 26)
ERRORS: Fact[dict[str, Access]] = Fact(
    {
        "AccessDenied": Access.FORBIDDEN,
        "AccessDeniedException": Access.FORBIDDEN,
        "OptInRequired": Access.FORBIDDEN,
        "ExpiredToken": Access.REFUSED,
        "ExpiredTokenException": Access.REFUSED,
        "IncompleteSignature": Access.REFUSED,
        "InvalidClientTokenId": Access.REFUSED,
        "InvalidSignatureException": Access.REFUSED,
        "MissingAuthenticationTokenException": Access.REFUSED,
        "RequestExpired": Access.REFUSED,
        "SignatureDoesNotMatch": Access.REFUSED,
        "UnrecognizedClientException": Access.REFUSED,
        "ThrottlingException": Access.RATE_LIMITED,
        "TooManyRequestsException": Access.RATE_LIMITED,
    },
    f"https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html; {MODEL}",
    READ,
    note="SES answers 403 both to a key it does not know and to one without the right",
)
OTHER_REGION = Fact(
    "scoped to a valid region",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html",
    READ,
    note="words of the message of InvalidSignatureException and SignatureDoesNotMatch",
)


class _Json(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)


class AmbientKey(BaseModel):
    """What the machine itself has to sign with, as one secret holds it."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


class ErrorAnswer(BaseModel):
    """An error; `message` or `Message`, as services differ."""

    kind: str = Field(default="", alias="__type")
    message: str = ""
    other_message: str = Field(default="", alias="Message")


class _SendQuota(_Json):
    max_24_hour_send: float = Field(alias="Max24HourSend")
    max_send_rate: float
    sent_last_24_hours: float = Field(alias="SentLast24Hours")


class _Review(_Json):
    status: str = ""


class _Details(_Json):
    review_details: _Review = _Review()


class AccountAnswer(_Json):
    """GetAccount."""

    production_access_enabled: bool
    sending_enabled: bool
    enforcement_status: str
    send_quota: _SendQuota
    details: _Details | None = None


class _Page(_Json):
    next_token: str | None = None


class SetList(_Page):
    """ListConfigurationSets."""

    configuration_sets: list[str]


class _Identity(_Json):
    identity_type: str
    identity_name: str
    verification_status: str = ""


class IdentityList(_Page):
    """ListEmailIdentities."""

    email_identities: list[_Identity]


class _SendingOptions(_Json):
    sending_enabled: bool = True


class SetAnswer(_Json):
    """GetConfigurationSet."""

    sending_options: _SendingOptions = _SendingOptions()


class _Destination(_Json):
    enabled: bool = False
    matching_event_types: list[str]
    sns_destination: dict[str, object] | None = None
    event_bridge_destination: dict[str, object] | None = None
    kinesis_firehose_destination: dict[str, object] | None = None


class DestinationList(_Json):
    """GetConfigurationSetEventDestinations."""

    event_destinations: list[_Destination]


def standing_of(account: AccountAnswer) -> tuple[Standing, str]:
    """Give the worst that holds, in the words of GetAccount."""
    if account.enforcement_status == "SHUTDOWN":
        return Standing.SUSPENDED, "EnforcementStatus: SHUTDOWN"
    if not account.sending_enabled:
        return Standing.PAUSED, "SendingEnabled: false"
    if not account.production_access_enabled:
        review = account.details.review_details.status if account.details else ""
        return Standing.SANDBOX, "ProductionAccessEnabled: false" + (f", review {review}" if review else "")
    if account.enforcement_status == "PROBATION":
        return Standing.PROBATION, "EnforcementStatus: PROBATION"
    return Standing.SENDING, f"EnforcementStatus: {account.enforcement_status}"
