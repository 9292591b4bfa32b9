"""Small specs compiled by the real pipeline, the calls an ESP's file holds, and the vendors' API descriptions."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from sendspec.esp.interface import load_esp
from sendspec.model.request import ANSWER, PLACEHOLDER
from sendspec.model.setup import Setup
from sendspec.pipeline import compile_folder


@pytest.fixture(scope="session")
def compile_spec(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Setup]:
    """Give a function from the text of a spec, and of a lock file, to the compiled setup."""

    def compile_text(spec: str, lock: str = "") -> Setup:
        folder = tmp_path_factory.mktemp("specs")
        (folder / "spec.yaml").write_text(spec, encoding="utf-8")
        if lock:
            (folder / "sendspec.lock.yaml").write_text(lock, encoding="utf-8")
        return compile_folder(folder).setup

    return compile_text


@pytest.fixture(scope="session")
def read_files() -> Callable[[Setup, str], dict[str, str]]:
    """Give a function from a setup and an account id to the account's files, by path."""

    def read(setup: Setup, account_id: str) -> dict[str, str]:
        account = setup.account(account_id)
        found = [resource for resource in setup.resources if resource.account == account_id]
        return {file.path: file.content for file in load_esp(account.kind).files(setup, account, found)}

    return read


@pytest.fixture(scope="session")
def read_calls(read_files) -> Callable[[Setup, str], list[dict[str, Any]]]:
    """Give a function to the calls of `esps/<account>/requests.json`, parsed."""

    def read(setup: Setup, account_id: str) -> list[dict[str, Any]]:
        calls = json.loads(read_files(setup, account_id)[f"esps/{account_id}/requests.json"])["requests"]
        return list(calls)

    return read


@pytest.fixture(scope="session")
def unresolved() -> Callable[[dict[str, Any]], list[str]]:
    """Give a function to the placeholders of a requests file that nothing before them fills."""

    def find(document: dict[str, Any]) -> list[str]:
        asked = {f"input:{each['id']}" for each in document["inputs"]}
        kept: set[str] = set()
        open_ends = []
        for call in document["requests"]:
            for name in PLACEHOLDER.findall(json.dumps([call["url"], call["headers"], call.get("body")])):
                known = name in kept if ANSWER.match(name) else name.startswith("secret:") or name in asked
                if not known:
                    open_ends.append(name)
            kept |= set(call.get("keep", {}))
        return open_ends

    return find


