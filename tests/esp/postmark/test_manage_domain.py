"""Domains at Postmark: found page by page, verified when DNS has their records, with the keys they issue."""

import pytest
from postmark_desk import Desktop

from sendspec.esp.postmark.settings import Issued
from sendspec.model.live import Failure, Verification
from sendspec.model.plan import Action
from sendspec.model.stand_in import json_answer

NAME = "mail.northwind.example"
KEY = f"domain/{NAME}"


def domain(world: Desktop, name: str = NAME) -> dict:
    return next(each for each in world.estate.domains.values() if each["Name"] == name)


def publish_key(world: Desktop, name: str = NAME) -> None:
    found = domain(world, name)
    world.estate.dns[found["DKIMPendingHost"], "TXT"] = found["DKIMPendingTextValue"]


def publish_return_path(world: Desktop) -> None:
    world.estate.dns[f"pm-bounces.{NAME}", "CNAME"] = "pm.mtasv.net"


def test_a_new_domain_brings_its_key_in_the_shape_of_the_lock_file(world):
    outcome = world.change(Action.CREATE, KEY)
    found = domain(world)
    selector = found["DKIMPendingHost"].removesuffix(f"._domainkey.{NAME}")
    dkim = {"selector": selector, "value": found["DKIMPendingTextValue"]}
    assert outcome.issued == {NAME: {"dkim": dkim, "next": {}, "previous": {}}}
    assert Issued.model_validate({"dkim": {**dkim, "read": "2026-11-26"}}).dkim.selector == selector
    assert world.read({KEY}).issued == outcome.issued


def test_a_key_that_is_published_is_still_the_same_key(made):
    before = made.read({KEY}).issued
    publish_key(made)
    made.change(Action.VERIFY, KEY, made.owned[KEY])
    assert domain(made)["DKIMHost"]
    assert made.read({KEY}).issued == before


def test_verifying_before_the_records_are_there_is_no_failure_and_says_what_is_awaited(made):
    outcome = made.change(Action.VERIFY, KEY, made.owned[KEY])
    assert outcome.failure is None
    assert sorted(outcome.notes) == [
        f"{NAME}: the CNAME of the return-path is not seen yet",
        f"{NAME}: the DKIM key is not seen yet",
    ]
    assert made.read({KEY}).found[KEY].verification is Verification.PENDING


def test_verifying_asks_only_for_what_is_not_seen(made):
    publish_key(made)
    publish_return_path(made)
    number = made.owned[KEY]
    assert made.change(Action.VERIFY, KEY, number).notes == ()
    assert made.estate.changes() == [f"PUT /domains/{number}/verifyDkim", f"PUT /domains/{number}/verifyReturnPath"]
    made.estate.calls.clear()
    made.change(Action.VERIFY, KEY, number)
    assert made.estate.changes() == []
    live = made.read({KEY}).found[KEY]
    assert live.verification is Verification.DONE
    assert "goes on saying so when its record is gone" in live.verification_words


def test_a_return_path_that_moves_is_verified_anew(made):
    publish_key(made)
    publish_return_path(made)
    made.change(Action.VERIFY, KEY, made.owned[KEY])
    domain(made).update(ReturnPathDomain=f"old.{NAME}")
    made.apply()
    assert made.read({KEY}).found[KEY].verification is Verification.PENDING
    made.change(Action.VERIFY, KEY, made.owned[KEY])
    assert made.read({KEY}).found[KEY].verification is Verification.DONE


def test_names_have_no_case(world):
    world.estate.make_domain("Mail.NorthWind.example", "PM-Bounces.mail.northwind.example")
    assert world.differences(KEY) == []
    assert set(world.read({KEY}).issued) == {NAME}
    assert world.change(Action.CREATE, KEY).failure is None
    assert world.estate.changes() == []


def test_a_domain_that_came_with_a_sender_signature_is_taken_as_it_is(world):
    """Postmark lists it with the others: without a return-path."""
    world.estate.make_domain(NAME)
    assert world.differences(KEY) == ["ReturnPathDomain"]
    outcome = world.change(Action.CREATE, KEY)
    assert outcome.failure is None
    assert domain(world)["ReturnPathDomain"] == f"pm-bounces.{NAME}"
    assert world.estate.changes() == [f"PUT /domains/{outcome.native_id}"]


@pytest.mark.parametrize(
    ("code", "fix"), [(512, "does not list it"), (513, "another Postmark account"), (504, "Sender Signatures")]
)
def test_a_domain_that_somebody_else_holds_is_refused_with_what_to_do(world, code, fix):
    honest = world.estate.answer

    def elsewhere(call):
        refusal = json_answer(422, {"ErrorCode": code, "Message": "No."})
        return refusal if call.method == "POST" else honest(call)

    world.site = elsewhere
    outcome = world.change(Action.CREATE, KEY)
    assert outcome.failure is Failure.REFUSED
    assert outcome.said == f"Postmark says: No. (ErrorCode {code})"
    assert fix in outcome.fix


def test_domains_are_found_beyond_the_first_page(world):
    for number in range(1_003):
        world.estate.make_domain(f"customer-{number}.example")
    mine = world.estate.make_domain(NAME, f"pm-bounces.{NAME}")
    assert world.read({KEY}).found[KEY].native_id == str(mine["ID"])
    listed = [call for call in world.estate.calls if call.path == "/domains"]
    assert [call.parameter("offset") for call in listed] == ["0", "500", "1000"]
    assert len(world.estate.calls) == 4


def test_a_domain_is_not_removed_by_a_number_that_is_another_ones(made):
    other = made.estate.make_domain("precious.example")
    assert made.change(Action.DELETE, KEY, str(other["ID"])).failure is None
    assert "precious.example" in {each["Name"] for each in made.estate.domains.values()}
    assert NAME not in {each["Name"] for each in made.estate.domains.values()}


def test_where_nobody_signs_no_key_is_issued_or_asked_for(variant):
    setup = variant(("{server: northwind-production}", '{server: northwind-production, dkim: "none"}'), lock="")
    world = Desktop(setup)
    outcome = world.change(Action.CREATE, KEY)
    assert outcome.issued == {}
    publish_return_path(world)
    world.change(Action.VERIFY, KEY)
    assert [each for each in world.estate.changes() if "verify" in each.lower()] == [
        f"PUT /domains/{outcome.native_id}/verifyReturnPath"
    ]
    assert world.read({KEY}).found[KEY].verification is Verification.DONE


@pytest.mark.parametrize(
    "members",
    [
        {"DKIMPendingHost": "pm._domainkey.elsewhere.example"},
        {"DKIMPendingHost": "*._domainkey.mail.northwind.example"},
        {"DKIMPendingHost": NAME},
        {"DKIMPendingTextValue": "v=spf1 +all"},
        {"DKIMPendingTextValue": 'k=rsa; p=AAAA"\nevil 60 IN A 192.0.2.1'},
        {"DKIMPendingTextValue": ""},
        {"DKIMPendingTextValue": None},
    ],
)
def test_what_is_no_key_is_not_issued_and_said(made, members):
    domain(made).update(members)
    live = made.read({KEY})
    assert live.issued == {}
    assert "is none" in live.found[KEY].verification_words
