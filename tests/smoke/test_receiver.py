"""Events that are posted to the receiver: real ones, forged ones, old ones, and garbage."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from smoke_posts import (
    CERTIFICATE_URL,
    SendGridSigner,
    Sns,
    free_port,
    post,
    postmark,
    send,
    sendgrid,
    ses_record,
)
from smoke_world import POSTMARK_API, SENDGRID_API, as_json, plan, postmark_events, run, world

from sendspec.errors import SendspecError
from sendspec.model.smoke import End
from sendspec.model.stand_in import ApiAnswer
from sendspec.model.vocabulary import Event
from sendspec.smoke.findings import observations

SIGNER = SendGridSigner()
SNS = Sns()


def accepted(_call):
    return as_json({}, 202, **{"X-Message-ID": "abcdefghijkl"})


def smoke_with(setup, stream, posts, *, sites, wait_seconds=3.0, **choices):
    """Run a smoke test that listens, with `posts(port, marker)` at work beside it; give the run and what posts gave."""
    port = free_port()

    async def work():
        async with world(setup, sites=sites) as there:
            planned = plan(setup, stream, listen=("127.0.0.1", port), wait_seconds=wait_seconds, **choices)
            posting = asyncio.create_task(posts(port, planned.marker))
            smoke = await there.smoke(planned)
            gave = await posting
            return smoke, gave, there.https.calls

    return run(work())


def kinds(smoke):
    return [seen.kind.id for seen in observations(smoke)]


def test_a_signed_event_proves_the_path(setup):
    async def posts(port, marker):
        body = sendgrid(marker)
        return await post(port, body, *SIGNER.headers(body, datetime.now(UTC)))

    smoke, status, _ = smoke_with(setup, "news", posts, sites={SENDGRID_API: accepted}, event_key=SIGNER.public_key)
    assert status == 200
    assert smoke.is_through
    assert smoke.event.proof == "signed by the ESP"
    assert smoke.event.event is Event.DELIVERED


@pytest.mark.parametrize("how", ["changed", "unsigned", "old", "by another key"])
def test_a_post_that_proves_nothing_is_refused_and_is_a_finding(setup, how):
    async def posts(port, marker):
        body = sendgrid(marker)
        now = datetime.now(UTC) - timedelta(seconds=400 if how == "old" else 0)
        signer = SendGridSigner() if how == "by another key" else SIGNER
        headers = () if how == "unsigned" else signer.headers(body, now)
        if how == "changed":
            body = sendgrid(marker, "dropped")
        return await post(port, body, *headers)

    smoke, status, _ = smoke_with(
        setup, "news", posts, sites={SENDGRID_API: accepted}, event_key=SIGNER.public_key, wait_seconds=0.3
    )
    assert status == 401
    assert smoke.event.end is End.FAILED
    assert kinds(smoke) == ["live-smoke-event-forged", "live-smoke-event-missing"]


def test_a_copy_of_a_signed_post_is_refused(setup):
    async def posts(port, marker):
        body = sendgrid(marker, "processed")
        headers = SIGNER.headers(body, datetime.now(UTC))
        first, second = await post(port, body, *headers), await post(port, body, *headers)
        body = sendgrid(marker)
        return first, second, await post(port, body, *SIGNER.headers(body, datetime.now(UTC)))

    smoke, statuses, _ = smoke_with(setup, "news", posts, sites={SENDGRID_API: accepted}, event_key=SIGNER.public_key)
    assert statuses == (200, 401, 200)
    assert smoke.event.end is End.GOOD
    assert smoke.event.notes == ("processed",)
    assert kinds(smoke) == ["live-smoke-event-forged"]


def test_without_a_key_the_marker_alone_is_believed_and_that_is_said(setup):
    async def posts(port, marker):
        body = sendgrid(marker)
        return await post(port, body, *SIGNER.headers(body, datetime.now(UTC)))

    smoke, _, _ = smoke_with(setup, "news", posts, sites={SENDGRID_API: accepted})
    assert smoke.is_through
    assert smoke.event.proof == "its signature could not be checked"


def test_an_event_is_recognised_by_the_id_of_the_answer_alone(setup):
    async def posts(port, marker):
        await asyncio.sleep(0.4)
        return await post(port, sendgrid("no-marker"))

    smoke, _, _ = smoke_with(setup, "news", posts, sites={SENDGRID_API: accepted})
    assert smoke.is_through


def test_postmark_signs_nothing_and_the_report_says_so(setup):
    async def posts(port, marker):
        return await post(port, postmark(marker, "Bounce", "DnsError")), await post(port, postmark(marker))

    smoke, _, _ = smoke_with(setup, "receipts", posts, sites={POSTMARK_API: postmark_events()})
    assert smoke.is_through
    assert smoke.event.proof == "this ESP signs nothing"
    assert smoke.event.notes == ("Bounce DnsError",)


@pytest.mark.parametrize(
    ("record", "kind", "event"),
    [
        ("Bounce", "HardBounce", Event.BOUNCED),
        ("Bounce", "SMTPApiError", Event.REJECTED),
        ("SpamComplaint", "", Event.COMPLAINED),
    ],
)
def test_another_end_than_the_expected_one_is_a_finding(setup, record, kind, event):
    async def posts(port, marker):
        return await post(port, postmark(marker, record, kind))

    smoke, _, _ = smoke_with(setup, "receipts", posts, sites={POSTMARK_API: postmark_events()})
    assert smoke.event.event is event
    assert kinds(smoke) == ["live-smoke-event-otherwise"]


def test_mail_of_others_is_answered_and_forgotten(setup):
    async def posts(port, marker):
        statuses = await asyncio.gather(*(post(port, postmark("somebody-else")) for _ in range(200)))
        return {*statuses, await post(port, postmark(marker))}

    smoke, statuses, _ = smoke_with(
        setup, "receipts", posts, sites={POSTMARK_API: postmark_events()}, wait_seconds=10.0
    )
    assert smoke.is_through
    assert 200 in statuses
    assert smoke.event.notes == ()


def ses_sites(confirmed):
    def sns(call):
        if call.path == "/SimpleNotificationService-0000.pem":
            return ApiAnswer(200, (), SNS.pem)
        confirmed.append(call.parameter("Action"))
        return ApiAnswer(200)

    return {
        "email.eu-west-1.amazonaws.com": lambda _call: as_json({"MessageId": "0102018f-0000-000000"}),
        "sns.eu-west-1.amazonaws.com": sns,
    }


@pytest.mark.parametrize("version", ["1", "2"])
def test_events_of_ses_are_proved_by_the_signature_of_sns(setup, version):
    async def posts(port, marker):
        return await post(port, SNS.notification(ses_record(marker, "Bounce"), version))

    smoke, status, _ = smoke_with(setup, "support", posts, sites=ses_sites([]))
    assert status == 200
    assert smoke.plan.routes[0].recipient.startswith("bounce+")
    assert smoke.event.event is Event.BOUNCED
    assert smoke.is_through
    assert smoke.event.proof == "signed by the ESP"


@pytest.mark.parametrize(
    "changes",
    [
        {"Message": None},
        {"Signature": ""},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem"},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0000.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/?Action=GetTopicAttributes&x=.pem"},
        {"SignatureVersion": "9"},
        {"Timestamp": "2020-01-01T00:00:00.000Z"},
    ],
)
def test_a_forged_notification_is_refused(setup, changes):
    async def posts(port, marker):
        record = ses_record(marker, "Bounce")
        changed = {
            name: value if value is not None else record.replace("{", "{ ", 1) for name, value in changes.items()
        }
        return await post(port, SNS.notification(record, **changed))

    smoke, status, _ = smoke_with(setup, "support", posts, sites=ses_sites([]), wait_seconds=0.3)
    assert status == 401
    assert kinds(smoke)[0] == "live-smoke-event-forged"


def test_a_subscription_is_confirmed_if_it_is_proved_and_leads_to_sns(setup):
    confirmed = []

    async def posts(port, marker):
        await post(port, SNS.confirmation("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"))
        await post(port, SNS.confirmation("https://evil.example/?Action=Evil"))
        return await post(port, SNS.notification(ses_record(marker, "Bounce")))

    smoke, _, calls = smoke_with(setup, "support", posts, sites=ses_sites(confirmed))
    assert smoke.is_through
    assert confirmed == ["ConfirmSubscription"]
    assert any(CERTIFICATE_URL.endswith(call.path) for call in calls)


GARBAGE = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) + b"\n\n",
    "another method": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no JSON": b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    "deep JSON": b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000,
    "a long line": b"POST /" + b"x" * 100_000,
    "many headers": b"POST / HTTP/1.1\r\n" + b"".join(b"x%d: y\r\n" % number for number in range(1000)) + b"\r\n",
    "a large body": b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
    "an endless chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "a header without a colon": b"POST / HTTP/1.1\r\nnonsense\r\n\r\n",
    "a lone surrogate": b'POST / HTTP/1.1\r\nContent-Length: 27\r\n\r\n{"RecordType":"\\ud800","a":1}'[:80],
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_and_disturbs_nobody(setup, name):
    async def posts(port, marker):
        answer = await send(port, GARBAGE[name])
        return answer, await post(port, postmark(marker))

    smoke, (answer, status), _ = smoke_with(setup, "receipts", posts, sites={POSTMARK_API: postmark_events()})
    assert smoke.is_through
    assert status == 200
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200")) or answer == b""


def test_a_body_in_pieces_is_read_as_tunnels_send_it(setup):
    async def posts(port, marker):
        body = postmark(marker)
        pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
        return await send(port, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces)

    smoke, answer, _ = smoke_with(setup, "receipts", posts, sites={POSTMARK_API: postmark_events()})
    assert answer.startswith(b"HTTP/1.1 200")
    assert smoke.is_through


def test_a_place_that_is_taken_stops_before_anything_is_sent(setup):
    async def work():
        taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = taken.sockets[0].getsockname()[1]
        async with taken, world(setup, sites={POSTMARK_API: postmark_events()}) as there:
            with pytest.raises(SendspecError, match="cannot listen"):
                await there.smoke(plan(setup, "receipts", listen=("127.0.0.1", port)))
            return there.https.calls

    assert run(work()) == []
