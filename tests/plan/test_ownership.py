"""What is not ours stays as it is; what is ours stays ours, and goes when nothing wants it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from toy_world import KilledError, Run, ToyWorld

from sendspec.model.live import Failure, LiveRRset, Outcome, Unread
from sendspec.model.plan import Action, Hold, Plan

ZONE = "shop.example"
APEX = (ZONE, "TXT")
LOCK = "sendspec.lock.yaml"


def plan(run: Run) -> Plan:
    return asyncio.run(run.plan())


def apply(run: Run):
    return asyncio.run(run.apply())


def rewrite(folder: Path, *swaps: tuple[str, str]) -> None:
    path = folder / "spec.yaml"
    text = path.read_text()
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


def owned(folder: Path) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    return yaml.safe_load((folder / LOCK).read_text()).get("owned", {})


def txt(toy: ToyWorld, name: str, *values: str) -> None:
    toy.zones.setdefault(ZONE, {})[name, "TXT"] = LiveRRset(name, "TXT", 300, values)


DOMAIN = '    dmarc: {policy: none, reports: ["mailto:dmarc@shop.example"]}\n'
WITH_TXT = DOMAIN + '    txt: ["google-site-verification=abc"]\n    spf: {include: [crm.example]}\n'


def test_a_value_of_others_that_the_spec_keeps_outlives_its_line_in_the_spec(small, toy):
    txt(toy, ZONE, "google-site-verification=abc")
    rewrite(small, (DOMAIN, WITH_TXT))
    run = Run(small, toy)
    apply(run)
    assert len(toy.zones[ZONE][APEX].values) == 2
    assert owned(small)["dns"][ZONE][f"{ZONE} TXT"]["values"] == ["v=spf1 include:crm.example ~all"]
    rewrite(small, (WITH_TXT, DOMAIN))
    apply(run)
    assert toy.zones[ZONE][APEX].values == ("google-site-verification=abc",)
    assert plan(run).is_clean


def test_what_stood_there_before_is_not_ours_because_a_set_of_ours_says_the_same(small, toy):
    spf = "v=spf1 include:crm.example ~all"
    txt(toy, ZONE, spf)
    rewrite(small, (DOMAIN, WITH_TXT))
    run = Run(small, toy)
    apply(run)
    assert owned(small)["dns"][ZONE][f"{ZONE} TXT"]["values"] == []
    rewrite(small, (WITH_TXT, DOMAIN))
    apply(run)
    assert spf in toy.zones[ZONE][APEX].values
    rewrite(small, (DOMAIN, WITH_TXT.replace("crm.example", "other.example")))
    held = plan(run).held
    assert [each.hold for each in held] == [Hold.FOREIGN]


def test_a_second_spf_record_beside_ours_is_somebody_elses(small, toy):
    rewrite(small, (DOMAIN, WITH_TXT))
    run = Run(small, toy)
    apply(run)
    ours = toy.zones[ZONE][APEX]
    toy.zones[ZONE][APEX] = replace(ours, values=(*ours.values, "v=spf1 include:friday.example -all"))
    found = plan(run)
    assert [(each.hold, each.change.key) for each in found.held] == [(Hold.FOREIGN, f"dns/{ZONE}/{ZONE}/TXT")]
    apply(run)
    assert "v=spf1 include:friday.example -all" in toy.zones[ZONE][APEX].values
    toy.zones[ZONE][APEX] = replace(ours, values=("google-site-verification=abc", "v=spf1 -all"))  # ours, edited
    assert [change.action for change in plan(run).changes] == [Action.UPDATE]


def test_a_record_in_a_set_of_ours_whose_place_we_never_had_is_not_replaced(small, toy):
    rewrite(small, (DOMAIN, DOMAIN + '    txt: ["google-site-verification=abc"]\n'))
    run = Run(small, toy)
    apply(run)
    txt(toy, ZONE, "google-site-verification=abc", "v=spf1 include:friday.example -all")
    rewrite(small, ('    txt: ["google-site-verification=abc"]\n', WITH_TXT.removeprefix(DOMAIN)))
    assert [each.hold for each in plan(run).held] == [Hold.FOREIGN]


def test_a_name_in_other_letters_is_still_ours_and_goes(small, toy):
    run = Run(small, toy)
    apply(run)
    key = ("pm-bounces.mail.shop.example", "CNAME")
    toy.zones[ZONE][key] = replace(toy.zones[ZONE][key], values=("PM.mtasv.NET",))
    assert plan(run).is_clean
    rewrite(small, ("{role: primary, via: api, esp: postmark}, {role: fallback", "{role: primary"))
    apply(Run(small, toy, allowed=("receipts",)))
    assert key not in toy.zones[ZONE]


def test_a_set_that_became_an_alias_of_the_host_is_left_alone(small, toy):
    run = Run(small, toy)
    apply(run)
    key = ("pm-bounces.mail.shop.example", "CNAME")
    toy.zones[ZONE][key] = replace(toy.zones[ZONE][key], is_alias=True)
    rewrite(small, ("{role: primary, via: api, esp: postmark}, {role: fallback", "{role: primary"))
    apply(Run(small, toy, allowed=("receipts",)))
    assert key in toy.zones[ZONE]


def test_a_cname_does_not_take_the_place_of_a_set_that_holds_values_of_others_as_well(small, toy):
    rewrite(small, (DOMAIN, DOMAIN + "    tls_reports: ['mailto:tls@shop.example']\n"))
    run = Run(small, toy)
    apply(run)
    name = "pm-bounces.mail.shop.example"
    cname = toy.zones[ZONE].pop((name, "CNAME"))
    lock = (small / LOCK).read_text()
    entry = f'      "{name} CNAME": '
    assert entry in lock
    (small / LOCK).write_text(lock.replace(entry, f'      "{name} TXT": {{by: made, values: [ours]}}\n{entry}'))
    txt(toy, name, "ours", "theirs")
    held = [each for each in plan(run).held if name in each.change.key]
    assert [each.hold for each in held] == [Hold.CONFLICT]
    txt(toy, name, "ours")
    apply(run)
    assert toy.zones[ZONE][name, "CNAME"].values == cname.values
    assert (name, "TXT") not in toy.zones[ZONE]
    assert plan(run).is_clean


@pytest.mark.parametrize("dies_after", [False, True])
def test_killed_while_a_value_is_replaced_neither_the_old_nor_the_new_one_is_lost(small, toy, dies_after):
    rewrite(small, (DOMAIN, DOMAIN + "    spf: {include: [crm.example]}\n"))
    run = Run(small, toy)
    apply(run)
    rewrite(small, ("crm.example", "other.example"))
    toy.die_at, toy.dies_after = len(toy.calls) + 1, dies_after
    with pytest.raises(KilledError):
        apply(run)
    toy.die_at = 0
    apply(run)
    assert toy.zones[ZONE][APEX].values == ("v=spf1 include:other.example ~all",)
    apply(run)
    entry = owned(small)["dns"][ZONE][f"{ZONE} TXT"]
    assert (entry["by"], entry["values"]) == ("made", ["v=spf1 include:other.example ~all"])
    rewrite(small, ("    spf: {include: [other.example]}\n", ""))
    apply(run)
    assert APEX not in toy.zones[ZONE]


@pytest.mark.parametrize("dies_after", [False, True])
def test_killed_while_a_value_is_replaced_either_goes_when_the_spec_wants_none(small, toy, dies_after):
    rewrite(small, (DOMAIN, DOMAIN + "    spf: {include: [crm.example]}\n"))
    run = Run(small, toy)
    apply(run)
    rewrite(small, ("crm.example", "other.example"))
    toy.die_at, toy.dies_after = len(toy.calls) + 1, dies_after
    with pytest.raises(KilledError):
        apply(run)
    toy.die_at = 0
    rewrite(small, ("    spf: {include: [other.example]}\n", ""))
    apply(run)
    assert APEX not in toy.zones[ZONE]
    assert plan(run).is_clean


def test_what_was_only_begun_and_somebody_else_made_meanwhile_is_not_replaced(small, toy):
    toy.failures = dict.fromkeys(range(1, 99), Outcome(Failure.UNKNOWN, "lost"))
    name = ("_dmarc.shop.example", "TXT")
    run = Run(small, toy)
    apply(run)
    assert owned(small)["dns"][ZONE]["_dmarc.shop.example TXT"]["by"] == "begun"
    toy.failures = {}
    toy.zones[ZONE][name] = LiveRRset(*name, 300, ("v=DMARC1; p=reject",))
    held = [each for each in plan(run).held if each.change.layer == "dns"]
    assert [each.change.subject for each in held] == ["_dmarc.shop.example TXT"]


TWO = """\
  ses-2: {kind: ses, managed: apply, settings: {region: eu-west-1, SETTINGS}, credentials: {smtp_username: {from: "env://U", env: U}, smtp_password: {from: "env://P", env: P}}}
