"""Our data classes are those of the standard library, made in less time."""

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, field
from typing import Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ours(Generic[T]):
    """What it is."""

    name: str
    value: T
    count: int = 7
    parts: list[int] = field(default_factory=list)
    hidden: str = field(default="x", repr=False)
    note: str = field(default="", compare=False)

    @property
    def shout(self) -> str:
        return self.name.upper()


@dataclasses.dataclass(frozen=True, slots=True)
class Standard(Generic[T]):
    """What it is."""

    name: str
    value: T
    count: int = 7
    parts: list[int] = field(default_factory=list)
    hidden: str = field(default="x", repr=False)
    note: str = field(default="", compare=False)

    @property
    def shout(self) -> str:
        return self.name.upper()


@dataclass(frozen=True, slots=True)
class Empty:
    pass


@dataclass(frozen=True, slots=True)
class Single:
    """One field."""

    only: tuple[int, ...]


VALUES = st.fixed_dictionaries(
    {"name": st.text(max_size=2), "value": st.integers(0, 2)},
    optional={
        "count": st.integers(6, 8),
        "parts": st.lists(st.integers(0, 1), max_size=1),
        "hidden": st.sampled_from("xy"),
        "note": st.sampled_from("ab"),
    },
)


@given(VALUES, VALUES)
def test_values_compare_and_show_as_those_of_the_standard_library(one: dict[str, object], other: dict[str, object]):
    ours, standard = Ours(**one), Standard(**one)
    assert repr(ours) == repr(standard).replace("Standard", "Ours")
    assert (ours == Ours(**other)) is (standard == Standard(**other))
    assert dataclasses.asdict(ours) == dataclasses.asdict(standard)
    assert ours.shout == standard.shout


@given(st.integers(0, 2), st.integers(0, 2))
def test_values_that_are_equal_hash_alike(one: int, other: int):
    assert len({Single((one,)), Single((other,))}) == (1 if one == other else 2)
    assert Ours("a", one, parts=()) == Ours("a", one, parts=(), note="z")
    assert hash(Ours("a", one, parts=())) == hash(Ours("a", one, parts=(), note="z"))
    assert {Empty(), Empty()} == {Empty()}


def test_values_of_other_classes_are_not_equal():
    assert Ours("a", 1) != Standard("a", 1)
    assert Ours("a", 1).__eq__(1) is NotImplemented
    assert Single(()) != ()


def test_what_cannot_be_hashed_says_so():
    with pytest.raises(TypeError, match="unhashable type: 'list'"):
        hash(Ours("a", 1))


def test_the_constructor_takes_what_the_standard_one_takes():
    assert inspect.getfullargspec(Ours).args == inspect.getfullargspec(Standard).args
    assert Ours.__init__.__annotations__ == Standard.__init__.__annotations__
    assert Ours.__match_args__ == Standard.__match_args__
    assert Ours("a", 1).parts is not Ours("a", 1).parts
    for wrong in ({"name": "a"}, {"name": "a", "value": 1, "other": 2}):
        with pytest.raises(TypeError, match=r"Ours\.__init__\(\) (missing|got an unexpected)"):
            Ours(**wrong)


def test_nothing_can_be_set_or_deleted():
    value = Ours("a", 1)
    for change in (
        lambda: setattr(value, "name", "b"),
        lambda: setattr(value, "new", 1),
        lambda: delattr(value, "name"),
    ):
        with pytest.raises(FrozenInstanceError, match=r"cannot (assign to|delete) field"):
            change()
    assert not hasattr(value, "__dict__")


def test_values_are_copied_replaced_and_pickled():
    value = Ours("a", 1, parts=[1])
    assert dataclasses.replace(value, count=8) == Ours("a", 1, 8, [1])
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == copy.copy(value) == value
    assert Ours[int]("a", 1, parts=[1]) == value


def test_what_is_out_of_the_ordinary_is_left_to_the_standard_library():
    @dataclass(frozen=True, slots=True)
    class Own:
        """With a method of its own."""

        name: str

        def __repr__(self) -> str:
            return "own"

    @dataclass(slots=True)
    class Open:
        """Not frozen."""

        name: str

    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        """Sorted."""

        name: str

    changed = Open("a")
    changed.name = "b"
    assert changed == Open("b")
    assert repr(Own("a")) == "own"
    assert Own("a") == Own("a")
    assert Ordered("a") < Ordered("b")


def test_fields_that_only_the_standard_library_knows_are_refused():
    with pytest.raises(TypeError, match="only plain fields"):

        @dataclass(frozen=True, slots=True)
        class Odd:
            """With a field that is given by its name alone."""

            name: str = field(kw_only=True)
