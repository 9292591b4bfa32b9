"""The JSON Schema of the spec, for completion and squiggles in editors. `load` stays the judge: it knows other files."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from sendspec.spec.merge import DEFAULTS, SECTIONS
from sendspec.spec.schema import Spec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PARTIAL = "partial."
"""Starts the name of a definition in which nothing is required: `defaults:` says only a part of an entry."""

Schema = dict[str, Any]


def schema_text(
    settings: Mapping[str, type[BaseModel]],
    route_settings: Mapping[str, type[BaseModel]],
    targets: Sequence[str],
    formats: Sequence[str],
    deliveries: Sequence[str],
    hosts: Sequence[str],
) -> str:
    """Give the schema as JSON text: the same bytes for the same plug-ins.

    Args:
        settings: Each ESP's model of `esps.*.settings`, by `kind`.
        route_settings: Each ESP's model of `streams.*.routes[].settings`, by `kind`.
        targets: What `apps.*.targets` can name.
        formats: What `domains.*.dns.formats` can name.
        deliveries: What `apps.*.secrets` can name.
        hosts: What `domains.*.dns.host` can name.
    """
    schema = Spec.model_json_schema(by_alias=True)
    definitions: Schema = schema["$defs"]
    kinds = sorted(settings)
    for kind in kinds:
        definitions |= _plugin_definitions(f"{kind}.settings", settings[kind])
        definitions |= _plugin_definitions(f"{kind}.route", route_settings[kind])
    _add_settings(definitions, kinds)
    definitions["DnsSpec"]["properties"]["formats"]["items"] = {"enum": sorted(formats)}
    host = definitions["DnsSpec"]["properties"]["host"]
    definitions["DnsSpec"]["properties"]["host"] = {
        "enum": sorted(hosts),
        **{key: host[key] for key in ("default", "description")},
    }
    definitions["AppSpec"]["properties"]["targets"]["items"] = {"enum": sorted(targets)}
    definitions["EnvironmentSpec"]["properties"]["targets"] = definitions["AppSpec"]["properties"]["targets"] | {
        "description": "In place of the app's"
    }
    for model in ("AppSpec", "EnvironmentSpec"):
        definitions[model]["properties"]["secrets"] = {
            "enum": sorted(deliveries),
            "description": "How references to credentials reach it",
        }
    definitions["StreamSpec"]["oneOf"] = [{"required": ["from"]}, {"required": ["senders"]}]
    _tidy(schema)
    definitions |= {f"{PARTIAL}{name}": _partial(each) for name, each in definitions.items()}
    root = _root(schema["properties"])
    root["$defs"] = dict(sorted(_used(root, definitions).items()))
    return json.dumps(root, indent=2, ensure_ascii=False) + "\n"


def _root(properties: Schema) -> Schema:
    """Give the top level. Nothing is required there: all files of a folder are one spec."""
    sections = {section: properties[section] for section in SECTIONS}
    defaults = {section: {"$ref": _partial_reference(_entry(sections[section]))} for section in SECTIONS}
    return {
        "$schema": DIALECT,
        "title": "sendspec",
        "description": "How a company sends mail: domains, ESP accounts, streams and apps.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{key: {"type": ["object", "null"]} if key in sections else value for key, value in properties.items()},
            DEFAULTS: {
                "description": "Values that every entry of a section has unless it says otherwise; lists are replaced",
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": defaults,
            },
        },
        "allOf": [_section(name, value) for name, value in sections.items()],
    }


def _section(name: str, value: Schema) -> Schema:
    """Give a section: what `defaults:` has values for need not be complete."""
    has_defaults = {"required": [DEFAULTS], "properties": {DEFAULTS: {"type": "object", "required": [name]}}}
    nullable = {**value, "type": ["object", "null"]}
    return {
        "if": has_defaults,
        "then": {"properties": {name: _map_references(nullable, _partial_reference)}},
        "else": {"properties": {name: nullable}},
    }


def _entry(section: Schema) -> str:
    """Give the reference to the definition of a section's entries."""
    reference: str = next(iter(section["patternProperties"].values()))["$ref"]
    return reference


def _plugin_definitions(name: str, model: type[BaseModel]) -> Schema:
    """Give a plug-in's model and what it refers to, under names of their own."""
    schema = model.model_json_schema(by_alias=True, ref_template=f"#/$defs/{name}.{{model}}")
    inner: Schema = schema.pop("$defs", {})
    return {name: schema, **{f"{name}.{key}": value for key, value in inner.items()}}


def _add_settings(definitions: Schema, kinds: Sequence[str]) -> None:
    esp = definitions["EspSpec"]
    esp["properties"]["kind"] = {"enum": list(kinds), "description": "The ESP"}
    esp["properties"]["settings"] = {"type": "object", "description": "The ESP's own settings"}
    esp["allOf"] = [
        {
            "if": {"required": ["kind"], "properties": {"kind": {"const": kind}}},
            "then": {"properties": {"settings": {"$ref": f"#/$defs/{kind}.settings"}}},
        }
        for kind in kinds
    ]
    definitions["RouteSpec"]["properties"]["settings"] = {
        "description": "The ESP's own settings for this route",
        "anyOf": [{"$ref": f"#/$defs/{kind}.route"} for kind in kinds],
    }


def _tidy(node: Any, *, is_names: bool = False) -> None:
    """Take out what only repeats names, and close mappings whose keys have a pattern. `is_names`: the keys are users' keys."""
    if isinstance(node, list):
        for item in node:
            _tidy(item)
    if not isinstance(node, dict):
        return
    if not is_names:
        node.pop("title", None)
        node.pop("propertyNames", None)
        if node.get("default", "") in (None, []) or isinstance(node.get("default"), dict):
            del node["default"]
        if "patternProperties" in node:
            node["additionalProperties"] = False
        if isinstance(node.get("description"), str):
            first = node["description"].partition("\n")[0].partition(". ")[0]
            node["description"] = first if first.endswith("...") else first.removesuffix(".")
    for key, value in node.items():
        _tidy(value, is_names=not is_names and key in {"properties", "patternProperties", "$defs"})


def _partial(schema: Schema) -> Schema:
    """Give a definition with nothing required, at any depth of mappings. Entries of lists stay whole: lists are replaced."""
    relaxed: Schema = _map_references(schema, _partial_reference)
    for key in ("required", "oneOf"):
        relaxed.pop(key, None)
    if isinstance(relaxed.get("anyOf"), list):
        relaxed["anyOf"] = [_partial(each) for each in relaxed["anyOf"]]
    return relaxed


def _partial_reference(reference: str) -> str:
    return reference.replace("#/$defs/", f"#/$defs/{PARTIAL}")


def _map_references(node: Any, change: Callable[[str], str]) -> Any:
    """Give a copy with references changed, except those inside lists' entries."""
    if isinstance(node, list):
        return [_map_references(item, change) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: change(value)
        if key == "$ref"
        else value
        if key in {"items", "prefixItems"}
        else _map_references(value, change)
        for key, value in node.items()
    }


def _used(root: Schema, definitions: Schema) -> Schema:
    """Give the definitions that the root refers to, directly or through others."""
    found: Schema = {}
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in found:
                found[name] = definitions[name]
                waiting.append(found[name])
            waiting.extend(node.values())
    return found
