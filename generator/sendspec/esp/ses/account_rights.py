"""What the IAM user of a sending key may do: its policies and those of its groups, read with the key that manages."""

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import unquote, urlencode

from sendspec.esp.interface import AccountKey, AccountQuestion, KeyPurpose
from sendspec.esp.ses.account_signature import signature, signing_key
from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.facts import endpoint_suffix, partition
from sendspec.esp.ses.policy_width import wider
from sendspec.esp.ses.resources import POLICY
from sendspec.esp.ses.sending_policy import policies_of
from sendspec.esp.ses.settings import Settings
from sendspec.model.account import Account
from sendspec.model.account_state import KeyInspection
from sendspec.model.credential import Credential
from sendspec.model.credential_use import logins_in_use
from sendspec.model.fact import Fact
from sendspec.model.secret import Secret
from sendspec.model.setup import Setup
from sendspec.net.http import Reply

VERSION = "2010-05-08"
API = "https://docs.aws.amazon.com/IAM/latest/APIReference"
READ = date(2026, 11, 26)
HOSTS: Fact[Mapping[str, tuple[str, str]]] = Fact(
    {
        "aws": ("iam.{suffix}", "us-east-1"),
        "aws-us-gov": ("iam.us-gov.{suffix}", "us-gov-west-1"),
        "aws-eusc": ("iam.{region}.{suffix}", "{region}"),
    },
    "botocore 1.44.5 data/endpoints.json and data/iam/2010-05-08/endpoint-rule-set-1.json",
    READ,
    note="by partition: host, and the region that a signature names; IAM has no regions else",
)
KEY_ID = re.compile(r"AKIA[A-Z0-9]{12,124}\Z")
"""Keys of users begin so; those of a session (ASIA) are nobody's for long:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids, read 2026-11-26."""
TRIES, PAUSE_SECONDS = 3, 1.2
MOST_PAGES, MOST_POLICIES = 10, 100
DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
BUSY = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable"})
OK, SAID_LENGTH = 200, 120
Answer = Mapping[str, Any]


class _HiddenError(Exception):
    """Why it cannot be told, and what to do. Ends the look; holds no secret."""

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix


def inspected(setup: Setup, account: Account) -> tuple[AccountKey, ...]:
    """Give the sending keys, each by the credential that holds its access key id. Also those of SMTP: it is the user name."""
    names: dict[Credential, set[str]] = {}
    for login, streams in logins_in_use(setup, account).items():
        names.setdefault(login[0], set()).update(streams)
    return tuple(
        AccountKey((name,), KeyPurpose.SEND, name.origin, tuple(sorted(streams))) for name, streams in names.items()
    )


async def inspect(question: AccountQuestion, key: AccountKey, name: Secret) -> KeyInspection:
    """Find the user of a key and say in what its policies are wider than sendspec's for it."""
    login = key.credentials[0]
    found = KeyInspection(f"https://{_host(question)[0]}/", wanted=_names(question.setup, login))
    try:
        user = await _owner(question, name.reveal())
        policies = await _policies(question, user)
    except _HiddenError as hidden:
        return KeyInspection(found.asked, wanted=found.wanted, hidden=hidden.reason, fix=hidden.fix)
    surplus = tuple(wider(policies, _documents(question.setup, found.wanted)))
    return KeyInspection(found.asked, f"IAM user {user}", found.wanted, surplus, compared=len(policies))


def _names(setup: Setup, login: Credential) -> tuple[str, ...]:
    """Give the policies that are for a login, of all accounts at AWS: one user may send in several regions."""
    accounts = [account for account in setup.accounts if isinstance(account.settings, Settings)]
    found = {name for each in accounts for name in policies_of(setup, each, settings_of(each), login)}
    return tuple(each.id for each in setup.resources if each.kind == POLICY and each.id in found)


def _documents(setup: Setup, names: tuple[str, ...]) -> list[object]:
    """Give the whole of those policies: a part of a setup has all resources, so that other streams' mail is no surplus."""
    return [each.properties["PolicyDocument"] for each in setup.resources if each.kind == POLICY and each.id in names]


async def _owner(question: AccountQuestion, key_id: str) -> str:
    if KEY_ID.match(key_id) is None:
        raise _HiddenError("what is stored there is no access key id of an IAM user")
    answer = await _ask(question, "GetAccessKeyLastUsed", {"AccessKeyId": key_id})
    user = answer.get("UserName")
    if not user:
        raise _HiddenError(
            "IAM does not say whose the key is", "use the key of an IAM user of its own, never that of the root user"
        )
    return str(user)


