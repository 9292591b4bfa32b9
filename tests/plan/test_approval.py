"""What somebody agreed to, and nothing else, is carried out."""

import asyncio
import json
import time
from dataclasses import replace

import pytest
from toy_world import KilledError, Run

from sendspec.errors import UsageError
from sendspec.model.live import LiveRRset
from sendspec.model.origin import Origin
from sendspec.model.plan import Action, Awaited, Change, Plan, PropertyChange, Stage
from sendspec.plan.approval import Approval
from sendspec.plan.store import plan_text, read_plan

ZONE = "shop.example"


def make(key="esp/ses/identity/a.example", action=Action.UPDATE, **facts) -> Change:
    place, subject = key.split("/", 2)[1:]
    facts = {"before": {"A": 1}, "after": {"A": 2}, "differences": (PropertyChange("A", 1, 2),), **facts}
    return Change(key, place, subject, action, Stage.ISSUE, origin=Origin(()), **facts)


def covers(seen: Change, now: Change) -> bool:
    plan = Plan(changes=(seen,))
    return Approval(plan).covers(now)


def test_a_change_is_covered_by_itself_also_after_it_was_a_file(tmp_path):
    change = make(after={"A": (1, 2), "B": True}, differences=(PropertyChange("A", None, (1, 2)),))
    path = tmp_path / "plan.json"
    path.write_text(plan_text(Plan(changes=(change,))))
    saved = Approval(read_plan(path))
    assert saved.covers(change)
    assert not saved.covers(replace(change, differences=(PropertyChange("A", None, (1, True)),)))


@pytest.mark.parametrize(
    "now",
    [
        {"differences": (PropertyChange("A", 0, 2),)},
        {"differences": (PropertyChange("A", 1, 3),)},
        {"differences": (PropertyChange("A", 1, 2), PropertyChange("B", 1, 2))},
        {"action": Action.REPLACE},
        {"action": Action.DELETE, "after": None},
        {"native_id": "another"},
        {"differences": (PropertyChange("A", True, 2),)},
    ],
)
def test_another_state_another_value_another_action_or_another_thing_is_not_what_was_seen(now):
    seen = make(native_id="one")
    assert covers(seen, make(native_id="one"))
    assert not covers(seen, make(**{"native_id": "one", **now}))


def test_a_removal_is_covered_only_while_the_thing_is_what_it_was():
    seen = make(action=Action.DELETE, after=None, differences=(), native_id="1")
    assert covers(seen, seen)
    assert not covers(seen, replace(seen, before={"A": 1, "B": "in use since"}))
    assert not covers(seen, replace(seen, native_id="2"))


def test_what_a_replacement_began_is_finished_and_nothing_more():
    seen = make(action=Action.REPLACE, after={"A": 2, "B": {"C": 3}})
    create = make(action=Action.CREATE, before=None, after={"A": 2}, differences=(), is_owned=True)
    assert covers(seen, create)
    assert not covers(seen, replace(create, is_owned=False))
    assert not covers(seen, replace(create, after={"A": 4}))
    assert not covers(seen, replace(create, after={"A": 2, "D": 1}))


def dns(name: str, action=Action.CREATE, before=None, after=("new",), **facts) -> Change:
    states = [None if values is None else {"ttl": 300, "values": list(values)} for values in (before, after)]
    return Change(
        f"dns/{ZONE}/{name}/CNAME", ZONE, f"{name} CNAME", action, Stage.DNS, states[0], states[1], Origin(()), **facts
    )


