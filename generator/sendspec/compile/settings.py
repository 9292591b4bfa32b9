"""The parts of a spec that only a plug-in understands: ESP kinds, their settings, issued values, and target names.

Everything here works on raw data, so that these problems are reported together with all others even when the rest of
the spec cannot be read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from sendspec.compile.mailboxes import SPF_INCLUDES
from sendspec.deliveries.interface import delivery_ids
from sendspec.esp.interface import AnyEsp, esp_ids, load_esp
from sendspec.hosts.interface import host_ids, load_host
from sendspec.model.origin import Document, Origin
from sendspec.spec.suggest import suggest
from sendspec.targets.interface import Layer, load_target, target_ids

M = TypeVar("M", bound=BaseModel)


class Reporter(Protocol):
    """Takes problems as they are found; the pipeline turns them into findings with places."""

    def validate(self, model: type[M], value: object, origin: Origin) -> M | None:
        """Validate a raw value, reporting what is wrong with it; None when something is."""

    def unknown(self, origin: Origin, message: str, fix: str) -> None:
        """Report a name that nothing answers to."""


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """What plug-ins made of their parts: by account id, by (stream id, route index), by (account id, domain)."""

    esps: dict[str, AnyEsp] = field(default_factory=dict)
    accounts: dict[str, BaseModel] = field(default_factory=dict)
    routes: dict[tuple[str, int], BaseModel] = field(default_factory=dict)
    issued: dict[tuple[str, str], BaseModel] = field(default_factory=dict)


def read_plugin_settings(
    raw: Mapping[str, Any], issued: Mapping[str, Mapping[str, Any]], reporter: Reporter
) -> PluginSettings:
    """Validate all plug-in parts of a raw spec, reporting every problem."""
    found = PluginSettings()
    kinds: dict[str, AnyEsp] = {}
    for account_id, entry in _mappings(raw.get("esps")):
        origin = Origin(("esps", account_id))
        esp = _esp(entry.get("kind"), origin.key("kind"), reporter)
        if esp is None:
            continue
        kinds[account_id] = found.esps[esp.id] = esp
        settings = reporter.validate(esp.settings_model, entry.get("settings", {}), origin.key("settings"))
        if settings is not None:
            found.accounts[account_id] = settings
        for domain, value in issued.get(account_id, {}).items():
            place = Origin(("issued", account_id, domain), Document.LOCK)
            model = reporter.validate(esp.issued_model, value, place)
            if model is not None:
                found.issued[account_id, domain] = model
    _read_routes(raw, kinds, found, reporter)
    _check_targets(raw, reporter)
    return found


def _esp(kind: object, origin: Origin, reporter: Reporter) -> AnyEsp | None:
    if not isinstance(kind, str):
        return None  # missing or of a wrong type: the schema says so
    if kind not in esp_ids():
        reporter.unknown(origin, f"`{kind}` is not an ESP that sendspec knows", suggest(kind, esp_ids()))
        return None
    return load_esp(kind)


def _read_routes(
    raw: Mapping[str, Any], kinds: Mapping[str, AnyEsp], found: PluginSettings, reporter: Reporter
) -> None:
    for stream_id, stream in _mappings(raw.get("streams")):
        routes = stream.get("routes")
        for index, route in enumerate(routes if isinstance(routes, list) else ()):
            account_id = route.get("esp") if isinstance(route, dict) else None
            esp = kinds.get(account_id) if isinstance(account_id, str) else None
            if esp is None:
                continue
            origin = Origin(("streams", stream_id, "routes", index, "settings"))
            model = reporter.validate(esp.route_settings_model, route.get("settings", {}), origin)
            if model is not None:
                found.routes[stream_id, index] = model


def _check_targets(raw: Mapping[str, Any], reporter: Reporter) -> None:
    for app_id, app in _mappings(raw.get("apps")):
        origin = Origin(("apps", app_id))
        for place, entry in ((origin, app), *_environments(origin, app)):
            _check_names(entry.get("targets"), Layer.APP, place.key("targets"), reporter)
            _check_delivery(entry.get("secrets"), place.key("secrets"), reporter)
    for name, domain in _mappings(raw.get("domains")):
        origin = Origin(("domains", name))
        dns = domain.get("dns")
        if isinstance(dns, dict):
            _check_names(dns.get("formats"), Layer.DNS, origin.key("dns", "formats"), reporter)
            _check_host(dns, origin.key("dns"), reporter)
        mailboxes = domain.get("mailboxes")
        if isinstance(mailboxes, str) and mailboxes not in SPF_INCLUDES:
            message = f"`{mailboxes}` is not a mailbox provider whose SPF include sendspec knows"
            known = ", ".join(sorted(SPF_INCLUDES))
            fix = f"write one of: {known}; for any other leave `mailboxes` out and write `spf.include`"
            reporter.unknown(origin.key("mailboxes"), message, fix)


def _check_host(dns: Mapping[str, Any], origin: Origin, reporter: Reporter) -> None:
    """Report a DNS host that nobody knows, and credentials that it has no use for."""
    host_id = dns.get("host")
    if isinstance(host_id, str) and host_id not in host_ids():
        fix = f"{suggest(host_id, host_ids())}; `manual` is for every other host: its records are handed over"
        reporter.unknown(origin.key("host"), f"`{host_id}` is not a DNS host that sendspec knows", fix)
        return
    manage = dns.get("manage")
    if not isinstance(manage, dict) or not isinstance(host_id, str):
        return
    known = load_host(host_id).manage
    for name in manage:
        if isinstance(name, str) and name not in known:
            message = f"`{name}` is not a credential that {load_host(host_id).title} is managed with"
            reporter.unknown(origin.key("manage", name), message, suggest(name, tuple(known)) if known else "remove it")


def _environments(origin: Origin, app: Mapping[str, Any]) -> Iterator[tuple[Origin, Mapping[str, Any]]]:
    for name, environment in _mappings(app.get("environments")):
        yield origin.key("environments", name), environment


def _check_delivery(name: object, origin: Origin, reporter: Reporter) -> None:
    if isinstance(name, str) and name not in delivery_ids():
        message = f"`{name}` is not a delivery of secrets that sendspec writes"
        reporter.unknown(origin, message, suggest(name, delivery_ids()))


def _check_names(names: object, layer: Layer, origin: Origin, reporter: Reporter) -> None:
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if not isinstance(name, str):
            continue
        if name not in target_ids():
            choices = [known for known in target_ids() if load_target(known).layer is layer]
            message = f"`{name}` is not {'a DNS format' if layer is Layer.DNS else 'a target'} that sendspec writes"
            reporter.unknown(origin.key(index), message, suggest(name, choices))
        elif load_target(name).layer is not layer:
            wanted = "apps.*.targets" if layer is Layer.DNS else "domains.*.dns.formats"
            reporter.unknown(origin.key(index), f"`{name}` does not belong here", f"move it to `{wanted}`")


def _mappings(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            if isinstance(entry, dict):
                yield key, entry
