"""What people write below `settings:` of an SES account and of a route through it."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from sendspec.spec.schema import Model
from sendspec.spec.types import DomainName, Label

ResourceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""How SES names configuration sets and pools (CreateConfigurationSet, CreateDedicatedIpPool)."""


def _account_number(value: object) -> object:
    if isinstance(value, str) and len(value) == 12 and value.isascii() and value.isdigit():  # noqa: PLR2004 - digits
        return value
    message = "an AWS account id is text of 12 digits"
    fix = 'write it in quotes, so that YAML keeps leading zeros: aws_account: "012345678901"'
    raise PydanticCustomError("syntax", "{message}", {"message": message, "fix": fix})


def _finite(value: JsonValue) -> JsonValue:
    """Refuse what JSON cannot hold: `.nan` and `.inf` of YAML."""
    if isinstance(value, float) and not math.isfinite(value):
        fix = "write a finite number"
        raise PydanticCustomError("syntax", "{message}", {"message": "this number is not finite", "fix": fix})
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _finite(part)
    return value


def _not_a_name(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Refuse to rename by the back door: other resources refer to these names."""
    for name in sorted({"ConfigurationSetName", "EmailIdentity"} & set(value)):
        message, fix = f"`{name}` is not for extra", "the spec names it: `configuration_set:`, or the domain of `from:`"
        raise PydanticCustomError("syntax", "{message}", {"message": message, "fix": fix})
    return value


Native = Annotated[dict[str, Annotated[JsonValue, AfterValidator(_finite)]], AfterValidator(_not_a_name)]


class Extra(Model):
    """Options of the SES v2 API that sendspec has no word for, in the API's own spelling, passed through untouched.

    They are merged over what sendspec writes, mapping by mapping, and so win. CloudFormation takes the same names for
    whatever it can express at all.
    """

    configuration_set: Native = Field(
        default_factory=dict,
        description="Merged into every configuration set (CreateConfigurationSet): VdmOptions, ArchivingOptions, "
        "DeliveryOptions: {TlsPolicy: REQUIRE}, ...",
    )
    identity: Native = Field(
        default_factory=dict,
        description="Merged into every identity (CreateEmailIdentity): Tags, DkimSigningAttributes",
    )


class Settings(Model):
    """An SES account in one region."""

    region: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$",
        max_length=32,
        examples=["eu-west-1"],
        description="SES keeps identities, credentials, quota and sandbox apart in each region",
    )
    dkim: Literal["easy", "byodkim", "none"] = Field(
        default="easy",
        description="easy: SES makes and rotates the keys behind three CNAMEs; byodkim: your own key; "
        "none: SES does not sign (domain verified and signed elsewhere)",
    )
    configuration_set: ResourceName | None = Field(
        default=None,
        description="Start of the names of configuration sets: `<this>-<stream>`; default: the name of the account",
    )
    mail_from: Label | None = Field(
        default="bounce", description="Label of the custom MAIL FROM below each From domain; null: the domain of SES"
    )
    behavior_on_mx_failure: Literal["use_default", "reject"] = Field(
        default="use_default",
        description="When the MX of the MAIL FROM cannot be seen: send with the domain of SES, or refuse to send",
    )
    tracking_domain: DomainName | None = Field(
        default=None, description="Host for open and click links, on or below a domain that SES sends for"
    )
    aws_account: Annotated[str, BeforeValidator(_account_number)] | None = Field(
        default=None, description="12 digits, quoted; without it ARNs name the account by reference"
    )
    sending_pool: ResourceName | None = Field(default=None, description="Dedicated IP pool of every configuration set")
    event_transport: Literal["sns"] = Field(default="sns", description="How events reach the webhook")
    extra: Extra = Extra()


class RouteSettings(Model):
    """What one route may say differently."""

    configuration_set: ResourceName | None = Field(
        default=None, description="The full name, in place of `<prefix>-<stream>`"
    )
    sending_pool: ResourceName | None = Field(default=None, description="Dedicated IP pool of this route")
    extra: Native = Field(
        default_factory=dict, description="Merged into this route's configuration set (CreateConfigurationSet)"
    )
