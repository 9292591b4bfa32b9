"""Reasons for one side or the other, each with a stable code and a source (design of the decision: section 6)."""

from collections.abc import Iterator

from sendspec.advice.situation import Situation
from sendspec.model.decision import Reason, Side
from sendspec.model.fact import Fact
from sendspec.model.vocabulary import Capability, Need, Via

SUBMISSION = "RFC 6409; RFC 8314 section 3.3"


def find_reasons(situation: Situation) -> Iterator[tuple[Side, Reason]]:
    """Give every reason that holds for a stream, the binding ones first. EITHER marks what is true on both sides."""
    yield from _binding(situation)
    yield from _for_api(situation)
    yield from _for_smtp(situation)
    text = (
        "protocol choice does not change deliverability: reputation is the domain's and the IP's, so it is not scored"
    )
    yield (
        Side.EITHER,
        Reason("DELIVERABILITY_EQUAL", text, "https://support.google.com/a/answer/81126 (no protocol named)"),
    )


def _binding(situation: Situation) -> Iterator[tuple[Side, Reason]]:
    apps = ", ".join(app.id for app in situation.apps)
    if situation.apps and situation.speaks == {Via.SMTP}:
        yield Side.SMTP, Reason("SPEAKS_ONLY_SMTP", f"{apps} speaks SMTP and nothing else", "the spec: apps.*.speaks")
    if situation.apps and situation.speaks == {Via.API}:
        yield Side.API, Reason("SPEAKS_ONLY_API", f"{apps} has no SMTP client", "the spec: apps.*.speaks")
    if situation.is_smtp_blocked:
        ports = ", ".join(str(port) for port in sorted(situation.blocked_ports))
        yield Side.API, Reason("PORTS_BLOCKED", f"the platform blocks every submission port ({ports})", SUBMISSION)
    if situation.stream.working:
        text = f"an integration over {situation.stream.working.upper()} runs today; it stays unless something specific asks for more"
        side = Side.SMTP if situation.stream.working is Via.SMTP else Side.API
        yield side, Reason("WORKS_TODAY", text, "the spec: streams.*.working")


def _for_api(situation: Situation) -> Iterator[tuple[Side, Reason]]:
    needs, account = situation.stream.needs, situation.account
    title = account.title if account else "the ESP"
    lacking = {via: situation.unmet(via) for via in Via}
    by_header = {Need.WEBHOOKS, Need.METADATA}  # SMTP carries them too, less directly
    if Need.TEMPLATES in needs and not situation.offers(Capability.TEMPLATES_SMTP):
        text = f"templates and merge fields are kept at {title}, which takes them over the API only"
        yield Side.API, Reason("TEMPLATES_AT_ESP", text, "the spec: needs; the ESP's capabilities")
    for need, code, text in (
        (Need.BATCHING, "BATCHING", "one call carries many recipients; SMTP takes one message a transaction here"),
        (Need.WEBHOOKS, "EVENTS", "the answer to each call is a message id at once, which the events join to"),
        (Need.METADATA, "METADATA", "metadata is a field of every call; over SMTP it is a header of the vendor's own"),
        (Need.SCHEDULING, "SCHEDULING", "sending later is a field of the call"),
        (Need.IDEMPOTENCY, "IDEMPOTENCY", "a key makes a retry harmless; SMTP cannot tell (RFC 1047)"),
    ):
        is_lost_over_smtp = need in by_header or need in lacking[Via.SMTP]
        if need in needs and need not in lacking[Via.API] and is_lost_over_smtp:
            yield Side.API, Reason(code, text, "the spec: needs; the ESP's capabilities")
    per_day, per_hour = situation.stream.volume.per_day, situation.stream.volume.peak_per_hour
    limits = situation.thresholds
    if per_day is not None and per_day >= limits.api_from_per_day.value:
        text = f"serious volume: {per_day:,} a day, from {limits.api_from_per_day.value:,} the API is advised"
        yield Side.API, Reason("VOLUME_PER_DAY", text, _cite(limits.api_from_per_day))
    if per_hour is not None and per_hour >= limits.api_from_per_hour.value:
        text = f"peak of {per_hour:,} an hour, from {limits.api_from_per_hour.value:,} the API is advised"
        yield Side.API, Reason("PEAK_PER_HOUR", text, _cite(limits.api_from_per_hour))


def _for_smtp(situation: Situation) -> Iterator[tuple[Side, Reason]]:
    per_month, low = situation.per_month, situation.thresholds.low_per_month
    simple = not situation.stream.needs - {Need.ATTACHMENTS}
    if per_month is not None and per_month <= low.value and simple:
        text = f"about {per_month:,} a month and nothing special needed: SMTP is the least work"
        yield Side.SMTP, Reason("LOW_VOLUME", text, _cite(low))
    if situation.stream.portable:
        text = "not locked to one vendor: host, port and secret are all that changes"
        yield Side.SMTP, Reason("PORTABLE", text, "the spec: streams.*.portable; RFC 6409")


def _cite(fact: Fact[int]) -> str:
    note = f"; {fact.note}" if fact.note else ""
    return f"{fact.source} ({fact.verified}){note}"
