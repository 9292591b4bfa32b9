"""A message as SendGrid's mail/send takes it. Source: tsg_mail_v3.json at twilio/sendgrid-oai @ dbe0e0d, 2026-01-22.

The description calls `custom_args` of the message a string; the API takes an object there, as its own examples say.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"
Texts = dict[str, str]
Some = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Address(_Strict):
    """A mailbox."""

    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    name: str = ""


class Personalization(_Strict):
    """One envelope."""

    to: Annotated[list[Address], Field(min_length=1, max_length=1000)]
    cc: Annotated[list[Address], Field(max_length=1000)] = []
    bcc: Annotated[list[Address], Field(max_length=1000)] = []
    from_: Annotated[Address | None, Field(alias="from")] = None
    subject: Some | None = None
    headers: Texts = {}
    substitutions: Texts = {}
    dynamic_template_data: dict[str, object] = {}
    custom_args: Texts = {}
    send_at: int | None = None


class Content(_Strict):
    """A body."""

    type: Some
    value: Some


class Attachment(_Strict):
    """A file."""

    content: Some
    filename: str
    type: str = ""
    disposition: Literal["inline", "attachment"] = "attachment"
    content_id: str = ""


class Asm(_Strict):
    """Unsubscribe groups."""

    group_id: int
    groups_to_display: Annotated[list[int], Field(max_length=25)] = []


class Switch(_Strict):
    """A setting that is on or off."""

    enable: bool = False


class Footer(Switch):
    """Text below every body."""

    text: str = ""
    html: str = ""


class MailSettings(_Strict):
    """How a message is handled."""

    bypass_list_management: Switch = Switch()
    bypass_spam_management: Switch = Switch()
    bypass_bounce_management: Switch = Switch()
    bypass_unsubscribe_management: Switch = Switch()
    footer: Footer = Footer()
    sandbox_mode: Switch = Switch()


class ClickTracking(Switch):
    """Links."""

    enable_text: bool = False


class OpenTracking(Switch):
    """Opens."""

    substitution_tag: str = ""


class SubscriptionTracking(Footer):
    """Unsubscribe links."""

    substitution_tag: str = ""


class Analytics(Switch):
    """Google Analytics."""

    utm_source: str = ""
    utm_medium: str = ""
    utm_term: str = ""
    utm_content: str = ""
    utm_campaign: str = ""


class TrackingSettings(_Strict):
    """What is tracked."""

    click_tracking: ClickTracking | None = None
    open_tracking: OpenTracking | None = None
    subscription_tracking: SubscriptionTracking | None = None
    ganalytics: Analytics | None = None


class Mail(_Strict):
    """`POST /v3/mail/send`."""

    personalizations: Annotated[list[Personalization], Field(min_length=1, max_length=1000)]
    from_: Annotated[Address, Field(alias="from")]
    reply_to: Address | None = None
    reply_to_list: Annotated[list[Address], Field(max_length=1000)] = []
    subject: Some | None = None
    content: list[Content] = []
    attachments: list[Attachment] = []
    template_id: str = ""
    headers: Texts = {}
    categories: Annotated[list[str], Field(max_length=10)] = []
    custom_args: Texts = {}
    send_at: int | None = None
    batch_id: str = ""
    asm: Asm | None = None
    ip_pool_name: Annotated[str, Field(min_length=2, max_length=64)] | None = None
    mail_settings: MailSettings = MailSettings()
    tracking_settings: TrackingSettings = TrackingSettings()

    def missing(self) -> str:
        """Give the member that only mail with a template may lack; empty where nothing is missing."""
        if self.template_id:
            return ""
        if not (self.subject or all(each.subject for each in self.personalizations)):
            return "subject"
        return "" if self.content else "content"


def errors_of(error: ValidationError) -> list[dict[str, object]]:
    """Give the errors as SendGrid words them: what is missing, what is not allowed, what is wrong."""
    found: list[dict[str, object]] = []
    for each in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in each["loc"])
        last = field.rpartition(".")[2]
        message = {
            "extra_forbidden": f"Additional property {last} is not allowed",
            "missing": f"The {field} field is required.",
            "json_invalid": "Bad Request",
        }.get(each["type"], f"{field}: {each['msg']}")
        found.append({"message": message, "field": field or None, "help": HELP})
    return found
