"""Changes at Cloudflare: in one transaction, nothing of others touched, and the truth about what came of each."""

import pytest
from cloudflare_world import HOST, TOKEN
from host_desks import ZONE, cname, gone, meaning, mx, to, txt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendspec.hosts.interface import SetChange
from sendspec.model.dns_record import Mx
from sendspec.model.live import Failure, LiveRRset
from sendspec.rehearse.https_server import Misbehaviour

MAIL, DMARC = f"mail.{ZONE}", f"_dmarc.{ZONE}"
LONG = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkq" * 60
NASTY = ('say "hi"', "back\\slash", "semi;colon", "grün", "\x00\x7f", " spaces  ", '" "', "\\034", LONG)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


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
        txt(f"*.{ZONE}", "v=spf1 -all", ttl=60),
    ]
    live = account.read()
    assert failures(account.apply(live, *(to(live, rrset) for rrset in wanted))) == [None] * 5
    assert account.world.batches == 1
    now = account.read().rrsets
    assert [meaning(now[rrset.name, rrset.type]) for rrset in wanted] == [meaning(rrset) for rrset in wanted]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=5, unique=True), st.integers(60, 86_400))
def test_any_texts_mean_the_same_when_they_are_read(account, hosted, texts, ttl):
    live = account.read()
    wanted = txt(MAIL, *texts, ttl=ttl)
    assert failures(account.apply(live, to(live, wanted))) == [None]
    assert meaning(account.read().rrsets[MAIL, "TXT"]) == meaning(wanted)


def test_foreign_values_keep_their_record_with_its_comment_and_tags(account, hosted):
    theirs = account.world.put(
        hosted, ZONE, "TXT", "verify=123", ttl=300, comment="ask Ann", tags=["team:web"], settings={"x": 1}
    )
    account.world.put(hosted, ZONE, "TXT", '"v=spf1 -all"', ttl=300)
    before = dict(hosted.records[theirs])
    live = account.read()
    wanted = txt(ZONE, "verify=123", "v=spf1 include:a.example -all", "new=1", ttl=300)
    assert failures(account.apply(live, to(live, wanted))) == [None]
    assert hosted.records[theirs] == before
    assert meaning(account.read().rrsets[ZONE, "TXT"]) == meaning(wanted)


def test_a_value_that_gives_way_to_another_keeps_its_record(account, hosted):
    ours = account.world.put(hosted, ZONE, "TXT", '"v=spf1 -all"', ttl=300, comment="by hand")
    live = account.read()
    account.apply(live, to(live, txt(ZONE, "v=spf1 ~all", ttl=300)))
    assert hosted.records[ours]["content"] == '"v=spf1 ~all"'
    assert hosted.records[ours]["comment"] == "by hand"


def test_another_ttl_reaches_every_record_of_the_set_and_leaves_the_rest_of_it(account, hosted):
    theirs = account.world.put(hosted, ZONE, "TXT", "verify=123", ttl=1, comment="ask Ann", tags=["team:web"])
    account.world.put(hosted, ZONE, "TXT", '"v=spf1 -all"', ttl=600)
    live = account.read()
    assert failures(account.apply(live, to(live, txt(ZONE, "verify=123", "v=spf1 -all", ttl=3600)))) == [None]
    assert {record["ttl"] for record in hosted.records.values()} == {3600}
    assert (hosted.records[theirs]["comment"], hosted.records[theirs]["tags"]) == ("ask Ann", ["team:web"])


@pytest.mark.parametrize("mask", [{"proxied": True}, {"settings": {"flatten_cname": True}}])
def test_a_masked_cname_is_seen_by_the_world_again(account, hosted, mask):
    record_id = account.world.put(hosted, MAIL, "CNAME", "x.example", comment="kept", **mask)
    live = account.read()
    assert live.rrsets[MAIL, "CNAME"].masked
    assert failures(account.apply(live, to(live, cname(MAIL, "x.example", ttl=300)))) == [None]
    assert not account.read().rrsets[MAIL, "CNAME"].masked
    assert hosted.records[record_id]["comment"] == "kept"


