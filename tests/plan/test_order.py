"""Nothing is done before what it needs, and nothing is taken away while something still needs it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from toy_world import Run, ToyWorld

from sendspec.model.live import Failure, LiveRRset, LiveZone, Outcome, Unread
from sendspec.model.plan import Action, Hold, Plan, Stage

ZONE = "shop.example"
PRIMARY = "{role: primary, via: api, esp: postmark}, {role: fallback"


def plan(run: Run) -> Plan:
    return asyncio.run(run.plan())


def apply(run: Run):
    return asyncio.run(run.apply())


def rewrite(folder: Path, old: str, new: str) -> None:
    path = folder / "spec.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture
def built(small: Path, toy: ToyWorld) -> Run:
    apply(Run(small, toy))
    return Run(small, toy, allowed=("receipts",))


def test_records_go_after_what_the_esp_looks_for_them_with(built, small, toy):
    rewrite(small, PRIMARY, "{role: primary")
    begun = len(toy.calls)
    apply(built)
    calls = toy.calls[begun:]
    removals = [call for call in calls if call.startswith("delete")]
    assert calls.index("delete esp/postmark/domain/mail.shop.example") < calls.index(f"change {ZONE}")
    assert removals
    assert plan(built).is_clean


def test_records_stay_while_their_identity_could_not_be_removed(built, small, toy):
    rewrite(small, PRIMARY, "{role: primary")
    toy.failures = dict.fromkeys(range(len(toy.calls) + 1, 999), Outcome(Failure.REFUSED, "no"))
    apply(built)
    assert ("pm-bounces.mail.shop.example", "CNAME") in toy.zones[ZONE]
    toy.failures = {}
    apply(built)
    assert ("pm-bounces.mail.shop.example", "CNAME") not in toy.zones[ZONE]
    assert plan(built).is_clean


def test_what_serves_a_stream_stays_while_its_replacement_could_not_be_made(small, toy):
    rewrite(small, ", {role: fallback, via: smtp, esp: ses}", "")
    apply(Run(small, toy))
    rewrite(small, "{role: primary, via: api, esp: postmark}", "{role: primary, via: smtp, esp: ses}")
    run = Run(small, toy, allowed=("receipts",))
    toy.failures = {len(toy.calls) + 1: Outcome(Failure.REFUSED, "no")}
    applied = apply(run)
    assert len(applied.failed) == 1
    assert "message-stream/receipts" in toy.accounts["postmark"]
    assert ("pm-bounces.mail.shop.example", "CNAME") in toy.zones[ZONE]
    apply(run)
    assert "message-stream/receipts" not in toy.accounts["postmark"]
    assert plan(run).is_clean


def test_a_failure_keeps_back_what_needs_it_over_any_number_of_steps(small, toy):
    rewrite(small, "settings: {link_branding: true}", "settings: {subuser: shop-eu, link_branding: true}")
    toy.failures = {1: Outcome(Failure.LATER, "no"), 2: Outcome(Failure.LATER, "no"), 3: Outcome(Failure.LATER, "no")}
    applied = apply(Run(small, toy))
    failed = {done.change.key for done in applied.failed}
    assert "esp/sendgrid/subuser/shop-eu" in failed
    assert not [call for call in toy.calls if "sendgrid" in call and "subuser" not in call]
    toy.failures = {}
    apply(Run(small, toy))
    assert plan(Run(small, toy)).is_clean


def test_what_lies_in_something_that_waits_for_a_person_waits_as_well(small, toy):
    rewrite(small, "settings: {link_branding: true}", "settings: {subuser: shop-eu, link_branding: true}")
    run = Run(small, toy, inputs=frozenset())
    found = plan(run)
    assert not [change for change in found.changes if change.place == "sendgrid"]
    assert {each.hold for each in found.held if each.change.place == "sendgrid"} == {Hold.INPUT}
    applied = apply(run)
    assert applied.failed == []
    assert toy.accounts.get("sendgrid", {}) == {}


class Dark(ToyWorld):
    """Kinds of an account, and names of a zone, that cannot be read."""

    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    async def _read(self, desk, keys):
        live = await super()._read(desk, keys)
        found = {key: each for key, each in live.found.items() if each.kind not in self.kinds}
        unread = {kind: Unread(f"{desk.account.id}: {kind}", "no right") for kind in self.kinds}
        return replace(live, found=found, unread=unread)

    async def _read_zone(self, desk, names):
        live = await super()._read_zone(desk, names)
        where = f"zone {desk.zone.name} at Toy DNS"
        return LiveZone(
            live.zone, live.native_id, live.rrsets, {name: Unread(where, "no answer") for name in self.names}
        )


@pytest.fixture
def dark(monkeypatch) -> Dark:
    import toy_world

    found = Dark()
    toy_world.enter(monkeypatch, found)
    return found


def test_nothing_is_made_that_rests_on_what_could_not_be_read(small, dark):
    dark.kinds = ("configuration-set",)
    found = plan(Run(small, dark))
    made = {change.subject.partition("/")[0] for change in found.changes if change.place == "ses"}
    assert made <= {"topic", "subscription", "policy"}
    assert any("configuration-set" in each.where for each in found.unread)
    apply(Run(small, dark))
    assert not [call for call in dark.calls if "ses/identity" in call or "ses/event-destination" in call]


def test_an_esp_is_not_asked_to_look_at_records_that_could_not_be_looked_at(small, dark):
    apply(Run(small, dark))
    dark.verified.clear()
    dark.zones[ZONE].pop(("pm-bounces.mail.shop.example", "CNAME"))
    for names in (("",), ("pm-bounces.mail.shop.example",)):
        dark.names = names
        found = plan(Run(small, dark))
        asked = [change.key for change in found.changes if change.stage is Stage.VERIFY and change.place == "postmark"]
        assert asked == []
        assert any("waits until DNS shows" in each.what for each in found.awaited)


def test_a_type_that_goes_waits_for_the_end_unless_a_cname_is_in_its_way(small, toy):
    run = Run(small, toy)
    apply(run)
    name = "bounce.mail.shop.example"
    assert {record_type for owner, record_type in toy.zones[ZONE] if owner == name} == {"MX", "TXT"}
    lock = small / "sendspec.lock.yaml"
    rewrite(small, "settings: {region: eu-west-1}", "settings: {region: eu-west-1, mail_from: ret}")
    stages = {change.subject: change.stage for change in plan(run).changes if change.subject.startswith("bounce.mail")}
    assert set(stages.values()) == {Stage.REMOVE}
    assert lock.exists()


def test_a_cname_takes_the_place_of_our_own_record_in_one_step(small, toy):
    rewrite(small, "{role: fallback, via: smtp, esp: ses}", "{role: fallback, via: smtp, esp: ses}")
    run = Run(small, toy)
    apply(run)
    name = "pm-bounces.mail.shop.example"
    cname = toy.zones[ZONE].pop((name, "CNAME"))
    toy.zones[ZONE][name, "MX"] = LiveRRset(name, "MX", 300, ())
    toy.zones[ZONE].pop((name, "MX"))
    lock = small / "sendspec.lock.yaml"
    entry = f'      "{name} CNAME": '
    lock.write_text(lock.read_text().replace(entry, f'      "{name} TXT": {{by: made, values: [ours]}}\n{entry}'))
    toy.zones[ZONE][name, "TXT"] = LiveRRset(name, "TXT", 300, ("ours",))
    found = plan(run)
    assert {(change.action, change.stage) for change in found.changes} == {
        (Action.DELETE, Stage.DNS),
        (Action.CREATE, Stage.DNS),
    }
    begun = len(toy.calls)
    apply(run)
    assert toy.calls[begun:] == [f"change {ZONE}"]
    assert toy.zones[ZONE][name, "CNAME"] == cname


def test_a_run_that_is_stopped_between_any_two_calls_goes_on_where_it_was(small, toy, tmp_path):
    apply(Run(small, toy))
    wanted, total = (toy.accounts, toy.zones), len(toy.calls)
    for after in range(0, total, 3):
        toy.accounts, toy.zones, toy.verified, toy.calls = {}, {}, set(), []
        folder = tmp_path / f"after-{after}"
        folder.mkdir()
        (folder / "spec.yaml").write_text((small / "spec.yaml").read_text())
        run = Run(folder, toy)
        stopped = asyncio.run(run.apply(stopped=lambda: "interrupted" if len(toy.calls) >= after else ""))  # noqa: B023 - called within the loop
        assert stopped.stopped
        apply(run)
        assert (toy.accounts, toy.zones) == wanted
        assert plan(run).is_clean


def test_what_has_to_wait_is_tried_once_in_a_run_and_again_in_the_next(small, toy):
    toy.failures = dict.fromkeys(range(1, 999), Outcome(Failure.LATER, "too many calls"))
    run = Run(small, toy)
    applied = apply(run)
    assert not applied.done
    assert len(toy.calls) == len(set(toy.calls))
    toy.failures = {}
    apply(run)
    assert plan(run).is_clean
