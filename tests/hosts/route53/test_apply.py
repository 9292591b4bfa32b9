"""Changes at Route 53: conditional, atomic for each name, within its limits, and the truth about what came of each."""

import pytest
from host_desks import ZONE, cname, gone, meaning, mx, to, txt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendspec.hosts.interface import SetChange
from sendspec.model.dns_record import Mx
from sendspec.model.live import Failure, LiveRRset

MAIL, DMARC = f"mail.{ZONE}", f"_dmarc.{ZONE}"
LONG = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkq" * 60
NASTY = ('say "hi"', "back\\slash", "semi;colon", "grün", "\x00\x7f", " spaces  ", '" "', "\\034", LONG)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=600)


@pytest.fixture
def hosted(account):
    return account.world.zone(ZONE)


def failures(outcomes):
    return [outcome.failure for outcome in outcomes]


def test_what_was_written_means_the_same_when_it_is_read(account, hosted):
    wanted = [
        txt(ZONE, *NASTY),
        mx(ZONE, Mx(10, "mx1.shop.example"), Mx(20, "mx2.shop.example")),
        mx(MAIL, Mx(0, "")),
        cname(f"k._domainkey.{MAIL}", "k.dkim.example"),
        txt(f"*.{ZONE}", "v=spf1 -all", ttl=0),
    ]
    live = account.read()
    assert failures(account.apply(live, *(to(live, rrset) for rrset in wanted))) == [None] * 5
    assert account.world.changes == 1
    now = account.read().rrsets
    assert [meaning(now[rrset.name, rrset.type]) for rrset in wanted] == [meaning(rrset) for rrset in wanted]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=8, unique=True), st.integers(0, 2**31 - 1))
def test_any_texts_mean_the_same_when_they_are_read(account, hosted, texts, ttl):
    live = account.read()
    wanted = txt(MAIL, *texts, ttl=ttl)
    assert failures(account.apply(live, to(live, wanted))) == [None]
    assert meaning(account.read().rrsets[MAIL, "TXT"]) == meaning(wanted)


def test_foreign_values_of_a_set_survive_to_the_letter(account, hosted):
    hosted.put(ZONE, "TXT", 300, '"verify=1" "23"', '"v=spf1 -all"')
    live = account.read()
    wanted = txt(ZONE, "verify=123", "v=spf1 include:a.example -all", ttl=300)
    assert failures(account.apply(live, to(live, wanted))) == [None]
    assert hosted.values(ZONE, "TXT") == ['"verify=1" "23"', '"v=spf1 include:a.example -all"']


def test_a_set_goes_and_another_type_comes_in_its_place_in_one_step(account, hosted):
    hosted.put(MAIL, "CNAME", 300, "old.example.")
    live = account.read()
    outcomes = account.apply(live, to(live, txt(MAIL, "v=spf1 -all")), gone(live, MAIL, "CNAME"))
    assert failures(outcomes) == [None, None]
    assert account.world.changes == 1
    assert hosted.values(MAIL, "TXT") == ['"v=spf1 -all"']
    assert hosted.values(MAIL, "CNAME") == []


def test_a_change_that_is_on_its_way_says_so_once(account, hosted):
    live = account.read()
    outcomes = account.apply(live, to(live, txt(MAIL, "a")), to(live, txt(DMARC, "b")))
    assert [len(outcome.notes) for outcome in outcomes] == [1, 0]
    assert "/change/C0000000000000000001" in outcomes[0].notes[0]


def test_nothing_to_do_is_done_without_a_call(account, hosted):
    live = account.read()
    assert account.apply(live) == []
    assert failures(account.apply(live, SetChange(None, None))) == [None]
    assert account.world.changes == 0


