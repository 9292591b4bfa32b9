"""What is true of Postmark's resources when they are changed."""

from collections.abc import Mapping

from sendspec.esp.managing import Removal, ResourceKind
from sendspec.esp.postmark.facts import DEFAULT_STREAMS, DOCS
from sendspec.model.plan import Stage

SERVER, DOMAIN, STREAM, WEBHOOK = "server", "domain", "message-stream", "webhook"

KINDS: Mapping[str, ResourceKind] = {
    SERVER: ResourceKind(
        title="server",
        stage=Stage.ISSUE,
        source=f"{DOCS}/api/servers-api",
        create_only=frozenset({"DeliveryType"}),
        # DELETE /servers/{id} is answered with ErrorCode 604 until Postmark's support enables it for the account.
        removal=Removal.BY_HAND,
        without="Postmark refuses every login and call of {streams}: tokens, message streams and webhooks go with the "
        "server",
        stops_mail=True,
        meanings={
            "Name": "only people see the name; sendspec finds the server by it",
            "DeliveryType": "from {before} to {after}: a Sandbox server delivers nothing; it cannot be changed later",
            "SmtpApiActivated": "SMTP is switched from {before} to {after}; while it is false Postmark refuses every SMTP "
            "login with a token of this server, and whatever of {streams} still leaves that way stops",
            "EnableSmtpApiErrorHooks": "while it is false nobody hears of mail of {streams} that Postmark refuses after SMTP "
            "has taken it",
            "TrackOpens": "from {before} to {after}: while it is true every HTML message of {streams} gets a pixel, and no "
            "message can switch it off",
            "TrackLinks": "links in messages of {streams} that do not say themselves go from {before} to {after}",
            "InboundDomain": "mail to the inbound domain reaches another server, or none",
            "InboundSpamThreshold": "other inbound mail is blocked as spam",
        },
        stopping={"SmtpApiActivated": (False,), "DeliveryType": ("Sandbox",)},
    ),
    DOMAIN: ResourceKind(
        title="domain",
        stage=Stage.ISSUE,
        source=f"{DOCS}/api/domains-api",
        create_only=frozenset({"Name"}),
        without="Postmark refuses mail of {streams}: nothing confirms the domain of its From; its DKIM key is gone, and a "
        "domain made again gets another",
        stops_mail=True,
        meanings={
            "ReturnPathDomain": "the envelope of {streams} goes from {before} to {after}: until Postmark sees the CNAME of "
            "the new name it is Postmark's own domain, and SPF does not align",
        },
        is_verified_by_dns=True,
    ),
    STREAM: ResourceKind(
        title="message stream",
        comes_along=frozenset(DEFAULT_STREAMS.value),
        stage=Stage.ISSUE,
        source=f"{DOCS}/api/message-streams-api",
        create_only=frozenset({"ID", "MessageStreamType"}),
        removal=Removal.ARCHIVE,
        without="Postmark refuses every message of {streams} with 422, ErrorCode 1235; over SMTP it bounces. After 45 days "
        "the archived stream is purged, with its suppressions",
        stops_mail=True,
        meanings={
            "Name": "only people see the name",
            "Description": "only people see the description",
            "MessageStreamType": "{streams} would leave by other servers, as {after} instead of {before}; the type of a "
            "message stream cannot be changed, nor its id be used again before it is purged",
            "SubscriptionManagementConfiguration": "the unsubscribe link and headers of {streams} are handled by {after} "
            "instead of {before} (None: by nobody; Custom: by your own process)",
        },
    ),
    WEBHOOK: ResourceKind(
        title="webhook",
        stage=Stage.EVENTS,
        source=f"{DOCS}/api/webhooks-api",
        create_only=frozenset({"MessageStream"}),
        unreadable=frozenset({"Verify"}),
        without="nobody hears of bounces, complaints and unsubscribes of {streams} any more",
        meanings={
            "Url": "events of {streams} go to {after} instead of {before}",
            "MessageStream": "events of another message stream are posted",
            "HttpAuth": "the receiver of events of {streams} gets another login: it refuses every post until it knows it",
            "HttpHeaders": "the receiver of events of {streams} gets other headers",
            "Triggers": "other events of {streams} are posted: from {before} to {after}",
        },
    ),
}
"""By `Resource.kind`."""
