"""DKIM keys of one's own: the private half is in the store and nowhere else, the public half in the lock file."""

import asyncio
import base64
from datetime import UTC, datetime

import pytest
from aws_world import Fault
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from ses_managing import MAIL, MANAGER, change_of, create, update

from sendspec.esp.ses.dkim_keys import new_private_key, new_selector, public_half, unfit_key
from sendspec.model.live import Failure
from sendspec.model.plan import Action, Stage
from sendspec.model.secret import Unresolved
from sendspec.records import dkim

KEY, IDENTITY = f"dkim-key/{MAIL}", f"identity/{MAIL}"
PLACE = f"aws-sm://prod/mail/dkim#{MAIL}"
OWN = (
    "configuration_set: northwind}",
    'configuration_set: northwind, dkim: byodkim}\n    manage: {dkim_private_key: {from: "aws-sm://prod/mail/dkim#{domain}"}}',
)
OWN_SELECTOR = (OWN[0], OWN[1].replace("#{domain}", "#{domain}.{selector}"))


@pytest.fixture
def own(world, managed):
    """Give an account that signs with keys of our own, with nothing in it yet."""
    world.ses.wants_verified = False
    return managed(OWN)


@pytest.fixture(scope="module")
def some_key():
    """Give a private key in base64: making one takes a tenth of a second."""
    return new_private_key().reveal()


def der(key, layout=serialization.PrivateFormat.PKCS8):
    octets = key.private_bytes(serialization.Encoding.DER, layout, serialization.NoEncryption())
    return base64.b64encode(octets).decode()


def test_a_key_is_made_stored_published_and_then_signs(own, world):
    changes = own.make()
    order = [(change.subject, change.stage) for change in changes if change.subject in {KEY, IDENTITY}]
    assert order.index((KEY, Stage.ISSUE)) < order.index((IDENTITY, Stage.ISSUE))
    private = own.keeper.held[PLACE]
    assert set(own.keeper.held) == {PLACE}
    entry = own.issued[MAIL]["dkim"]
    assert entry["selector"] == "s20261126"
    assert dkim.parse(entry["value"]).public_key == public_half(private)
    assert dkim.key_bits(dkim.parse(entry["value"])) == 2048
    identity = world.ses.identities[MAIL]
    assert identity.signing == {"DomainSigningSelector": "s20261126", "DomainSigningPrivateKey": private}
    assert own.planned() == []


def test_the_record_of_the_key_comes_out_of_the_lock_file(own):
    own.apply(create(own, KEY))
    identity = own.desk().setup.identity("ses-eu", MAIL)
    assert f"s20261126._domainkey.{MAIL}" in {record.name for record in identity.records}


def test_no_part_of_the_private_key_is_in_anything_that_is_said(own, world):
    world.fail["sesv2.CreateEmailIdentity", 0] = Fault.DENIED
    outcomes = [own.apply(create(own, key)) for key in own.resources()]
    private = own.keeper.held[PLACE]
    for thing in (*outcomes, own.read(), own.issued, own.desk().setup.resources):
        assert private not in repr(thing)
        assert private[40:80] not in repr(thing)


def test_a_run_that_was_killed_after_the_key_was_stored_takes_that_key(own):
    first = own.apply(create(own, KEY))
    own.issued.clear()
    second = own.apply(create(own, KEY))
    assert first.issued == second.issued
    assert own.keeper.writes == 1


def test_made_twice_it_stays_the_same_key(own):
    own.apply(create(own, KEY))
    issued = dict(own.issued[MAIL]["dkim"])
    again = own.apply(create(own, KEY))
    assert (again.failure, again.issued) == (None, {})
    assert own.issued[MAIL]["dkim"] == issued
    assert own.keeper.writes == 1


def test_a_store_that_refuses_leaves_nothing_issued(own):
    own.keeper.refuses = Unresolved("AWS denies access to it", "allow secretsmanager:PutSecretValue")
    outcome = own.apply(create(own, KEY))
    assert (outcome.failure, outcome.issued) == (Failure.NEEDS, {})
    assert "PutSecretValue" in outcome.fix
    assert own.keeper.held == {}


def test_another_key_in_the_store_shows_and_is_published_under_a_selector_of_its_own(own, world, some_key):
    own.make()
    own.keeper.held[PLACE] = some_key
    assert list(own.differences(KEY)) == ["PrivateKey"]
    assert own.apply(update(own, KEY)).failure is None
    entry = own.issued[MAIL]["dkim"]
    assert entry["selector"] == "s20261126b"
    assert dkim.parse(entry["value"]).public_key == public_half(some_key)
    assert list(own.differences(IDENTITY)) == ["DkimSigningAttributes.DomainSigningSelector"]
    assert own.apply(update(own, IDENTITY)).failure is None
    assert world.ses.identities[MAIL].signing["DomainSigningPrivateKey"] == some_key
    assert own.planned() == []


