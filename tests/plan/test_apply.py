"""`plan` and `apply` over a whole spec: the order of need, ownership, refusal, and being killed at every call."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from toy_world import SMALL, KilledError, Run

from sendspec.lock.book import JOURNAL
from sendspec.model.live import Failure, LiveRRset, Outcome, Unread
from sendspec.model.plan import Action, Change, Hold, Plan, Stage
from sendspec.pipeline import validate
from sendspec.plan.store import plan_text, read_plan

ZONE = "northwind.example"


@pytest.fixture
def managed(northwind: Path) -> Path:
    """Give Northwind with accounts that sendspec applies, and a lock file in which nothing is issued."""
    spec = next(northwind.glob("*.yaml"))
    text = spec.read_text()
    for kind in ("sendgrid", "postmark", "ses"):
        text = text.replace(f"    kind: {kind}\n", f"    kind: {kind}\n    managed: apply\n", 1)
    next(path for path in northwind.glob("*.yaml") if "kind: ses" in path.read_text()).write_text(text)
    lock = northwind / "sendspec.lock.yaml"
    lock.write_text("version: 1\nspf:" + lock.read_text().partition("\nspf:")[2])
    return northwind


def plan(run: Run) -> Plan:
    return asyncio.run(run.plan())


def edit(folder: Path, change: Callable[[str], str]) -> None:
    for path in folder.glob("*.yaml"):
        if "lock" not in path.name:
            path.write_text(change(path.read_text()))


def test_everything_is_made_in_one_run_and_the_second_plan_is_empty(managed, toy):
    run = Run(managed, toy)
    applied = asyncio.run(run.apply())
    assert not applied.failed
    assert not applied.unseen
    after = plan(run)
    assert (after.changes, after.held, after.unread) == ((), (), ())
    assert after.in_place > 30
    calls = list(toy.calls)
    again = asyncio.run(run.apply())
    assert toy.calls == calls
    assert not again.done


def test_what_was_issued_reaches_dns_in_the_same_run_and_the_lock_is_sound(managed, toy):
    asyncio.run(Run(managed, toy).apply())
    names = {name for name, _ in toy.zones[ZONE]}
    assert any(name.endswith("._domainkey.mail.northwind.example") for name in names)
    assert any(name.startswith("links.") for name in names)
    assert not [finding for finding in validate(managed).findings if finding.severity.rank > 1]
    assert not (managed / JOURNAL).exists()


def test_each_thing_is_done_when_what_it_needs_is_there(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    order = [(done.change.stage.rank, done.change.key) for done in run.seen]
    assert [rank for rank, _ in order] == sorted(rank for rank, _ in order)
    place = {key: number for number, (_, key) in enumerate(order)}
    for done in run.seen:
        for need in done.change.needs:
            assert place.get(need, -1) < place[done.change.key]
    stages = {stage for stage, _ in order}
    assert {Stage.ISSUE.rank, Stage.DNS.rank, Stage.VERIFY.rank, Stage.RETURN_PATH.rank, Stage.EVENTS.rank} <= stages


@pytest.mark.parametrize("dies_after", [False, True])
def test_killed_at_every_call_the_next_run_finishes_and_nothing_is_made_twice(small, toy, tmp_path, dies_after):
    asyncio.run(Run(small, toy).apply())
    total = len(toy.calls)
    wanted = (toy.accounts, toy.zones)
    assert total > 20
    for position in range(1, total + 1):
        folder = tmp_path / f"at-{position}"
        folder.mkdir()
        (folder / "spec.yaml").write_text(SMALL)
        toy.accounts, toy.zones, toy.verified, toy.calls = {}, {}, set(), []
        toy.die_at, toy.dies_after = position, dies_after
        run = Run(folder, toy)
        with pytest.raises(KilledError):
            asyncio.run(run.apply())
        toy.die_at = 0
        begun = len(toy.calls)
        asyncio.run(run.apply())
        assert (toy.accounts, toy.zones) == wanted, position
        after = plan(run)
        assert (after.changes, after.held) == ((), ()), position
        creations = [call for call in toy.calls if call.startswith("create")]
        repeated = {call for call in creations if creations.count(call) > 1}
        assert repeated <= (set() if dies_after else {toy.calls[position - 1]}), (position, begun)


def test_a_killed_run_leaves_a_journal_that_a_plan_reads(managed, toy):
    toy.die_at = 6
    run = Run(managed, toy)
    with pytest.raises(KilledError):
        asyncio.run(run.apply())
    found = plan(run)
    assert not [held for held in found.held if held.hold is Hold.FOREIGN]


def test_drift_by_hand_is_seen_with_its_meaning_and_mended(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    toy.accounts["ses-eu"]["configuration-set/northwind-receipts"]["SendingOptions"]["SendingEnabled"] = False
    key = ("_dmarc.northwind.example", "TXT")
    toy.zones[ZONE][key] = replace(toy.zones[ZONE][key], values=("v=DMARC1; p=none",))
    found = plan(run)
    by_key = {change.key: change for change in found.changes}
    sending = by_key["esp/ses-eu/configuration-set/northwind-receipts"]
    assert [each.path for each in sending.differences] == ["SendingOptions.SendingEnabled"]
    assert any("receipts" in words for words in sending.means)
    assert not sending.stops
    policy = by_key[f"dns/{ZONE}/_dmarc.northwind.example/TXT"]
    assert any("quarantine" in words for words in policy.means)
    asyncio.run(run.apply())
    assert plan(run).is_clean


def test_what_somebody_removed_is_said_to_be_gone_and_made_again(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    del toy.accounts["postmark-main"]["message-stream/receipts"]
    gone = next(change for change in plan(run).changes)
    assert gone.action is Action.CREATE
    assert gone.is_owned
    assert "gone" in gone.means[0]
    asyncio.run(run.apply())
    assert plan(run).is_clean


def test_what_exists_before_is_found_left_alone_adopted_and_never_made_twice(managed, toy):
    asyncio.run(Run(managed, toy).apply())
    lock = managed / "sendspec.lock.yaml"
    text = lock.read_text()
    lock.write_text(text.partition("\nowned:")[0] + "\n")  # as if somebody else had made all of it
    toy.accounts["ses-eu"]["configuration-set/northwind-receipts"]["SendingOptions"]["SendingEnabled"] = False
    before = list(toy.calls)
    run = Run(managed, toy)
    found = plan(run)
    assert [held.hold for held in found.held] == [Hold.FOREIGN]
    assert not found.changes
    asyncio.run(run.apply())
    assert toy.calls == before
    adopting = Run(managed, toy, adopt=("all",))
    proposed = plan(adopting)
    assert {change.action for change in proposed.changes} == {Action.ADOPT, Action.UPDATE}
    asyncio.run(adopting.apply())
    assert toy.calls[len(before) :] == ["update esp/ses-eu/configuration-set/northwind-receipts"]
    assert plan(run).is_clean
    assert plan(adopting).is_clean
    assert lock.read_text().count("by: adopted") > 30


def test_a_saved_plan_is_carried_out_and_refused_once_the_world_moved(managed, toy, tmp_path):
    run = Run(managed, toy)
    saved = tmp_path / "plan.json"
    saved.write_text(plan_text(plan(run)))
    toy.zones[ZONE] = {("northwind.example", "TXT"): LiveRRset("northwind.example", "TXT", 300, ("v=spf1 -all",))}
    refused = asyncio.run(Run(managed, toy, adopt=("all",)).apply(read_plan(saved)))
    assert refused.is_refused
    assert not toy.calls
    assert [change.key for change in refused.unseen] == [f"dns/{ZONE}/northwind.example/TXT"]
    toy.zones = {}
    carried_out = asyncio.run(run.apply(read_plan(saved)))
    assert not carried_out.unseen
    assert plan(run).is_clean


def test_a_saved_plan_goes_on_after_the_run_was_killed(managed, toy, tmp_path):
    run = Run(managed, toy)
    saved = tmp_path / "plan.json"
    saved.write_text(plan_text(plan(run)))
    toy.die_at = 7
    with pytest.raises(KilledError):
        asyncio.run(run.apply(read_plan(saved)))
    toy.die_at = 0
    finished = asyncio.run(run.apply(read_plan(saved)))
    assert not finished.unseen
    assert plan(run).is_clean


def test_a_change_that_stops_mail_needs_to_be_allowed_stream_by_stream(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    edit(managed, lambda text: text.replace("settings: {server: northwind-production}", "settings: {server: other}"))
    edit(
        managed,
        lambda text: text.replace("      - {role: primary, via: api, esp: postmark-main}\n", "").replace(
            "      - {role: fallback, via: smtp, esp: ses-eu}\n  password-reset",
            "      - {role: primary, via: api, esp: ses-eu}\n  password-reset",
        ),
    )
    calls = list(toy.calls)
    found = plan(run)
    stopping = {stream for change in found.stopping() for stream in change.stops}
    assert stopping == {"receipts"}
    refused = asyncio.run(run.apply())
    assert refused.is_refused
    assert refused.stopping
    assert toy.calls == calls
    allowed = asyncio.run(Run(managed, toy, allowed=("receipts",)).apply())
    assert not allowed.is_refused
    assert "message-stream/receipts" not in toy.accounts["postmark-main"]
    words = " ".join(words for change in found.changes for words in change.means)
    assert "`receipts` no longer leaves through postmark-main" in words


def test_a_key_removed_says_for_which_stream_how_much_of_its_mail_and_from_when(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    edit(
        managed,
        lambda text: text.replace("      - {role: primary, via: api, esp: postmark-main}\n", "").replace(
            "      - {role: fallback, via: smtp, esp: ses-eu}\n  password-reset",
            "      - {role: primary, via: api, esp: ses-eu}\n  password-reset",
        ),
    )
    words = " ".join(words for change in plan(run).changes for words in change.means)
    assert "removes dkim for `receipts` on postmark-main: 100 % of its mail there unsigned after 3600 s" in words


def test_foreign_values_in_a_shared_set_survive_and_rivals_are_left_alone(managed, toy):
    apex = ("northwind.example", "TXT")
    toy.zones[ZONE] = {apex: LiveRRset(*apex, 300, ("MS=ms123", "v=spf1 include:old.example -all"))}
    run = Run(managed, toy)
    held = [held for held in plan(run).held if held.change.layer == "dns"]
    assert [each.hold for each in held] == [Hold.FOREIGN]
    assert "v=spf1 include:old.example" in held[0].reason
    asyncio.run(run.apply())
    assert "v=spf1 include:old.example -all" in toy.zones[ZONE][apex].values
    asyncio.run(Run(managed, toy, adopt=(f"dns/{ZONE}",)).apply())
    values = toy.zones[ZONE][apex].values
    assert "MS=ms123" in values
    assert not any("old.example" in str(value) for value in values)
    assert toy.zones[ZONE][apex].ttl_seconds == 300
    assert plan(run).is_clean


def test_a_cname_is_never_put_beside_what_is_not_ours(managed, toy):
    name = "pm-bounces.mail.northwind.example"
    toy.zones[ZONE] = {(name, "A"): LiveRRset(name, "A", 300, ("192.0.2.1",))}
    run = Run(managed, toy, adopt=("all",))
    held = [held for held in plan(run).held if name in held.change.key]
    assert [each.hold for each in held] == [Hold.CONFLICT]
    asyncio.run(run.apply())
    assert (name, "CNAME") not in toy.zones[ZONE]


def test_what_the_spec_no_longer_wants_goes_and_only_what_is_ours(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    toy.zones[ZONE]["www.northwind.example", "A"] = LiveRRset("www.northwind.example", "A", 300, ("192.0.2.1",))
    toy.accounts["ses-eu"]["identity/other.example"] = {"EmailIdentity": "other.example"}
    edit(managed, lambda text: text.replace('    tls_reports: ["mailto:tls@northwind.example"]\n', ""))
    changes = plan(run).changes
    assert [(change.action, change.subject) for change in changes] == [
        (Action.DELETE, "_smtp._tls.northwind.example TXT")
    ]
    asyncio.run(run.apply())
    assert ("_smtp._tls.northwind.example", "TXT") not in toy.zones[ZONE]
    assert ("www.northwind.example", "A") in toy.zones[ZONE]
    assert "identity/other.example" in toy.accounts["ses-eu"]


def test_an_account_of_somebody_else_is_reported_and_never_changed(northwind, toy):
    run = Run(northwind, toy)
    found = plan(run)
    assert {held.hold for held in found.held if held.change.layer == "esp"} == {Hold.REPORTED}
    assert all(change.layer == "dns" for change in found.changes)
    asyncio.run(run.apply())
    assert toy.accounts == {}


def test_a_zone_that_nobody_can_change_is_handed_over_line_by_line(managed, toy):
    edit(managed, lambda text: text.replace("host: route53", "host: manual"))
    run = Run(managed, toy)
    asyncio.run(run.apply())
    found = plan(run)
    assert not toy.zones
    assert not found.changes
    fixes = [held.fix for held in found.held]
    assert "publish bounce.mail.northwind.example 3600 MX 10 feedback-smtp.eu-west-1.amazonses.com" in fixes
    assert any("waits until DNS shows" in awaited.what for awaited in found.awaited)


def test_records_of_a_customers_domain_are_handed_over_and_never_written_whoever_serves_it(small, toy):
    edit(
        small,
        lambda text: text.replace(
            "esps:\n", "  customer.example: {authority: customer, dns: {host: route53}}\nesps:\n"
        ).replace(
            "    from: Shop <receipts@mail.shop.example>\n",
            "    senders: {one: Shop <r@mail.shop.example>, two: Shop <r@mail.customer.example>}\n",
        ),
    )
    key = ("pm-bounces.mail.customer.example", "CNAME")
    toy.zones["customer.example"] = {key: LiveRRset(*key, 300, ("elsewhere.example",))}
    before = dict(toy.zones["customer.example"])
    run = Run(small, toy, adopt=("all",))
    asyncio.run(run.apply())
    assert toy.zones["customer.example"] == before
    held = [each for each in plan(run).held if each.change.place == "customer.example"]
    assert {each.hold for each in held} == {Hold.REPORTED}
    assert all("never written" in each.reason and each.fix.startswith("publish ") for each in held)
    assert (
        "customer.example"
        not in (small / "sendspec.lock.yaml").read_text().partition("\nowned:")[2].partition("esp:")[0]
    )
    assert not plan(run).changes


def test_what_cannot_be_read_is_unknown_and_left_alone(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    toy.unread = {"ses-eu": Unread("ses-eu", "no answer"), ZONE: Unread(ZONE, "no answer")}
    found = plan(run)
    assert {unread.where for unread in found.unread} == {"ses-eu", ZONE}
    assert not [change for change in found.changes if change.place in {"ses-eu", ZONE}]


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.LATER, Failure.NEEDS, Failure.UNKNOWN])
def test_a_failure_stops_what_needs_it_and_nothing_else(managed, toy, failure):
    toy.failures = {1: Outcome(failure, "no")}
    run = Run(managed, toy)
    applied = asyncio.run(run.apply())
    assert len(applied.failed) == 1
    failed = applied.failed[0].change
    others = {done.change.place for done in applied.done}
    assert others - {failed.place}
    assert not [done for done in applied.done if failed.key in done.change.needs]
    toy.failures = {}
    asyncio.run(run.apply())
    assert plan(run).is_clean


def test_what_was_refused_is_not_ours(managed, toy):
    toy.failures = dict.fromkeys(range(1, 500), Outcome(Failure.REFUSED, "no"))
    run = Run(managed, toy)
    asyncio.run(run.apply())
    assert "by:" not in (managed / "sendspec.lock.yaml").read_text()


def test_what_reads_do_not_show_yet_is_not_made_again_in_one_run(managed, toy):
    toy.forgets = True
    asyncio.run(Run(managed, toy).apply())
    creations = [call for call in toy.calls if call.startswith("create")]
    assert len(creations) == len(set(creations))


def test_ctrl_c_ends_the_run_after_the_call_that_is_under_way_and_loses_nothing(managed, toy):
    run = Run(managed, toy)
    applied = asyncio.run(run.apply(stopped=lambda: "interrupted" if len(toy.calls) >= 5 else ""))
    assert applied.stopped
    assert 5 <= len(toy.calls) < 12
    asyncio.run(run.apply())
    assert plan(run).is_clean


def test_an_input_that_is_missing_holds_its_resource_and_says_how_to_give_it(managed, toy):
    found = plan(Run(managed, toy, inputs=frozenset()))
    held = {held.change.subject: held for held in found.held}
    assert held["subuser/northwind-eu"].hold is Hold.INPUT
    assert "--input subuser_email=REFERENCE" in held["subuser/northwind-eu"].fix


def test_a_pending_record_keeps_what_is_published_in_its_place(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    lock = managed / "sendspec.lock.yaml"
    head, _, tail = lock.read_text().partition("\nissued:")
    lock.write_text(head + "\n" + tail[tail.index("\nspf:" if "\nspf:" in tail else "\nowned:") + 1 :])
    toy.unread = {"postmark-main": Unread("postmark-main", "no answer")}
    assert not [change for change in plan(run).changes if change.action is Action.DELETE]


def changes_of(found: Plan) -> list[Change]:
    return [*found.changes, *(held.change for held in found.held)]


def test_every_change_says_what_it_means_and_where_it_comes_from(managed, toy):
    for change in changes_of(plan(Run(managed, toy))):
        assert change.means, change.key
        assert all(words.strip() for words in change.means), change.key
        assert change.origin.path, change.key


SALE = """
  sale:
    kind: marketing
    from: Northwind <sale@news.northwind.example>
    unsubscribe: {one_click: "https://northwind.example/u/{token}"}
    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [delivered, bounced, complained, clicked]}
    routes:
      - {role: primary, via: api, esp: sendgrid-eu}
"""


def test_what_is_ours_stays_ours_under_the_name_that_one_more_stream_gives_it(managed, toy):
    run = Run(managed, toy)
    asyncio.run(run.apply())
    webhook = toy.accounts["sendgrid-eu"].pop("event-webhook/newsletter")
    renamed = "event-webhook/newsletter+sale"
    toy.accounts["sendgrid-eu"][renamed] = {**webhook, "friendly_name": "old"}
    toy.natives[renamed] = "id-of-newsletter"
    edit(managed, lambda text: text.replace("\napps:\n", SALE + "\napps:\n"))
    changed = {change.key: change for change in plan(run).changes}
    assert changed[f"esp/sendgrid-eu/{renamed}"].is_owned
    asyncio.run(run.apply())
    assert plan(run).is_clean
    assert "event-webhook/newsletter:" not in (managed / "sendspec.lock.yaml").read_text()
