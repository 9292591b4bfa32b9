"""What a plan says of a change is true: which stream, how much of its mail, from when on; and what stops needs consent."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from toy_world import Run, ToyWorld

from sendspec.model.live import LiveRRset
from sendspec.model.plan import Action, Change

ZONE = "shop.example"
DMARC = ("_dmarc.shop.example", "TXT")
NONE = 'dmarc: {policy: none, reports: ["mailto:dmarc@shop.example"]}'


def changes(run: Run) -> dict[str, Change]:
    found = asyncio.run(run.plan())
    assert not found.held
    return {change.subject: change for change in found.changes}


def rewrite(folder: Path, *swaps: tuple[str, str]) -> None:
    path = folder / "spec.yaml"
    text = path.read_text()
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


UNALIGNED = (
    "settings: {region: eu-west-1}",
    "settings: {region: eu-west-1, dkim: none, mail_from: null}",
)


@pytest.fixture
def bare(small: Path) -> Path:
    """Give the spec with a fallback that signs nothing and has no return-path of its own."""
    rewrite(small, UNALIGNED)
    return small


def built(folder: Path, toy: ToyWorld) -> Run:
    run = Run(folder, toy)
    asyncio.run(run.apply())
    return run


@pytest.mark.parametrize("policy", ["quarantine", "reject"])
def test_a_policy_that_mail_of_a_stream_fails_needs_consent(bare, toy, policy):
    run = built(bare, toy)
    rewrite(bare, ("policy: none", f"policy: {policy}"))
    change = changes(run)["_dmarc.shop.example TXT"]
    assert change.stops == ("receipts",)
    assert change.means == (
        f"receivers are asked to {policy} mail of shop.example and below that fails DMARC, where they were asked for none",
        "mail of `receipts` has no aligned leg: it is what fails",
    )
    refused = asyncio.run(run.apply())
    assert refused.is_refused
    assert toy.zones[ZONE][DMARC].values[0].startswith("v=DMARC1; p=none")
    asyncio.run(Run(bare, toy, allowed=("receipts",)).apply())
    assert "p=" + policy in str(toy.zones[ZONE][DMARC].values[0])


def test_a_policy_that_all_mail_passes_stops_nothing(small, toy):
    run = built(small, toy)
    rewrite(small, ("policy: none", "policy: reject"))
    assert changes(run)["_dmarc.shop.example TXT"].stops == ()


def test_a_policy_for_names_below_is_told_apart(bare, toy):
    run = built(bare, toy)
    rewrite(bare, ("policy: none", "policy: none, subdomains: reject"))
    change = changes(run)["_dmarc.shop.example TXT"]
    assert change.stops == ("receipts",)
    assert change.means[0] == (
        "receivers are asked to reject mail of names below shop.example that fails DMARC, where they were asked for none"
    )


def test_a_policy_brought_back_to_what_the_spec_says_stops_what_it_stopped_before(bare, toy):
    rewrite(bare, ("policy: none", "policy: reject"))
    run = Run(bare, toy, allowed=("receipts",))
    asyncio.run(run.apply())
    toy.zones[ZONE][DMARC] = replace(toy.zones[ZONE][DMARC], values=("v=DMARC1; p=none",))
    assert changes(run)["_dmarc.shop.example TXT"].stops == ("receipts",)
    toy.zones[ZONE][DMARC] = replace(
        toy.zones[ZONE][DMARC], values=("v=DMARC1; p=reject; rua=mailto:old@shop.example",)
    )
    assert changes(run)["_dmarc.shop.example TXT"].stops == ()


def test_two_policies_are_none_to_receivers(bare, toy):
    rewrite(bare, ("policy: none", "policy: reject"))
    run = Run(bare, toy, allowed=("receipts",))
    asyncio.run(run.apply())
    toy.zones[ZONE][DMARC] = replace(
        toy.zones[ZONE][DMARC], values=("v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none")
    )
    adopting = Run(bare, toy, adopt=("all",))
    assert changes(adopting)["_dmarc.shop.example TXT"].stops == ("receipts",)


def test_terms_of_spf_that_go_are_named_and_so_is_a_record_that_goes(small, toy):
    with_spf = NONE + "\n    txt: [kept]\n    spf: {include: [a.example, b.example]}"
    rewrite(small, (NONE, with_spf))
    run = built(small, toy)
    rewrite(small, ("include: [a.example, b.example]", "include: [b.example]"))
    words = changes(run)["shop.example TXT"].means
    assert "no longer allows include:a.example: mail from there with this envelope sender fails SPF" in words
    rewrite(small, ("\n    spf: {include: [b.example]}", ""))
    words = changes(run)["shop.example TXT"].means
    assert any("removes the SPF record" in each for each in words)


def test_a_value_of_others_that_is_adopted_away_is_named(small, toy):
    toy.zones[ZONE] = {DMARC: LiveRRset(*DMARC, 300, ("v=DMARC1; p=none; rua=mailto:theirs@other.example",))}
    change = changes(Run(small, toy, adopt=("all",)))["_dmarc.shop.example TXT"]
    assert any("replaces what others put there" in each and "theirs@other.example" in each for each in change.means)


def test_every_key_of_an_account_removed_is_a_loss_and_one_of_two_is_none(small, toy):
    run = built(small, toy)
    toy.generation = 1  # the ESP gives out another key, and the old one has served its time
    found = changes(run).values()
    gone = [
        words for change in found if change.action is Action.DELETE for words in change.means if "dkim" in words.lower()
    ]
    assert gone
    assert all("another key of it stays" in words for words in gone)
    assert not [change for change in found if change.stops]


SENDERS = """\
    senders:
      a: Shop <r@mail.a-customer.example>
      b: Shop <r@mail.b-customer.example>
