"""Nobody hears of a stream's bounces and complaints.

Why it matters: "accepted" is all an API call or an SMTP answer says; addresses that bounce and people who complain are mailed again until the ESP pauses the account or mailbox providers block the domain.
Do instead: add `events: {url: "https://...", types: [bounced, complained]}` to the stream.
A warning for a stream that needs webhooks or declares more than 1,000 messages a month (`advice.low_per_month` changes it), unless the ESP mails its reports to a From that takes mail; else information.
Source: https://docs.aws.amazon.com/ses/latest/dg/monitor-sending-activity.html; https://support.google.com/a/answer/81126 (REP-01, ACCT-04)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Capability, Event, Need, Role, Route, Setup, Stream
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.receiving import takes_mail

WANTED = (Event.BOUNCED, Event.COMPLAINED)
DAYS = 30


def find(setup: Setup) -> Iterator[Problem]:
    """Give each stream once whose primary does not report both; of fallbacks another rule speaks."""
    for stream in setup.streams:
        primary = next((route for route in stream.routes if route.role is Role.PRIMARY), None)
        if primary is None:
            continue
        unheard = [event for event in WANTED if primary.events is None or event not in primary.events.types]
        if unheard:
            how = f"the {primary.via.upper()} route through {primary.account}"
            yield Problem(
                at=_place(stream, primary),
                message=f"{stream.id}: {how} reports no {' and no '.join(unheard)} mail{_by_mail(setup, stream, primary)}",
                severity=_severity(setup, stream, primary),
            )


def _place(stream: Stream, route: Route) -> Origin:
    return route.events.origin.key("types") if route.events else stream.origin.key("events")


def _by_mail(setup: Setup, stream: Stream, route: Route) -> str:
    """Say where reports go instead, for an ESP that mails them."""
    account = setup.account(route.account)
    if Capability.FEEDBACK_BY_MAIL not in account.capabilities:
        return ""
    lost = "" if _is_answered(setup, stream) else ", which is not known to take mail"
    return f"; {account.title} mails them to the From address{lost}"


def _is_answered(setup: Setup, stream: Stream) -> bool:
    return all(takes_mail(setup, sender.mailbox.domain) for sender in stream.senders)


def _severity(setup: Setup, stream: Stream, route: Route) -> Severity:
    if Need.WEBHOOKS in stream.needs:
        return Severity.WARNING
    is_mailed = Capability.FEEDBACK_BY_MAIL in setup.account(route.account).capabilities
    is_much = (stream.volume.per_day or 0) * DAYS > setup.thresholds.low_per_month.value
    return Severity.WARNING if is_much and not (is_mailed and _is_answered(setup, stream)) else Severity.INFO


RULE = Rule(id="events-missing", severity=Severity.WARNING, find=find)