def test_what_is_open_adds_records_replaces_our_own_and_takes_nothing_from_others():
    key = f"dns/{ZONE}/‹token›._domainkey.mail.{ZONE}/CNAME"
    approval = Approval(Plan(awaited=(Awaited("x", "x", "x", opens=(key,)),)))
    name = f"abc._domainkey.mail.{ZONE}"
    assert approval.covers(dns(name))
    assert approval.covers(dns(name, Action.UPDATE, before=("old",), is_owned=True))
    assert not approval.covers(dns(name, Action.UPDATE, before=("theirs",)))
    assert approval.covers(dns(name, Action.UPDATE, before=("theirs",), after=("new", "theirs")))
    assert not approval.covers(dns(name, Action.DELETE, before=("old",), after=None, is_owned=True))
    assert not approval.covers(dns(name, Action.UPDATE, before=("old",), is_owned=True, stops=("receipts",)))
    assert not approval.covers(dns(f"abc._domainkey.other.{ZONE}"))
    assert not approval.covers(replace(dns(name), key=f"dns/other.example/{name}/CNAME", place="other.example"))


def test_a_key_at_an_esp_opens_nothing_without_what_is_set():
    change = make(key="esp/ses/identity/a.example#return-path", before=None)
    opens = Approval(Plan(awaited=(Awaited("x", "x", "x", opens=(change.key, "esp/ses/identity/‹x›")),)))
    assert not opens.covers(change)
    assert not opens.covers(make())
    follows = Approval(Plan(awaited=(Awaited("x", "x", "x", follows=(change,)),)))
    assert follows.covers(change)
    assert follows.covers(replace(change, before={"A": 9}, differences=(PropertyChange("A", 9, 2),)))
    assert not follows.covers(replace(change, differences=(PropertyChange("A", None, 3),)))
    assert not follows.covers(replace(change, stops=("receipts",)))
    assert not follows.covers(replace(change, action=Action.REPLACE))


def test_a_pattern_of_many_unknowns_takes_no_time_and_opens_nothing():
    key = f"dns/{ZONE}/" + "‹a›a" * 60 + "/CNAME"
    approval = Approval(Plan(awaited=(Awaited("x", "x", "x", opens=(key,)),)))
    start = time.monotonic()
    assert not approval.covers(dns("a" * 200 + "b"))
    assert time.monotonic() - start < 5


def test_what_the_spec_says_since_about_what_follows_is_not_what_was_agreed_to(small, toy):
    saved = asyncio.run(Run(small, toy).plan())
    spec = small / "spec.yaml"
    spec.write_text(
        spec.read_text().replace("region: eu-west-1}", "region: eu-west-1, behavior_on_mx_failure: reject}")
    )
    refused = asyncio.run(Run(small, toy).apply(saved))
    assert not [call for call in toy.calls if "return-path" in call]
    assert [change.key for change in refused.unseen] == ["esp/ses/identity/mail.shop.example#return-path"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b'{"sendspec_plan": 1, "plan": ' + b'{"changes":[{"before":' * 500 + b"}" * 500,
        b'{"sendspec_plan": 1}',
        b'{"sendspec_plan": 2, "plan": {}}',
        b'{"sendspec_plan": 1, "plan": {"changes": [{"key": 7}]}}',
        b'{"sendspec_plan": 1, "plan": {}, "more": 1}',
        b"\xff\xfe",
        b'{"sendspec_plan": 1, "plan": {"changes": ' + b"9" * 100_000 + b"}}",
    ],
)
def test_a_file_that_is_no_plan_is_refused_in_words(tmp_path, content):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no plan"):
        read_plan(path)


def test_a_plan_edited_by_hand_approves_less_and_never_makes_anything_up(small, toy, tmp_path):
    """Changes come from spec and world; a file only says which of them somebody has seen."""
    run = Run(small, toy)
    data = json.loads(plan_text(asyncio.run(run.plan())))
    [first, *others] = data["plan"]["changes"]
    evil = {**first, "key": "dns/../../etc/passwd/TXT\u001b[31m", "subject": "../x TXT", "place": "../.."}
    path = tmp_path / "plan.json"
    data["plan"]["changes"] = [evil, *others]
    path.write_text(json.dumps(data))
    refused = asyncio.run(run.apply(read_plan(path)))
    assert refused.is_refused
    assert [change.key for change in refused.unseen] == [first["key"]]
    data["plan"]["changes"] = [first, evil, *others]
    path.write_text(json.dumps(data))
    applied = asyncio.run(run.apply(read_plan(path)))
    assert not applied.unseen
    assert all("etc" not in call for call in toy.calls)
    assert asyncio.run(run.plan()).is_clean


