"""What takes a second look at the spec: names that refer to something, and keys that exclude each other.

Checked on raw data, so that all are reported whatever else is wrong.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sendspec.model.finding import Severity
from sendspec.model.origin import Document, Origin
from sendspec.model.spec_rule import SpecRule
from sendspec.spec.problems import FindingCollector
from sendspec.spec.suggest import suggest

PRODUCTION = "production"
"""The one environment whose mail reaches people without a word."""


def check_references(raw: Mapping[str, Any], issued: Mapping[str, Any], collector: FindingCollector) -> None:
    """Report every name that nothing in the spec answers to."""
    esps, streams, apps = (_names(raw, section) for section in ("esps", "streams", "apps"))
    for origin, name in _routes(raw):
        _check(name, esps, "an ESP account", "esps", origin, collector)
    for origin, app in _entries(raw, "apps"):
        wanted = app.get("streams")
        for index, name in enumerate(wanted if isinstance(wanted, list) else ()):
            _check(name, streams, "a stream", "streams", origin.key("streams", index), collector)
        _check(app.get("through"), apps, "an app", "apps", origin.key("through"), collector)
        credentials = app.get("credentials")
        for name in credentials if isinstance(credentials, dict) else ():
            _check(name, esps, "an ESP account", "esps", origin.key("credentials", name), collector, key=True)
        for place, environment in _below(origin.key("environments"), app.get("environments")):
            for inner, _ in _below(place.key("credentials"), environment.get("credentials")):
                _check(inner.path[-1], esps, "an ESP account", "esps", inner, collector, key=True)
    for name in issued:
        if name not in esps:
            origin = Origin(("issued", name), Document.LOCK)
            message = f"`{name}` is not an ESP account of the spec, so nobody reads what was issued to it"
            fix = suggest(name, esps) or "remove the entry"
            collector.add(SpecRule.UNKNOWN_REFERENCE, origin, message, fix, key=True, severity=Severity.WARNING)


def check_senders(raw: Mapping[str, Any], collector: FindingCollector) -> None:
    """Report every stream without a sender, and with two kinds of them."""
    fix = "write `from: Name <address>` for one sender, `senders: {customer: Name <address>}` for many"
    for origin, stream in _entries(raw, "streams"):
        given = [key for key in ("from", "senders") if stream.get(key) is not None]
        if not given:
            message = f"`{origin.path[-1]}` has neither `from` nor `senders`"
            collector.add(SpecRule.MISSING_KEY, origin, message, fix, key=True)
        elif len(given) > 1:
            message = f"`{origin.path[-1]}` has both `from` and `senders`"
            collector.add(SpecRule.BAD_VALUE, origin.key("senders"), message, fix, key=True)


def check_environments(raw: Mapping[str, Any], collector: FindingCollector) -> None:
    """Report every environment that leaves open what becomes of its mail; in production it reaches people."""
    for origin, app in _entries(raw, "apps"):
        environments = app.get("environments")
        for name, environment in environments.items() if isinstance(environments, dict) else ():
            if name != PRODUCTION and isinstance(environment, dict) and environment.get("mail") is None:
                message = f"`{name}` has no `mail`"
                fix = "write `mail: sandbox` or `mail: catcher`, so that it never reaches people"
                collector.add(SpecRule.MISSING_KEY, origin.key("environments", name), message, fix, key=True)


def _check(
    name: object,
    known: Collection[str],
    what: str,
    section: str,
    origin: Origin,
    collector: FindingCollector,
    *,
    key: bool = False,
) -> None:
    if isinstance(name, str) and name not in known:
        fix = suggest(name, known) or f"declare it below `{section}:`"
        collector.add(SpecRule.UNKNOWN_REFERENCE, origin, f"`{name}` is not {what} of the spec", fix, key=key)


def _names(raw: Mapping[str, Any], section: str) -> Collection[str]:
    found = raw.get(section)
    return found.keys() if isinstance(found, dict) else ()


def _entries(raw: Mapping[str, Any], section: str) -> Iterator[tuple[Origin, Mapping[str, Any]]]:
    entries = raw.get(section)
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict):
            yield Origin((section, name)), entry


def _below(origin: Origin, entries: object) -> Iterator[tuple[Origin, Mapping[str, Any]]]:
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict):
            yield origin.key(name), entry


def _routes(raw: Mapping[str, Any]) -> Iterator[tuple[Origin, object]]:
    for origin, stream in _entries(raw, "streams"):
        routes = stream.get("routes")
        for index, route in enumerate(routes if isinstance(routes, list) else ()):
            if isinstance(route, dict):
                yield origin.key("routes", index, "esp"), route.get("esp")
