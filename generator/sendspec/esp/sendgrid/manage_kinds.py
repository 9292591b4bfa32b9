"""What is true of every resource of a kind at SendGrid, and which scope a key needs for what."""

from collections.abc import Mapping

from sendspec.esp.managing import Removal, ResourceKind
from sendspec.esp.sendgrid.calling import DISABLED, DOMAIN, KEY, LINKS, SIGNATURE, SUBUSER, TRACKING, WEBHOOK
from sendspec.esp.sendgrid.facts import DOCS, DOMAINS, EVENT_SETTINGS, OPENAPI, WEBHOOKS
from sendspec.esp.sendgrid.facts import LINKS as LINKS_PAGE
from sendspec.model.plan import Stage

FAMILIES: Mapping[str, str] = {
    SUBUSER: "subusers",
    DOMAIN: "whitelabel",
    LINKS: "whitelabel",
    WEBHOOK: "user.webhooks.event.settings",
    SIGNATURE: "user.webhooks.event.settings",
    KEY: "api_keys",
    TRACKING: "tracking_settings.{id}",
}
"""Kind -> how the scopes of its calls begin. Source: `APPLY_SCOPES`."""
SENDER_IDENTITY = f"{DOCS}/for-developers/sending-email/sender-identity"
"""Read 2026-11-26: mail/send answers 403 to a From that is neither on an authenticated domain nor a verified sender."""

KINDS: Mapping[str, ResourceKind] = {
    SUBUSER: ResourceKind(
        title="subuser",
        stage=Stage.ISSUE,
        source=f"{OPENAPI}/tsg_subusers_v3.json",
        create_only=frozenset({"username", "region"}),
        # no call gives the addresses or the password back, and none changes the address that SendGrid writes to
        unreadable=frozenset({"email", "password", "ips", "include_region"}),
        without=(
            "SendGrid refuses every key of the subuser, so mail of {streams} stops; its suppressions (bounces and "
            "unsubscribes among them), domains and statistics are gone for good"
        ),
        stops_mail=True,
        meanings={
            DISABLED: "a disabled subuser cannot send: SendGrid refuses mail of {streams}",
            "region": "mail of {streams} is handled in {before}, where the spec says {after}",
        },
        stopping={DISABLED: (True,)},
    ),
    DOMAIN: ResourceKind(
        title="authenticated domain",
        stage=Stage.ISSUE,
        source=DOMAINS,
        create_only=frozenset(
            {"domain", "subdomain", "automatic_security", "region", "custom_dkim_selector", "username"}
        ),
        # the answers lack the first two; of the addresses they list none (terraform-provider-sendgrid @ 1e13bb1)
        unreadable=frozenset({"region", "custom_dkim_selector", "ips"}),
        without=(
            "SendGrid neither signs as the domain nor uses a return-path below it: mail of {streams} is unaligned for "
            f"DMARC where the account may still send it, and refused with 403 where it may not ({SENDER_IDENTITY})"
        ),
        stops_mail=True,
        meanings={
            "automatic_security": (
                "other records carry DKIM and return-path of {streams}; until they are published and seen, mail is not "
                "signed for the domain"
            ),
            "subdomain": "bounces of {streams} go to {after}, no longer to {before}; SPF aligns once its record is published",
            "default": (
                "true lets mail from domains that nobody authenticated leave signed with this one, never aligned; mail of "
                "{streams} is the same either way"
            ),
            "custom_spf": "the SPF record of the return-path of {streams} lists other addresses",
        },
        is_verified_by_dns=True,
    ),
    LINKS: ResourceKind(
        title="link branding",
        stage=Stage.ISSUE,
        source=LINKS_PAGE,
        create_only=frozenset({"domain", "subdomain", "region"}),
        unreadable=frozenset({"region"}),
        without=(
            "tracked links in mail of {streams} lead through a domain that SendGrid's customers share, and those in mail "
            "already delivered lead nowhere"
        ),
        meanings={
            "subdomain": (
                "links in mail of {streams} lead through {after}; those in mail already delivered, through {before}, "
                "lead nowhere"
            ),
            "default": "true brands links of domains that have no branding of their own with this one",
        },
        is_verified_by_dns=True,
    ),
    WEBHOOK: ResourceKind(
        title="event webhook",
        stage=Stage.EVENTS,
        source=WEBHOOKS,
        unreadable=frozenset({"oauth_client_secret"}),
        without="no event of {streams} reaches its receiver: bounces and complaints go unseen",
        meanings={
            "enabled": "a webhook that is off posts nothing: bounces and complaints of {streams} go unseen",
            "url": "events of {streams} are posted to {before}, where the spec says {after}",
            "friendly_name": "the name that people see in the app; mail and events are as they were",
            **{
                event: f"`{event}` events of {{streams}} are posted where this is true, and never told where it is false"
                for event in EVENT_SETTINGS
            },
        },
    ),
    SIGNATURE: ResourceKind(
        title="signature of an event webhook",
        stage=Stage.EVENTS,
        source=WEBHOOKS,
        without=(
            "posts about {streams} carry no signature: a receiver that asks for one refuses them, another one cannot "
            "tell them from forged ones. The key pair is gone for good: signing again makes another"
        ),
        meanings={"enabled": "posts about {streams} are signed, or not"},
    ),
    KEY: ResourceKind(
        title="API key",
        stage=Stage.EVENTS,
        source=f"{OPENAPI}/tsg_api_keys_v3.json",
        without="SendGrid refuses the key, and with it mail of {streams}",
        stops_mail=True,
        meanings={
            "scopes": (
                "what the key that sends {streams} may do. Wider than its streams need, whoever finds it can do more than "
                "send; without mail.send it cannot send"
            ),
            "name": "the name that people see in the app, and that sendspec finds the key by; it works as before",
        },
    ),
    TRACKING: ResourceKind(
        title="tracking setting",
        comes_along=frozenset({"click", "open"}),
        stage=Stage.EVENTS,
        source=f"{OPENAPI}/tsg_tracking_settings_v3.json",
        removal=Removal.BY_HAND,
        meanings={
            "enabled": (
                "one switch for all mail of this user: on, it rewrites links or adds an image in mail of {streams} that "
                "does not say otherwise"
            )
        },
    ),
}
"""In the order in which resources are made."""


def scope_of(kind: str, verb: str, resource_id: str = "") -> str:
    """Give the scope that a call needs: `whitelabel.create`."""
    return f"{FAMILIES[kind].replace('{id}', resource_id)}.{verb}"
