"""Every kind of finding of the DNS checks has a broken world that shows it, and nothing else."""

import re

import pytest
from dns_shop import seen_in
from dns_worlds import OF_THEIR_OWN, UNKNOWN, WORLDS, world_of

from sendspec.check.run import checks_of
from sendspec.model.observation import Subject

DNS_KINDS = {kind.id for check in checks_of({Subject.DNS}) for kind in check.kinds}


def test_every_kind_of_the_dns_checks_has_a_broken_world():
    assert set(WORLDS) | set(UNKNOWN) | OF_THEIR_OWN == DNS_KINDS


@pytest.mark.parametrize("kind", WORLDS)
def test_a_broken_world_shows_its_kind_and_nothing_else(kind):
    seen = seen_in(*world_of(WORLDS[kind]()))
    found = {each.kind.id for each in seen if not each.is_unknown}
    assert found == {kind}, [each.message for each in seen]
    for each in seen:
        assert is_complete(each), each


def is_complete(seen) -> bool:
    """Tell whether both sides of the comparison, who said so and a cure are there, each short enough to be read."""
    is_short = len(seen.expected) <= 200 and ("\n" in seen.seen or len(seen.seen) <= 420)
    is_printable = not re.search(r"[\x00-\x09\x0b-\x1f]", seen.message + seen.fix)
    return (
        all((seen.expected, seen.seen, seen.answered_by, seen.fix or seen.kind.instead)) and is_short and is_printable
    )


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_could_not_be_told_is_unknown_and_nothing_else_is_seen(kind):
    seen = seen_in(*world_of(UNKNOWN[kind]()))
    assert {each.kind.id for each in seen} >= {kind}, [each.message for each in seen]
    assert all(each.is_unknown for each in seen), [each.message for each in seen if not each.is_unknown]
