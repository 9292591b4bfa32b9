"""The static proof of alignment: both legs of each sender of each route, by both generations of receivers."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sendspec.compile.alignment import prove_alignment
from sendspec.model.alignment import Fit
from sendspec.model.dmarc import DmarcIntent, DmarcPolicy
from sendspec.model.dns_record import DnsRecord, Purpose, RecordType, RRset, SourcedValue, Zone
from sendspec.model.domain import Domain
from sendspec.model.identity import Identity
from sendspec.model.origin import Origin
from sendspec.model.stream import Mailbox, Sender, Stream, Volume
from sendspec.model.vocabulary import Role, StreamKind
from sendspec.pipeline import compile_folder

REPOSITORY = Path(__file__).parents[2]
HERE = Origin(("test",))
SAME, RELAXED, NONE = Fit.SAME, Fit.RELAXED, Fit.NONE


def intent(name, policy="none", **more):
    found = DmarcPolicy(policy)
    tags = {"strict_spf": False, "strict_dkim": False, "reports": (), "origin": Origin((name,))} | more
    return DmarcIntent(name, found, found, **tags)


def domain(name, *intents, rrsets=(), **more):
    zone = Zone(name, "manual", ("bind",), tuple(rrsets), (), (), HERE)
    fields = {"subdomains": (), "authority": "own", "never_sends": False, "mailboxes": ""} | more
    return Domain(name=name, dmarc=intents, zone=zone, origin=Origin((name,)), **fields)


def txt(name, *texts):
    values = tuple(
        SourcedValue(text, (DnsRecord(name, RecordType.TXT, text, Purpose.FOREIGN, "", "", "", HERE),))
        for text in texts
    )
    return RRset(name, RecordType.TXT, 3600, values)


def prove(author, envelope, signer, *domains):
    """Give the proof of one sender of one route."""
    sender = Sender("", Mailbox("", f"x@{author}"), author, HERE)
    route = SimpleNamespace(stream="s", id="s.primary", role=Role.PRIMARY, account="esp", origin=HERE)
    stream = Stream("s", StreamKind.SUPPORT, (sender,), Volume(), frozenset(), "", False, False, (route,), HERE)
    identity = Identity(author, "esp", (), envelope, signer, (), (), HERE, envelope_note="mind this")
    (proof,) = prove_alignment([stream], domains, {("esp", author): identity})
    return proof


def legs(proof):
    """Give the fits as (SPF, DKIM) by the tree walk, then by the public suffix list."""
    return (proof.spf.walk, proof.dkim.walk), (proof.spf.suffix, proof.dkim.suffix)


def test_the_proof_of_the_example_is_the_table_worked_out_by_hand():
    proofs = compile_folder(REPOSITORY / "specs").setup.proofs
    table = [
        ("newsletter.primary", "sendgrid-eu", "em‹n›.news", "news"),
        ("password-reset.primary", "postmark-main", "pm-bounces.auth", "auth"),
        ("password-reset.fallback", "ses-eu", "bounce.auth", "auth"),
        ("receipts.primary", "postmark-main", "pm-bounces.mail", "mail"),
        ("receipts.fallback", "ses-eu", "bounce.mail", "mail"),
        ("support.primary", "ses-eu", "bounce.help", "help"),
    ]
    zone = ".northwind.example"
    found = [(proof.route, proof.account, proof.spf.domain, proof.dkim.domain) for proof in proofs]
    assert found == [(route, account, envelope + zone, signer + zone) for route, account, envelope, signer in table]
    for proof in proofs:
        assert legs(proof) == ((RELAXED, SAME), (RELAXED, SAME))
        assert proof.consequence.startswith("the other carries; both under p=quarantine of northwind.example")
        assert ("the SPF leg is silently lost, DKIM carries; worth an alert" in proof.consequence) is (
            proof.account == "ses-eu"
        )
        assert proof.is_complete
        assert not proof.differs


def test_an_inherited_policy_is_sp_and_an_own_one_is_p():
    top = intent("shop.example", "none", subdomains=DmarcPolicy.REJECT)
    inherited = prove("mail.shop.example", None, "mail.shop.example", domain("shop.example", top))
    assert (inherited.walk.policy, inherited.walk.found_at) == ("reject", "shop.example")
    own = prove("shop.example", None, "shop.example", domain("shop.example", top))
    assert own.walk.policy == "none"


def test_a_policy_in_testing_is_one_level_lower_for_new_receivers_only():
    proof = prove(
        "shop.example", None, "shop.example", domain("shop.example", intent("shop.example", "reject", testing=True))
    )
    assert (proof.walk.policy, proof.suffix.policy) == ("quarantine", "reject")
    assert not proof.differs


def test_a_record_on_the_subdomain_alone_loses_the_sibling_return_path_for_new_receivers():
    only = domain("shop.example", intent("mail.shop.example", "reject"))
    proof = prove("mail.shop.example", "bounce.shop.example", "shop.example", only)
    assert legs(proof) == ((NONE, NONE), (RELAXED, RELAXED))
    assert not proof.aligns
    below = prove("mail.shop.example", "rp.mail.shop.example", "mail.shop.example", only)
    assert legs(below) == ((RELAXED, SAME), (RELAXED, SAME))


def test_with_a_record_on_the_domain_too_the_sibling_return_path_aligns():
    both = domain("shop.example", intent("shop.example"), intent("mail.shop.example", "reject"))
    proof = prove("mail.shop.example", "bounce.shop.example", "shop.example", both)
    assert legs(proof) == ((RELAXED, RELAXED), (RELAXED, RELAXED))
    assert proof.walk.found_at == "mail.shop.example"


def test_psd_n_cuts_a_subdomain_off_for_new_receivers():
    cut = domain("shop.example", intent("shop.example"), intent("mail.shop.example", psd="n"))
    proof = prove("mail.shop.example", "rp.shop.example", "mail.shop.example", cut)
    assert legs(proof) == ((NONE, SAME), (RELAXED, SAME))
    assert proof.aligns
    assert proof.differs
    assert "SPF (rp.shop.example) does not align by the tree walk of RFC 9989" in proof.consequence


@pytest.mark.parametrize(
    ("strict", "expected"),
    [({"strict_spf": True}, (NONE, RELAXED)), ({"strict_dkim": True}, (RELAXED, NONE))],
)
def test_strict_alignment_wants_the_same_name_in_its_own_leg(strict, expected):
    proof = prove(
        "mail.shop.example", "rp.shop.example", "shop.example", domain("shop.example", intent("shop.example", **strict))
    )
    assert legs(proof) == (expected, expected)


def test_strictness_of_a_record_that_does_not_hold_is_no_matter():
    proof = prove(
        "mail.shop.example",
        "rp.shop.example",
        "mail.shop.example",
        domain("shop.example", intent("shop.example", strict_spf=True), intent("mail.shop.example")),
    )
    assert legs(proof) == ((RELAXED, SAME), (RELAXED, SAME))


def test_a_return_path_of_nine_labels_is_not_walked_through_its_parent_of_eight():
    deep = "a.b.c.d.e.f.shop.example"
    only = prove(deep, f"rp.{deep}", deep, domain("shop.example", intent(deep)))
    assert legs(only) == ((NONE, SAME), (RELAXED, SAME))
    with_top = prove(deep, f"rp.{deep}", deep, domain("shop.example", intent(deep), intent("shop.example")))
    assert legs(with_top) == ((RELAXED, SAME), (RELAXED, SAME))


def test_a_customer_below_a_public_suffix_is_complete_and_its_neighbour_does_not_align():
    customer = domain("shop.co.uk", intent("shop.co.uk", "reject"), authority="customer")
    proof = prove("mail.shop.co.uk", "rp.other.co.uk", "mail.shop.co.uk", customer)
    assert legs(proof) == ((NONE, SAME), (NONE, SAME))
    assert proof.is_complete
    assert (proof.suffix.policy, proof.suffix.found_at) == ("reject", "shop.co.uk")


def test_what_stands_above_a_deep_declared_domain_is_unknown_and_said_to_be():
    proof = prove(
        "mail.eu.shop.example", None, "mail.eu.shop.example", domain("eu.shop.example", intent("eu.shop.example"))
    )
    assert (proof.walk.found_at, proof.suffix) == ("eu.shop.example", None)
    assert not proof.is_complete
    assert "as far as the spec knows" in proof.consequence


def test_a_declared_domain_of_two_labels_needs_no_list(monkeypatch):
    monkeypatch.setitem(sys.modules, "tldextract", None)  # an import of it raises
    proof = prove("mail.shop.example", "rp.shop.example", "esp.test", domain("shop.example", intent("shop.example")))
    assert legs(proof) == ((RELAXED, NONE), (RELAXED, NONE))


def test_without_any_record_legs_are_shown_as_they_will_be_with_one():
    proof = prove("mail.shop.example", "rp.shop.example", None, domain("shop.example"))
    assert legs(proof) == ((RELAXED, NONE), (RELAXED, NONE))
    assert (
        proof.consequence
        == "only SPF carries, and forwarding breaks it, under no DMARC record that the spec declares; mind this"
    )


def test_the_note_about_the_envelope_is_for_legs_that_align():
    proof = prove("shop.example", "esp.test", "shop.example", domain("shop.example", intent("shop.example")))
    assert proof.consequence == "only DKIM carries; without it the mail fails, under p=none of shop.example"


def test_a_domain_that_never_sends_says_reject_for_names_below():
    proof = prove("mail.shop.example", None, "mail.shop.example", domain("shop.example", never_sends=True))
    assert (proof.walk.policy, proof.walk.origin) == ("reject", Origin(("shop.example", "sends")))


def test_a_foreign_record_counts_two_records_are_none_and_an_unreadable_one_too():
    def found(*intents, texts):
        rrsets = [txt("_dmarc.shop.example", *texts)]
        return prove("shop.example", None, "shop.example", domain("shop.example", *intents, rrsets=rrsets)).walk

    assert found(texts=["v=DMARC1; p=quarantine", "something else"]).policy == "quarantine"
    assert found(intent("shop.example"), texts=["v=DMARC1; p=none", "v=DMARC1; p=reject"]) is None
    assert found(texts=["v=DMARC1; p=nonsense"]) is None


def test_ten_thousand_senders_cost_each_the_same(monkeypatch):
    """Counts the questions, not the seconds: the same for each sender however many there are."""
    import sendspec.compile.alignment as module

    asked = []
    original = module.walk_tree
    monkeypatch.setattr(module, "walk_tree", lambda name, lookup: asked.append(name) or original(name, lookup))
    count = 10_000
    names = [f"mail.c{number}.example" for number in range(count)]
    senders = tuple(Sender(name, Mailbox("", f"x@{name}"), name, HERE) for name in names)
    routes = tuple(SimpleNamespace(stream="s", id=f"s.{role}", role=role, account="esp", origin=HERE) for role in Role)
    stream = Stream("s", StreamKind.SUPPORT, senders, Volume(), frozenset(), "", False, False, routes, HERE)
    domains = [domain(name.removeprefix("mail."), intent(name.removeprefix("mail."))) for name in names]
    identities = {
        ("esp", name): Identity(name, "esp", (), f"rp.{name}", name, (), (), HERE, envelope_note="") for name in names
    }
    proofs = list(prove_alignment([stream], domains, identities))
    assert len(proofs) == 2 * count
    assert all(legs(proof) == ((RELAXED, SAME), (RELAXED, SAME)) for proof in proofs)
    assert len(asked) == 2 * count  # From and envelope, once each, whatever the number of routes
