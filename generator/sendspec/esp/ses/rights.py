"""What sendspec itself needs of AWS to look at an SES account, to change it, and to replace its keys: the one list of it.

Which actions take which resource: https://docs.aws.amazon.com/service-authorization/latest/reference/, the pages on SES v2,
SNS and IAM, read 2026-11-26. Tests compare the list with every call that the code makes.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

from sendspec.esp.ses.facts import partition
from sendspec.esp.ses.names import aws_account
from sendspec.esp.ses.sending_policy import policy_prefix
from sendspec.esp.ses.settings import Settings
from sendspec.model.account import Account
from sendspec.model.request import asked

REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference"
VERSION = "2012-10-17"


class On(Enum):
    """What an action is allowed on; the value is the id of the statement."""

    ACCOUNT = "TheAccount"
    IDENTITIES = "Identities"
    SETS = "ConfigurationSets"
    TOPICS = "Topics"
    SENDING_POLICIES = "SendingPolicies"
    POLICIES = "AnyPolicy"
    SENDERS = "WhoSends"
    GROUPS = "GroupsOfWhoSends"


LOOK: Mapping[On, tuple[str, ...]] = {
    On.ACCOUNT: ("ses:GetAccount", "ses:ListConfigurationSets", "ses:ListEmailIdentities"),
    On.IDENTITIES: ("ses:GetEmailIdentity",),
    On.SETS: ("ses:GetConfigurationSet", "ses:GetConfigurationSetEventDestinations"),
    On.TOPICS: ("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"),
    On.SENDING_POLICIES: ("iam:ListEntitiesForPolicy",),
    On.POLICIES: ("iam:GetPolicy", "iam:GetPolicyVersion"),
    On.SENDERS: (
        "iam:GetAccessKeyLastUsed",
        "iam:GetUserPolicy",
        "iam:ListAttachedUserPolicies",
        "iam:ListGroupsForUser",
        "iam:ListUserPolicies",
    ),
    On.GROUPS: ("iam:GetGroupPolicy", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies"),
}
"""plan, drift, pull, check."""
CHANGE: Mapping[On, tuple[str, ...]] = {
    On.ACCOUNT: ("sns:Unsubscribe",),
    On.IDENTITIES: (
        "ses:CreateEmailIdentity",
        "ses:DeleteEmailIdentity",
        "ses:PutEmailIdentityConfigurationSetAttributes",
        "ses:PutEmailIdentityDkimAttributes",
        "ses:PutEmailIdentityDkimSigningAttributes",
        "ses:PutEmailIdentityFeedbackAttributes",
        "ses:PutEmailIdentityMailFromAttributes",
    ),
    On.SETS: (
        "ses:CreateConfigurationSet",
        "ses:CreateConfigurationSetEventDestination",
        "ses:DeleteConfigurationSet",
        "ses:DeleteConfigurationSetEventDestination",
        "ses:PutConfigurationSetArchivingOptions",
        "ses:PutConfigurationSetDeliveryOptions",
        "ses:PutConfigurationSetReputationOptions",
        "ses:PutConfigurationSetSendingOptions",
        "ses:PutConfigurationSetSuppressionOptions",
        "ses:PutConfigurationSetTrackingOptions",
        "ses:PutConfigurationSetVdmOptions",
        "ses:UpdateConfigurationSet",
        "ses:UpdateConfigurationSetEventDestination",
    ),
    On.TOPICS: ("sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe"),
    On.SENDING_POLICIES: (
        "iam:CreatePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:ListPolicyVersions",
    ),
}
"""apply, beside what it has to look at."""
ROTATE: Mapping[On, tuple[str, ...]] = {
    On.IDENTITIES: ("ses:GetEmailIdentity", "ses:PutEmailIdentityDkimSigningAttributes"),
    On.SENDERS: (
        "iam:CreateAccessKey",
        "iam:DeleteAccessKey",
        "iam:GetAccessKeyLastUsed",
        "iam:ListAccessKeys",
        "iam:UpdateAccessKey",
    ),
}
"""rotate: access keys, and DKIM keys of one's own. Its trial sends with the new key itself."""
FREE = frozenset({"sts:GetCallerIdentity"})
"""What nobody has to be allowed."""


def actions(*rights: Mapping[On, tuple[str, ...]]) -> tuple[str, ...]:
    """Give the actions of lists, sorted."""
    return tuple(sorted({action for each in rights for found in each.values() for action in found}))


def policy(account: Account, settings: Settings, rights: Iterable[Mapping[On, tuple[str, ...]]]) -> dict[str, object]:
    """Give the policy that allows these lists, and nothing else."""
    merged: dict[On, set[str]] = {}
    for each in rights:
        for on, found in each.items():
            merged.setdefault(on, set()).update(found)
    statements = [
        {"Sid": on.value, "Effect": "Allow", "Action": sorted(merged[on]), "Resource": _resource(account, settings, on)}
        for on in On
        if on in merged
    ]
    return {"Version": VERSION, "Statement": statements}


def _resource(account: Account, settings: Settings, on: On) -> str | list[str]:
    start, number = f"arn:{partition(settings.region)}", aws_account(settings)
    here = f"{settings.region}:{number}"
    sets = f"{start}:ses:{here}:configuration-set/*"
    resources: Mapping[On, str | list[str]] = {
        On.ACCOUNT: "*",
        On.IDENTITIES: [sets, f"{start}:ses:{here}:identity/*"],
        On.SETS: [sets, f"{start}:ses:{here}:dedicated-ip-pool/*", f"{start}:ses:{here}:mailmanager-archive/*"],
        On.TOPICS: f"{start}:sns:{here}:*-events*",
        On.SENDING_POLICIES: f"{start}:iam::{number}:policy/{policy_prefix(account, settings)}*",
        On.POLICIES: [f"{start}:iam::{number}:policy/*", f"{start}:iam::aws:policy/*"],
        On.SENDERS: f"{start}:iam::{number}:user/{asked('iam_user_that_sends')}",
        On.GROUPS: f"{start}:iam::{number}:group/*",
    }
    return resources[on]
