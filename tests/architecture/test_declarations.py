"""What is declared is used, and what is claimed has a proof."""

import ast
import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from sendspec.model.fact import Fact
from sendspec.model.vocabulary import Capability

# A page, a standard, a released package in a named version, or a commit: where a reader finds the same thing.
PROOF = re.compile(r"https://\S+|RFC \d+|\w+ \d+\.\d+|[\w.-]+/[\w.-]+ @ [0-9a-f]{7,}")


def members_named(sources, enum: str, below: tuple[str, ...]) -> set[str]:
    """Give the members of an enum that modules below some folders spell out (`Capability.SMTP`)."""
    return {
        node.attr
        for source in sources
        if source.path.startswith(below)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == enum
    }


def facts_in(value: object, seen: set[int]) -> Iterator[Fact]:
    """Give every fact in a value, through tuples, mappings and dataclasses."""
    if id(value) in seen or isinstance(value, type):
        return
    seen.add(id(value))
    if isinstance(value, Fact):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from facts_in(inner, seen)
    elif isinstance(value, tuple | list | frozenset | set):
        for inner in value:
            yield from facts_in(inner, seen)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from facts_in(getattr(value, field.name), seen)


@pytest.fixture(scope="module")
def facts(modules) -> list[tuple[str, Fact]]:
    seen: set[int] = set()
    return [
        (f"{name}.{attribute}", fact)
        for name, module in sorted(modules.items())
        for attribute, value in sorted(vars(module).items())
        if not attribute.startswith("__")
        for fact in facts_in(value, seen)
    ]


def test_every_capability_is_asked_for_by_a_rule_by_compile_or_by_advice(sources):
    asked = members_named(sources, "Capability", ("rules/", "compile/", "advice/", "need_support.py"))
    assert set(Capability.__members__) - asked == set()


def test_every_fact_names_its_source_and_the_day_it_was_read(facts):
    assert len(facts) >= 20
    assert {(place, fact.source) for place, fact in facts if not PROOF.match(fact.source)} == set()
    undated = [place for place, fact in facts if type(fact.verified) is not date or fact.verified < date(2025, 1, 1)]
    assert undated == []
