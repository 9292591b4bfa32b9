"""Read JSON that somebody else wrote: bounded in depth, never an exception."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


def read_json(body: bytes, model: type[M]) -> M | None:
    """Give a body as `model`; None for anything else: no JSON, other members, nested deeper than the parser goes.

    The parser (jiter, of pydantic-core) stops at 200 levels and at numbers too long for it. How long a body may be is
    the caller's to say, when asking.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None
