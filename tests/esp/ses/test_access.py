"""The rights that sendspec asks for at AWS are those that its code uses: no call without its action, no action without its call."""

import ast
import json

import botocore.session
import pytest
from botocore import xform_name

from sendspec.esp.ses.access import access
from sendspec.esp.ses.facts import MAX_MANAGED_POLICY
from sendspec.esp.ses.rights import CHANGE, FREE, LOOK, ROTATE, On, actions, policy
from sendspec.esp.ses.stand_in import ROUTES, SENDING_ACTIONS
from sendspec.esp.ses.stand_in_iam import HANDLERS
from sendspec.model.request import PLACEHOLDER

SERVICES = {"sesv2": "ses", "sns": "sns", "iam": "iam", "sts": "sts"}
ASKS = ("manage*.py", "rotate*.py", "dkim_keys.py", "issuing.py")
BY_HTTP = {action for action, _ in ROUTES.values()} - SENDING_ACTIONS | {f"iam:{name}" for name in HANDLERS}
"""What `check` asks: the stand-ins answer nothing else."""


@pytest.fixture(scope="module")
def operations():
    """Give the actions by the name of the method that boto3 has for each."""
    session = botocore.session.get_session()
    found = {}
    for service, prefix in SERVICES.items():
        for name in session.get_service_model(service).operation_names:
            found.setdefault(xform_name(name), set()).add(f"{prefix}:{name}")
    return found


@pytest.fixture(scope="module")
def called(repository, operations):
    """Give the actions that the code names, by what they are for: a name in parts (`f"{verb}_topic"`) means every verb."""
    used = {"manage": set(), "rotate": set()}
    for pattern in ASKS:
        for path in (repository / "generator" / "sendspec" / "esp" / "ses").glob(pattern):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = []
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    names = [node.value]
                elif isinstance(node, ast.JoinedStr) and isinstance(node.values[-1], ast.Constant):
                    tail = node.values[-1].value
                    names = [f"{verb}{tail}" for verb in ("create", "update", "delete")] if tail.startswith("_") else []
                for name in names:
                    used["rotate" if path.name.startswith("rotate") else "manage"] |= operations.get(name, set())
    return used


def test_every_call_while_an_account_is_managed_has_its_action(called):
    assert called["manage"] - FREE - set(actions(LOOK, CHANGE)) == set()
    assert {"ses:CreateEmailIdentity", "sns:Subscribe", "iam:CreatePolicyVersion", "ses:GetAccount"} <= called["manage"]
    assert "ses:UpdateConfigurationSetEventDestination" in called["manage"]


def test_every_call_of_a_rotation_has_its_action(called):
    assert called["rotate"] - FREE - set(actions(ROTATE)) == set()
    assert "iam:CreateAccessKey" in called["rotate"]


def test_every_call_of_the_checks_has_its_action():
    assert BY_HTTP - set(actions(LOOK)) == set()


def test_no_action_is_asked_for_that_nothing_uses(called):
    assert set(actions(LOOK, CHANGE)) - called["manage"] - BY_HTTP == set()
    assert set(actions(ROTATE)) - called["rotate"] == set()


def test_what_only_looks_can_change_nothing():
    assert [each for each in actions(LOOK) if not each.partition(":")[2].startswith(("Get", "List"))] == []


@pytest.mark.parametrize("rights", [(LOOK,), (LOOK, CHANGE), (ROTATE,)])
def test_a_policy_fits_and_allows_the_whole_service_nowhere(variant, rights):
    setup = variant().setup
    account = setup.account("ses-eu")
    document = policy(account, account.settings, rights)
    assert len(json.dumps(document, separators=(",", ":"))) <= MAX_MANAGED_POLICY.value
    allowed = {action for each in document["Statement"] for action in each["Action"]}
    assert allowed == set(actions(*rights))
    assert not [action for action in allowed if "*" in action]
    everywhere = [each["Sid"] for each in document["Statement"] if each["Resource"] == "*"]
    assert set(everywhere) <= {On.ACCOUNT.value}


def test_actions_that_take_no_resource_are_allowed_on_all_and_no_others():
    # the service authorization reference gives these four no resource type
    on_all = {action for rights in (LOOK, CHANGE, ROTATE) for action in rights.get(On.ACCOUNT, ())}
    assert on_all == {"ses:GetAccount", "ses:ListConfigurationSets", "ses:ListEmailIdentities", "sns:Unsubscribe"}


def test_iam_is_never_asked_to_let_anybody_attach_a_policy():
    named = actions(LOOK, CHANGE, ROTATE)
    assert not [each for each in named if "Attach" in each and not each.startswith("iam:ListAttached")]
    assert not [each for each in named if each.startswith("iam:Put")]


def test_an_account_that_apply_does_not_manage_needs_no_right_to_change(variant):
    setup = variant().setup
    assert set(access(setup, setup.account("ses-eu")).documents) == {"policy-look.json", "policy-rotate.json"}
    managed = variant(("    kind: ses\n", "    kind: ses\n    managed: apply\n")).setup
    sheet = access(managed, managed.account("ses-eu"))
    assert set(sheet.documents) == {"policy-look.json", "policy-apply.json", "policy-rotate.json"}
    assert [each.name for each in sheet.managers] == ["plan, drift, pull and check", "apply", "rotate"]


def test_every_sender_has_the_policies_that_are_made_for_it(variant):
    setup = variant().setup
    sheet = access(setup, setup.account("ses-eu"))
    made = {each.id for each in setup.resources if each.kind == "policy"}
    assert {name for each in sheet.senders for name in each.policies} == made
    assert all("ses:SendRawEmail" in each.rights for each in sheet.senders)


def test_only_what_people_have_to_fill_in_is_left_open(variant):
    setup = variant().setup
    account = setup.account("ses-eu")
    text = json.dumps(policy(account, account.settings, (LOOK, CHANGE, ROTATE)))
    assert set(PLACEHOLDER.findall(text)) == {"caller#Account", "input:iam_user_that_sends"}
