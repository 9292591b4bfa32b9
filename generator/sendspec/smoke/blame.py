"""Whose fault a failed hand-over is: the one place that decides on failover, for SMTP and for the API.

An ESP's own words come first, then its own codes, then the SMTP phase or the HTTP status. The three classes and most
rules are the published ones: what is wrong before the message is told is the account's or the endpoint's, what a server
says of a recipient or of the content holds everywhere, and once the message has left without an answer nobody knows.

Sources: RFC 5321 sections 4.2 and 4.5.3.2.6, RFC 1047 (a lost answer to the final dot duplicates), RFC 3463 (enhanced
codes), RFC 4954 section 6 (AUTH), RFC 9110 section 15 (statuses).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from sendspec.model.blame import Blame, Verdict
from sendspec.model.sending import Answer, Refusal, Sending
from sendspec.net.http import Reply, Trouble
from sendspec.net.smtp.exchange import Failure, Phase, Problem

OURS, THEIRS, NOBODY = Blame.ACCOUNT_OR_ENDPOINT, Blame.RECIPIENT_OR_CONTENT, Blame.NOBODY_KNOWS
RFC5321, RFC4954, RFC9110 = "RFC 5321", "RFC 4954 section 6", "RFC 9110 section 15"

BEFORE_THE_MESSAGE = Verdict(OURS, "it failed before the message was told", source=RFC5321)
BUSY = Verdict(OURS, "421: no service now", retried_first=True, source=f"{RFC5321} section 4.2.3")
LOGIN = Verdict(OURS, "the login is refused", source=RFC4954)
LATER = "4xx is a promise that the same may work later; an application tries again, then fails over"

SMTP: Mapping[Failure, Verdict] = MappingProxyType(
    {
        Failure.BANNER_BUSY: BUSY,
        Failure.CLOSING: BUSY,
        Failure.AUTH_REFUSED: LOGIN,
        Failure.AUTH_REQUIRED: LOGIN,
        Failure.AUTH_TEMPORARY: Verdict(OURS, f"the login is refused for now: {LATER}", True, source=RFC4954),
        Failure.QUOTA: Verdict(OURS, f"454: a quota or a rate is used up; {LATER}", True, source=f"{RFC5321} 4.2.3"),
        Failure.MAIL_REFUSED: Verdict(
            OURS, "5xx to MAIL: the account may not send as this sender", source=f"{RFC5321} section 4.2.3"
        ),
        Failure.MAIL_DEFERRED: Verdict(OURS, f"4xx to MAIL: {LATER}", True, source=f"{RFC5321} section 4.2.1"),
        Failure.SMTPUTF8_MISSING: Verdict(OURS, "this endpoint takes no addresses outside ASCII", source="RFC 6531"),
        Failure.RCPT_DEFERRED: Verdict(OURS, f"4xx to RCPT: {LATER}", True, source=f"{RFC5321} section 4.2.1"),
        Failure.GREYLISTED: Verdict(OURS, f"greylisted: {LATER}", True, source="RFC 6647 section 2.1"),
        Failure.RCPT_REFUSED: Verdict(
            THEIRS, "5xx to RCPT: another ESP would mail whom this one knows to be dead or to have complained"
        ),
        Failure.DATA_DEFERRED: Verdict(
            OURS, f"4xx to the message: it was not taken; {LATER}", True, source=f"{RFC5321} section 4.2.1"
        ),
        Failure.DATA_REFUSED: Verdict(THEIRS, "5xx to the message: the content is refused", source=RFC5321),
        Failure.DATA_LOST: Verdict(
            NOBODY, "the message had left and no answer came", may_duplicate=True, source="RFC 1047"
        ),
    }
)
"""By what failed; all that is not here is `BEFORE_THE_MESSAGE`, or lost when the message had left."""

HTTP: tuple[tuple[Collection[int], Verdict], ...] = (
    (range(300, 400), Verdict(OURS, "a redirect is not followed: the endpoint has moved", source=RFC9110)),
    ({401, 403}, Verdict(OURS, "the key is refused, or may not do this", source=RFC9110)),
    ({402}, Verdict(OURS, "the account must pay first", source=RFC9110)),
    ({404}, Verdict(THEIRS, "404: the call names something that is not there", source=RFC9110)),
    ({408, 425}, Verdict(OURS, "the call was not heard to its end", retried_first=True, source=RFC9110)),
    (
        {429},
        Verdict(OURS, "429: a rate is used up; an application waits and tries again first", True, source="RFC 6585"),
    ),
    (range(400, 500), Verdict(THEIRS, "4xx: the message itself is refused, here and everywhere", source=RFC9110)),
    ({503}, Verdict(OURS, "503: no service now; an application tries again first", retried_first=True, source=RFC9110)),
    (
        range(500, 600),
        Verdict(
            OURS,
            "5xx after retries; the error may have come after the message was taken, or from a gateway before it",
            retried_first=True,
            may_duplicate=True,
            source=RFC9110,
        ),
    ),
)
"""By status; the first that fits holds."""
NO_ANSWER = Verdict(NOBODY, "the call had left and no answer came that can be read", may_duplicate=True, source=RFC9110)
NOT_REACHED = Verdict(OURS, "it failed before the call was sent", source=RFC9110)
UNSENDABLE = Verdict(THEIRS, "the call cannot be sent at all: the spec or the credential holds what no header may")

SUSPENDED = re.compile(
    r"\b(?:sending|your account)\b.{0,40}\b(?:suspended|paused|disabled|deactivated)\b", re.IGNORECASE
)
"""Not `account disabled` alone: that may be the recipient's."""
TOO_LARGE = frozenset({"552", "523"})
SMTP_SUSPENDED = Verdict(OURS, "the account is suspended or paused", source="the server's own words")
SMTP_TOO_LARGE = Verdict(THEIRS, "the message is too large for this server", source="RFC 1870 section 6.1")


