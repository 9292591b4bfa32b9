"""Whose fault a failure is: every failure has a class, and what must never be sent twice never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.esp.interface import esp_ids, load_esp, load_sending
from sendspec.model.blame import Blame
from sendspec.model.sending import Answer
from sendspec.net.http import Reply, Trouble
from sendspec.net.smtp.exchange import Failure, Phase, Problem
from sendspec.net.smtp.failures import of_reply
from sendspec.smoke import blame

OVER, NEVER, NOBODY = Blame.ACCOUNT_OR_ENDPOINT, Blame.RECIPIENT_OR_CONTENT, Blame.NOBODY_KNOWS
ESPS = st.sampled_from([load_sending(kind) for kind in esp_ids()])
WORDS = st.text(alphabet="abcdefghij 0123456789.", max_size=30)
BEFORE = [Phase.BANNER, Phase.EHLO, Phase.STARTTLS, Phase.TLS, Phase.EHLO_TLS, Phase.AUTH]


@given(sending=ESPS, failure=st.sampled_from(Failure), phase=st.sampled_from(Phase))
def test_every_failure_has_a_class_and_a_reason(sending, failure, phase):
    verdict = blame.of_smtp(Problem(failure, phase), sending)
    assert verdict.blame in set(Blame)
    assert verdict.rule


@given(sending=ESPS, phase=st.sampled_from(BEFORE), code=st.integers(400, 599))
def test_whatever_fails_before_the_message_may_go_another_way(sending, phase, code):
    problem = Problem(of_reply(phase, code), phase, f"{code} no")
    assert blame.of_smtp(problem, sending).blame is OVER


@given(sending=ESPS, code=st.integers(500, 599).filter(lambda code: code != 530), words=WORDS)
def test_a_recipient_that_is_refused_is_never_mailed_through_another_esp(sending, code, words):
    problem = Problem(of_reply(Phase.RCPT, code), Phase.RCPT, f"{code} {words}")
    assert blame.of_smtp(problem, sending).blame is NEVER


@given(
    sending=ESPS, phase=st.sampled_from([Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE]), code=st.integers(400, 499)
)
def test_a_refusal_for_now_is_tried_again_first_then_fails_over(sending, phase, code):
    verdict = blame.of_smtp(Problem(of_reply(phase, code), phase, f"{code} later"), sending)
    assert verdict.blame is OVER
    assert verdict.retried_first


@given(sending=ESPS, failure=st.sampled_from([Failure.CLOSED, Failure.TIMEOUT, Failure.ENDLESS, Failure.MALFORMED, Failure.UNEXPECTED]))  # fmt: skip
def test_what_breaks_after_the_final_dot_is_known_to_nobody(sending, failure):
    verdict = blame.of_smtp(Problem(failure, Phase.MESSAGE), sending)
    assert verdict.blame is NOBODY
    assert verdict.may_duplicate


@given(sending=ESPS, status=st.sampled_from([400, 404, 405, 406, 409, 410, 411, 413, 415, 422]))
def test_a_message_that_is_refused_is_refused_everywhere(sending, status):
    assert blame.of_http(Reply(status), Answer(is_accepted=False), sending).blame is NEVER


@given(sending=ESPS, status=st.sampled_from([301, 401, 402, 403, 408, 429, 500, 502, 503, 504, 599]))
def test_an_account_or_endpoint_at_fault_fails_over(sending, status):
    assert blame.of_http(Reply(status), Answer(is_accepted=False), sending).blame is OVER


@given(
    sending=ESPS,
    trouble=st.sampled_from([each for each in Trouble if each is not Trouble.UNSENDABLE]),
    sent=st.booleans(),
)
def test_without_an_answer_it_counts_whether_the_call_had_left(sending, trouble, sent):
    verdict = blame.of_http(Reply(None, trouble, was_sent=sent), None, sending)
    assert verdict.blame is (NOBODY if sent else OVER)


@pytest.mark.parametrize("kind", esp_ids())
def test_what_the_esps_notes_say_of_their_own_codes_is_what_decides(kind):
    """The notes that targets print name codes in sentences; the tables must say the same."""
    notes = [note for note in load_esp(kind).retry.notes if "fail over" in note]
    sending = load_sending(kind)
    for code, found in sending.api_blames.items():
        mentioned = [
            note for note in notes if f" {code} " in f" {note.replace(',', ' ').replace('(', ' ').replace(')', ' ')} "
        ]
        for note in mentioned:
            assert found is (NEVER if note.startswith("never") else OVER), (code, note)


@pytest.mark.parametrize(
    ("kind", "reply", "phase", "expected"),
    [
        (
            "ses",
            "554 Message rejected: Email address is not verified. The following identities failed",
            Phase.MESSAGE,
            OVER,
        ),
        ("ses", "554 Access denied: User `x` is not authorized to perform `ses:SendRawEmail'", Phase.MESSAGE, OVER),
        ("ses", "554 Transaction failed: Duplicate header 'Subject'.", Phase.MESSAGE, NEVER),
        ("ses", "554 Sending suspended for this account.", Phase.MESSAGE, OVER),
        ("sendgrid", "550 The from address does not match a verified Sender Identity.", Phase.MESSAGE, OVER),
        ("sendgrid", "550 5.1.1 The recipient's account is disabled", Phase.MESSAGE, NEVER),
        ("postmark", "550 5.7.1 Unauthorized", Phase.MESSAGE, NEVER),
    ],
)
def test_an_esps_own_words_come_first(kind, reply, phase, expected):
    problem = Problem(of_reply(phase, int(reply[:3])), phase, reply)
    assert blame.of_smtp(problem, load_sending(kind)).blame is expected


def test_the_rules_can_be_printed_in_the_order_in_which_they_are_asked():
    common = [seen for seen, _ in blame.rules()]
    assert len(set(common)) == len(common)
    own = list(blame.rules(load_sending("ses")))
    assert own[0][0].startswith("554 or MessageRejected")
    assert len(own) > len(common)
    assert {verdict.blame for _, verdict in own} == set(Blame)
