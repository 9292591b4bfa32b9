"""One breach a proof: what one cause brings about is told once."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from sendspec.model.alignment import Fit, Leg, PolicyInForce, Proof
from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.origin import Origin
from sendspec.rules.alignment import Breach, breaches, names_cut_off, parents

HERE, THERE = Origin(("streams", "s", "routes", 0)), Origin(("streams", "s", "routes", 1))
BOTH, LOST, NEW_ONLY, OLD_ONLY = (
    Leg("mail.shop.example", walk, suffix)
    for walk, suffix in ((Fit.SAME, Fit.SAME), (Fit.NONE, Fit.NONE), (Fit.SAME, Fit.NONE), (Fit.NONE, Fit.RELAXED))
)
UNSIGNED = Leg(None, Fit.NONE, Fit.NONE)
NONE, REJECT = (PolicyInForce(policy, "shop.example", HERE) for policy in (DmarcPolicy.NONE, DmarcPolicy.REJECT))


def proof(spf, dkim, *, walk=NONE, suffix=NONE, is_fallback=False, origin=HERE):
    author = "mail.shop.example"
    return Proof("s", "s.primary", "esp", author, author, is_fallback, spf, dkim, walk, suffix, True, "", origin, HERE)


def domain(name, *intents, authority="own", never_sends=False):
    found = tuple(SimpleNamespace(name=each, psd=psd) for each, psd in intents)
    return SimpleNamespace(name=name, dmarc=found, authority=authority, never_sends=never_sends)


def found(proofs, *domains):
    """Give the breaches of some proofs, by kind."""
    setup = SimpleNamespace(proofs=proofs, domains=domains)
    return {wanted: list(breaches(setup, wanted)) for wanted in Breach if list(breaches(setup, wanted))}


@pytest.mark.parametrize(
    ("spf", "dkim", "more", "expected"),
    [
        (BOTH, BOTH, {}, None),
        (BOTH, BOTH, {"walk": REJECT}, None),
        (LOST, BOTH, {"walk": REJECT}, None),
        (LOST, LOST, {}, Breach.NOT_ALIGNED),
        (LOST, OLD_ONLY, {}, Breach.NOT_ALIGNED),
        (NEW_ONLY, LOST, {}, Breach.NOT_ALIGNED),
        (NEW_ONLY, OLD_ONLY, {}, Breach.READINGS_DIFFER),
        (BOTH, LOST, {}, None),
        (BOTH, LOST, {"walk": REJECT, "suffix": REJECT}, Breach.ENFORCED_WITHOUT_DKIM),
        (BOTH, OLD_ONLY, {"walk": REJECT, "suffix": REJECT}, Breach.ENFORCED_WITHOUT_DKIM),
        (BOTH, LOST, {"walk": None, "suffix": None}, None),
        (BOTH, OLD_ONLY, {}, Breach.READINGS_DIFFER),
        (NEW_ONLY, BOTH, {}, Breach.READINGS_DIFFER),
        (BOTH, BOTH, {"walk": replace(NONE, found_at="mail.shop.example")}, Breach.READINGS_DIFFER),
        (BOTH, BOTH, {"suffix": None}, Breach.READINGS_DIFFER),
        (LOST, UNSIGNED, {"is_fallback": True}, None),
        (LOST, UNSIGNED, {}, Breach.NOT_ALIGNED),
        (LOST, LOST, {"is_fallback": True}, Breach.NOT_ALIGNED),
    ],
)
def test_each_proof_has_its_worst_breach_and_no_other(spf, dkim, more, expected):
    assert list(found([proof(spf, dkim, **more)])) == ([expected] if expected else [])


def test_a_route_of_many_senders_is_told_once_and_each_route_for_itself():
    many = [proof(LOST, LOST), proof(LOST, LOST), proof(LOST, LOST, origin=THERE)]
    assert [each.origin for each in found(many)[Breach.NOT_ALIGNED]] == [HERE, THERE]


@pytest.mark.parametrize(
    "told",
    [
        domain("shop.example", ("mail.shop.example", "")),
        domain("shop.example", ("shop.example", "y")),
        domain("mail.shop.example", ("mail.shop.example", "y")),
    ],
)
def test_what_follows_from_a_cause_with_a_rule_of_its_own_is_not_told_again(told):
    assert found([proof(OLD_ONLY, OLD_ONLY)], told) == {}
    assert found([proof(OLD_ONLY, BOTH)], told) == {}
    assert list(found([proof(LOST, LOST)], told)) == [Breach.NOT_ALIGNED]
    assert list(found([proof(NEW_ONLY, NEW_ONLY)], told)) == [Breach.NOT_ALIGNED]


def test_a_cause_elsewhere_explains_nothing():
    elsewhere = domain("other.example", ("mail.other.example", ""), ("other.example", "n"))
    assert list(found([proof(OLD_ONLY, BOTH)], elsewhere)) == [Breach.READINGS_DIFFER]


def test_a_domain_is_cut_off_where_only_names_below_it_have_a_policy():
    below = ("mail.shop.example", "")
    assert list(names_cut_off(SimpleNamespace(domains=[domain("shop.example", below)]))) == ["shop.example"]
    for sound in (
        [domain("shop.example", below, ("shop.example", ""))],
        [domain("shop.example", below, authority="customer")],
        [domain("shop.example", below, never_sends=True)],
        [domain("shop.example")],
        [domain("eu.shop.example", ("mail.eu.shop.example", "")), domain("shop.example", ("shop.example", ""))],
    ):
        assert list(names_cut_off(SimpleNamespace(domains=sound))) == []


def test_parents_stop_at_two_labels():
    assert list(parents("a.b.shop.example")) == ["b.shop.example", "shop.example"]
    assert list(parents("shop.example")) == []
