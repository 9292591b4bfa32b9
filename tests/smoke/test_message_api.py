"""Postmark's message API: what became of a message, by its id or by the marker in its subject."""

import asyncio
import json

import pytest
from smoke_world import MESSAGE_ID, POSTMARK_API, POSTMARK_SMTP, SECRETS, as_json, plan, postmark_events, run, world
from smtp_peers import KnownSecrets

from sendspec.model.smoke import End
from sendspec.model.stand_in import ApiAnswer
from sendspec.model.vocabulary import Event
from sendspec.smoke.findings import observations


def kinds(smoke):
    return [(seen.kind.id, seen.is_unknown) for seen in observations(smoke)]


def smoke_of(setup, stream, site, *, wait_seconds=5.0, secrets=None, **choices):
    async def work():
        async with world(setup, sites={POSTMARK_API: site}, secrets=secrets) as there:
            return await there.smoke(plan(setup, stream, wait_seconds=wait_seconds, **choices)), there.https.calls

    return run(work())


def test_a_message_by_smtp_is_found_by_its_subject_in_its_stream(setup):
    smoke, calls = smoke_of(setup, "codes", postmark_events("Delivered"))
    assert smoke.is_through
    search, details = calls
    assert search.parameter("subject") == smoke.plan.marker
    assert search.parameter("messagestream") == "codes"
    assert details.path == f"/messages/outbound/{MESSAGE_ID}/details"
    assert details.headers["x-postmark-server-token"] == SECRETS["postmark-main.server_token"]


def test_a_message_by_the_api_is_asked_for_by_its_id(setup):
    smoke, calls = smoke_of(setup, "receipts", postmark_events("Delivered"))
    assert smoke.is_through
    assert [call.path for call in calls] == ["/email", f"/messages/outbound/{MESSAGE_ID}/details"]


def test_it_is_asked_again_until_there_is_an_end(setup):
    asked = []

    def site(call):
        if call.method == "POST":
            return postmark_events()(call)
        asked.append(call.path)
        if len(asked) == 1:
            return as_json({"ErrorCode": 701, "Message": "not there yet"}, 404)
        return postmark_events("Transient", *(["Delivered"] if len(asked) > 2 else []))(call)

    smoke, _ = smoke_of(setup, "receipts", site, wait_seconds=20.0)
    assert len(asked) == 3
    assert smoke.is_through
    assert smoke.event.notes == ("Transient",)


def test_a_wait_that_somebody_ends_leaves_the_event_unknown(setup):
    async def work():
        async with world(setup, sites={POSTMARK_API: postmark_events()}) as there:
            asyncio.get_running_loop().call_later(0.5, there.net.deadline.stop, "interrupted")
            return await there.smoke(plan(setup, "receipts", wait_seconds=30.0))

    smoke = run(work())
    assert smoke.stopped == "interrupted"
    assert smoke.event.missing == "interrupted"
    assert kinds(smoke) == [("live-smoke-event-unknown", True)]


def test_a_bounce_is_another_end(setup):
    smoke, _ = smoke_of(setup, "receipts", postmark_events("Bounced"))
    assert smoke.event.event is Event.BOUNCED
    assert kinds(smoke) == [("live-smoke-event-otherwise", False)]


def test_an_event_that_does_not_come_in_time_is_missing(setup):
    smoke, _ = smoke_of(setup, "receipts", postmark_events(), wait_seconds=0.5)
    assert smoke.event.missing == "none came in 0.5 s"
    assert kinds(smoke) == [("live-smoke-event-missing", False)]


@pytest.mark.parametrize("answer", [as_json({}, 401), as_json({}, 302), as_json({"ErrorCode": 10}, 422)])
def test_an_api_that_may_not_be_asked_leaves_the_event_unknown(setup, answer):
    def site(call):
        return postmark_events()(call) if call.method == "POST" else answer

    smoke, _ = smoke_of(setup, "receipts", site)
    assert smoke.event.end is End.UNKNOWN
    assert kinds(smoke) == [("live-smoke-event-unknown", True)]


@pytest.mark.parametrize("body", [b"", b"[]", b"{" * 1000, b'{"MessageEvents": 7, "MessageID": "x"}', b"\xff\xfe"])
def test_answers_that_cannot_be_read_are_no_events(setup, body, monkeypatch):
    from sendspec.smoke.events import message_api

    monkeypatch.setattr(message_api, "PATIENT", 0)

    def site(call):
        return postmark_events()(call) if call.method == "POST" else ApiAnswer(200, (), body)

    smoke, _ = smoke_of(setup, "receipts", site)
    assert kinds(smoke) == [("live-smoke-event-unknown", True)]
    assert "not the documented form" in smoke.event.missing


def test_a_test_token_leads_to_no_event_and_the_report_says_so(setup):
    secrets = KnownSecrets(SECRETS | {"postmark-main.server_token": "POSTMARK_API_TEST"})
    smoke, calls = smoke_of(setup, "receipts", postmark_events("Delivered"), secrets=secrets)
    assert len(calls) == 1
    assert smoke.attempts[0].end is End.GOOD
    assert "sends nothing" in smoke.event.missing
    assert kinds(smoke) == [("live-smoke-event-unknown", True)]


def test_without_a_credential_nothing_is_sent_and_nobody_takes_over(setup):
    known = {name: value for name, value in SECRETS.items() if name != "postmark-main.server_token"}

    async def work():
        async with world(setup, secrets=KnownSecrets(known)) as there:
            return await there.smoke(plan(setup, "codes")), there.smtp

    smoke, smtp = run(work())
    assert [server.connections for server in smtp.values()] == [0, 0]
    assert smoke.event is None
    assert kinds(smoke) == [("live-smoke-no-credential", True)]


def test_a_message_whose_fate_is_unknown_is_looked_for(setup):
    from sendspec.rehearse.smtp_faults import SMTP_FAULTS

    async def work():
        faults = {POSTMARK_SMTP: (SMTP_FAULTS["reset-after-dot"],)}
        async with world(setup, faults=faults, sites={POSTMARK_API: postmark_events("Delivered")}) as there:
            return await there.smoke(plan(setup, "codes", wait_seconds=5.0))

    smoke = run(work())
    assert smoke.event.end is End.GOOD
    assert not smoke.is_through
    assert kinds(smoke) == [("live-smoke-fate-unknown", False)]


def test_sendgrid_tells_nobody_and_the_report_says_what_would(setup):
    async def work():
        sites = {"api.sendgrid.com": lambda _call: as_json({}, 202, **{"X-Message-ID": "abcdefghijkl"})}
        async with world(setup, sites=sites) as there:
            return await there.smoke(plan(setup, "news")), there.https.calls

    smoke, calls = run(work())
    assert kinds(smoke) == [("live-smoke-event-unknown", True)]
    assert "Email Activity API" in smoke.event.missing
    body = json.loads(calls[0].body)
    assert body["custom_args"] == {"sendspec_smoke": smoke.plan.marker}
    assert body["headers"]["List-Unsubscribe"] == f"<https://shop.example/u/{smoke.plan.marker}>"
    assert body["personalizations"] == [{"to": [{"email": f"smoke+{smoke.plan.marker}@sink.sendgrid.net"}]}]
