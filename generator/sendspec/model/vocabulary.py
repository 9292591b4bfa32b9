"""Words with a fixed meaning: kinds of mail, protocols, roles, events, needs, abilities."""

from enum import StrEnum


class StreamKind(StrEnum):
    """Kinds of mail, each with a reputation of its own."""

    MARKETING = "marketing"
    LIFECYCLE = "lifecycle"
    TRANSACTIONAL = "transactional"
    AUTHENTICATION = "authentication"
    SUPPORT = "support"
    NOTIFICATION = "notification"

    @property
    def is_bulk(self) -> bool:
        """Tell whether mailbox providers treat this kind as promotional mail that people subscribe to."""
        return self in {StreamKind.MARKETING, StreamKind.LIFECYCLE}


class Via(StrEnum):
    """How a system hands mail to the ESP."""

    SMTP = "smtp"
    API = "api"


class Role(StrEnum):
    """What a route is for."""

    PRIMARY = "primary"
    FALLBACK = "fallback"


class Tls(StrEnum):
    """TLS on an SMTP submission, the one notion that every target spells in its own words."""

    STARTTLS = "starttls"
    """Always *required* (RFC 8314 section 4.1), never opportunistic."""
    IMPLICIT = "implicit"
    """TLS from the first byte."""
    NONE = "none"
    """Plain text: only towards a relay or a catcher on this machine or in a private network, never towards an ESP."""


class Mail(StrEnum):
    """What becomes of the mail of an app's environment."""

    REAL = "real"
    """It reaches people."""
    SANDBOX = "sandbox"
    """The ESP checks it and delivers none of it."""
    CATCHER = "catcher"
    """A program on this machine or in a private network shows it and delivers none of it: Mailpit, MailHog, maildev."""


class Event(StrEnum):
    """What an ESP can report about a message; each ESP spells it its own way."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    DEFERRED = "deferred"
    COMPLAINED = "complained"
    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    REJECTED = "rejected"


class Need(StrEnum):
    """Features that a stream needs of whoever sends it."""

    TEMPLATES = "templates"
    BATCHING = "batching"
    WEBHOOKS = "webhooks"
    METADATA = "metadata"
    SCHEDULING = "scheduling"
    ATTACHMENTS = "attachments"
    IDEMPOTENCY = "idempotency"


class Capability(StrEnum):
    """What an ESP can do; rules and compile ask for these, never for an ESP's name."""

    SMTP = "smtp"
    API = "api"
    IMPLICIT_TLS = "implicit-tls"
    TEMPLATES_API = "templates-api"
    TEMPLATES_SMTP = "templates-smtp"
    BATCHING = "batching"
    METADATA = "metadata"
    SCHEDULING = "scheduling"
    SCHEDULING_SMTP = "scheduling-smtp"
    IDEMPOTENCY = "idempotency"
    EVENTS = "events"
    SIGNED_EVENTS = "signed-events"
    PER_STREAM_EVENTS = "per-stream-events"
    TRACKING_SWITCH = "tracking-switch"
    DKIM_CNAME = "dkim-cname"
    FEEDBACK_BY_MAIL = "feedback-by-mail"
    """Mails bounces and complaints to the sender where no webhook takes them."""


class Support(StrEnum):
    """Three-valued: what a provider's documents say of something."""

    YES = "yes"
    NO = "no"
    UNCONFIRMED = "unconfirmed"
