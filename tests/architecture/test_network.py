"""Everything that exists today works offline: no module can open a connection."""

import ast

NETWORK = frozenset(
    [
        "asyncio",
        "boto3",
        "botocore",
        "ftplib",
        "http",
        "httpx",
        "imaplib",
        "poplib",
        "requests",
        "select",
        "selectors",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "telnetlib",
        "urllib.request",
        "urllib3",
        "webbrowser",
        "xmlrpc",
    ]
)


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_no_module_imports_a_network_library(sources):
    found = {
        (source.path, name)
        for source in sources
        for name in imported(source.tree)
        for network in NETWORK
        if name == network or name.startswith(f"{network}.")
    }
    assert found == set()


def test_no_module_starts_a_program(sources):
    found = [source.path for source in sources if imported(source.tree) & {"subprocess", "os.system", "pty"}]
    assert found == []


def test_an_import_of_a_submodule_is_seen():
    assert "urllib.request" in imported(ast.parse("from urllib import request"))