@pytest.fixture(scope="session")
def check_golden() -> Callable[[Path, str], None]:
    """Give a function that compares a text with a committed file; `WRITE_GOLDEN=1` writes the file instead."""

    def check(file: Path, content: str) -> None:
        if os.environ.get("WRITE_GOLDEN"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(content, encoding="utf-8")
        assert content == file.read_text(encoding="utf-8")

    return check


class Api:
    """An OpenAPI description that forbids what it does not name."""

    def __init__(self, file: Path) -> None:
        self.document = json.loads(file.read_text(encoding="utf-8"))
        _forbid_unknown(self.document)
        self.registry: Registry[Any] = Registry().with_resource(
            "urn:api", Resource(contents=self.document, specification=DRAFT202012)
        )

    def operation(self, call: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
        """Give (JSON pointer, operation) of the call, None when the description has none at its host and path."""
        for server in self.document["servers"]:
            base = server["url"].rstrip("/")
            if not call["url"].startswith(f"{base}/"):
                continue
            path = call["url"].removeprefix(base).partition("?")[0]
            # `/validate` before `/{id}`: the template with fewer variables is meant
            for template, operations in sorted(self.document["paths"].items(), key=lambda each: each[0].count("{")):
                pattern = "[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]+\}", template))
                if re.fullmatch(pattern, _flat(path), re.IGNORECASE) and call["method"].lower() in operations:
                    escaped = template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
                    return f"/paths/{escaped}/{call['method'].lower()}", operations[call["method"].lower()]
        return None

    def problems(self, call: dict[str, Any]) -> list[str]:
        """Give what the description has against the call: unknown, body not as described, answer fields not there."""
        found = self.operation(call)
        if found is None:
            return [f"no operation {call['method']} {call['url']}"]
        pointer, operation = found
        problems = [f"header {name}" for name in call["headers"] if name.lower() not in self._headers(operation)]
        described = operation.get("requestBody", {})
        content = self._follow(described).get("content", {})
        if "body" in call:
            target = described.get("$ref", f"#{pointer}/requestBody")
            schema = {"$ref": f"urn:api{target}/content/application~1json/schema"}
            validator = Draft202012Validator(schema, registry=self.registry)
            problems += [error.message for error in validator.iter_errors(call["body"])]
        elif content and self._follow(described).get("required"):
            problems.append("no body")
        kept = [*call.get("keep", {}).values(), *call.get("store", {}).values()]
        return problems + [f"answer has no {path}" for path in kept if not self._answers(operation, path)]

    def answer_problems(
        self, call: dict[str, Any], status: int, body: bytes, *, newer: frozenset[str] = frozenset()
    ) -> list[str]:
        """Give what the description has against an answer. `newer` names members that it is too old to know."""
        found = self.operation(call)
        if found is None:
            return [f"no operation {call['method']} {call['url']}"]
        pointer, operation = found
        described = operation["responses"].get(str(status))
        if described is None:
            return [f"no status {status}"]
        content = self._follow(described).get("content", {})
        if not content:
            return [] if not body else ["a body"]
        target = described.get("$ref", f"#{pointer}/responses/{status}")
        schema = {"$ref": f"urn:api{target}/content/application~1json/schema"}
        validator = Draft202012Validator(schema, registry=self.registry)
        return [error.message for error in validator.iter_errors(_without(json.loads(body), newer))]

    def _headers(self, operation: dict[str, Any]) -> set[str]:
        """The description leaves authorisation and content type to its security scheme and request body."""
        named = {"authorization", "content-type", "accept"}
        for each in operation.get("parameters", []):
            parameter = self._follow(each)
            if parameter["in"] == "header":
                named.add(parameter["name"].lower())
        return named

    def _follow(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _answers(self, operation: dict[str, Any], pointer: str) -> bool:
        """Tell whether a successful answer has the member that a JSON pointer names."""
        answers = (self._follow(answer) for status, answer in operation["responses"].items() if status[0] == "2")
        schemas = [answer["content"]["application/json"]["schema"] for answer in answers if "content" in answer]
        for part in pointer.strip("/").split("/"):
            schemas = [deeper for schema in schemas for deeper in self._members(schema, part)]
        return bool(schemas)

    def _members(self, schema: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
        schema = self._follow(schema)
        if name.isdigit() and "items" in schema:
            yield schema["items"]
        for part in schema.get("allOf", []) + schema.get("anyOf", []) + schema.get("oneOf", []):
            yield from self._members(part, name)
        if name in schema.get("properties", {}):
            yield schema["properties"][name]


def _without(value: object, names: frozenset[str]) -> object:
    """Give a value without the members of these names, at any depth."""
    if isinstance(value, dict):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    return [_without(each, names) for each in value] if isinstance(value, list) else value


def _flat(path: str) -> str:
    """Give a path whose placeholders hold no slash, so that each stands for one segment."""
    return PLACEHOLDER.sub("X", path)


def _forbid_unknown(node: object) -> None:
    """The descriptions leave every object open, so that a misspelt member would pass."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "allOf" not in node:
            node.setdefault("additionalProperties", False)
        for value in node.values():
            _forbid_unknown(value)
    elif isinstance(node, list):
        for value in node:
            _forbid_unknown(value)


@pytest.fixture(scope="session")
def open_api(repository: Path) -> Callable[[str], Api]:
    """Give a function that loads `../shared/openapi/<name>.json`; the descriptions are data kept beside the project."""

    def load(name: str) -> Api:
        file = repository.parent / "shared" / "openapi" / f"{name}.json"
        if not file.is_file():
            pytest.skip("the vendors' API descriptions (../shared/openapi) are not here")
        return Api(file)

    return load
