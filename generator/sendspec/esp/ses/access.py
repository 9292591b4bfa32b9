"""Who needs which rights for an SES account: whoever sends, and sendspec itself."""

from collections.abc import Iterator, Mapping

from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.facts import DG
from sendspec.esp.ses.resources import POLICY
from sendspec.esp.ses.rights import CHANGE, LOOK, REFERENCE, ROTATE, actions, policy
from sendspec.esp.ses.sending_policy import policies_of
from sendspec.model.access import AccessSheet, Grantee
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.credential_use import logins_in_use
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup

LOOK_FILE, APPLY_FILE, ROTATE_FILE = "policy-look.json", "policy-apply.json", "policy-rotate.json"
NAME_THE_USER = (
    "the spec does not know the name of the IAM user that sends: put it in the place of ${input:iam_user_that_sends}, "
    "one resource for each such user. Leave the statement out where roles send"
)
TAKE_OVER = (
    "whoever may change the sending policy and also make keys for its user can give themselves whatever they like: keep "
    "apply and rotate apart, or bound the user (permissions boundary) to ses:SendEmail and ses:SendRawEmail"
)


def access(setup: Setup, account: Account) -> AccessSheet:
    """Give the sheet of an account."""
    settings = settings_of(account)
    made: dict[str, Mapping[str, object]] = {LOOK_FILE: policy(account, settings, (LOOK,))}
    managers = [
        Grantee(
            "plan, drift, pull and check",
            "reads the account, the policies of whoever sends, and changes nothing",
            REFERENCE,
            actions(LOOK),
            (NAME_THE_USER, "SES lists identities and configuration sets of the region as a whole"),
            (LOOK_FILE,),
        )
    ]
    if account.managed == "apply":
        made[APPLY_FILE] = policy(account, settings, (LOOK, CHANGE))
        limits = (
            (
                "it covers every identity and every configuration set of this region, because new ones come with the spec; "
                "policies and topics by the start and the end of their names"
            ),
            "SNS lets nobody limit sns:Unsubscribe to a topic",
            TAKE_OVER,
        )
        managers.append(
            Grantee(
                "apply",
                "makes, changes and removes what the spec says",
                REFERENCE,
                actions(LOOK, CHANGE),
                limits,
                (APPLY_FILE,),
            )
        )
    logins = logins_in_use(setup, account)
    if logins:
        made[ROTATE_FILE] = policy(account, settings, (ROTATE,))
        limits = (NAME_THE_USER, TAKE_OVER, "rotate also writes to the secret store, which has rights of its own")
        may = "makes, switches off and deletes keys of whoever sends"
        managers.append(Grantee("rotate", may, REFERENCE, actions(ROTATE), limits, (ROTATE_FILE,)))
    return AccessSheet(tuple(_senders(setup, account)), tuple(managers), made)


def _senders(setup: Setup, account: Account) -> Iterator[Grantee]:
    settings = settings_of(account)
    policies = {each.id: each for each in setup.resources if each.account == account.id and each.kind == POLICY}
    covered: set[str] = set()
    for login, streams in logins_in_use(setup, account).items():
        names = sorted(policies_of(setup, account, settings, login[0]) & set(policies))
        covered.update(names)
        yield _sender(login[0], streams, [policies[name] for name in names])
    for name, each in sorted(policies.items()):
        if name not in covered:
            may = f"sends {', '.join(each.streams)}, as a role or by credentials that the spec does not name"
            yield Grantee(name, may, f"{DG}/control-user-access.html", _granted([each]), _limits([each]), (name,))


def _sender(name: Credential, streams: tuple[str, ...], policies: list[Resource]) -> Grantee:
    may = f"sends {', '.join(streams)} from their From addresses, and nothing else"
    found = tuple(each.id for each in policies)
    return Grantee(name.id, may, f"{DG}/control-user-access.html", _granted(policies), _limits(policies), found)


def _granted(policies: list[Resource]) -> tuple[str, ...]:
    found = {
        action for each in policies for statement in _statements(each) for action in _texts(statement.get("Action"))
    }
    return tuple(sorted(found))


def _limits(policies: list[Resource]) -> tuple[str, ...]:
    limits = []
    open_statements = [each for policy_ in policies for each in _statements(policy_) if "Condition" not in each]
    if any("ses:SendBulkEmail" in _texts(each.get("Action")) for each in open_statements):
        limits.append(
            "ses:SendBulkEmail knows no condition on the From address: by it any address of these identities can be used"
        )
    if any("ses:SendBulkEmail" not in _texts(each.get("Action")) for each in open_statements):
        limits.append(
            "all addresses find no room in one policy: it allows every identity of the account in this region"
        )
    limits.append(
        "a condition on ses:FromAddress holds for the From header; the display name in it, the envelope and the "
        "recipients are free"
    )
    return tuple(limits)


def _statements(resource: Resource) -> list[Mapping[str, object]]:
    document = resource.properties["PolicyDocument"]
    found = document.get("Statement") if isinstance(document, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
