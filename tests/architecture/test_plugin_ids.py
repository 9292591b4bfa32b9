"""Differences are declared, not branched on: core code asks a plug-in's data, never for its name."""

import ast
from collections.abc import Iterator

import pytest

from sendspec.esp.interface import esp_ids
from sendspec.hosts.interface import host_ids, load_host
from sendspec.targets.interface import target_ids

# The defaults and examples of the spec's own format are part of its contract with people.
CONTRACT = "spec/schema.py"
# Where an ESP says how libraries name it; a library's name may also be a target's.
CLIENTS = "clients.py"
# Where a DNS host has the name of the format that it takes.
HOSTS = tuple(f"hosts/{target_id}/" for target_id in target_ids() if target_id in host_ids())


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """Give every string constant that is no docstring or other bare text."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node


def strays(sources, family: str, ids: tuple[str, ...]) -> list[str]:
    found = []
    for source in sources:
        for node in literals(source.tree):
            home = f"{family}/{node.value.replace('-', '_')}/"
            if node.value in ids and not source.path.startswith(home):
                found.append(f"{source.path}:{node.lineno}: {node.value!r}")
    return found


def test_the_id_of_an_esp_stands_in_its_own_folder_only(sources):
    assert strays(sources, "esp", esp_ids()) == []


def test_the_id_of_a_target_stands_in_its_own_folder_only(sources):
    found = strays(sources, "targets", target_ids())
    allowed = [place for place in found if place.startswith((CONTRACT, *HOSTS)) or f"/{CLIENTS}:" in place]
    assert sorted(set(found) - set(allowed)) == []


def test_the_id_of_a_dns_host_stands_in_its_own_folder_only(sources):
    # `manual` is a word of ESPs as well; nobody needs to ask for it, for it has no `apply`.
    found = strays(sources, "hosts", tuple(host_id for host_id in host_ids() if load_host(host_id).apply))
    # A DNS format that is named after the host that takes it says so in its own folder too.
    own = tuple(f"targets/{host_id}/" for host_id in host_ids() if host_id in target_ids())
    assert [place for place in found if not place.startswith((CONTRACT, *own))] == []


def imported(tree: ast.Module) -> Iterator[str]:
    """Give every module, and every name of a module, that is imported, dotted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("family", "ids"), [("esp", esp_ids()), ("targets", target_ids())])
def test_core_code_never_imports_a_plugin_by_name(sources, family, ids):
    plugins = {f"sendspec.{family}.{plugin_id.replace('-', '_')}" for plugin_id in ids}
    found = [
        f"{source.path}: {name}"
        for source in sources
        if not source.path.startswith(f"{family}/")
        for name in imported(source.tree)
        if ".".join(name.split(".")[:3]) in plugins
    ]
    assert found == []


def test_a_stray_id_would_be_found():
    tree = ast.parse('"""postmark"""\nif kind == "postmark": pass\n')
    assert [node.value for node in literals(tree)] == ["postmark"]
