"""A message as SendEmail takes it. Source: the shapes of SendEmailRequest, botocore 1.44.5 data/sesv2/2019-09-27."""

import base64
import binascii
from email.parser import BytesParser
from email.policy import default
from email.utils import getaddresses
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class _Strict(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid")


class Text(_Strict):
    """Text with its character set."""

    data: str
    charset: str = "UTF-8"


class Body(_Strict):
    """One or both bodies."""

    text: Text | None = None
    html: Text | None = None


class Header(_Strict):
    """A message header."""

    name: Annotated[str, Field(min_length=1, max_length=126, pattern=r"^[!-9;-@A-~]+$")]
    value: Annotated[str, Field(min_length=1, max_length=995, pattern=r"^[ -~]*$")]


Headers = Annotated[list[Header], Field(max_length=15)]


class Attachment(_Strict):
    """A file."""

    raw_content: str
    file_name: Annotated[str, Field(max_length=255)]
    content_disposition: Literal["ATTACHMENT", "INLINE"] = "ATTACHMENT"
    content_description: str = ""
    content_id: str = ""
    content_transfer_encoding: Literal["BASE64", "QUOTED_PRINTABLE", "SEVEN_BIT"] = "BASE64"
    content_type: str = ""


class Simple(_Strict):
    """A message in parts."""

    subject: Text
    body: Body
    headers: Headers = []
    attachments: list[Attachment] = []


class Raw(_Strict):
    """A message as it is, in Base64."""

    data: str


class TemplateContent(_Strict):
    """A template that comes with the call."""

    subject: str = ""
    text: str = ""
    html: str = ""


class Template(_Strict):
    """A message from a template."""

    template_name: str = ""
    template_arn: str = ""
    template_content: TemplateContent | None = None
    template_data: Annotated[str, Field(max_length=262_144)] = ""
    headers: Headers = []
    attachments: list[Attachment] = []


class Content(_Strict):
    """One of three."""

    simple: Simple | None = None
    raw: Raw | None = None
    template: Template | None = None


class Destination(_Strict):
    """Who gets it."""

    to_addresses: list[str] = []
    cc_addresses: list[str] = []
    bcc_addresses: list[str] = []


class Tag(_Strict):
    """A message tag."""

    name: Annotated[str, Field(max_length=256, pattern=r"^[A-Za-z0-9_-]+$")]
    value: Annotated[str, Field(max_length=256, pattern=r"^[A-Za-z0-9_@.-]+$")]


class ListManagement(_Strict):
    """A list that SES manages."""

    contact_list_name: str
    topic_name: str = ""


class Tracking(_Strict):
    """What to track, for this message."""

    open_tracking_enabled: Literal["ENABLED", "DISABLED"] | None = None
    click_tracking_enabled: Literal["ENABLED", "DISABLED"] | None = None


class Overrides(_Strict):
    """What this message does otherwise than its configuration set."""

    tracking: Tracking | None = None


class SendEmail(_Strict):
    """The call."""

    content: Content
    from_email_address: str = ""
    from_email_address_identity_arn: str = ""
    destination: Destination = Destination()
    reply_to_addresses: list[str] = []
    feedback_forwarding_email_address: str = ""
    feedback_forwarding_email_address_identity_arn: str = ""
    email_tags: list[Tag] = []
    configuration_set_name: str = ""
    endpoint_id: str = ""
    tenant_name: str = ""
    list_management_options: ListManagement | None = None
    configuration_overrides: Overrides | None = None

    def sender(self) -> str:
        """Give the address in From: of the call, else of the raw message."""
        _, address = (getaddresses([self.from_email_address or self._raw_header("From")]) or [("", "")])[0]
        return address

    def recipients(self) -> tuple[str, ...]:
        """Give the addresses it goes to: of the call, else of the raw message."""
        given = self.destination
        texts = [*given.to_addresses, *given.cc_addresses, *given.bcc_addresses]
        texts = texts or [self._raw_header(name) for name in ("To", "Cc", "Bcc")]
        # Pythons from 2024 on find no address at all where one of the texts is empty.
        return tuple(address for _, address in getaddresses(filter(None, texts)) if "@" in address)

    def subject(self) -> str:
        """Give the subject; empty for a template, which only SES fills."""
        return self.content.simple.subject.data if self.content.simple else self._raw_header("Subject")

    def problem(self) -> str:
        """Say what is wrong with it as a whole; empty where nothing is."""
        parts = (self.content.simple, self.content.raw, self.content.template)
        if sum(part is not None for part in parts) != 1:
            return "Exactly one of Simple, Raw and Template must be given."
        if self.content.raw is not None and self._raw() is None:
            return "Raw.Data is not valid Base64."
        simple = self.content.simple
        if simple is not None and simple.body.text is None and simple.body.html is None:
            return "Body must have Text or Html."
        return "" if "@" in self.sender() else "Missing final '@domain'"

    def _raw(self) -> bytes | None:
        if self.content.raw is None:
            return None
        try:
            return base64.b64decode(self.content.raw.data, validate=True)
        except binascii.Error:
            return None

    def _raw_header(self, name: str) -> str:
        raw = self._raw()
        return str(BytesParser(policy=default).parsebytes(raw, headersonly=True).get(name, "")) if raw else ""
