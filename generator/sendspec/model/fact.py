"""A fact with its proof."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """Something a provider or a standard says: the value, where it says so, and when we read it.

    `note` keeps what the reader must know: a second source that disagrees, a value seen only in third-party material.
    """

    value: T
    source: str
    verified: date
    note: str = ""