streams:
  second:
    kind: transactional
    from: Shop <second@mail.shop.example>
    events: {url: "https://hooks.shop.example/{kind}", types: [bounced, complained]}
    routes: [{role: primary, via: smtp, esp: ses-2}]
"""
FALLBACK = ", {role: fallback, via: smtp, esp: ses}"


class Shared(ToyWorld):
    """Two accounts of the spec are one at Amazon."""

    async def _read(self, desk, keys):
        one = self.accounts.setdefault("ses", {})
        self.accounts["ses-2"] = one
        for key in one:
            if key.startswith("identity/"):
                self.natives[key] = key.partition("/")[2]
        return await super()._read(desk, keys)


@pytest.fixture
def shared(monkeypatch):
    import toy_world

    found = Shared()
    toy_world.enter(monkeypatch, found)
    return found


def test_what_another_account_of_the_spec_wants_is_not_removed_from_under_it(small, shared):
    rewrite(small, ("streams:\n", TWO.replace(", SETTINGS", "")))
    run = Run(small, shared)
    apply(run)
    rewrite(small, (FALLBACK, ""))
    apply(Run(small, shared, allowed=("receipts",)))
    assert "identity/mail.shop.example" in shared.accounts["ses"]
    assert not [each for each in plan(run).changes if each.action is Action.DELETE]
    assert "identity/mail.shop.example" not in owned(small)["esp"].get("ses", {})


def test_what_the_other_account_does_not_own_is_held_until_it_is_given_over(small, shared):
    run = Run(small, shared)
    apply(run)
    rewrite(small, ("streams:\n", TWO.replace(", SETTINGS", "")), (FALLBACK, ""))
    asked = Run(small, shared, allowed=("receipts",))
    apply(asked)
    held = plan(run).held
    assert ("esp/ses/identity/mail.shop.example", Hold.CONFLICT) in {(each.change.key, each.hold) for each in held}
    assert "identity/mail.shop.example" in shared.accounts["ses"]
    apply(Run(small, shared, adopt=("esp/ses-2/identity/mail.shop.example",), allowed=("receipts",)))
    assert "identity/mail.shop.example" in shared.accounts["ses"]
    assert "identity/mail.shop.example" in owned(small)["esp"]["ses-2"]


def test_an_account_in_another_place_keeps_nothing_from_being_removed(small, toy):
    rewrite(small, ("streams:\n", TWO.replace("SETTINGS", 'aws_account: "123456789012"')))
    for key in ("identity/mail.shop.example",):
        toy.natives[key] = "mail.shop.example"
    apply(Run(small, toy))
    rewrite(small, (FALLBACK, ""))
    apply(Run(small, toy, allowed=("receipts",)))
    assert "identity/mail.shop.example" not in toy.accounts["ses"]
    assert "identity/mail.shop.example" in toy.accounts["ses-2"]
    assert plan(Run(small, toy)).is_clean


def test_an_account_under_a_new_name_touches_nothing_and_says_what_to_do(small, toy):
    run = Run(small, toy)
    apply(run)
    toy.accounts["ses-new"] = toy.accounts["ses"]
    rewrite(small, ("  ses:\n", "  ses-new:\n"), ("esp: ses}", "esp: ses-new}"))
    found = plan(run)
    assert not [each for each in found.changes if each.action is Action.DELETE and each.layer == "esp"]
    assert any(each.where == "ses" and "new name" in each.fix for each in found.unread)


def test_another_thing_of_the_same_name_is_not_removed(small, toy):
    run = Run(small, toy)
    apply(run)
    toy.natives["domain/mail.shop.example"] = "somebody-else-made-it-anew"
    rewrite(small, ("{role: primary, via: api, esp: postmark}, {role: fallback", "{role: primary"))
    apply(Run(small, toy, allowed=("receipts",)))
    assert "domain/mail.shop.example" in toy.accounts["postmark"]
    assert plan(run).is_clean


def test_what_one_more_stream_gave_another_name_is_not_removed_under_its_old_one(small, toy):
    run = Run(small, toy)
    apply(run)
    for kind in ("event-webhook", "event-webhook-signature"):  # the same webhook, found under both names
        toy.accounts["sendgrid"][f"{kind}/news+sale"] = toy.accounts["sendgrid"][f"{kind}/news"]
        toy.natives |= dict.fromkeys((f"{kind}/news", f"{kind}/news+sale"), "id-of-news")
    text = (small / "spec.yaml").read_text()
    news = text[text.index("  news:\n") : text.index("  receipts:\n")]
    sale = news.replace("  news:\n", "  sale:\n").replace("news@", "sale@")
    rewrite(small, ("  receipts:\n", sale + "  receipts:\n"))
    assert not [each for each in plan(run).changes if each.action is Action.DELETE]
    apply(run)
    assert "event-webhook/news" not in owned(small)["esp"]["sendgrid"]
    assert "event-webhook/news+sale" in owned(small)["esp"]["sendgrid"]


def test_a_foreign_identity_is_not_asked_to_look_at_dns_before_it_is_adopted(small, toy):
    run = Run(small, toy)
    apply(run)
    lock = (small / LOCK).read_text()
    (small / LOCK).write_text(lock.partition("\nowned:")[0] + "\n")
    toy.verified.clear()
    found = plan(run)
    assert found.changes == ()
    assert any("--adopt 'esp/postmark/domain/mail.shop.example'" in each.then for each in found.awaited)


def test_a_second_machine_without_the_journal_finds_what_was_made_and_makes_nothing_twice(small, toy):
    toy.die_at = 4
    run = Run(small, toy)
    with pytest.raises(KilledError):
        apply(run)
    (small / ".sendspec.journal").unlink()
    toy.die_at = 0
    begun = [key for each in toy.accounts.values() for key in each]
    assert begun
    apply(Run(small, toy, adopt=("all",)))
    creations = [call for call in toy.calls if call.startswith("create")]
    killed = toy.calls[3]
    assert {call for call in creations if creations.count(call) > 1} <= {killed}
    assert plan(run).is_clean


def test_a_domain_in_a_zone_of_its_own_leaves_nothing_in_the_old_one_and_nothing_of_others_goes(small, toy):
    run = Run(small, toy)
    apply(run)
    txt(toy, "other.mail.shop.example", "theirs")
    rewrite(small, ("esps:\n", "  mail.shop.example: {dns: {host: route53}}\nesps:\n"))
    apply(Run(small, toy, allowed=("receipts",)))
    names = {name for name, _ in toy.zones[ZONE] if "mail.shop.example" in name}
    assert names == {"other.mail.shop.example"}
    assert ("pm-bounces.mail.shop.example", "CNAME") in toy.zones["mail.shop.example"]
    assert plan(run).is_clean


def test_what_cannot_be_read_is_removed_neither_at_the_esp_nor_in_dns(small, toy):
    run = Run(small, toy)
    apply(run)
    rewrite(small, ("{role: primary, via: api, esp: postmark}, {role: fallback", "{role: primary"))
    toy.unread = {"postmark": Unread("postmark", "no answer")}
    found = plan(run)
    assert found.changes == ()
    assert any("postmark could not be read" in each.what for each in found.awaited)
    toy.unread = {}
    apply(Run(small, toy, allowed=("receipts",)))
    assert plan(run).is_clean
