"""What has to exist at SES, SNS and IAM for one account, as data in the services' own field names.

Where a value is known only once something was created a placeholder stands for it: `${topic/northwind-receipts-events#TopicArn}`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from sys import intern

from sendspec.esp.ses.configuration_sets import (
    ConfigurationSet,
    configuration_sets,
    covers_feedback,
    settings_of,
    subscriptions,
)
from sendspec.esp.ses.facts import DG, EVENT_NAMES, MODEL, partition
from sendspec.esp.ses.names import aws_account
from sendspec.esp.ses.records import mail_from_domain
from sendspec.esp.ses.sending_policy import sending_policies
from sendspec.esp.ses.settings import Settings
from sendspec.model.account import Account
from sendspec.model.dns_record import DnsRecord, Purpose, RecordType
from sendspec.model.identity import Identity
from sendspec.model.request import answer, asked, secret
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup

CONFIGURATION_SET = "configuration-set"
TOPIC = "topic"
SUBSCRIPTION = "subscription"
EVENT_DESTINATION = "event-destination"
IDENTITY = "identity"
POLICY = "policy"
DKIM_KEY = "dkim-key"
"""A key pair of one's own: nothing of AWS, but what an identity needs first."""

SIGNING = "DkimSigningAttributes"
SELECTOR, PRIVATE_KEY = "DomainSigningSelector", "DomainSigningPrivateKey"
PRIVATE_KEY_CREDENTIAL = "dkim_private_key"
"""The credential below `manage:` that says where private DKIM keys are kept."""

MX_FAILURE = {"use_default": "USE_DEFAULT_VALUE", "reject": "REJECT_MESSAGE"}
MAIL_FROM_REASONS = {
    "USE_DEFAULT_VALUE": "a passing DNS fault at the MAIL FROM costs the SPF leg and stops no mail",
    "REJECT_MESSAGE": "while the MX of the MAIL FROM cannot be seen SES refuses to send, as the spec asks",
}
FEEDBACK_REASONS = {
    True: "bounces and complaints are mailed to the sender, as no webhook takes them all",
    False: "bounces and complaints go to the webhook, so none are mailed to the sender",
}
IDENTITY_SOURCE = f"{MODEL} CreateEmailIdentity; {DG}/mail-from.html"
POLICY_VERSION = "2012-10-17"


def desired_resources(setup: Setup, account: Account) -> tuple[Resource, ...]:
    """Give every resource, each after those it depends on. Nothing for an account that no stream uses."""
    settings = settings_of(account)
    sets = configuration_sets(setup, account)
    found: list[Resource] = []
    for each in sets:
        found.append(_configuration_set(account, settings, each))
        found.extend(_events(account, settings, each))
    identities = sorted(
        (identity for identity in setup.identities if identity.account == account.id),
        key=lambda identity: identity.domain,
    )
    sets_of_stream: dict[str, list[ConfigurationSet]] = {}
    for each in sets:
        for stream in each.streams:
            sets_of_stream.setdefault(stream, []).append(each)
    for identity in identities:
        used = {each.name: each for stream in identity.streams for each in sets_of_stream.get(stream, ())}
        found.extend(_dkim_key(account, settings, identity))
        found.append(_identity(account, settings, identity, tuple(used.values())))
    found.extend(sending_policies(setup, account, settings))
    return tuple(found)