@pytest.mark.parametrize(
    "theirs",
    [
        lambda hosted: hosted.put(ZONE, "TXT", 300, '"theirs"'),
        lambda hosted: hosted.put(ZONE, "TXT", 600, '"ours"'),
        lambda hosted: hosted.sets.pop((f"{ZONE}.", "TXT", "")),
    ],
)
def test_a_set_that_another_changed_meanwhile_is_left_alone(account, hosted, theirs):
    hosted.put(ZONE, "TXT", 300, '"ours"')
    live = account.read()
    account.world.before_change = lambda: theirs(hosted)
    (outcome,) = account.apply(live, to(live, txt(ZONE, "new")))
    assert outcome.failure is Failure.REFUSED
    assert outcome.said.startswith("the zone changed since it was read")
    assert '"new"' not in hosted.values(ZONE, "TXT")


def test_a_set_that_another_made_meanwhile_is_not_replaced(account, hosted):
    live = account.read()
    account.world.before_change = lambda: hosted.put(ZONE, "TXT", 300, '"theirs"')
    (outcome,) = account.apply(live, to(live, txt(ZONE, "ours")))
    assert outcome.failure is Failure.REFUSED
    assert hosted.values(ZONE, "TXT") == ['"theirs"']


def test_what_another_did_to_one_set_keeps_nothing_else_from_its_place(account, hosted):
    names = [f"n{number}.{ZONE}" for number in range(20)]
    live = account.read()
    account.world.before_change = lambda: hosted.put(names[13], "TXT", 300, '"theirs"')
    outcomes = account.apply(live, *(to(live, txt(name, "ours")) for name in names))
    assert failures(outcomes) == [None] * 13 + [Failure.REFUSED] + [None] * 6
    assert account.world.changes == 2
    assert hosted.values(names[19], "TXT") == ['"ours"']


def test_what_is_as_wanted_already_is_done(account, hosted):
    live = account.read()
    hosted.put(ZONE, "TXT", 3600, '"ours"')
    assert failures(account.apply(live, to(live, txt(ZONE, "ours")))) == [None]


def test_a_set_that_route_53_alone_refuses_does_not_stop_the_others(account, hosted, monkeypatch):
    monkeypatch.setattr("route53_world._syntax", lambda raw: iter(["odd"] if raw["Name"].startswith("n3.") else []))
    live = account.read()
    outcomes = account.apply(live, *(to(live, txt(f"n{number}.{ZONE}", "a")) for number in range(8)))
    assert failures(outcomes) == [None, None, None, Failure.REFUSED, None, None, None, None]
    assert "odd" in outcomes[3].said
    assert "changed since" not in outcomes[3].said


def test_batches_keep_to_the_limits(account, hosted):
    wanted = [txt(f"n{number}.{ZONE}", "x" * 250) for number in range(300)]
    live = account.read()
    assert failures(account.apply(live, *(to(live, rrset) for rrset in wanted))) == [None] * 300
    assert account.world.changes == 3  # 75,600 characters
    live = account.read()
    many = [txt(f"m{number}.{ZONE}", *map(str, range(40))) for number in range(30)]
    assert failures(account.apply(live, *(to(live, rrset) for rrset in many))) == [None] * 30
    assert account.world.changes == 5  # 1,200 records


def test_deletes_count_in_a_batch(account, hosted):
    for number in range(100):
        hosted.put(f"n{number}.{ZONE}", "TXT", 300, f'"{"x" * 250}"')
    live = account.read()
    changes = [to(live, txt(f"n{number}.{ZONE}", "y" * 250)) for number in range(100)]
    assert failures(account.apply(live, *changes)) == [None] * 100
    assert account.world.changes == 2  # 50,400 characters


@pytest.mark.parametrize("fault", ["throttled", "busy"])
def test_throttling_is_waited_out(account, hosted, fault):
    live = account.read()
    calls = len(account.world.calls)
    account.world.fail = dict.fromkeys(range(calls + 1, calls + 4), fault)
    assert failures(account.apply(live, to(live, txt(MAIL, "a")))) == [None]


