"""Numbers that clients get, computed from peak, latency and limits."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.capacity import Surroundings, plan_delivery
from sendspec.model.fact import Fact
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.stream import Volume
from sendspec.model.thresholds import DEFAULTS
from sendspec.model.vocabulary import Need, StreamKind, Via

RETRY = RetryFacts(retry_status=(429, 500), never_status=(422,), retry_after_header="Retry-After")
DAY = date(2026, 11, 20)


def plan(via=Via.SMTP, *, kind=StreamKind.MARKETING, volume=None, needs=(), limits=None, surroundings=None):
    return plan_delivery(
        via,
        kind,
        volume or Volume(400_000, 150_000),
        frozenset(needs),
        limits or Limits(),
        RETRY,
        surroundings or Surroundings(),
        DEFAULTS,
    )


def test_a_campaign_over_smtp_needs_the_connections_of_the_worked_example():
    # 150,000 an hour = 41.7/s; at 0.12 to 0.45 s a message that is 5 to 19 warm connections
    assert plan().connections == 19


def test_a_campaign_over_an_api_that_takes_a_thousand_a_call_is_under_one_call_a_second():
    delivery = plan(Via.API, needs=[Need.BATCHING], limits=Limits(batch_size=Fact(1000, "https://x.example", DAY)))
    assert (delivery.batch_size, delivery.rate_per_second, delivery.connections) == (1000, 1, 1)


def test_without_the_need_for_batches_every_message_is_a_call():
    delivery = plan(Via.API, limits=Limits(batch_size=Fact(1000, "https://x.example", DAY)))
    assert (delivery.batch_size, delivery.rate_per_second) == (1, 42)


def test_batches_of_esp_templates_are_not_promised_to_a_stream_without_templates():
    limits = Limits(batch_size=Fact(50, "https://x.example", DAY), batch_needs_template=True)
    assert plan(Via.API, needs=[Need.BATCHING], limits=limits).batch_size == 1
    assert plan(Via.API, needs=[Need.BATCHING, Need.TEMPLATES], limits=limits).batch_size == 50


def test_the_limit_of_the_esp_wins_and_the_reason_says_so():
    delivery = plan(limits=Limits(max_connections=Fact(10, "https://x.example", DAY)))
    assert delivery.connections == 10
    assert any("19 would be needed" in line for line in delivery.because)


def test_a_cold_process_counts_the_handshakes():
    # 41.7/s at 1 to 2 s: the 40 to 84 cold connections of the worked example
    assert plan(surroundings=Surroundings(cold=True)).connections == 84


def test_a_declared_distance_replaces_the_published_range():
    delivery = plan(surroundings=Surroundings(rtt_ms=20))
    assert delivery.seconds_per_message == (0.04, 0.06)
    assert delivery.connections == 3


def test_without_a_volume_nothing_is_limited_and_the_reason_says_so():
    delivery = plan(volume=Volume())
    assert (delivery.connections, delivery.rate_per_second) == (2, 0)
    assert "no volume declared" in delivery.because


def test_authentication_mail_gives_up_before_its_code_expires():
    patient, hasty = plan(), plan(kind=StreamKind.AUTHENTICATION)
    assert hasty.retry.attempts * hasty.retry.cap_seconds < 60 < patient.retry.attempts * patient.retry.cap_seconds


@given(
    st.integers(1, 10_000_000),
    st.sampled_from(Via),
    st.integers(1, 500),
    st.one_of(st.none(), st.integers(1, 2000)),
)
def test_no_number_exceeds_what_the_esp_allows_and_none_is_zero(per_hour, via, allowed, batch):
    limits = Limits(
        max_connections=Fact(allowed, "https://x.example", DAY),
        batch_size=Fact(batch, "https://x.example", DAY) if batch else None,
    )
    delivery = plan(via, volume=Volume(None, per_hour), needs=[Need.BATCHING], limits=limits)
    assert 1 <= delivery.connections <= allowed
    assert delivery.rate_per_second * delivery.batch_size >= per_hour / 3600
    assert delivery.batch_size >= 1


@pytest.mark.parametrize("via", list(Via))
def test_timeouts_are_always_set(via):
    delivery = plan(via)
    assert 0 < delivery.connect_timeout_seconds < delivery.read_timeout_seconds