def test_what_is_removed_by_a_saved_plan_is_what_was_removed_in_it(small, toy):
    run = Run(small, toy, allowed=("receipts",))
    asyncio.run(run.apply())
    spec = small / "spec.yaml"
    spec.write_text(
        spec.read_text().replace("{role: primary, via: api, esp: postmark}, {role: fallback", "{role: primary")
    )
    saved = asyncio.run(run.plan())
    toy.accounts["postmark"]["message-stream/receipts"]["Name"] = "used by others since"
    refused = asyncio.run(run.apply(saved))
    assert refused.is_refused
    assert [change.subject for change in refused.unseen] == ["message-stream/receipts"]


def test_what_turns_up_on_the_way_and_removes_waits_and_keeps_nothing_else_waiting(small, toy):
    run = Run(small, toy)
    asyncio.run(run.apply())
    del toy.accounts["sendgrid"]["authenticated-domain/news.shop.example"]
    toy.verified.discard("authenticated-domain/news.shop.example")
    toy.generation = 1
    applied = asyncio.run(run.apply())
    assert not applied.failed
    names = {name for name, _ in toy.zones[ZONE]}
    assert {"em42421.news.shop.example", "em4242.news.shop.example"} <= names
    assert toy.zones[ZONE]["s1._domainkey.news.shop.example", "CNAME"].values == (
        "s1.domainkey.u42421.wl.sendgrid.net",
    )
    assert {change.action for change in applied.unseen} == {Action.DELETE}
    asyncio.run(Run(small, toy, allowed=("news",)).apply())
    assert asyncio.run(run.plan()).is_clean
    assert "em4242.news.shop.example" not in {name for name, _ in toy.zones[ZONE]}


def test_what_was_removed_and_comes_back_takes_nothing_from_the_time_before(small, toy):
    run = Run(small, toy)
    asyncio.run(run.apply())
    spec = small / "spec.yaml"
    text = spec.read_text()
    spec.write_text(text.replace("{role: primary, via: api, esp: postmark}, {role: fallback", "{role: primary"))
    asyncio.run(Run(small, toy, allowed=("receipts",)).apply())
    assert "postmark" not in (small / "sendspec.lock.yaml").read_text().partition("\nowned:")[0]
    toy.generation = 1
    toy.verified.clear()
    spec.write_text(text)
    back = asyncio.run(run.apply())
    assert (back.unseen, back.failed) == ((), [])
    assert asyncio.run(run.plan()).is_clean


def test_a_replacement_that_was_killed_goes_on_under_the_plan_that_was_seen(small, toy):
    run = Run(small, toy)
    asyncio.run(run.apply())
    toy.accounts["sendgrid"]["link-branding/news.shop.example"]["subdomain"] = "other"
    saved = asyncio.run(run.plan())
    assert [change.action for change in saved.changes] == [Action.REPLACE]
    toy.die_at = len(toy.calls) + 1
    with pytest.raises(KilledError):
        asyncio.run(run.apply(saved))
    toy.die_at = 0
    del toy.accounts["sendgrid"]["link-branding/news.shop.example"]  # its first call was made
    finished = asyncio.run(run.apply(saved))
    assert finished.unseen == ()
    assert asyncio.run(run.plan()).is_clean


def test_a_record_that_somebody_changes_meanwhile_is_not_overwritten(small, toy):
    run = Run(small, toy)
    asyncio.run(run.apply())
    key = ("_dmarc.shop.example", "TXT")
    toy.zones[ZONE][key] = LiveRRset(*key, 3600, ("v=DMARC1; p=quarantine",))
    saved = asyncio.run(run.plan())
    toy.zones[ZONE][key] = LiveRRset(*key, 3600, ("v=DMARC1; p=reject",))
    refused = asyncio.run(run.apply(saved))
    assert refused.is_refused
    assert toy.zones[ZONE][key].values == ("v=DMARC1; p=reject",)
