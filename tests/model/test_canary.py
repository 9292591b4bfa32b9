"""What a canary writes is what Prometheus reads, and a failure does not forget the last success."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from prometheus_peers import run

from sendspec.model.canary import CanaryRun, Metric, Sample, canary_samples, metrics_text

GOOD = CanaryRun(
    "receipts", 1_800_000_000.25, is_through=True, by_fallback=False, phases=(("accepted", 0.125), ("event", 3.0))
)
FILE = """\
# HELP sendspec_canary_run_timestamp_seconds When the canary of a stream last ran to its end, whatever came of it, in Unix seconds.
# TYPE sendspec_canary_run_timestamp_seconds gauge
sendspec_canary_run_timestamp_seconds{stream="receipts"} 1800000000.25
# HELP sendspec_canary_success_timestamp_seconds When a canary message of a stream last came through, its event included, in Unix seconds.
# TYPE sendspec_canary_success_timestamp_seconds gauge
sendspec_canary_success_timestamp_seconds{stream="receipts"} 1800000000.25
# HELP sendspec_canary_seconds How long a phase of the last canary run took; label phase.
# TYPE sendspec_canary_seconds gauge
sendspec_canary_seconds{stream="receipts",phase="accepted"} 0.125
sendspec_canary_seconds{stream="receipts",phase="event"} 3
"""


def text_of(run: CanaryRun, before: str = "") -> str:
    return metrics_text(list(canary_samples(run, before)))


def values(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_the_file_of_a_good_run() -> None:
    assert text_of(GOOD) == FILE


def test_promtool_finds_nothing_to_say_about_any_metric(find_tool: Callable[[str], str]) -> None:
    text = metrics_text([Sample(metric, (("stream", "receipts"), ("esp", "x")), 0.5) for metric in Metric])
    done = run(find_tool("promtool"), "check", "metrics", text=text)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_failed_run_keeps_when_the_last_good_one_was() -> None:
    failed = CanaryRun("receipts", 1_800_000_900, is_through=False, by_fallback=False)
    found = values(text_of(failed, FILE))
    assert found == {
        'sendspec_canary_run_timestamp_seconds{stream="receipts"}': 1_800_000_900,
        'sendspec_canary_success_timestamp_seconds{stream="receipts"}': 1_800_000_000.25,
    }
    assert 'sendspec_canary_success_timestamp_seconds{stream="receipts"}' not in values(text_of(failed))


def test_a_run_by_the_fallback_says_so_and_the_next_one_keeps_when() -> None:
    by_fallback = text_of(CanaryRun("receipts", 100, is_through=True, by_fallback=True))
    assert values(by_fallback)['sendspec_canary_fallback_timestamp_seconds{stream="receipts"}'] == 100
    after = values(text_of(CanaryRun("receipts", 200, is_through=True, by_fallback=False), by_fallback))
    assert after['sendspec_canary_fallback_timestamp_seconds{stream="receipts"}'] == 100
    assert after['sendspec_canary_run_timestamp_seconds{stream="receipts"}'] == 200


def test_the_file_of_another_stream_says_nothing() -> None:
    assert text_of(CanaryRun("support", 5, is_through=False, by_fallback=False), FILE) == text_of(
        CanaryRun("support", 5, is_through=False, by_fallback=False)
    )


@given(st.text(max_size=200))
def test_whatever_stood_in_the_file_a_run_is_written(before: str) -> None:
    assert values(text_of(GOOD, before))['sendspec_canary_run_timestamp_seconds{stream="receipts"}'] == 1_800_000_000.25


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_label_value_cannot_leave_its_quotes(value: str) -> None:
    text = metrics_text([Sample(Metric.BOUNCES, (("stream", "a"), ("esp", value)), 0.01)])
    inner = text.partition(',esp="')[2].removesuffix('"} 0.01\n')
    assert inner.replace("\\\\", "").replace('\\"', "").replace("\\n", "").count('"') == 0
    assert "\n" not in inner
    assert inner.replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\0", "\\") == value.replace(
        "\0", "\\"
    )
