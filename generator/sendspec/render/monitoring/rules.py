"""An alert rule, and how it stands in `alerts.yml`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sendspec.render.monitoring.yaml_text import Node, block
from sendspec.targets.app_notes import hash_comment


class Urgency(StrEnum):
    """The label `severity`: wakes somebody, is looked at today, is known."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule.

    Attributes:
        hold: How long it must hold before it fires: `10m`; empty: at once.
        labels: Beside `severity`.
        summary, description: Go templates: `{{ $labels.stream }}`. What comes from the spec passes `literal` first.
        comment: What a reader of the file must know; empty for what the description says.
    """

    name: str
    expression: str
    hold: str
    urgency: Urgency
    summary: str
    description: str
    labels: tuple[tuple[str, str], ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Alerts that are evaluated together."""

    name: str
    alerts: tuple[Alert, ...]
    comment: str = ""


def group_lines(group: AlertGroup) -> Iterator[str]:
    """Give the lines of a group below `groups:`."""
    if group.comment:
        yield from _comment(group.comment, "  ")
    yield from block([{"name": group.name}], 1)
    yield "    rules:"
    for alert in group.alerts:
        if alert.comment:
            yield from _comment(alert.comment, "      ")
        yield from block([_rule(alert)], 3)


def selector(metric: str, **labels: str) -> str:
    """Give an instant selector: `name{stream="receipts"}`."""
    inner = ",".join(f"{name}={quoted(value)}" for name, value in labels.items())
    return f"{metric}{{{inner}}}" if inner else metric


def quoted(text: str) -> str:
    """Give text as PromQL writes it (https://prometheus.io/docs/prometheus/latest/querying/basics/, 2026-11-26)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def literal(text: str) -> str:
    """Give text that a Go template prints as it is (https://pkg.go.dev/text/template, 2026-11-26)."""
    return text.replace("{{", '{{ "{{" }}')


def joined_names(names: Sequence[str]) -> str:
    """Give names for a sentence."""
    return ", ".join(names)


def _rule(alert: Alert) -> Node:
    hold: dict[str, Node] = {"for": alert.hold} if alert.hold else {}
    return {
        "alert": alert.name,
        "expr": alert.expression,
        **hold,
        "labels": {"severity": alert.urgency.value, **dict(alert.labels)},
        "annotations": {"summary": alert.summary, "description": alert.description},
    }


def _comment(text: str, indent: str) -> Iterator[str]:
    yield from (f"{indent}{line}" for line in hash_comment(text).splitlines())