def of_smtp(problem: Problem, sending: Sending) -> Verdict:
    """Judge what ended a submission by SMTP."""
    code = problem.reply[:3]
    own = _own_words(sending.refusals, code, problem.reply)
    if own is not None:
        return own
    if problem.failure in {Failure.DATA_REFUSED, Failure.MAIL_REFUSED}:
        if code in TOO_LARGE:
            return SMTP_TOO_LARGE
        if SUSPENDED.search(problem.reply):
            return SMTP_SUSPENDED
    found = SMTP.get(problem.failure)
    if found is None:
        found = SMTP[Failure.DATA_LOST] if problem.phase is Phase.MESSAGE else BEFORE_THE_MESSAGE
    return found


def of_http(reply: Reply, answer: Answer | None, sending: Sending) -> Verdict:
    """Judge a call that did not end in an accepted message. `answer` is what the ESP's code read in it."""
    if reply.status is None:
        return _without_answer(reply)
    if answer is not None:
        own = _own_words(sending.refusals, answer.code or str(reply.status), answer.said)
        if own is not None:
            return own
        blame = sending.api_blames.get(answer.code)
        if blame is not None:
            retried = reply.status == 429 or reply.status >= 500  # noqa: PLR2004 - statuses that pass by themselves
            return Verdict(blame, f"{answer.code}: the ESP's own code decides, not {reply.status}", retried)
    for statuses, verdict in HTTP:
        if reply.status in statuses:
            return verdict
    return NO_ANSWER  # 2xx without what an accepted message has, or a status that does not exist


def _without_answer(reply: Reply) -> Verdict:
    if reply.trouble is Trouble.UNSENDABLE:
        return UNSENDABLE
    return NO_ANSWER if reply.was_sent else NOT_REACHED


def _own_words(refusals: Collection[Refusal], code: str, said: str) -> Verdict | None:
    for refusal in refusals:
        if refusal.fits(code, said):
            return Verdict(refusal.blame, f"{code}: {refusal.because}", source=refusal.source)
    return None


def rules(sending: Sending | None = None) -> Iterator[tuple[str, Verdict]]:
    """Yield every rule as (what is seen, verdict), in the order in which they are asked: for documentation.

    `sending` adds what one ESP says in its own words and codes.
    """
    if sending is not None:
        for refusal in sending.refusals:
            seen = f"{' or '.join(refusal.codes)} with “{refusal.words}”"
            yield seen, Verdict(refusal.blame, refusal.because, source=refusal.source)
        for code, blame in sending.api_blames.items():
            yield code, Verdict(blame, "the ESP's own code")
    yield "connecting, greeting, TLS", BEFORE_THE_MESSAGE
    for failure, verdict in SMTP.items():
        yield str(failure), verdict
    yield "an API that cannot be reached", NOT_REACHED
    for statuses, verdict in HTTP:
        yield _span(statuses), verdict
    yield "an API that took the call and did not answer", NO_ANSWER


def _span(statuses: Collection[int]) -> str:
    if isinstance(statuses, range):
        return f"other {statuses.start // 100}xx"
    return ", ".join(str(status) for status in sorted(statuses))
