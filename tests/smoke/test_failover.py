"""Who takes over after which failure, asked of real servers: what must never be sent twice is looked for on the other side."""

import json

import pytest
from smoke_world import POSTMARK_API, POSTMARK_SMTP, SES_SMTP, as_json, plan, postmark_events, run, world

from sendspec.model.blame import Blame
from sendspec.model.smoke import End
from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.https_server import Misbehaviour
from sendspec.rehearse.smtp_faults import SMTP_FAULTS, Act, SmtpFault, hang, reset, say
from sendspec.smoke.findings import observations

OVER, NEVER, NOBODY = Blame.ACCOUNT_OR_ENDPOINT, Blame.RECIPIENT_OR_CONTENT, Blame.NOBODY_KNOWS

BY_SMTP = {
    "the greeting is 421": (SMTP_FAULTS["banner-421"], OVER),
    "a greeting without end": (SMTP_FAULTS["banner-endless"], OVER),
    "no STARTTLS": (SMTP_FAULTS["no-starttls"], OVER),
    "plain text between STARTTLS and TLS": (SMTP_FAULTS["starttls-injection"], OVER),
    "no AUTH": (SMTP_FAULTS["no-auth"], OVER),
    "535": (SMTP_FAULTS["auth-refused"], OVER),
    "454 to AUTH": (SMTP_FAULTS["auth-temporary"], OVER),
    "a daily quota": (SMTP_FAULTS["quota"], OVER),
    "a rate": (say(Phase.MESSAGE, "454 Throttling failure: Maximum sending rate exceeded."), OVER),
    "a sender that is not verified": (SMTP_FAULTS["mail-refused"], OVER),
    "4xx to MAIL": (say(Phase.MAIL, "451 4.3.0 Try later"), OVER),
    "421 to MAIL": (say(Phase.MAIL, "421 4.3.2 Closing"), OVER),
    "530 to MAIL": (say(Phase.MAIL, "530 5.7.0 Authentication required"), OVER),
    "a message too large, told at MAIL": (say(Phase.MAIL, "552 5.3.4 Too big"), NEVER),
    "greylisting": (SMTP_FAULTS["greylisting"], OVER),
    "4xx to RCPT": (say(Phase.RCPT, "452 4.5.3 Too many recipients"), OVER),
    "550 to RCPT": (SMTP_FAULTS["rcpt-refused"], NEVER),
    "554 to RCPT": (say(Phase.RCPT, "554 5.7.1 No"), NEVER),
    "451 to DATA": (say(Phase.DATA, "451 4.3.0 Try later"), OVER),
    "550 to DATA": (say(Phase.DATA, "550 5.7.1 No"), NEVER),
    "451 after the final dot": (say(Phase.MESSAGE, "451 4.3.0 Try later"), OVER),
    "550 after the final dot": (say(Phase.MESSAGE, "550 5.6.0 Content refused"), NEVER),
    "an account that is suspended": (SMTP_FAULTS["suspended"], OVER),
    "a reset before the message": (SMTP_FAULTS["reset"], OVER),
    "a hang before the message": (SMTP_FAULTS["hang"], OVER),
    "a reset after the final dot": (SMTP_FAULTS["reset-after-dot"], NOBODY),
    "a hang after the final dot": (hang(Phase.MESSAGE), NOBODY),
    "an end without a word after the final dot": (SmtpFault(Act.CLOSE, Phase.MESSAGE), NOBODY),
    "a reset at DATA": (reset(Phase.DATA), OVER),
}


@pytest.mark.parametrize("name", BY_SMTP)
def test_a_submission_that_fails_goes_on_by_the_fallback_only_where_it_may(setup, name):
    fault, blame = BY_SMTP[name]

    async def work():
        async with world(setup, faults={POSTMARK_SMTP: (fault,)}) as there:
            smoke = await there.smoke(plan(setup, "codes", wait_seconds=0.5))
            return smoke, there.smtp

    smoke, smtp = run(work())
    first = smoke.attempts[0]
    assert first.end is End.FAILED
    assert first.verdict is not None
    assert first.verdict.blame is blame
    assert len(smtp[SES_SMTP].received) == (1 if blame is OVER else 0)
    assert smtp[SES_SMTP].connections == (1 if blame is OVER else 0)
    assert smoke.is_by_fallback is (blame is OVER)
    assert smoke.is_through is False
    found = {seen.kind.id for seen in observations(smoke)}
    assert {
        OVER: "live-smoke-primary-failed",
        NEVER: "live-smoke-message-refused",
        NOBODY: "live-smoke-fate-unknown",
    }[blame] in found


def _postmark(status: int, code: int, said: str = "because") -> object:
    return lambda _call: as_json({"ErrorCode": code, "Message": said}, status)


