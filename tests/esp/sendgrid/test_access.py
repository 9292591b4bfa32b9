"""The scopes that sendspec asks for at SendGrid are those that its calls need."""

from sendspec.esp.sendgrid import account
from sendspec.esp.sendgrid.access import CHECK_SCOPES, ROTATE_SCOPES, access
from sendspec.esp.sendgrid.facts import APPLY_SCOPES
from sendspec.esp.sendgrid.manage_kinds import FAMILIES, scope_of
from sendspec.esp.sendgrid.stand_in_manage import ROUTES

WAYS = ("click", "open")


def test_every_call_while_an_account_is_managed_has_its_scope():
    needed = {scope.replace("{id}", way) for scope, _ in ROUTES.values() for way in WAYS}
    assert needed == set(APPLY_SCOPES.value)


def test_every_scope_that_the_code_names_when_it_is_missing_is_one_that_is_asked_for():
    for kind in FAMILIES:
        for way in WAYS:
            assert scope_of(kind, "read", way) in APPLY_SCOPES.value


def test_what_only_looks_and_what_rotates_have_no_more_than_they_use():
    read = {account.READS_WEBHOOKS, account.READS_CREDITS, account.READS_DOMAINS}
    assert set(CHECK_SCOPES) == read
    keys = {scope for (_, path), (scope, _) in ROUTES.items() if path.startswith("/v3/api_keys")}
    assert set(ROTATE_SCOPES) == keys


def test_a_sheet_names_every_key_and_what_no_scope_can_narrow(northwind):
    from sendspec.pipeline import compile_folder

    setup = compile_folder(northwind).setup
    sheet = access(setup, setup.account("sendgrid-eu"))
    assert [(each.name, each.rights) for each in sheet.senders] == [("sendgrid-eu.api_key", ("mail.send",))]
    assert any("no scope says from which addresses" in limit for limit in sheet.senders[0].limits)
    looking, *_ = sheet.managers
    assert all(each.endswith(".read") for each in looking.rights)
    assert any("all of its subusers" in limit for limit in looking.limits)