"""


def test_a_sender_that_goes_is_said_to_lose_its_key_whatever_the_others_have(small, toy):
    domains = "".join(f"  {name}-customer.example: {{dns: {{host: route53}}}}\n" for name in "ab")
    rewrite(small, ("    from: Shop <receipts@mail.shop.example>\n", SENDERS), ("esps:\n", domains + "esps:\n"))
    run = built(small, toy)
    rewrite(small, ("      b: Shop <r@mail.b-customer.example>\n", ""))
    found = changes(run)
    keys = [change for subject, change in found.items() if "_domainkey.mail.b-customer" in subject]
    assert keys
    for change in keys:
        assert "unsigned after 3600 s" in change.means[0]
        assert change.stops == ("receipts",)
    assert asyncio.run(run.apply()).is_refused


@pytest.mark.parametrize(("role", "share"), [("primary", "100 % of"), ("fallback", "all failed-over")])
def test_a_return_path_that_goes_says_how_much_of_the_mail(small, toy, role, share):
    if role == "primary":
        rewrite(small, ("{role: primary, via: api, esp: postmark}, {role: fallback", "{role: primary"))
    run = built(small, toy)
    rewrite(small, ("settings: {region: eu-west-1}", "settings: {region: eu-west-1, mail_from: null}"))
    words = changes(run)["bounce.mail.shop.example MX"].means
    assert words[0].startswith(f"removes return-path for `receipts` on ses: {share} its mail there without its own")
    assert words[0].endswith("after 3600 s")


def test_a_stream_that_is_gone_from_the_spec_stops_nobodys_mail_and_says_so(small, toy):
    run = built(small, toy)
    text = (small / "spec.yaml").read_text()
    (small / "spec.yaml").write_text(text[: text.index("  receipts:\n")])
    found = changes(run)
    assert {change.action for change in found.values()} == {Action.DELETE}
    assert not [change for change in found.values() if change.stops]
    words = " ".join(words for change in found.values() for words in change.means)
    assert "`receipts` is no longer in the spec; an app that still sends it is cut off" in words


def test_a_name_that_loses_its_own_policy_comes_under_the_one_above(bare, toy):
    rewrite(
        bare,
        ("policy: none", "policy: reject"),
        (
            NONE.replace("none", "reject"),
            NONE.replace("none", "reject") + "\n    subdomains: {mail: {dmarc: {policy: none}}}",
        ),
    )
    run = built(bare, toy)
    assert ("_dmarc.mail.shop.example", "TXT") in toy.zones[ZONE]
    rewrite(bare, ("\n    subdomains: {mail: {dmarc: {policy: none}}}", ""))
    change = changes(run)["_dmarc.mail.shop.example TXT"]
    assert change.stops == ("receipts",)
