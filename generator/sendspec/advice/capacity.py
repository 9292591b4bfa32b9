"""What a stream's peak takes on either protocol, by the same arithmetic that fills the settings files."""

from sendspec.advice.situation import Situation
from sendspec.capacity import Surroundings, batch_size_for, in_flight, seconds_per_message, why_peak
from sendspec.model.decision import ApiCapacity, Capacity, SmtpCapacity
from sendspec.model.limits import Limits
from sendspec.model.vocabulary import Capability, Via


def compute_capacity(situation: Situation) -> Capacity:
    """Compute both sides for the ESP of the primary."""
    peak, account = situation.stream.volume.peak_per_second, situation.account
    limits = account.limits if account else Limits()
    quota = limits.quota_from or "what the account was granted"
    return Capacity(
        peak_per_second=peak,
        why=why_peak(situation.stream.volume),
        smtp=_smtp(situation, peak or 0.0, limits) if situation.offers(Capability.SMTP) else None,
        api=_api(situation, peak or 0.0, limits) if situation.offers(Capability.API) else None,
        quota=f"the quota of the account applies to both protocols alike ({quota})",
    )


def _smtp(situation: Situation, peak: float, limits: Limits) -> SmtpCapacity:
    rtt = situation.surroundings.rtt_ms
    warm, _ = seconds_per_message(Via.SMTP, Surroundings(rtt), situation.thresholds)
    cold, _ = seconds_per_message(Via.SMTP, Surroundings(rtt, cold=True), situation.thresholds)
    return SmtpCapacity(
        warm_connections=in_flight(peak, warm),
        cold_connections=in_flight(peak, cold),
        warm_seconds=warm,
        cold_seconds=cold,
        allowed_connections=limits.max_connections.value if limits.max_connections else None,
    )


def _api(situation: Situation, peak: float, limits: Limits) -> ApiCapacity:
    seconds, _ = seconds_per_message(Via.API, Surroundings(situation.surroundings.rtt_ms), situation.thresholds)
    batch, _ = batch_size_for(Via.API, situation.stream.needs, limits)
    return ApiCapacity(
        calls_per_second=peak / batch,
        batch_size=batch,
        calls_in_flight=in_flight(peak / batch, seconds),
        seconds=seconds,
        allowed_requests_per_second=limits.requests_per_second.value if limits.requests_per_second else None,
    )
