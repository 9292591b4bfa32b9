"""The eight dimensions, each with the number or fact for this stream and its ESP."""

from sendspec.advice.situation import Situation
from sendspec.model.decision import ApiCapacity, Capacity, Dimension, Side, SmtpCapacity
from sendspec.model.vocabulary import Capability, Need, Via


def compare(situation: Situation, capacity: Capacity) -> tuple[Dimension, ...]:
    """Give the eight dimensions in the order people ask for them."""
    return (
        _integration(situation),
        _latency(capacity),
        _throughput(situation, capacity),
        _features(situation),
        _feedback(situation),
        _dependency(situation),
        _templates(situation),
        _typical_use(situation),
    )


def _integration(situation: Situation) -> Dimension:
    apps = ", ".join(app.id for app in situation.apps) or "no app declared"
    spoken = situation.speaks
    smtp = f"{apps}: speaks SMTP" if Via.SMTP in spoken else f"{apps}: no SMTP client"
    api = f"{apps}: an API client exists" if Via.API in spoken else f"{apps}: would need a new API client"
    if situation.stream.working is Via.SMTP or Via.API not in spoken:
        favours = Side.SMTP
    elif situation.stream.working is Via.API or Via.SMTP not in spoken:
        favours = Side.API
    else:
        favours = Side.EITHER
    return Dimension("integration effort", smtp, api, favours)


def _latency(capacity: Capacity) -> Dimension:
    smtp, api = capacity.smtp, capacity.api
    smtp_text = "not offered by this ESP"
    if smtp:
        smtp_text = f"{_range(smtp.warm_seconds)} s on an open connection, {_range(smtp.cold_seconds)} s on a new one"
    api_text = f"{_range(api.seconds)} s a call" if api else "not offered by this ESP"
    return Dimension("latency", smtp_text, f"{api_text}; delivery time is the ESP's queue on both", _only(smtp, api))


def _throughput(situation: Situation, capacity: Capacity) -> Dimension:
    smtp, api, peak = capacity.smtp, capacity.api, capacity.peak_per_second
    if peak is None:
        return Dimension("throughput", "no volume declared", "no volume declared", Side.EITHER)
    smtp_text = "not offered by this ESP"
    if smtp:
        cold = f"{_span(smtp.cold_connections)} cold"
        allowed = f"; the ESP allows {smtp.allowed_connections:,}" if smtp.allowed_connections else ""
        smtp_text = f"{peak:.2f} messages/s: {_warm(smtp.warm_connections)}, {cold}{allowed}"
    api_text = "not offered by this ESP"
    if api:
        api_text = (
            f"{api.calls_per_second:.3g} calls/s of {api.batch_size:,} each, {_span(api.calls_in_flight)} in flight"
        )
    favours = _only(smtp, api)
    hour = situation.stream.volume.peak_per_hour or 0
    if favours is Side.EITHER and hour >= situation.thresholds.pool_from_per_hour.value and api and api.batch_size > 1:
        favours = Side.API
    return Dimension("throughput", smtp_text, f"{api_text}; the granted quota is one for both", favours)


def _features(situation: Situation) -> Dimension:
    needs = sorted(situation.stream.needs)
    if not needs:
        return Dimension("feature access", "nothing special needed", "nothing special needed", Side.EITHER)
    smtp_lacks = situation.unmet(Via.SMTP)
    api_lacks = situation.unmet(Via.API)
    headers = " (metadata by the vendor's own headers)" if Need.METADATA in needs else ""
    smtp = f"lacks {', '.join(smtp_lacks)}" if smtp_lacks else f"carries {', '.join(needs)}{headers}"
    api = f"lacks {', '.join(api_lacks)}" if api_lacks else f"carries {', '.join(needs)}"
    favours = Side.EITHER
    if len(smtp_lacks) != len(api_lacks):
        favours = Side.API if len(smtp_lacks) > len(api_lacks) else Side.SMTP
    elif Need.METADATA in needs:
        favours = Side.API
    return Dimension("feature access", smtp, api, favours)


def _feedback(situation: Situation) -> Dimension:
    events = situation.offers(Capability.EVENTS)
    later = "bounces and complaints by event" if events else "no events from this ESP"
    smtp = f"250 and a queue id at submission; {later}"
    api = f"message id and errors for each recipient at once; {later}"
    wants = bool({Need.WEBHOOKS, Need.METADATA} & situation.stream.needs)
    return Dimension("deliverability feedback", smtp, api, Side.API if wants else Side.EITHER)


def _dependency(situation: Situation) -> Dimension:
    headers = situation.primary.endpoint.headers if situation.primary else ()
    names = ", ".join(name for name, _ in headers)
    smtp = "host, port and secret change" + (f", and the headers {names}" if names else "")
    favours = Side.SMTP if situation.stream.portable else Side.EITHER
    return Dimension("dependency on the ESP", smtp, "each ESP has an API of its own: code changes", favours)


def _templates(situation: Situation) -> Dimension:
    if Need.TEMPLATES not in situation.stream.needs:
        text = "the app renders its own"
        return Dimension("template management", text, text, Side.EITHER)
    by_smtp = situation.offers(Capability.TEMPLATES_SMTP)
    smtp = "reachable by the ESP's header" if by_smtp else "the ESP's templates cannot be reached"
    return Dimension("template management", smtp, "kept and merged at the ESP", Side.EITHER if by_smtp else Side.API)


def _typical_use(situation: Situation) -> Dimension:
    smtp = "off-the-shelf and legacy systems, low volume, fallback"
    api = "new code, campaigns, templates and metadata on every message"
    if Via.API not in situation.speaks:
        favours = Side.SMTP
    elif situation.stream.kind.is_bulk or Need.TEMPLATES in situation.stream.needs:
        favours = Side.API
    else:
        favours = Side.EITHER
    return Dimension("typical use case", smtp, api, favours)


def _only(smtp: SmtpCapacity | None, api: ApiCapacity | None) -> Side:
    """Favour the only side there is; neither number nor taste decides between two."""
    if smtp and not api:
        return Side.SMTP
    if api and not smtp:
        return Side.API
    return Side.EITHER


def _warm(counts: tuple[int, int]) -> str:
    return f"{_span(counts)} warm connection{'s' if counts[1] > 1 else ''}"


def _span(counts: tuple[int, int]) -> str:
    fewest, most = counts
    return str(fewest) if fewest == most else f"{fewest} to {most}"


def _range(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:g} to {seconds[1]:g}"
