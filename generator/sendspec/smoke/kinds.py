"""Everything that a smoke test can find, with its documentation."""

from sendspec.model.finding import Severity
from sendspec.model.observation import Kind

DESIGN = "sendspec: `smoke`"

PRIMARY_FAILED = Kind(
    id="live-smoke-primary-failed",
    severity=Severity.ERROR,
    summary="The route under test did not take the message, and the account or the endpoint is at fault.",
    why="production mail of this stream fails here too; where a fallback took over, it is what stands between the stream "
    "and an outage",
    instead="do what the server says; `sendspec check --only smtp,api` looks at the endpoint, the login and the account one "
    "by one",
    source="RFC 5321 section 4.2",
)
FALLBACK_FAILED = Kind(
    id="live-smoke-fallback-failed",
    severity=Severity.ERROR,
    summary="The primary failed, and the fallback did not take the message either.",
    why="a fallback that nobody tries before the day it is needed is often the second thing that is broken that day",
    instead="cure it, then try it alone: `sendspec smoke STREAM --route fallback`",
    source="RFC 5321 section 4.2",
)
NO_FALLBACK = Kind(
    id="live-smoke-no-fallback",
    severity=Severity.ERROR,
    summary="The primary failed and no other route is declared.",
    why="until it is cured, this stream sends nothing",
    instead="cure the primary; for mail that cannot wait declare a route with `role: fallback` at another ESP",
    source=DESIGN,
)
REFUSED = Kind(
    id="live-smoke-message-refused",
    severity=Severity.ERROR,
    summary="The recipient or the content was refused: such a message must not go through another route.",
    why="what one ESP refuses for its recipient or content, another one would deliver to people who bounced, complained or "
    "unsubscribed, for it does not know of that",
    instead="read what the server says; an app must not fail over on it either",
    source="RFC 5321 section 4.2.1",
)
LOST = Kind(
    id="live-smoke-fate-unknown",
    severity=Severity.ERROR,
    summary="The message had left when the connection ended without an answer: nobody knows whether it was taken.",
    why="a second try may deliver it twice, none may deliver it never; an app that fails over here sends duplicates",
    instead="wait longer for the answer (RFC 5321 allows 10 minutes after the final dot), and look for the event before "
    "sending again",
    source="RFC 1047; RFC 5321 section 4.5.3.2.6",
)
CREDENTIAL = Kind(
    id="live-smoke-no-credential",
    severity=Severity.ERROR,
    summary="A credential could not be resolved, so the path could not be tried.",
    why="nothing was sent: whether the path works is not known",
    instead="run it where the reference can be read: the store's own login, or the variable it names",
    source=DESIGN,
)
NOT_TRIED = Kind(
    id="live-smoke-not-tried",
    severity=Severity.ERROR,
    summary="The run ended before the message was handed over.",
    why="nothing was sent: whether the path works is not known",
    instead="give it more time: --timeout SECONDS",
    source=DESIGN,
)
APP_NOT_STARTED = Kind(
    id="live-smoke-app-not-started",
    severity=Severity.ERROR,
    summary="The app's `smoke_test:` could not be started.",
    why="the production path was not tried",
    instead="run the command by hand in the same folder; a relative path starts from the folder that holds the spec folder",
    source=DESIGN,
)
APP_FAILED = Kind(
    id="live-smoke-app-failed",
    severity=Severity.ERROR,
    summary="The app's `smoke_test:` ended with an exit code other than 0.",
    why="the app could not send through its own production path",
    instead="read what it wrote; it gets the app's rendered variables, SENDSPEC_SMOKE_* and little else (--pass-env NAME)",
    source=DESIGN,
)
APP_HANGS = Kind(
    id="live-smoke-app-hangs",
    severity=Severity.ERROR,
    summary="The app's `smoke_test:` did not end in time and was stopped, with everything it had started.",
    why="an app whose mail client waits for ever blocks whoever waits for it",
    instead="set the client's timeouts (the app's variables hold them), or give it longer: --timeout SECONDS",
    source=DESIGN,
)
APP_FLOODS = Kind(
    id="live-smoke-app-floods",
    severity=Severity.ERROR,
    summary="The app's `smoke_test:` wrote without end and was stopped.",
    why="what it says of the message cannot be told from the rest",
    instead="make the command send one message and end",
    source=DESIGN,
)
EVENT_MISSING = Kind(
    id="live-smoke-event-missing",
    severity=Severity.ERROR,
    summary="The message was taken, and the event that must come back did not come in time.",
    why="bounces and complaints come the same way: without it the app goes on mailing addresses that are dead or have "
    "complained, until the ESP stops the account",
    instead="see at the ESP what became of the message, then whether the webhook is registered, enabled and subscribed to "
    "the event: `sendspec check --only api,webhook`",
    source=DESIGN,
)
EVENT_OTHERWISE = Kind(
    id="live-smoke-event-otherwise",
    severity=Severity.ERROR,
    summary="The message was taken, and what came back is another end than the expected one.",
    why="mail of this stream is taken and then not delivered",
    instead="the event says why: a suspended account, a suppressed address, a policy of the recipient",
    source=DESIGN,
)
EVENT_FORGED = Kind(
    id="live-smoke-event-forged",
    severity=Severity.ERROR,
    summary="A post came in whose signature does not fit, or which was signed long ago or twice.",
    why="who can post events can make an app suppress every address, or hide that mail bounces",
    instead="see that --event-key is the key of this webhook; if it is, somebody else posts to this address",
    source="https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/"
    "getting-started-event-webhook-security-features (2026-11-26); "
    "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html (2026-11-26)",
)
EVENT_UNKNOWN = Kind(
    id="live-smoke-event-unknown",
    severity=Severity.ERROR,
    summary="The message was taken, and no event could be looked for.",
    why="that it was taken proves half of the path: feedback is the other half",
    instead="--listen HOST:PORT behind a tunnel that the ESP posts to, --queue URL for SES, or an ESP whose API tells",
    source=DESIGN,
)
OTHER_ROUTE = Kind(
    id="live-smoke-app-used-fallback",
    severity=Severity.ERROR,
    summary="The app's message left by a fallback: its primary failed.",
    why="mail still goes out, and nobody notices that the primary is gone until the fallback is, too",
    instead="try the primary alone: `sendspec smoke STREAM --route primary`",
    source=DESIGN,
)

KINDS: tuple[Kind, ...] = (
    PRIMARY_FAILED,
    FALLBACK_FAILED,
    NO_FALLBACK,
    REFUSED,
    LOST,
    CREDENTIAL,
    NOT_TRIED,
    APP_NOT_STARTED,
    APP_FAILED,
    APP_HANGS,
    APP_FLOODS,
    EVENT_MISSING,
    EVENT_OTHERWISE,
    EVENT_FORGED,
    EVENT_UNKNOWN,
    OTHER_ROUTE,
)
"""Everything that a smoke test can find."""