def test_throttling_without_end_is_for_later(account, hosted):
    live = account.read()
    account.world.fail = dict.fromkeys(range(1, 100), "throttled")
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert (outcome.failure, outcome.said) == (Failure.LATER, "Throttling: Rate exceeded")
    assert hosted.values(MAIL, "TXT") == []


def test_missing_rights_are_named(account, hosted):
    live = account.read()
    account.world.fail = dict.fromkeys(range(1, 100), "denied")
    outcomes = account.apply(live, to(live, txt(MAIL, "a")), to(live, txt(DMARC, "b")))
    assert failures(outcomes) == [Failure.NEEDS] * 2
    assert "route53:ChangeResourceRecordSets" in outcomes[1].fix


def test_an_answer_that_was_lost_after_the_change_is_looked_up(account, hosted):
    live = account.read()
    account.world.fail = {len(account.world.calls) + 1: "reset-after"}
    assert failures(account.apply(live, to(live, txt(MAIL, "a")), to(live, txt(DMARC, "b")))) == [None, None]
    assert account.world.changes == 1


@pytest.mark.parametrize("fault", ["reset-before", "broken"])
def test_a_change_that_was_lost_before_it_was_made_is_known_by_nobody(account, hosted, fault):
    live = account.read()
    account.world.fail = {len(account.world.calls) + 1: fault}
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert outcome.failure is Failure.UNKNOWN
    assert "sendspec plan" in outcome.fix
    assert hosted.values(MAIL, "TXT") == []


def test_where_nobody_can_look_either_nobody_knows(account, hosted):
    live = account.read()
    account.world.fail = dict.fromkeys(range(len(account.world.calls) + 1, 100), "reset-after")
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert outcome.failure is Failure.UNKNOWN


def test_an_alias_is_never_overwritten(account, hosted):
    hosted.put(MAIL, "TXT", 60, '"a"', SetIdentifier="one", Weight=3)
    live = account.read()
    (outcome,) = account.apply(live, to(live, txt(MAIL, "b")))
    assert outcome.failure is Failure.REFUSED
    assert "answered by the host itself" in outcome.said
    assert account.world.changes == 0


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (cname(f"k.{MAIL}", "x.example"), "cannot both stand"),
        (cname(ZONE, "x.example"), "the apex"),
        (txt("other.example", "a"), "not in the zone"),
        (txt("myshop.example", "a"), "not in the zone"),
        (txt(MAIL, "x" * 4_000), "4,000 characters"),
        (txt(MAIL, *map(str, range(401))), "400 values"),
        (txt(MAIL, "a", ttl=-1), "TTL"),
        (txt(MAIL, "a", ttl=2**31), "TTL"),
        (txt(MAIL, "a", "a"), "twice"),
        (txt(MAIL), "without a value"),
        (txt(f"{'x' * 64}.{ZONE}", "a"), "longer than"),
        (txt(f"a..{ZONE}", "a"), "empty label"),
        (mx(MAIL, Mx(70_000, "mx.example")), "no MX value"),
        (mx(MAIL, Mx(10, "not a host")), "no name of a host"),
        (mx(MAIL, Mx(0, ""), Mx(10, "mx.example")), "null MX"),
        (mx(MAIL, Mx(10, "")), "null MX"),
        (LiveRRset(f"c.{MAIL}", "CNAME", 60, ("a.example", "b.example")), "one CNAME only"),
        (LiveRRset(f"c.{MAIL}", "A", 60, ("192.0.2.1",)), "no records of type A"),
    ],
)
def test_what_route_53_refuses_is_refused_before_it_is_asked(account, hosted, after, said):
    hosted.put(f"k.{MAIL}", "TXT", 60, '"there"')
    live = account.read()
    (outcome,) = account.apply(live, to(live, after))
    assert outcome.failure is Failure.REFUSED
    assert said in outcome.said
    assert account.world.changes == 0
