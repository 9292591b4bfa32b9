"""The decision for each stream."""

from collections.abc import Sequence

from sendspec.advice.capacity import compute_capacity
from sendspec.advice.dimensions import compare
from sendspec.advice.reasons import find_reasons
from sendspec.advice.situation import Situation
from sendspec.model.account import Account
from sendspec.model.decision import Choice, Decision, Pair, Reason, Side
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Capability, Need, StreamKind, Via

BINDING = ("SPEAKS_ONLY_SMTP", "SPEAKS_ONLY_API", "PORTS_BLOCKED")
SPECIFIC = frozenset({"TEMPLATES_AT_ESP", "BATCHING", "SCHEDULING", "IDEMPOTENCY"})
"""Reasons that outweigh an SMTP integration which works today."""


def decide(setup: Setup) -> tuple[Decision, ...]:
    """Decide every stream, in the order of the setup."""
    apps: dict[str, list[str]] = {}
    for app in (app for app in setup.apps if not app.through):  # what it goes through is an app, too
        for stream_id in dict.fromkeys(binding.stream.id for binding in app.bindings):
            apps.setdefault(stream_id, []).append(app.id)
    by_id = {app.id: app for app in setup.apps}
    return tuple(
        _decide(Situation(setup, stream, tuple(by_id[app_id] for app_id in apps.get(stream.id, ()))))
        for stream in setup.streams
    )


def _decide(situation: Situation) -> Decision:
    found = list(find_reasons(situation))
    via, extra = _choose(situation, found)
    reasons = [reason for side, reason in found if side in (Side(via.value), Side.EITHER)] + extra
    primary = Choice(via, situation.primary.account if situation.primary else "")
    fallback, why_fallback = _choose_fallback(situation, primary)
    capacity = compute_capacity(situation)
    return Decision(
        stream=situation.stream.id,
        recommended=Pair(primary, fallback),
        declared=Pair(_declared(situation.primary), _declared(situation.fallback)),
        dimensions=compare(situation, capacity),
        reasons=(*reasons, why_fallback),
        capacity=capacity,
        loses=tuple(_losses(situation, via, fallback)),
        would_change=tuple(_turning_points(situation, via, found)),
        origin=situation.stream.origin,
    )


def _declared(route: Route | None) -> Choice | None:
    return Choice(route.via, route.account) if route else None


def _choose(situation: Situation, found: Sequence[tuple[Side, Reason]]) -> tuple[Via, list[Reason]]:
    """Give the protocol: what leaves no choice first, then what works today, then the reasons on each side."""
    codes = {reason.code: side for side, reason in found}
    for code in BINDING:
        if code in codes:
            return Via(codes[code].value), []
    only = _offered(situation)
    if only is not None:
        text = f"the ESP offers {only.upper()} only"
        return only, [Reason("ONLY_OFFER", text, "the ESP's capabilities")]
    specific = SPECIFIC & codes.keys()
    if situation.stream.working and not (situation.stream.working is Via.SMTP and specific):
        return situation.stream.working, []
    for_api = [reason for side, reason in found if side is Side.API]
    for_smtp = [reason for side, reason in found if side is Side.SMTP and reason.code != "WORKS_TODAY"]
    if for_smtp and not specific:
        return Via.SMTP, []
    if for_api:
        return Via.API, []
    text = "nothing decides it: new code with a modern ESP is slightly less work by API, and reports errors at once"
    return Via.API, [Reason("STARTING_FRESH", text, "the decision's table of reasons")]


def _offered(situation: Situation) -> Via | None:
    """Give the one protocol the ESP offers, None where it offers both (or is not known)."""
    if situation.account is None:
        return None
    smtp, api = situation.offers(Capability.SMTP), situation.offers(Capability.API)
    return None if smtp == api else Via.SMTP if smtp else Via.API


