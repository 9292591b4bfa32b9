"""A DKIM rotation at Postmark, from the request to the day on which the old record may go."""

from datetime import date

import pytest
from postmark_desk import ACCOUNT, ACCOUNT_REFERENCE, QUICK, Desktop, Fault
from postmark_estate import Estate

from sendspec.esp.postmark.manage_dkim import DkimState, read_keys, request_key, verify_key
from sendspec.model.dns_record import Purpose
from sendspec.model.live import Failure, Unread, Verification

NAME = "mail.northwind.example"
KEY = f"domain/{NAME}"


def domain(world: Desktop) -> dict:
    return next(each for each in world.estate.domains.values() if each["Name"] == NAME)


def publish_pending(world: Desktop) -> None:
    found = domain(world)
    world.estate.dns[found["DKIMPendingHost"], "TXT"] = found["DKIMPendingTextValue"]


def request(world, **options):
    return world.run(lambda desk: request_key(desk, NAME, QUICK), **options)


def verify(world, **options):
    return world.run(lambda desk: verify_key(desk, NAME, QUICK), **options)


def keys(world) -> DkimState:
    return world.run(lambda desk: read_keys(desk, NAME, QUICK))


@pytest.fixture
def signing(made) -> Desktop:
    """Give an account whose domain signs with its first key."""
    publish_pending(made)
    verify(made)
    assert keys(made).active
    made.estate.calls.clear()
    return made


def issued(world) -> dict:
    return world.read({KEY}).issued[NAME]


def test_a_rotation_goes_from_one_key_over_two_to_the_other(signing):
    old = keys(signing).active
    outcome = request(signing)
    new = keys(signing).pending
    assert outcome.failure is None
    assert outcome.issued == {NAME: {"dkim": old.model_dump(), "next": new.model_dump(), "previous": {}}}
    assert issued(signing) == outcome.issued[NAME]
    waiting = verify(signing)
    assert waiting.failure is None
    assert new.selector in waiting.notes[0]
    assert keys(signing).active == old
    publish_pending(signing)
    done = verify(signing)
    assert done.notes == ()
    assert done.issued == {NAME: {"dkim": new.model_dump(), "next": {}, "previous": old.model_dump()}}
    assert not keys(signing).may_remove_revoked
    domain(signing)["SafeToRemoveRevokedKeyFromDNS"] = True
    assert keys(signing).may_remove_revoked
    assert issued(signing) == {"dkim": new.model_dump(), "next": {}, "previous": {}}


def test_a_key_is_requested_once_however_often_that_is_asked(signing):
    first = request(signing).issued
    assert request(signing).issued == first
    assert len(signing.estate.changes()) == 1


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.TIMEOUT_AFTER, Fault.BROKEN_AFTER, Fault.HTML])
@pytest.mark.parametrize("place", [1, 2, 3])
def test_an_answer_that_is_lost_on_the_way_makes_no_second_key(signing, fault, place):
    request(signing, faults={place: fault})
    pending = keys(signing).pending
    request(signing)
    if pending is not None:
        assert keys(signing).pending == pending
    assert len(signing.estate.changes()) == 1


def test_what_waits_in_a_rotation_is_said_by_every_read(signing):
    request(signing)
    live = signing.read({KEY}).found[KEY]
    assert live.verification is Verification.PENDING
    assert "Postmark signs with" in live.verification_words


def test_a_rotation_that_failed_is_said(signing):
    request(signing)
    domain(signing)["DKIMUpdateStatus"] = "Failed"
    assert signing.read({KEY}).found[KEY].verification is Verification.FAILED


def test_the_keys_of_a_domain_that_is_not_there_are_none(world):
    assert keys(world) is None
    assert request(world).failure is Failure.REFUSED
    assert verify(world).failure is Failure.REFUSED


def test_without_the_account_token_the_keys_are_unread(made):
    del made.store.values[ACCOUNT_REFERENCE]
    found = keys(made)
    assert isinstance(found, Unread)
    assert ACCOUNT_REFERENCE in found.reason
    assert request(made).failure is Failure.NEEDS


def lock(**parts: str) -> str:
    lines = "\n".join(f"      {name}: {text}" for name, text in parts.items())
    return f"version: 1\nissued:\n  {ACCOUNT}:\n    {NAME}:\n{lines}\n"


OLD = '{selector: old, value: "k=rsa; p=AAAA", read: 2026-11-20}'
NEW = '{selector: new, value: "k=rsa; p=BBBB", read: 2026-11-26}'


def records(variant, text: str) -> dict[str, object]:
    found = variant(lock=text).identity(ACCOUNT, NAME)
    assert found.pending == ()
    return {each.name.partition("._domainkey")[0]: each for each in found.records if each.purpose is Purpose.DKIM}


def test_both_keys_are_published_while_the_new_one_waits(variant):
    found = records(variant, lock(dkim=OLD, next=NEW))
    assert {name: each.value for name, each in found.items()} == {"old": "k=rsa; p=AAAA", "new": "k=rsa; p=BBBB"}
    assert "rotation" in found["new"].why
    assert "nothing fails" in found["new"].breaks
    assert found["new"].read == date(2026, 11, 26).isoformat()
    assert found["new"].origin.path[-1] == "next"


def test_both_keys_are_published_while_mail_signed_with_the_old_one_is_on_its_way(variant):
    previous = '{selector: old, value: "k=rsa; p=AAAA", until: 2026-12-03}'
    found = records(variant, lock(dkim=NEW, previous=previous))
    assert list(found) == ["new", "old"]
    assert "until 2026-12-03" in found["old"].why
    assert "on its way" in found["old"].breaks
    assert found["old"].read == ""
    undated = records(variant, lock(dkim=NEW, previous=OLD))
    assert "until Postmark says that it may go" in undated["old"].why


def test_a_part_that_is_left_over_from_a_rotation_publishes_nothing_twice(variant):
    """Postmark has moved `next` to `dkim`, and the lock file still has it."""
    found = variant(lock=lock(dkim=NEW, next=NEW, previous=NEW)).identity(ACCOUNT, NAME)
    assert [each.origin.path[-1] for each in found.records if each.purpose is Purpose.DKIM] == ["dkim"]


def test_the_zone_of_a_rotation_holds_every_record_once(variant):
    setup = variant(lock=lock(dkim=OLD, next=NEW))
    names = [rrset.name for _, rrset in setup.rrsets() if "_domainkey" in rrset.name and NAME in rrset.name]
    assert names == sorted({f"old._domainkey.{NAME}", f"new._domainkey.{NAME}"})


def test_an_estate_refuses_a_second_rotation():
    """The stand-in is as strict as Postmark: ErrorCode 505."""
    estate = Estate()
    number = str(estate.make_domain(NAME)["ID"])
    with pytest.raises(Exception, match="already being renewed"):
        estate.rotate_dkim(None, number)
