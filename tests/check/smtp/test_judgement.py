"""What several exchanges with one endpoint come to together."""

import pytest
from smtp_check import SES_HOST, SPEC

from sendspec.check.smtp.judgement import judge
from sendspec.check.smtp.probes import Probe, probes_of
from sendspec.model.observation import Measurement, Observation, Passed
from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Exchange, Failure, Patience, Phase, Problem, Target
from sendspec.pipeline import compile_folder


@pytest.fixture
def probe(tmp_path) -> Probe:
    (tmp_path / "spec.yaml").write_text(SPEC)
    (found,) = probes_of(compile_folder(tmp_path).setup)
    return found


def exchange(address: str, failure: Failure | None = None, *, reply: str = "", seconds: float = 0.01) -> Exchange:
    problem = None if failure is None else Problem(failure, Phase.AUTH, reply)
    phases = [(Phase.CONNECT, seconds)]
    return Exchange(Target(SES_HOST, address, 587, Tls.STARTTLS), phases=phases, problem=problem)


def observations(probe: Probe, *exchanges: Exchange) -> list[Observation]:
    return [seen for seen in judge(probe, exchanges, (), Patience()) if isinstance(seen, Observation)]


def test_a_family_that_this_machine_has_no_way_to_is_nothing_where_the_other_one_works(probe):
    seen = list(judge(probe, [exchange("192.0.2.1"), exchange("2001:db8::1", Failure.NO_ROUTE)], (), Patience()))
    assert [each for each in seen if isinstance(each, Observation)] == []
    assert [each for each in seen if isinstance(each, Passed)] == [Passed(1)]
    assert len([each for each in seen if isinstance(each, Measurement)]) == 1


def test_without_any_way_out_nothing_can_be_told(probe):
    (seen,) = observations(probe, exchange("192.0.2.1", Failure.NO_ROUTE), exchange("2001:db8::1", Failure.NO_ROUTE))
    assert seen.is_unknown
    assert seen.kind.id == "live-smtp-unreachable"
    assert seen.count == 2


def test_the_same_failure_with_other_words_is_said_apart(probe):
    seen = observations(
        probe,
        exchange("192.0.2.1", Failure.AUTH_REFUSED, reply="535 no"),
        exchange("192.0.2.2", Failure.AUTH_REFUSED, reply="535 never"),
        exchange("192.0.2.3", Failure.AUTH_REFUSED, reply="535 no"),
    )
    assert [(each.seen, each.count) for each in seen] == [("535 no", 2), ("535 never", 1)]


def test_many_addresses_are_not_all_listed(probe):
    (seen,) = observations(probe, *(exchange(f"192.0.2.{n}", Failure.CLOSED) for n in range(9)))
    assert seen.answered_by == f"{SES_HOST}:587 (192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3 and 5 more)"


@pytest.mark.parametrize("failure", [Failure.TIMEOUT, Failure.CONNECT_TIMEOUT, Failure.STOPPED])
def test_what_never_answered_is_not_slow_too(probe, failure):
    (seen,) = observations(probe, exchange("192.0.2.1", failure, seconds=30))
    assert seen.is_unknown


def test_a_phase_that_several_senders_went_through_is_measured_once_and_says_so(probe):
    phases = [(Phase.AUTH, 1.0), (Phase.MAIL, 2.0), (Phase.RSET, 0.5), (Phase.MAIL, 3.0), (Phase.RSET, 0.5)]
    held = Exchange(Target(SES_HOST, "192.0.2.1", 587, Tls.STARTTLS), phases=phases)
    (measured,) = (each for each in judge(probe, [held], (), Patience()) if isinstance(each, Measurement))
    assert measured.phases == (("auth", 1.0), ("mail of 2 senders", 5.0), ("rset of 2 senders", 1.0))
    assert measured.total_seconds == 7.0