def _choose_fallback(situation: Situation, primary: Choice) -> tuple[Choice | None, Reason]:
    stream, limit = situation.stream, situation.thresholds.fallback_from_per_day
    if stream.kind.is_bulk:
        text = "a campaign queues rather than fails over: suppression lists are not shared between ESPs"
        return None, Reason(
            "CAMPAIGN_QUEUES",
            text,
            "https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html (one list an account)",
        )
    if Need.TEMPLATES in stream.needs:
        text = "no other ESP can render templates that are kept at this one; let the app render them to have a fallback"
        return None, Reason("TEMPLATES_BIND", text, "the spec: needs")
    per_day = stream.volume.per_day or 0
    important = stream.kind in {StreamKind.AUTHENTICATION, StreamKind.TRANSACTIONAL}
    if not important or per_day <= limit.value:
        text = f"{per_day:,} a day: a queue that waits out an outage is enough"
        return None, Reason("FALLBACK_NOT_NEEDED", text, f"{limit.source}: from {limit.value:,} a day")
    via = Via.SMTP if Via.SMTP in situation.speaks and not situation.is_smtp_blocked else Via.API
    text = f"{per_day:,} a day of {stream.kind} mail: a second ESP takes over when the first one's account or endpoint fails"
    account = _fallback_account(situation, primary, via)
    if account is None:
        text += "; no other ESP account of the spec can: add one and authenticate it on the same subdomain"
    return Choice(via, account.id if account else ""), Reason(
        "FALLBACK", text, "RFC 5321 section 4.2.1: which failures another try can cure"
    )


def _fallback_account(situation: Situation, primary: Choice, via: Via) -> Account | None:
    """Give the declared fallback's account if it is another ESP, else the first account that is and can."""
    setup, stream = situation.setup, situation.stream
    kind = setup.account(primary.esp).kind if primary.esp else ""
    declared = [setup.account(route.account) for route in stream.routes if route.account != primary.esp]
    wanted = Capability.SMTP if via is Via.SMTP else Capability.API
    candidates = [*declared, *(account for account in setup.accounts if account.id != primary.esp)]
    return next((each for each in candidates if each.kind != kind and wanted in each.capabilities), None)


def _losses(situation: Situation, via: Via, fallback: Choice | None) -> list[str]:
    needs, lost = situation.stream.needs, []
    if via is Via.SMTP:
        lost += [f"{need}: not over SMTP" for need in situation.unmet(Via.SMTP)]
        lost.append("errors for each recipient at submission: SMTP answers once for the message")
        lost.append("knowing whether it was taken when the connection drops after the final dot (RFC 1047)")
    else:
        lost.append("changing the ESP by host, port and secret alone: the API is this ESP's own")
        if Via.SMTP in situation.speaks:
            lost.append("a local queue that any MTA gives: the app must keep what the API does not take")
    if fallback is not None:
        lost += [f"on the fallback, {need}: its own way or none" for need in sorted(needs - {Need.ATTACHMENTS})]
        lost.append("on the fallback, the primary's suppression list: people who left may be mailed again")
    return lost


def _turning_points(situation: Situation, via: Via, found: Sequence[tuple[Side, Reason]]) -> list[str]:
    limits, points = situation.thresholds, []
    codes = {reason.code for _, reason in found}
    if "SPEAKS_ONLY_SMTP" in codes:
        return ["an API client in every app that sends it (`apps.*.speaks`)"]
    if "SPEAKS_ONLY_API" in codes or "PORTS_BLOCKED" in codes:
        return ["an SMTP client and an open submission port (`apps.*.speaks`, `apps.*.blocked_ports`)"]
    if via is Via.SMTP:
        points.append("a need for templates, batching, scheduling or idempotency (`needs`)")
        if "VOLUME_PER_DAY" not in codes:
            points.append(f"{limits.api_from_per_day.value:,} a day or more (a rule of thumb; the quota decides)")
    else:
        points.append("`portable: true` with no need that only the API meets")
        points.append("an SMTP integration that already works (`working: smtp`)")
        if not situation.stream.kind.is_bulk:
            points.append(f"at most {limits.low_per_month.value:,} a month with nothing special needed")
    return points