def test_fewer_values_take_the_rest_away(account, hosted):
    for content in ("a", "b", "c"):
        account.world.put(hosted, MAIL, "TXT", content, ttl=300)
    live = account.read()
    account.apply(live, to(live, txt(MAIL, "d", ttl=300)))
    assert hosted.values(MAIL, "TXT") == ['"d"']
    live = account.read()
    assert failures(account.apply(live, gone(live, MAIL, "TXT"))) == [None]
    assert hosted.records == {}


def test_two_spellings_of_one_value_become_one_record(account, hosted):
    account.world.put(hosted, MAIL, "TXT", "a", ttl=300)
    account.world.put(hosted, MAIL, "TXT", '"a"', ttl=300)
    live = account.read()
    assert failures(account.apply(live, to(live, txt(MAIL, "a", "b", ttl=300)))) == [None]
    assert sorted(account.read().rrsets[MAIL, "TXT"].values) == ["a", "b"]


def test_a_set_goes_and_another_type_comes_in_its_place_in_one_step(account, hosted):
    account.world.put(hosted, MAIL, "CNAME", "old.example")
    live = account.read()
    outcomes = account.apply(live, to(live, txt(MAIL, "v=spf1 -all")), gone(live, MAIL, "CNAME"))
    assert failures(outcomes) == [None, None]
    assert account.world.batches == 1
    assert hosted.values(MAIL, "TXT") == ['"v=spf1 -all"']
    assert hosted.values(MAIL, "CNAME") == []


def test_nothing_to_do_is_done_without_a_change(account, hosted):
    live = account.read()
    assert list(account.apply(live)) == []
    assert failures(account.apply(live, SetChange(None, None))) == [None]
    assert account.world.batches == 0


@pytest.mark.parametrize(
    "theirs",
    [{"content": '"theirs"'}, {"ttl": 600}, None],
    ids=["another value", "another TTL", "gone"],
)
def test_a_set_that_another_changed_since_it_was_read_is_left_alone(account, hosted, theirs):
    record_id = account.world.put(hosted, ZONE, "TXT", '"ours"', ttl=300)
    live = account.read()
    if theirs is None:
        del hosted.records[record_id]
    else:
        hosted.records[record_id] |= theirs
    (outcome,) = account.apply(live, to(live, txt(ZONE, "new")))
    assert outcome.failure is Failure.REFUSED
    assert outcome.said == "the zone changed since it was read"
    assert account.world.batches == 0


def test_a_record_that_another_deleted_in_the_same_moment_fails_its_own_name_alone(account, hosted):
    records = {
        name: account.world.put(hosted, name, "TXT", '"old"', ttl=300) for name in (f"n{n}.{ZONE}" for n in range(9))
    }
    live = account.read()
    names = list(records)
    account.world.before_change = lambda: hosted.records.pop(records[names[4]])
    outcomes = account.apply(live, *(to(live, txt(name, "new", ttl=300)) for name in names))
    assert failures(outcomes) == [None] * 4 + [Failure.REFUSED] + [None] * 4
    assert "Record does not exist. (81044)" in outcomes[4].said
    assert account.world.batches == 2
    assert hosted.values(names[8], "TXT") == ['"new"']


def test_a_set_that_another_made_in_the_same_moment_as_we_want_it_is_done(account, hosted):
    live = account.read()
    account.world.before_change = lambda: account.world.put(hosted, ZONE, "TXT", '"ours"', ttl=3600)
    assert failures(account.apply(live, to(live, txt(ZONE, "ours")))) == [None]
    assert hosted.values(ZONE, "TXT") == ['"ours"']


def test_what_cloudflare_alone_refuses_does_not_stop_the_others(account, hosted, monkeypatch):
    from cloudflare_world import Refusal, _check

    def check(zone, record):
        if record["name"].startswith("n3."):
            raise Refusal(400, 9999, "odd")
        _check(zone, record)

    monkeypatch.setattr("cloudflare_world._check", check)
    live = account.read()
    outcomes = account.apply(live, *(to(live, txt(f"n{number}.{ZONE}", "a")) for number in range(8)))
    assert failures(outcomes) == [None, None, None, Failure.REFUSED, None, None, None, None]
    assert outcomes[3].said == "odd (9999)"


