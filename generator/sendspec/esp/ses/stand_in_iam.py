"""The part of IAM that tells what a key may do, as rehearsals and tests meet it: users, their groups and policies, in XML.

Written from botocore 1.44.5 data/iam/2010-05-08/service-2.json, read 2026-11-26: reads by the Query protocol alone.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.sax.saxutils import escape

from sendspec.esp.ses.account_rights import HOSTS, VERSION, inspected
from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.facts import endpoint_suffix, partition
from sendspec.esp.ses.names import CALLER
from sendspec.esp.ses.resources import POLICY
from sendspec.esp.ses.sending_policy import policies_of
from sendspec.model.account import Account
from sendspec.model.request import answer
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
PAGE = 100
"""Items a page, where nobody asks for fewer."""


@dataclass(slots=True)
class Holder:
    """A user or a group: names of managed policies, inline policies as text, groups it is in."""

    attached: list[str] = field(default_factory=list)
    inline: dict[str, str] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Iam:
    """Users, groups and policies of one AWS account. `owners` gives the user of each access key, `managed` a policy's text.

    Whoever signs with a key of `senders` may read nothing; `denied` are actions that the managing key lacks.
    """

    host: str
    region: str
    number: str
    owners: Mapping[str, str]
    senders: frozenset[str]
    users: dict[str, Holder] = field(default_factory=dict)
    groups: dict[str, Holder] = field(default_factory=dict)
    managed: dict[str, str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)

    def knows(self, call: ApiCall) -> bool:
        """Tell whether what is asked about lies in this account: several may be at one host."""
        key, user = call.parameter("AccessKeyId"), call.parameter("UserName")
        group, arn = call.parameter("GroupName"), call.parameter("PolicyArn") or ""
        if key is not None:
            return key in self.owners
        if user is not None or group is not None:
            return user in self.users or group in self.groups
        return arn.rpartition("/")[2] in self.managed

    def answer(self, key: str, call: ApiCall) -> ApiAnswer:
        """Answer a call that is signed."""
        action = call.parameter("Action") or ""
        handler = HANDLERS.get(action)
        if handler is None or call.parameter("Version") != VERSION or call.method != "GET":
            return self.refuse("InvalidAction", f"Could not find operation {action}", 400)
        if key in self.senders or action in self.denied:
            return self.refuse("AccessDenied", f"is not authorized to perform: iam:{action}")
        try:
            inner = handler(self, call)
        except KeyError:
            return self.refuse("NoSuchEntity", "It cannot be found.", 404)
        body = f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{inner}</{action}Result></{action}Response>'
        return ApiAnswer(200, (("Content-Type", "text/xml"),), body.encode())

    def refuse(self, code: str, message: str, status: int = 403) -> ApiAnswer:
        """Give an error as the Query protocol does."""
        error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        body = f'<ErrorResponse xmlns="{NAMESPACE}">{error}</ErrorResponse>'
        return ApiAnswer(status, (("Content-Type", "text/xml"),), body.encode())

    def holder(self, call: ApiCall) -> Holder:
        """Give whom a call is about. Raises KeyError."""
        user = call.parameter("UserName")
        return self.groups[call.parameter("GroupName") or ""] if user is None else self.users[user]


def _last_used(iam: Iam, call: ApiCall) -> str:
    return f"<UserName>{escape(iam.owners[call.parameter('AccessKeyId') or ''])}</UserName>"


def _attached(iam: Iam, call: ApiCall) -> str:
    names = iam.holder(call).attached
    items = [f"<PolicyName>{escape(name)}</PolicyName><PolicyArn>{_arn(iam, name)}</PolicyArn>" for name in names]
    return _page("AttachedPolicies", items, call)


def _inline_names(iam: Iam, call: ApiCall) -> str:
    return _page("PolicyNames", [escape(name) for name in iam.holder(call).inline], call)


def _inline(iam: Iam, call: ApiCall) -> str:
    return f"<PolicyDocument>{quote(iam.holder(call).inline[call.parameter('PolicyName') or ''])}</PolicyDocument>"


def _groups(iam: Iam, call: ApiCall) -> str:
    return _page("Groups", [f"<GroupName>{escape(name)}</GroupName>" for name in iam.holder(call).groups], call)


def _policy(_iam: Iam, _call: ApiCall) -> str:
    return "<Policy><DefaultVersionId>v3</DefaultVersionId></Policy>"


def _version(iam: Iam, call: ApiCall) -> str:
    name = (call.parameter("PolicyArn") or "").rpartition("/")[2]
    if call.parameter("VersionId") != "v3":
        raise KeyError(name)
    return f"<PolicyVersion><Document>{quote(iam.managed[name])}</Document></PolicyVersion>"


def _page(member: str, items: Sequence[str], call: ApiCall) -> str:
    start = int(call.parameter("Marker") or 0)
    members = "".join(f"<member>{each}</member>" for each in items[start : start + PAGE])
    is_more = len(items) > start + PAGE
    more = (
        f"<IsTruncated>true</IsTruncated><Marker>{start + PAGE}</Marker>"
        if is_more
        else "<IsTruncated>false</IsTruncated>"
    )
    return f"<{member}>{members}</{member}>{more}"


def _arn(iam: Iam, name: str) -> str:
    return f"arn:aws:iam::{iam.number}:policy/{escape(name)}"


HANDLERS: Mapping[str, Callable[[Iam, ApiCall], str]] = {
    "GetAccessKeyLastUsed": _last_used,
    "GetGroupPolicy": _inline,
    "GetPolicy": _policy,
    "GetPolicyVersion": _version,
    "GetUserPolicy": _inline,
    "ListAttachedGroupPolicies": _attached,
    "ListAttachedUserPolicies": _attached,
    "ListGroupPolicies": _inline_names,
    "ListGroupsForUser": _groups,
    "ListUserPolicies": _inline_names,
}


def make_iam(setup: Setup, account: Account, number: str, values: Mapping[str, str]) -> Iam:
    """Give the users of an account's sending keys, each with exactly the policies that the setup has for it."""
    settings = settings_of(account)
    host, region = HOSTS.value[partition(settings.region)]
    logins = [key.credentials[0] for key in inspected(setup, account)]
    iam = Iam(
        host=host.format(region=settings.region, suffix=endpoint_suffix(settings.region)),
        region=region.format(region=settings.region),
        number=number,
        owners={values[login.id]: login.id.replace(".", "-") for login in logins},
        senders=frozenset(values[login.id] for login in logins),
    )
    for each in setup.resources:
        if each.account == account.id and each.kind == POLICY:
            text = json.dumps(each.properties["PolicyDocument"])
            iam.managed[each.id] = text.replace(answer(CALLER, "Account"), number)
    for login in logins:
        names = policies_of(setup, account, settings, login)
        iam.users[login.id.replace(".", "-")] = Holder(sorted(names & set(iam.managed)))
    return iam