def test_ses_is_never_given_a_key_that_is_not_the_published_one(own, world, some_key):
    own.apply(create(own, KEY))
    own.make("configuration-set")
    own.keeper.held[PLACE] = some_key
    change = change_of(own.resources()[IDENTITY], Action.UPDATE, stage=Stage.VERIFY)
    world.ses.CreateEmailIdentity({"EmailIdentity": MAIL})
    outcome = own.apply(change)
    assert outcome.failure is Failure.NEEDS
    assert "no signature would verify" in outcome.said
    assert "DomainSigningSelector" not in world.ses.identities[MAIL].signing


def test_without_a_place_for_the_key_the_cure_says_what_to_write(world, managed):
    account = managed((OWN[0], OWN[1].partition("\n")[0]))
    unread = account.read().unread["dkim-key"]
    outcome = account.apply(create(account, KEY))
    for text in (unread.fix, outcome.fix):
        assert 'dkim_private_key: {from: "aws-sm://prod/mail/dkim#{domain}"}' in text
    assert outcome.failure is Failure.NEEDS


def test_a_store_without_the_private_half_of_a_published_key_is_unread(own):
    own.apply(create(own, KEY))
    own.keeper.held.clear()
    unread = own.read(KEY).unread["dkim-key"]
    assert PLACE in unread.reason
    assert "lock entry" in unread.fix


def test_a_place_with_the_selector_in_it_keeps_one_key_for_each(world, managed):
    world.ses.wants_verified = False
    account = managed(OWN_SELECTOR)
    account.make()
    assert set(account.keeper.held) == {f"{PLACE}.s20261126"}
    assert account.planned() == []


def test_from_easy_dkim_to_a_key_of_ones_own_and_back(world, managed):
    world.ses.wants_verified = False
    account = managed()
    account.make()
    assert set(account.issued[MAIL]["dkim"]) == {"tokens", "hosted_zone"}
    account.spec = account.spec.replace(*OWN)
    subjects = [(change.subject, change.stage) for change in account.make()]
    assert subjects == [(KEY, Stage.ISSUE), (IDENTITY, Stage.VERIFY)]
    assert set(account.issued[MAIL]["dkim"]) == {"selector", "value"}
    account.spec = account.spec.replace("dkim: byodkim", "dkim: easy")
    [change] = account.make()
    assert change.subject == IDENTITY
    assert account.issued[MAIL]["dkim"]["tokens"] == world.ses.identities[MAIL].tokens
    assert account.planned() == []
    for path in ("DomainSigningSelector", "NextSigningKeyLength"):
        assert "unsigned" in MANAGER.kinds["identity"].meanings[f"DkimSigningAttributes.{path}"]


def test_a_key_that_the_same_stage_made_is_taken_before_the_setup_knows_it(own, world):
    own.make("configuration-set")
    identity, desk = create(own, IDENTITY), own.desk()
    own.apply(create(own, KEY))
    assert asyncio.run(MANAGER.apply(desk, identity)).failure is None
    assert world.ses.identities[MAIL].signing["DomainSigningPrivateKey"] == own.keeper.held[PLACE]
    assert own.differences(IDENTITY) == own.differences(KEY) == {}


def test_one_place_for_the_keys_of_several_domains_is_refused(managed):
    senders = ("    from: Northwind <receipts@mail.northwind.example>", "    senders: {a: a@a.example, b: b@b.example}")
    account = managed(OWN, senders)
    assert account.desk().setup.refusals == ()
    account.spec = account.spec.replace("#{domain}", "#key")
    [refusal] = account.desk().setup.refusals
    assert "2 domains" in refusal.message
    assert refusal.at.path[-1] == "dkim_private_key"


def test_an_identity_whose_key_is_not_made_waits_for_it(own, world):
    own.make("configuration-set")
    change = change_of(own.resources()[IDENTITY], Action.UPDATE, stage=Stage.VERIFY)
    assert own.apply(create(own, IDENTITY)).failure in {None, Failure.LATER}
    assert own.apply(change).failure is Failure.LATER
    own.apply(create(own, KEY))
    assert own.apply(change_of(own.resources()[IDENTITY], Action.UPDATE, stage=Stage.VERIFY)).failure is None
    assert world.ses.identities[MAIL].tokens == ["s20261126"]


def test_pkcs_1_and_pkcs_8_are_one_key_and_other_keys_are_none(some_key):
    key = rsa.generate_private_key(65537, 1024)
    assert public_half(der(key)) == public_half(der(key, serialization.PrivateFormat.TraditionalOpenSSL)) is not None
    assert public_half(der(rsa.generate_private_key(65537, 3072))) is None
    assert public_half(der(ec.generate_private_key(ec.SECP256R1()))) is None
    assert unfit_key(some_key, public_half(some_key)) is None


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda octets: base64.b64encode(octets).decode()))
def test_what_is_no_key_is_said_without_any_part_of_it(text):
    problem = unfit_key(text, None)
    assert problem is not None
    assert not text.strip() or text not in problem.reason + problem.fix or len(text) < 4


def test_selectors_tell_the_day_and_are_never_used_twice():
    day = datetime(2026, 11, 26, tzinfo=UTC)
    assert new_selector(day, set()) == "s20261126"
    assert new_selector(day, {"s20261126", "s20261126b"}) == "s20261126c"
