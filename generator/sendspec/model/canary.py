"""What a canary tells Prometheus: names, labels and text, in one place for `smoke`, the alerts and the schedules.

`smoke STREAM --metrics FILE` writes one file a stream for node_exporter's textfile collector. Every sample carries the
stream: two files with one and the same series make the collector drop all files.
Source: https://github.com/prometheus/node_exporter#textfile-collector (2026-11-26)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

INTERVAL_SECONDS = 15 * 60
"""How often the rendered schedules run a canary; the alerts count in it."""

SAMPLE = re.compile(r'([a-z_]+)\{stream="([a-z0-9-]+)"\} ([0-9]{1,12}(?:\.[0-9]{1,6})?)')


class Metric(StrEnum):
    """Every metric that an alert of ours reads and no exporter of others writes. All are gauges.

    The first four are written by every run of `smoke --metrics`. The rest come from whoever knows them; their alerts
    say when nobody does.
    """

    RUN = "sendspec_canary_run_timestamp_seconds"
    SUCCESS = "sendspec_canary_success_timestamp_seconds"
    FALLBACK = "sendspec_canary_fallback_timestamp_seconds"
    SECONDS = "sendspec_canary_seconds"
    BOUNCES = "sendspec_bounce_ratio"
    COMPLAINTS = "sendspec_complaint_ratio"
    CREDENTIAL = "sendspec_credential_rotated_timestamp_seconds"

    @property
    def help(self) -> str:
        """Give what it means, and its labels."""
        return HELP[self]


HELP = {
    Metric.RUN: "When the canary of a stream last ran to its end, whatever came of it, in Unix seconds.",
    Metric.SUCCESS: "When a canary message of a stream last came through, its event included, in Unix seconds.",
    Metric.FALLBACK: "When a canary message of a stream last had to leave by a fallback, in Unix seconds.",
    Metric.SECONDS: "How long a phase of the last canary run took; label phase.",
    Metric.BOUNCES: "Share of messages that bounced, 0 to 1, as the ESP counts; label esp.",
    Metric.COMPLAINTS: "Share of messages that recipients reported as spam, 0 to 1, as the ESP counts; label esp.",
    Metric.CREDENTIAL: "When the value of a credential was made, in Unix seconds; label credential.",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One value with its labels, in the order to write them."""

    metric: Metric
    labels: tuple[tuple[str, str], ...]
    value: float


@dataclass(frozen=True, slots=True)
class CanaryRun:
    """One run of a stream's canary.

    Attributes:
        ended: Unix seconds.
        is_through: The message was taken and the event that must come back has come back.
        by_fallback: It left by a fallback, because the primary failed.
        phases: (name, seconds) in their order: accepted, event.
    """

    stream: str
    ended: float
    is_through: bool
    by_fallback: bool
    phases: tuple[tuple[str, float], ...] = ()


def canary_samples(run: CanaryRun, before: str = "") -> Iterator[Sample]:
    """Give the samples of a run. `before` is the text of the file that they replace: what a run cannot say stays.

    A run that fails does not know when the last good one was; the file it replaces does.
    """
    known = {(name, stream): float(value) for name, stream, value in SAMPLE.findall(before)}
    stream = (("stream", run.stream),)
    yield Sample(Metric.RUN, stream, run.ended)
    for metric, is_now in ((Metric.SUCCESS, run.is_through), (Metric.FALLBACK, run.by_fallback)):
        at = run.ended if is_now else known.get((metric, run.stream))
        if at is not None:
            yield Sample(metric, stream, at)
    for phase, seconds in run.phases:
        yield Sample(Metric.SECONDS, (*stream, ("phase", phase)), seconds)


def metrics_text(samples: Sequence[Sample]) -> str:
    """Give the file: samples of one metric together, each metric with its help.

    Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (2026-11-26)
    """
    lines: list[str] = []
    for metric in Metric:
        wanted = [sample for sample in samples if sample.metric is metric]
        if wanted:
            lines += [f"# HELP {metric} {metric.help}", f"# TYPE {metric} gauge"]
        lines += [f"{metric}{{{_labels(sample)}}} {_number(sample.value)}" for sample in wanted]
    return "".join(f"{line}\n" for line in lines)


def _labels(sample: Sample) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    """Give a number without exponent, to the microsecond."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
