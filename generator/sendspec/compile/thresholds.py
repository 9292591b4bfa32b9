"""Thresholds of the decision: the published ones, with those of the spec in their place."""

from dataclasses import replace
from typing import Any

from sendspec.model.fact import Fact
from sendspec.model.thresholds import DEFAULTS, READ, Thresholds
from sendspec.spec.schema import Spec

SECONDS = {"warm_smtp_ms": "warm_smtp_seconds", "cold_smtp_ms": "cold_smtp_seconds", "api_ms": "api_seconds"}


def read_thresholds(spec: Spec) -> Thresholds:
    """Give the thresholds that hold for this spec."""
    changes: dict[str, Any] = {}
    for name in type(spec.advice).model_fields:
        value = getattr(spec.advice, name)
        if value is None:
            continue
        if name in SECONDS:
            value = tuple(each / 1000 for each in value)
        changes[SECONDS.get(name, name)] = Fact(value, f"the spec: advice.{name}", READ)
    return replace(DEFAULTS, **changes)