BY_API = {
    "401, code 10": (_postmark(401, 10), OVER),
    "422, code 405: out of credits": (_postmark(422, 405), OVER),
    "422, code 412: pending approval": (_postmark(422, 412), OVER),
    "422, code 413: may not send": (_postmark(422, 413), OVER),
    "422, code 400: no sender signature": (_postmark(422, 400), OVER),
    "422, code 401: signature not confirmed": (_postmark(422, 401), OVER),
    "422, code 406: inactive recipient": (_postmark(422, 406), NEVER),
    "422, code 300: invalid": (_postmark(422, 300), NEVER),
    "422 without a code": (lambda _call: as_json({}, 422), NEVER),
    "413": (lambda _call: as_json({}, 413), NEVER),
    "400": (lambda _call: as_json({}, 400), NEVER),
    "403": (lambda _call: as_json({}, 403), OVER),
    "429": (lambda _call: as_json({}, 429, **{"Retry-After": "3"}), OVER),
    "500": (lambda _call: as_json({}, 500), OVER),
    "503, code 100: maintenance": (_postmark(503, 100), OVER),
    "a redirect": (lambda _call: as_json({}, 302, Location="https://elsewhere.example/"), OVER),
    "200 with nothing that can be read": (lambda _call: as_json([]), NOBODY),
}


@pytest.mark.parametrize("name", BY_API)
def test_a_call_that_fails_goes_on_by_the_fallback_only_where_it_may(setup, name):
    site, blame = BY_API[name]

    async def work():
        async with world(setup, sites={POSTMARK_API: site}) as there:
            return await there.smoke(plan(setup, "receipts", wait_seconds=0.3)), there.smtp

    smoke, smtp = run(work())
    assert smoke.attempts[0].verdict is not None
    assert smoke.attempts[0].verdict.blame is blame
    assert len(smtp[SES_SMTP].received) == (1 if blame is OVER else 0)


@pytest.mark.parametrize(
    ("misbehaviour", "blame"),
    [
        (Misbehaviour.RESET, NOBODY),
        (Misbehaviour.HANG, NOBODY),
        (Misbehaviour.GARBAGE, NOBODY),
        (Misbehaviour.ENDLESS_BODY, NOBODY),
        (Misbehaviour.ENDLESS_HEAD, NOBODY),
    ],
)
def test_nobody_knows_what_became_of_a_call_that_left_and_was_not_answered(setup, misbehaviour, blame):
    async def work():
        faults = {POSTMARK_API: misbehaviour}
        async with world(setup, sites={POSTMARK_API: postmark_events()}, misbehaviours=faults) as there:
            return await there.smoke(plan(setup, "receipts", wait_seconds=0.5)), there.smtp

    smoke, smtp = run(work())
    assert smoke.attempts[0].verdict.blame is blame
    assert smoke.attempts[0].verdict.may_duplicate
    assert smtp[SES_SMTP].received == []


def test_a_connection_that_is_refused_or_a_wrong_certificate_fails_over(setup):
    async def work():
        async with world(setup, certificates={POSTMARK_SMTP: "other.example"}) as there:
            wrong = await there.smoke(plan(setup, "codes", wait_seconds=0.2))
            user = there.smtp[POSTMARK_SMTP].heard
        async with world(setup, without=(POSTMARK_SMTP,)) as there:
            nowhere = await there.smoke(plan(setup, "codes", wait_seconds=0.2))
        return wrong, user, nowhere

    wrong, heard, nowhere = run(work())
    assert wrong.is_by_fallback
    assert not any("AUTH" in each.line for each in heard)
    assert nowhere.is_by_fallback
    assert nowhere.attempts[0].phase == "resolve"


def test_a_fallback_that_fails_too_is_named_beside_the_primary(setup):
    async def work():
        faults = dict.fromkeys((POSTMARK_SMTP, SES_SMTP), (SMTP_FAULTS["auth-refused"],))
        async with world(setup, faults=faults) as there:
            return await there.smoke(plan(setup, "codes"))

    smoke = run(work())
    assert [attempt.end for attempt in smoke.attempts] == [End.FAILED, End.FAILED]
    assert smoke.event is None
    assert [seen.kind.id for seen in observations(smoke)] == ["live-smoke-primary-failed", "live-smoke-fallback-failed"]


def test_a_stream_without_a_fallback_says_that_nothing_took_over(setup):
    async def work():
        sites = {"api.sendgrid.com": lambda _call: as_json({"errors": [{"message": "no"}]}, 401)}
        async with world(setup, sites=sites) as there:
            return await there.smoke(plan(setup, "news"))

    found = [seen.kind.id for seen in observations(run(work()))]
    assert found == ["live-smoke-primary-failed", "live-smoke-no-fallback"]


def test_a_fallback_can_be_tried_before_the_day_it_is_needed(setup):
    async def work():
        async with world(setup) as there:
            return await there.smoke(plan(setup, "codes", route="fallback", wait_seconds=0.2)), there.smtp

    smoke, smtp = run(work())
    assert smtp[POSTMARK_SMTP].connections == 0
    (message,) = smtp[SES_SMTP].received
    assert message.recipients[0].startswith("success+sendspec-")
    assert not smoke.is_by_fallback


def test_a_sound_path_is_through_when_its_event_came_back(setup):
    async def work():
        async with world(setup, sites={POSTMARK_API: postmark_events("Delivered")}) as there:
            return await there.smoke(plan(setup, "receipts", wait_seconds=5.0)), there.https.calls

    smoke, calls = run(work())
    assert smoke.is_through
    assert list(observations(smoke)) == []
    body = json.loads(calls[0].body)
    assert body["From"] == "Zoë & Söhne <receipts@mail.shop.example>"
    assert body["MessageStream"] == "receipts"
    assert body["Metadata"] == {"sendspec-smoke": smoke.plan.marker}
