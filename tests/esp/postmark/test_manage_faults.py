"""Calls that fail, are answered by nobody, or are the last thing a process does: nothing is lost and nothing made twice."""

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest
from https_peers import serving
from postmark_desk import QUICK, TOKEN_REFERENCE, Desktop, Fault, Killed
from postmark_estate import HOST, Estate

from sendspec.esp.postmark.manage import make_manager
from sendspec.esp.postmark.manage_calls import Patience
from sendspec.model.live import Failure
from sendspec.model.plan import Action
from sendspec.model.stand_in import ApiAnswer

SERVER = "server/northwind-production"
STREAM = "message-stream/newsletter"
WEBHOOK = "webhook/receipts"


def nothing_is_there_twice(estate: Estate) -> bool:
    names = Counter(server["Name"] for server in estate.servers.values())
    names += Counter(domain["Name"] for domain in estate.domains.values())
    for hooks in estate.webhooks.values():
        names += Counter((each["MessageStream"], each["Url"]) for each in hooks.values())
    return set(names.values()) <= {1}


@pytest.mark.parametrize("fault", Fault)
def test_whatever_happens_to_any_call_the_next_runs_finish(world, fault):
    place, was_reached = 0, True
    while was_reached:
        place += 1
        trial = Desktop(world.setup)
        with suppress(Killed):
            trial.apply({place: fault})
        was_reached = trial.count >= place
        assert nothing_is_there_twice(trial.estate), place
        trial.apply()
        trial.apply()  # what hangs below what was not made had to wait
        assert trial.all_differences() == {}, place
        assert nothing_is_there_twice(trial.estate), place
        assert [trial.store.values[TOKEN_REFERENCE]] == trial.server()["ApiTokens"]
    assert place > 25


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.MAINTENANCE])
def test_a_call_that_is_told_to_wait_is_made_again(made, fault):
    made.server()["TrackOpens"] = True
    outcome = made.change(Action.UPDATE, SERVER, made.owned[SERVER], faults={2: fault})
    assert outcome.failure is None
    assert made.server()["TrackOpens"] is False


@pytest.mark.parametrize("fault", [Fault.BROKEN_BEFORE, Fault.RESET_BEFORE, Fault.TIMEOUT_BEFORE])
def test_what_may_have_been_done_is_not_sent_again(made, fault):
    made.server()["TrackOpens"] = True
    outcome = made.change(Action.UPDATE, SERVER, made.owned[SERVER], faults={2: fault})
    assert outcome.failure is Failure.UNKNOWN
    assert made.server()["TrackOpens"] is True
    assert made.estate.changes() == []


@pytest.mark.parametrize("fault", [Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.TIMEOUT_AFTER, Fault.HTML])
def test_an_answer_that_was_lost_is_looked_for(made, fault):
    made.server()["TrackOpens"] = True
    outcome = made.change(Action.UPDATE, SERVER, made.owned[SERVER], faults={2: fault})
    assert outcome.failure is None
    assert made.estate.changes() == [f"PUT /servers/{made.owned[SERVER]}"]


@pytest.mark.parametrize("fault", [Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.TIMEOUT_AFTER, Fault.HTML])
def test_a_server_whose_answer_was_lost_is_found_and_its_token_kept(world, fault):
    """Calls: the list that lacks it, then the one that makes it."""
    outcome = world.change(Action.CREATE, SERVER, faults={2: fault})
    assert outcome.failure is None
    assert outcome.native_id == str(world.server()["ID"])
    assert [world.store.values[TOKEN_REFERENCE]] == world.server()["ApiTokens"]


def test_a_process_that_died_with_the_only_answer_loses_no_token(world):
    with pytest.raises(Killed):
        world.apply({5: Fault.KILL_AFTER})
    assert world.estate.changes() == ["POST /servers"]
    assert TOKEN_REFERENCE not in world.store.values
    assert world.owned == {SERVER: ""}
    live = world.read()
    assert live.unread == {}
    assert any(TOKEN_REFERENCE in note for note in live.notes)
    world.apply()
    assert [world.store.values[TOKEN_REFERENCE]] == world.server()["ApiTokens"]
    assert world.all_differences() == {}


def test_too_many_calls_for_longer_than_is_sensible_are_given_up(made):
    made.server()["TrackOpens"] = True
    outcome = made.change(Action.UPDATE, SERVER, made.owned[SERVER], faults=dict.fromkeys(range(2, 99), Fault.TOO_MANY))
    assert outcome.failure is Failure.LATER
    assert made.server()["TrackOpens"] is True


def test_a_pause_longer_than_is_sensible_is_not_waited_for(made):
    made.site = lambda _call: ApiAnswer(429, (("Retry-After", "86400"),), b"")
    live = made.read()
    assert set(live.unread) == {"server", "domain", "message-stream", "webhook"}
    assert live.found == {}


def test_reading_goes_on_after_one_lost_answer(made):
    for fault in (Fault.RESET_AFTER, Fault.TIMEOUT_BEFORE, Fault.BROKEN_BEFORE, Fault.TOO_MANY):
        for place in range(1, 9):
            live = made.read(faults={place: fault})
            assert live.unread == {}
            assert set(live.found) == set(made.wanted)


def test_one_kind_that_cannot_be_read_hides_no_other(made):
    honest = made.estate.answer
    made.site = lambda call: ApiAnswer(500) if call.path.startswith("/domains") else honest(call)
    live = made.read()
    assert set(live.unread) == {"domain"}
    assert set(live.found) == {key for key in made.wanted if not key.startswith("domain/")}


def test_a_connection_that_is_reset_on_the_wire_is_no_failure(made):
    """The stand-in does what it is asked, and the line goes dead in place of its answer."""
    made.is_on_the_wire = True
    made.server()["TrackOpens"] = True

    def dead(call):
        answer = made.estate.answer(call)
        if call.method == "PUT":
            raise ConnectionResetError
        return answer

    made.site = dead
    assert made.change(Action.UPDATE, SERVER, made.owned[SERVER]).failure is None
    assert made.server()["TrackOpens"] is False


def test_nobody_at_the_other_end_is_later_and_not_done(made):
    """Nothing was sent: it is certain that nothing was done."""

    async def work(desk):
        async with serving({}, deadline_seconds=5.0) as peer:
            manager = make_manager(QUICK)
            live = await manager.read(replace(desk, http=peer.client), {SERVER})
            return live.unread["server"]

    unread = made.run(work)
    assert HOST in unread.reason
    assert unread.fix


def test_the_patience_of_real_runs_is_a_minute():
    patience = Patience()
    assert patience.total_seconds == 60
    assert patience.call_seconds <= 20


def test_no_secret_is_in_what_a_refusal_says(made):
    """Postmark's words go through the keeper."""
    token = made.server()["ApiTokens"][0]
    body = json.dumps({"ErrorCode": 1225, "Message": f"no more for {token}\nand \x1b[31mred " + "x" * 5000}).encode()
    honest = made.estate.answer
    made.site = lambda call: ApiAnswer(422, (), body) if call.method == "POST" else honest(call)
    del made.estate.streams[made.server()["ID"]]["newsletter"]
    outcome = made.change(Action.CREATE, STREAM)
    assert outcome.failure is Failure.REFUSED
    assert token not in outcome.said
    assert len(outcome.said) <= 160
    assert "10 message streams" in outcome.fix
