"""What sendspec made or was told to adopt, as the lock file remembers it. Nothing else is ever changed or removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sendspec.model.dns_record import Mx, Value
from sendspec.model.plan import DNS, ESP

BEGUN, MADE, ADOPTED = "begun", "made", "adopted"
"""How it became ours. BEGUN: noted before the call that makes it, and no answer came; if it is there, it is ours."""
OWNED = "owned"


@dataclass(frozen=True, slots=True)
class OwnedResource:
    """A resource of ours at an ESP. `native_id` is empty where the ESP has not said it yet; `streams` as of then."""

    native_id: str = ""
    by: str = MADE
    since: str = ""
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnedSet:
    """Our values of one RRset, as text, and what they were for."""

    values: tuple[str, ...]
    by: str = MADE
    account: str = ""
    purpose: str = ""
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """Everything of ours: account -> `KIND/ID`, and zone -> (name, type)."""

    resources: Mapping[str, Mapping[str, OwnedResource]] = field(default_factory=dict)
    sets: Mapping[str, Mapping[tuple[str, str], OwnedSet]] = field(default_factory=dict)

    def of_account(self, account: str) -> Mapping[str, OwnedResource]:
        """Give what is ours at an account, by `KIND/ID`."""
        return self.resources.get(account, {})

    def of_zone(self, zone: str) -> Mapping[tuple[str, str], OwnedSet]:
        """Give what is ours in a zone, by (name, type)."""
        return self.sets.get(zone, {})


def read_owned(raw: object) -> Owned:
    """Read the section of the lock file. What has another shape is not ours: nothing is done to it."""
    sections = raw if isinstance(raw, dict) else {}
    resources = {
        account: {key: _resource(facts) for key, facts in entries.items() if isinstance(facts, dict)}
        for account, entries in _mappings(sections.get(ESP))
    }
    sets = {
        zone: {
            _name_and_type(key): _set(facts)
            for key, facts in entries.items()
            if isinstance(facts, dict) and " " in str(key)
        }
        for zone, entries in _mappings(sections.get(DNS))
    }
    return Owned(resources, sets)


def _mappings(raw: object) -> Sequence[tuple[str, dict[str, Any]]]:
    entries = raw.items() if isinstance(raw, dict) else ()
    return [(str(name), inner) for name, inner in entries if isinstance(inner, dict)]


def _name_and_type(key: str) -> tuple[str, str]:
    name, _, record_type = key.rpartition(" ")
    return name, record_type


def _resource(facts: Mapping[str, Any]) -> OwnedResource:
    return OwnedResource(
        native_id=str(facts.get("id") or ""),
        by=str(facts.get("by") or MADE),
        since=str(facts.get("since") or ""),
        streams=_texts(facts.get("streams")),
    )


def _set(facts: Mapping[str, Any]) -> OwnedSet:
    return OwnedSet(
        values=_texts(facts.get("values")),
        by=str(facts.get("by") or MADE),
        account=str(facts.get("account") or ""),
        purpose=str(facts.get("purpose") or ""),
        streams=_texts(facts.get("streams")),
    )


def _texts(raw: object) -> tuple[str, ...]:
    return tuple(str(each) for each in raw) if isinstance(raw, list) else ()


def resource_facts(owned: OwnedResource) -> dict[str, object]:
    """Give what the lock file keeps of a resource."""
    facts: dict[str, object] = {"by": owned.by, "since": owned.since, "streams": list(owned.streams)}
    return facts | ({"id": owned.native_id} if owned.native_id else {})


def set_facts(owned: OwnedSet) -> dict[str, object]:
    """Give what the lock file keeps of an RRset."""
    more: dict[str, object] = {"account": owned.account, "purpose": owned.purpose, "streams": list(owned.streams)}
    facts: dict[str, object] = {"by": owned.by, "values": list(owned.values)}
    return facts | {name: value for name, value in more.items() if value}


def value_text(value: Value) -> str:
    """Give a value as the lock file and plans write it: `10 feedback-smtp.example.com` for an MX."""
    return f"{value.preference} {value.exchange or '.'}" if isinstance(value, Mx) else value


def adopts(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Give what tells whether a key is to be adopted: `all`, a key, the start of one (`esp/ses-eu`), or a glob."""
    if "all" in patterns:
        return lambda _key: True

    def matches(key: str) -> bool:
        return any(
            key == pattern or key.startswith(pattern.rstrip("/") + "/") or fnmatchcase(key, pattern)
            for pattern in patterns
        )

    return matches