async def _policies(question: AccountQuestion, user: str) -> list[tuple[str, object]]:
    """Give every policy that counts for a user, each with its name."""
    found = await _of_holder(question, "User", user, "")
    for group in await _pages(question, "ListGroupsForUser", {"UserName": user}, "Groups"):
        name = str(group.get("GroupName"))
        found += await _of_holder(question, "Group", name, f" of group {name}")
    return found


async def _of_holder(question: AccountQuestion, kind: str, name: str, of: str) -> list[tuple[str, object]]:
    who = {f"{kind}Name": name}
    found = [
        (f"policy {each.get('PolicyName')}{of}", await _managed(question, str(each.get("PolicyArn"))))
        for each in await _pages(question, f"ListAttached{kind}Policies", who, "AttachedPolicies")
    ]
    for inline in await _pages(question, f"List{kind}Policies", who, "PolicyNames"):
        answer = await _ask(question, f"Get{kind}Policy", {**who, "PolicyName": str(inline)})
        found.append((f"inline policy {inline}{of}", _document(answer.get("PolicyDocument"))))
        if len(found) > MOST_POLICIES:
            raise _HiddenError(f"there are more than {MOST_POLICIES} policies")
    return found


async def _managed(question: AccountQuestion, arn: str) -> object:
    policy = (await _ask(question, "GetPolicy", {"PolicyArn": arn})).get("Policy") or {}
    wanted = {"PolicyArn": arn, "VersionId": str(policy.get("DefaultVersionId"))}
    version = (await _ask(question, "GetPolicyVersion", wanted)).get("PolicyVersion") or {}
    return _document(version.get("Document"))


def _document(text: object) -> object:
    try:
        return json.loads(unquote(str(text)))
    except (ValueError, RecursionError):
        raise _HiddenError("IAM gives a policy that is none") from None


async def _pages(question: AccountQuestion, action: str, parameters: Mapping[str, str], member: str) -> list[Any]:
    found: list[Any] = []
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        answer = await _ask(question, action, {**parameters, **more})
        found += answer.get(member) or []
        if not answer.get("IsTruncated") or not answer.get("Marker"):
            return found
        more = {"Marker": str(answer["Marker"])}
    raise _HiddenError(f"{action} has more pages than are read")


async def _ask(question: AccountQuestion, action: str, parameters: Mapping[str, str]) -> Answer:
    """Make a read call; again after a pause where IAM says that it is too much."""
    key = signing_key(question)
    if key is None:
        raise _HiddenError("the machine has no AWS credentials that can be used")
    host, region = _host(question)
    query = urlencode({"Action": action, "Version": VERSION, **parameters})
    url = f"https://{host}/?{query}"
    for attempt in range(TRIES):
        reply = await question.http.call("GET", url, headers=signature(key, url, region, "iam"))
        answer = _parsed(action, reply)
        code = str((answer.get("Error") or {}).get("Code") or "")
        if code not in BUSY or attempt + 1 == TRIES:
            break
        await asyncio.sleep(PAUSE_SECONDS)
    if reply.status == OK:
        return answer
    raise _refused(question, action, reply, code, str((answer.get("Error") or {}).get("Message") or ""))


def _refused(question: AccountQuestion, action: str, reply: Reply, code: str, message: str) -> _HiddenError:
    if reply.status is None:
        return _HiddenError(f"iam:{action}: {reply.trouble}")
    if code in DENIED:
        return _HiddenError(
            f"iam:{action} is denied to the key that manages", f"allow iam:{action} to it; policy-look.json has it"
        )
    words = " ".join(question.hide(f"{code}: {message}").split())[:SAID_LENGTH] if code else f"status {reply.status}"
    return _HiddenError(f"iam:{action}: {words}")


@cache
def _service() -> Any:
    """Give the description of IAM: it is a megabyte of JSON."""
    from botocore.session import get_session

    return get_session().get_service_model("iam")


def _parsed(action: str, reply: Reply) -> Answer:
    """Read IAM's XML as its description says; what is no such answer is empty where it is an error."""
    from botocore.parsers import ResponseParserError, create_parser  # takes a tenth of a second to load

    if reply.status is None:
        return {}
    shape = _service().operation_model(action).output_shape
    response = {"status_code": reply.status, "headers": dict(reply.headers), "body": reply.body}
    try:
        answer: Answer = create_parser("query").parse(response, shape)
    except (ResponseParserError, KeyError, TypeError, ValueError, AttributeError):
        if reply.status == OK:
            raise _HiddenError(f"iam:{action} is answered with something else than AWS documents") from None
        return {}
    return answer


def _host(question: AccountQuestion) -> tuple[str, str]:
    region = settings_of(question.account).region
    host, signed = HOSTS.value[partition(region)]
    return host.format(region=region, suffix=endpoint_suffix(region)), signed.format(region=region)
