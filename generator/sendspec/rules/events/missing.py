"""Nobody hears of a stream's bounces and complaints.

Why it matters: "accepted" is all an API call or an SMTP answer says; addresses that bounce and people who complain are mailed again until the ESP pauses the account or mailbox providers block the domain.
Do instead: add `events: {url: "https://...", types: [bounced, complained]}` to the stream.
A warning for a stream that needs webhooks or declares more than 1,000 messages a month (`advice.low_per_month` changes it), unless the ESP mails its reports to a From that takes mail; else information.
Source: https://docs.aws.amazon.com/ses/latest/dg/monitor-sending-activity.html; https://support.google.com/a/answer/81126
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Capability, Event, Need, Role
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.receiving import Receivers

WANTED = (Event.BOUNCED, Event.COMPLAINED)
DAYS = 30


def find(setup: Setup) -> Iterator[Problem]:
    """Give each stream once whose primary does not report both; of fallbacks another rule speaks."""
    receivers = Receivers(setup)
    for stream in setup.streams:
        primary = next((route for route in stream.routes if route.role is Role.PRIMARY), None)
        if primary is None:
            continue
        unheard = [event for event in WANTED if primary.events is None or event not in primary.events.types]
        if not unheard:
            continue
        account = setup.account(primary.account)
        mailed = Capability.FEEDBACK_BY_MAIL in account.capabilities
        answered = all(receivers.takes_mail(sender.mailbox.domain) for sender in stream.senders)
        instead = f"; {account.title} mails them to the From address" if mailed else ""
        if mailed and not answered:
            instead += ", which is not known to take mail"
        how = f"the {primary.via.upper()} route through {account.id}"
        yield Problem(
            at=_place(stream, primary),
            message=f"{stream.id}: {how} reports no {' and no '.join(unheard)} mail{instead}",
            severity=_severity(setup, stream, is_heard=mailed and answered),
        )


def _place(stream: Stream, route: Route) -> Origin:
    return route.events.origin.key("types") if route.events else stream.origin.key("events")


def _severity(setup: Setup, stream: Stream, *, is_heard: bool) -> Severity:
    if Need.WEBHOOKS in stream.needs:
        return Severity.WARNING
    is_much = (stream.volume.per_day or 0) * DAYS > setup.thresholds.low_per_month.value
    return Severity.WARNING if is_much and not is_heard else Severity.INFO


RULE = Rule(id="events-missing", severity=Severity.WARNING, find=find)
