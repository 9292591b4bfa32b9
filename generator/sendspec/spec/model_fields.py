"""What a pydantic model would have taken at a key path: for suggestions and for what to write."""

import types
from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def keys_at(model: type[BaseModel], path: Sequence[str | int]) -> tuple[str, ...]:
    """Give the keys that a mapping at `path` may have; empty where any key goes."""
    for candidate in _annotations_at(model, path):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return tuple(field.alias or name for name, field in candidate.model_fields.items())
    return ()


def choices_at(model: type[BaseModel], path: Sequence[str | int]) -> tuple[str, ...]:
    """Give the words that a value at `path` may be; empty where it is no choice."""
    for candidate in _annotations_at(model, path):
        if isinstance(candidate, type) and issubclass(candidate, Enum):
            return tuple(str(member.value) for member in candidate)
        if get_origin(candidate) is Literal:
            return tuple(str(choice) for choice in get_args(candidate))
    return ()


def _annotations_at(model: type[BaseModel], path: Sequence[str | int]) -> list[Any]:
    found: list[Any] = [model]
    for part in path:
        found = [inner for candidate in found for inner in _alternatives(_step(candidate, part))]
    return found


def _step(candidate: Any, part: str | int) -> Any:
    if isinstance(candidate, type) and issubclass(candidate, BaseModel):
        return next(
            (field.annotation for name, field in candidate.model_fields.items() if part in {field.alias, name}), None
        )
    origin, arguments = get_origin(candidate), get_args(candidate)
    if origin is dict:
        return arguments[1]
    if origin in {tuple, list} and isinstance(part, int):
        return arguments[0]
    return None


def _alternatives(annotation: Any) -> list[Any]:
    """Give the plain types behind `Annotated` and `X | None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return [inner for member in get_args(annotation) for inner in _alternatives(member)]
    return [] if annotation in {None, type(None)} else [annotation]
