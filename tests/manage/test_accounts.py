"""`plan`, `apply`, `pull` and `drift` over a whole world: every ESP, a DNS host, secret stores, over real sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_world import AwsWorld, aws_world, make_empty
from whole_world import WholeWorld, whole_world

from sendspec import manage
from sendspec.model.plan import Plan
from sendspec.plan.apply import Applied, Done
from sendspec.plan.approval import Approval
from sendspec.spec.files import read_files


@pytest.fixture(scope="module")
def amazon() -> Iterator[AwsWorld]:
    with aws_world() as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, amazon: AwsWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[WholeWorld]:
    make_empty(amazon)
    with whole_world(tmp_path, amazon, monkeypatch) as found:
        yield found


def plan(world: WholeWorld) -> Plan:
    return manage.plan(read_files(world.folder), world.terms, lambda _text: None)


def apply(world: WholeWorld, seen: list[Done] | None = None) -> Applied:
    told = seen if seen is not None else []
    applied = manage.apply(read_files(world.folder), world.terms, Approval, told.append, lambda _text: None)
    assert applied is not None
    return applied


def test_a_world_is_built_from_nothing(world):
    first = plan(world)
    assert first.unread == ()
    assert first.held == ()
    applied = apply(world)
    assert [(done.change.key, done.outcome) for done in applied.failed] == []
    world.look_at_dns()
    again = apply(world)
    assert [(done.change.key, done.outcome) for done in again.failed] == []
    after = plan(world)
    assert [(change.action, change.key, change.differences) for change in after.changes] == []
    assert (after.held, after.unread) == ((), ())
