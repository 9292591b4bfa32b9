"""The lock file's shape, and what the other stages read of it. An ESP's own model validates its `issued:` entries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from sendspec.model.origin import Document, Origin

LOCK_FILE = "sendspec.lock.yaml"
NOTHING: Mapping[str, Any] = MappingProxyType({})
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
MAX_SPF_LOOKUPS = 1000
"""Ten are allowed (RFC 7208 section 4.6.4); a rule says so. More than this is no count of lookups."""


def _day(text: str) -> str:
    """Refuse what is no date, and keep the text: dates in the lock are shown, and compared only by rules."""
    try:
        date.fromisoformat(text if DAY.match(text) else "")
    except ValueError:
        raise PydanticCustomError(
            "syntax", "{message}", {"message": f"`{text}` is not a date", "fix": "write it as 2026-11-20"}
        ) from None
    return text


def _whole_number(value: Any) -> Any:
    """Refuse `true` and `1.0`, which Python takes for 1."""
    if type(value) is not int:
        raise PydanticCustomError("int_type", "Input should be a whole number")
    return value


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class LockedSpf(_Model):
    """An SPF record that is not ours: its text and what an include of it costs."""

    text: Annotated[str, Field(min_length=1)]
    lookups: Annotated[int, Strict(), Field(ge=0, le=MAX_SPF_LOOKUPS)]
    read: Annotated[str, AfterValidator(_day)]


class LockContents(_Model):
    """The whole file. Below an account and a domain, `issued` belongs to the ESP."""

    version: Annotated[Literal[1], BeforeValidator(_whole_number)]
    issued: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)
    spf: dict[str, LockedSpf] = Field(default_factory=dict)
    owned: dict[str, Any] = Field(default_factory=dict)
    rotations: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpfEntry:
    """What an include that is not ours says, the DNS lookups it costs, and the day it was read (`2026-11-20`)."""

    text: str
    lookups: int
    read: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class LockFile:
    """The lock file's content; empty when there is none.

    Attributes:
        issued: Account id -> domain (lower case) -> the entry as written, validated by the ESP's own model later.
        spf: Name of the SPF record -> what it says.
        owned: What `apply` made or adopted: `dns` -> zone -> `NAME TYPE` -> values, `esp` -> account -> `KIND/ID` -> facts.
        rotations: Credential id -> when it was made, and the states of a rotation under way. No secret.
    """

    issued: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=lambda: NOTHING)
    spf: Mapping[str, SpfEntry] = field(default_factory=lambda: NOTHING)
    owned: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    rotations: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


def lock_file(contents: LockContents | None, raw: Mapping[str, Any]) -> LockFile:
    """Give the content with its origins. `contents` None (it is not valid) leaves what still can be checked: `issued`."""
    if contents is None:
        return LockFile(issued=_well_shaped(raw.get("issued")))
    return LockFile(
        issued=contents.issued,
        spf={
            name: SpfEntry(entry.text, entry.lookups, entry.read, Origin(("spf", name), Document.LOCK))
            for name, entry in contents.spf.items()
        },
        owned=contents.owned,
        rotations=contents.rotations,
    )


def _well_shaped(issued: object) -> dict[str, dict[str, dict[str, Any]]]:
    accounts = issued.items() if isinstance(issued, dict) else ()
    return {
        account: {domain: entry for domain, entry in domains.items() if isinstance(entry, dict)}
        for account, domains in accounts
        if isinstance(domains, dict)
    }
