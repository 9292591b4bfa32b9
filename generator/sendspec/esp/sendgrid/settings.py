"""What people write below `settings:` for SendGrid, and what its lock entries hold."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from sendspec.esp.interface import Native
from sendspec.esp.sendgrid.facts import EU, EU_NEEDS_SUBUSER, GLOBAL, ISSUED_PARENT
from sendspec.spec import syntax
from sendspec.spec.schema import Model
from sendspec.spec.types import Day, Flag, Label, Name, SpfDomain

# A subuser's name goes into a header: nothing that ends or folds one.
Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$")]
Group = Annotated[int, Strict(), Field(ge=1)]
Pool = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
MX_VALUE = re.compile(r"(?:(?P<preference>[0-9]{1,5})\s+)?(?P<exchange>\S+)\Z")
CHALLENGE = "_acme-challenge."
MAX_RECORDS = 16
MAX_TXT = 4096
MAX_PREFERENCE = 65535


def _problem(message: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("syntax", "{message}", {"message": message, "fix": fix})


class Extra(Model):
    """Native fields, by resource; merged last, so they win."""

    subuser: Native = Field(default_factory=dict, description="Of the subuser")
    authenticated_domain: Native = Field(default_factory=dict, description="Of every domain: custom_dkim_selector, ...")
    link_branding: Native = Field(default_factory=dict, description="Of every link branding")
    event_webhook: Native = Field(default_factory=dict, description="Of every webhook: oauth_client_id, processed, ...")
    api_key: Native = Field(default_factory=dict, description="Of every key")


class Settings(Model):
    """A SendGrid account's `settings:`: one user or subuser, in one region."""

    region: Name = Field(default=GLOBAL, description="global or eu; eu needs a subuser")
    subuser: Username | None = Field(default=None, description="Everything happens inside this subuser")
    link_branding: Flag = Field(default=False, description="Tracked links below the sending domain")
    link_label: Label = Field(default="links", description="Host label of branded links below each domain")
    security: Literal["automatic", "manual", "none"] = Field(
        default="automatic",
        description="automatic: CNAMEs, SendGrid rotates keys; manual: TXT and MX; none: not authenticated",
    )
    domain_label: Label | None = Field(
        default=None, description="Host label of the return-path; default: em and a number that SendGrid chooses"
    )
    unsubscribe_group: Group | None = Field(default=None, description="Id of the unsubscribe group (ASM)")
    ip_pool: Pool | None = Field(default=None, description="Name of the IP pool to send from")
    extra: Extra = Field(default_factory=Extra, description="Native fields by resource: authenticated_domain, ...")

    @model_validator(mode="after")
    def _one_story(self) -> "Settings":
        if self.region == EU and self.subuser is None:
            raise _problem(EU_NEEDS_SUBUSER.value, "add `subuser: NAME`")
        if self.link_branding and self.link_label == self.domain_label:
            message = f"`{self.link_label}` cannot be the host of both the return-path and the links"
            raise _problem(message, "give `link_label` or `domain_label` another name")
        return self


class RouteSettings(Model):
    """A route's `settings:`. What is left out is the account's."""

    unsubscribe_group: Group | None = Field(default=None, description="Id of the unsubscribe group (ASM)")
    ip_pool: Pool | None = Field(default=None, description="Name of the IP pool to send from")
    extra: Native = Field(
        default_factory=dict, description="Native fields: of X-SMTPAPI over SMTP, of mail/send over the API"
    )


class IssuedRecord(Model):
    """One DNS record as SendGrid issued it. An MX value may carry its preference: `10 mx.sendgrid.net`."""

    type: Annotated[
        Literal["CNAME", "TXT", "MX"], BeforeValidator(lambda text: text.upper() if isinstance(text, str) else text)
    ]
    name: SpfDomain
    value: str

    @model_validator(mode="after")
    def _value_fits_type(self) -> "IssuedRecord":
        if self.type == "TXT":
            if not 0 < len(self.value) <= MAX_TXT or not (self.value.isascii() and self.value.isprintable()):
                raise _problem(f"{self.name}: the TXT value is not one line of ASCII", "copy it from SendGrid as it is")
            return self
        try:
            _, host = self.target()
        except syntax.SyntaxProblem as problem:
            raise _problem(f"{self.name}: {problem}", problem.fix) from None
        # A challenge proves ownership to a certificate authority: its target is not SendGrid's. No other name is let off:
        # `_x._domainkey` is a selector like any.
        if not self.name.startswith(CHALLENGE) and not f".{host}".endswith(f".{ISSUED_PARENT.value}"):
            message = f"{self.name}: {host} does not lie below {ISSUED_PARENT.value}"
            raise _problem(message, "copy the value that SendGrid shows; another host could sign or track as you")
        return self

    def target(self) -> tuple[int | None, str]:
        """Give (preference, host name) of a CNAME or MX. Raises SyntaxProblem for a value that is no host name."""
        match = MX_VALUE.match(self.value.strip()) if self.type == "MX" else None
        if match is None:
            return None, syntax.parse_domain(self.value, underscores=True)
        preference = int(match["preference"]) if match["preference"] else None
        if preference is not None and preference > MAX_PREFERENCE:
            raise syntax.SyntaxProblem(f"{preference} is no MX preference", "0 to 65535 (RFC 1035 section 3.3.9)")
        return preference, syntax.parse_domain(match["exchange"])


class IssuedSet(Model):
    """The records of one authenticated domain or one branded link, with its id at SendGrid."""

    id: Annotated[int, Strict(), Field(ge=1)]
    records: tuple[IssuedRecord, ...] = Field(min_length=1, max_length=MAX_RECORDS)
    read: Day

    @model_validator(mode="after")
    def _challenges_are_for_hosts_of_the_set(self) -> "IssuedSet":
        hosts = {record.name for record in self.records if record.type == "CNAME"}
        for record in self.records:
            host = record.name.removeprefix(CHALLENGE)
            if host != record.name and host not in hosts:
                message = (
                    f"{record.name}: {host} is no host of this entry, and who answers its challenge may speak for it"
                )
                raise _problem(message, "copy all records that SendGrid shows, or take this one out")
        return self


class Issued(Model):
    """A domain's lock entry: `domain: {id, records, read}` and `links: {id, records, read}`."""

    domain: IssuedSet | None = None
    links: IssuedSet | None = None