def _configuration_set(account: Account, settings: Settings, each: ConfigurationSet) -> Resource:
    pool = next((user.settings.sending_pool for user in each.users if user.settings.sending_pool), None)
    delivery: dict[str, object] = {"TlsPolicy": "OPTIONAL"}
    if pool or settings.sending_pool:
        delivery["SendingPoolName"] = pool or settings.sending_pool
    properties: dict[str, object] = {
        "ConfigurationSetName": each.name,
        "DeliveryOptions": delivery,
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SendingOptions": {"SendingEnabled": True},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    }
    tracked = {"OPEN", "CLICK"} & {name for _, names, _ in subscriptions(each) for name in names}
    if settings.tracking_domain and tracked:
        properties["TrackingOptions"] = {"CustomRedirectDomain": settings.tracking_domain}
    properties = merged(properties, settings.extra.configuration_set)
    for user in each.users:
        properties = merged(properties, user.settings.extra)
    return Resource(
        account=account.id,
        kind=CONFIGURATION_SET,
        id=each.name,
        properties=properties,
        why=f"reputation metrics, suppression and events of {' and '.join(each.streams)}, apart from other streams. "
        "Addresses that bounced or complained get no more mail. TLS to the receiver is used wherever it is offered; "
        "REQUIRE would bounce mail to receivers without it",
        source=f"{DG}/using-configuration-sets.html",
        origin=each.users[0].route.origin,
        streams=each.streams,
    )


def _events(account: Account, settings: Settings, each: ConfigurationSet) -> Iterator[Resource]:
    """Yield topic, subscription and event destination for each webhook of a configuration set."""
    for number, (url, names, origin) in enumerate(subscriptions(each), start=1):
        suffix = "" if number == 1 else f"-{number}"
        topic = f"{each.name}-events{suffix}"
        common = partial(Resource, account=account.id, origin=origin, streams=each.streams)
        yield common(
            kind=TOPIC,
            id=topic,
            properties={
                "Name": topic,
                "SignatureVersion": "2",
                "Policy": _topic_policy(settings, topic, each.name),
            },
            why=f"carries the events of {each.name} to its webhook; only this configuration set may publish. Messages "
            "are signed with SHA-256. Encryption with the key of SNS itself would shut SES out",
            source=f"{DG}/event-publishing-add-event-destination-sns.html",
        )
        yield common(
            kind=SUBSCRIPTION,
            id=topic,
            properties={
                "TopicArn": answer(f"{TOPIC}/{topic}", "TopicArn"),
                "Protocol": "https",
                "Endpoint": url,
            },
            why="SNS first posts a SubscriptionConfirmation: nothing arrives before the endpoint has fetched its "
            "SubscribeURL. Every post is signed; the endpoint must verify that",
            source="https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.verify.signature.html",
            depends_on=(f"{TOPIC}/{topic}",),
        )
        yield common(
            kind=EVENT_DESTINATION,
            id=topic,
            properties={
                "ConfigurationSetName": each.name,
                "EventDestinationName": f"webhook{suffix}",
                "EventDestination": {
                    "Enabled": True,
                    "MatchingEventTypes": list(names),
                    "SnsDestination": {"TopicArn": answer(f"{TOPIC}/{topic}", "TopicArn")},
                },
            },
            why="exactly the events the spec asks for. A message that SES rejects or cannot render never bounces, so "
            "`bounced` includes those two. Opens and clicks are tracked by subscribing to them, and only then",
            source=EVENT_NAMES.source,
            depends_on=(f"{CONFIGURATION_SET}/{each.name}", f"{TOPIC}/{topic}"),
        )


def _topic_policy(settings: Settings, topic: str, configuration_set: str) -> dict[str, object]:
    start, number = f"arn:{partition(settings.region)}", aws_account(settings)
    return {
        "Version": POLICY_VERSION,
        "Statement": [
            {
                "Sid": "EventsOfOneConfigurationSet",
                "Effect": "Allow",
                "Principal": {"Service": "ses.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": f"{start}:sns:{settings.region}:{number}:{topic}",
                "Condition": {
                    "StringEquals": {
                        "AWS:SourceAccount": number,
                        "AWS:SourceArn": f"{start}:ses:{settings.region}:{number}:configuration-set/{configuration_set}",
                    }
                },
            }
        ],
    }


def _identity(account: Account, settings: Settings, identity: Identity, sets: tuple[ConfigurationSet, ...]) -> Resource:
    properties: dict[str, object] = {"EmailIdentity": identity.domain}
    reasons = [_dkim_reason(settings)]
    properties |= _signing(account, settings, identity)
    host = mail_from_domain(settings, identity.domain)
    if host is not None:
        behaviour = MX_FAILURE[settings.behavior_on_mx_failure]
        properties["MailFromAttributes"] = {"MailFromDomain": host, "BehaviorOnMxFailure": behaviour}
        reasons.append(MAIL_FROM_REASONS[behaviour])
    if len(sets) == 1:
        properties["ConfigurationSetName"] = sets[0].name
        reasons.append("its only configuration set is its default, for senders that cannot name one in a header")
    forwards = not sets or not all(covers_feedback(each) for each in sets)
    properties["FeedbackForwardingStatus"] = forwards
    reasons.append(FEEDBACK_REASONS[forwards])
    return Resource(
        account=account.id,
        kind=IDENTITY,
        id=identity.domain,
        properties=merged(properties, settings.extra.identity),
        why=intern("; ".join(reasons)),
        source=IDENTITY_SOURCE,
        origin=account.origin,
        depends_on=(
            *(f"{CONFIGURATION_SET}/{each.name}" for each in sets),
            *(each.key for each in _dkim_key(account, settings, identity)),
        ),
        streams=identity.streams,
    )


def _dkim_key(account: Account, settings: Settings, identity: Identity) -> Iterator[Resource]:
    """Yield the key pair of a domain, where sendspec makes it: none for one that people made and keep themselves."""
    keys = own_key_records(identity)
    selector = _selector(identity)
    reference = private_key_reference(account, identity.domain, selector)
    if settings.dkim != "byodkim" or (keys and reference is None):
        return
    key = _private_key(account, identity.domain, selector)
    yield Resource(
        account=account.id,
        kind=DKIM_KEY,
        id=identity.domain,
        properties={"PrivateKey": key} | ({"Selector": selector, "PublicKey": str(keys[0].value)} if keys else {}),
        why="the key that SES signs with: made by sendspec, its private half only in your secret store, its public half "
        "in the lock file and in DNS",
        source=f"{DG}/send-email-authentication-dkim-bring-your-own.html",
        origin=account.origin,
        streams=identity.streams,
    )


def _dkim_reason(settings: Settings) -> str:
    return {
        "easy": "SES signs with keys of its own, 2048 bits, and rotates them",
        "byodkim": "SES signs with your key",
        "none": "SES does not sign; it verifies a new domain by its DKIM records only, so this one has to be verified",
    }[settings.dkim]


def _signing(account: Account, settings: Settings, identity: Identity) -> dict[str, object]:
    if settings.dkim == "none":
        return {"DkimAttributes": {"SigningEnabled": False}}
    signs: dict[str, object] = {"DkimAttributes": {"SigningEnabled": True}}
    if settings.dkim == "easy":
        return signs | {SIGNING: {"NextSigningKeyLength": "RSA_2048_BIT"}}
    selector = _selector(identity)
    key = {
        SELECTOR: selector or answer(f"{DKIM_KEY}/{identity.domain}", "Selector"),
        PRIVATE_KEY: _private_key(account, identity.domain, selector),
    }
    return signs | {SIGNING: key}


def own_key_records(identity: Identity) -> list[DnsRecord]:
    """Give the records of a domain's own DKIM keys, the one that signs first; none where the lock file has no key yet."""
    return [record for record in identity.records if record.purpose is Purpose.DKIM and record.type is RecordType.TXT]


def _selector(identity: Identity) -> str:
    keys = own_key_records(identity)
    return keys[0].name.partition("._domainkey.")[0] if keys else ""


def private_key_reference(account: Account, domain: str, selector: str) -> str | None:
    """Give where the private DKIM key of a domain is kept; None where the spec does not say."""
    for credential in account.manage:
        if credential.name == PRIVATE_KEY_CREDENTIAL:
            return credential.reference.replace("{domain}", domain).replace("{selector}", selector)
    return None


def _private_key(account: Account, domain: str, selector: str) -> str:
    reference = private_key_reference(account, domain, selector)
    return asked(f"dkim-private-key-{domain}") if reference is None else secret(reference)


def for_files(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Give the resources as files show them: without keys, without a default, and with a key as something to give.

    An identity whose key is not made yet is left to be made with one of SES's own.
    """
    for resource in resources:
        if resource.kind == DKIM_KEY:
            continue
        if resource.kind != IDENTITY:
            yield resource
            continue
        properties = dict(resource.properties)
        if properties.get("DkimAttributes") == {"SigningEnabled": True}:
            del properties["DkimAttributes"]
        signing = properties.get(SIGNING)
        if isinstance(signing, Mapping) and str(signing.get(SELECTOR, "")).startswith("${"):
            del properties[SIGNING]
        elif isinstance(signing, Mapping) and str(signing.get(PRIVATE_KEY, "")).startswith("${secret:"):
            properties[SIGNING] = {**signing, PRIVATE_KEY: asked(f"dkim-private-key-{resource.id}")}
        needs = tuple(key for key in resource.depends_on if not key.startswith(f"{DKIM_KEY}/"))
        yield replace(resource, properties=properties, depends_on=needs)


def merged(ours: Mapping[str, object], extra: Mapping[str, object]) -> dict[str, object]:
    """Lay native options over ours, mapping by mapping; lists and single values are replaced."""
    result = dict(ours)
    for key, value in extra.items():
        mine = result.get(key)
        result[key] = merged(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return result