def test_batches_keep_to_the_limit_of_the_free_plan(account, hosted):
    live = account.read()
    wanted = [txt(f"n{number}.{ZONE}", "a", "b") for number in range(250)]
    assert failures(account.apply(live, *(to(live, rrset) for rrset in wanted))) == [None] * 250
    assert account.world.batches == 3
    assert len(hosted.records) == 500


@pytest.mark.parametrize("fault", ["busy"])
def test_throttling_is_waited_out(account, hosted, fault):
    live = account.read()
    account.world.fail = {len(account.world.calls) + 2: fault}
    assert failures(account.apply(live, to(live, txt(MAIL, "a")))) == [None]


def test_a_block_of_five_minutes_is_for_later(account, hosted):
    live = account.read()
    account.world.fail = {len(account.world.calls) + 2: "blocked"}
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert outcome.failure is Failure.LATER
    assert hosted.records == {}


def test_a_token_without_the_right_to_edit_is_told_so(account, hosted):
    account.world.tokens[TOKEN] = frozenset({"read"})
    live = account.read()
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert (outcome.failure, outcome.said) == (Failure.NEEDS, "Authentication error (10000)")
    assert "DNS > Edit" in outcome.fix


def test_an_answer_that_was_lost_after_the_change_is_looked_up(account, hosted):
    live = account.read()
    account.world.fail = {len(account.world.calls) + 2: "reset-after"}
    assert failures(account.apply(live, to(live, txt(MAIL, "a")), to(live, txt(DMARC, "b")))) == [None, None]
    assert account.world.batches == 1


@pytest.mark.parametrize("fault", ["reset-before", "broken"])
def test_a_change_that_was_lost_before_it_was_made_is_known_by_nobody(account, hosted, fault):
    live = account.read()
    account.world.fail = {len(account.world.calls) + 2: fault}
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert outcome.failure is Failure.UNKNOWN
    assert hosted.records == {}
    assert account.world.batches == 1


def test_where_nobody_can_look_either_nobody_knows(account, hosted):
    live = account.read()
    account.world.fail = dict.fromkeys(range(len(account.world.calls) + 2, 100), "reset-after")
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert outcome.failure is Failure.UNKNOWN


def test_a_server_that_never_answers_is_given_up_before_anything_is_changed(account, hosted):
    live = account.read()
    account.misbehaviours, account.timeout_seconds = {HOST: Misbehaviour.HANG}, 0.1
    (outcome,) = account.apply(live, to(live, txt(MAIL, "a")))
    assert outcome.failure is Failure.LATER
    assert "no answer in time" in outcome.said


def test_a_flattened_cname_of_the_apex_is_never_overwritten(account, hosted):
    account.world.put(hosted, ZONE, "CNAME", "x.example")
    live = account.read()
    (outcome,) = account.apply(live, to(live, cname(ZONE, "y.example")))
    assert outcome.failure is Failure.REFUSED
    assert "answered by the host itself" in outcome.said


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (cname(f"k.{MAIL}", "x.example"), "cannot both stand"),
        (cname(ZONE, "x.example"), "the apex"),
        (txt("myshop.example", "a"), "not in the zone"),
        (txt(MAIL, "x" * 4_090), "4,096 octets"),
        (txt(MAIL, *(f"{number}{'x' * 2_000}" for number in range(5))), "8,192 characters"),
        (txt(MAIL, *map(str, range(201))), "200 records"),
        (txt(MAIL, "a", ttl=59), "TTL"),
        (txt(MAIL, "a", ttl=86_401), "TTL"),
        (mx(MAIL, Mx(0, ""), Mx(10, "mx.example")), "null MX"),
        (LiveRRset(f"c.{MAIL}", "A", 60, ("192.0.2.1",)), "no records of type A"),
    ],
)
def test_what_cloudflare_refuses_is_refused_before_it_is_asked(account, hosted, after, said):
    account.world.put(hosted, f"k.{MAIL}", "TXT", "there")
    live = account.read()
    (outcome,) = account.apply(live, to(live, after))
    assert outcome.failure is Failure.REFUSED
    assert said in outcome.said
    assert account.world.batches == 0
