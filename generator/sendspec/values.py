"""`dataclass` as the standard library has it, for frozen classes with slots made in a quarter of the time.

A command makes some 260 classes before it reads the spec. For each of them `dataclasses` compiles six functions from text
(Python 3.11; 3.13 compiles them together): two fifths of the time that a command takes to start. Here only `__init__` is
compiled; the others are the same for every class, or closures over `operator.attrgetter`.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - to a type checker it is the very same

T = TypeVar("T")
OWN_METHODS = frozenset({"__init__", "__eq__", "__hash__", "__repr__", "__setattr__", "__delattr__", "__post_init__"})


def _dataclass(cls: type[T] | None = None, /, **options: bool) -> Any:
    """Make a data class. All but plain frozen ones with slots are left to the standard library."""
    if cls is None:
        return lambda each: _dataclass(each, **options)
    is_derived = any(hasattr(base, "__dataclass_fields__") for base in cls.__bases__)
    if options != {"frozen": True, "slots": True} or is_derived or OWN_METHODS & cls.__dict__.keys():
        return dataclasses.dataclass(**options)(cls)
    if cls.__doc__ is None:  # else the standard library writes the signature there, which takes as long as the rest
        cls.__doc__ = cls.__name__
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(made)
    made.__init__ = _init(made, fields)
    made.__eq__, made.__hash__ = _comparing(tuple(field.name for field in fields if field.compare))
    made.__repr__ = _repr(tuple(field.name for field in fields if field.repr))
    made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
    made.__getstate__, made.__setstate__ = _get_state, _set_state
    return made


if not TYPE_CHECKING:
    dataclass = _dataclass


def _init(made: Any, fields: tuple["dataclasses.Field[Any]", ...]) -> Callable[..., None]:
    """Give `__init__`, compiled because it is what runs most often. Values go straight into their slots."""
    names: dict[str, Any] = {"__name__": made.__module__, "__MISSING": dataclasses.MISSING}
    parameters, lines = ["self"], []
    for field in fields:
        if field.kw_only or not field.init:
            raise TypeError(f"{made.__qualname__}.{field.name}: only plain fields; use dataclasses.dataclass")
        value = parameter = name = field.name
        if field.default is not dataclasses.MISSING:
            parameter, names[f"__default_{name}"] = f"{name}=__default_{name}", field.default
        elif field.default_factory is not dataclasses.MISSING:
            parameter, names[f"__make_{name}"] = f"{name}=__MISSING", field.default_factory
            value = f"__make_{name}() if {name} is __MISSING else {name}"
        names[f"__set_{name}"] = getattr(made, name).__set__
        parameters.append(parameter)
        lines.append(f" __set_{name}(self, {value})\n")
    text = f"def __init__({', '.join(parameters)}):\n{''.join(lines) or ' pass'}"
    exec(text, names)  # noqa: S102 - as `dataclasses` does; the text is made of field names
    init: Callable[..., None] = names["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    init.__annotations__ = {field.name: field.type for field in fields} | {"return": None}
    return init


def _comparing(names: tuple[str, ...]) -> tuple[Callable[[Any, Any], bool], Callable[[Any], int]]:
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()

    def __eq__(self: Any, other: Any) -> bool:  # noqa: N807 - becomes a method
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807 - the same
        return hash(values(self))

    return __eq__, __hash__


def _repr(names: tuple[str, ...]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:  # noqa: N807 - becomes a method
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _refuse_to_set(_self: Any, name: str, _value: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
