"""What works offline can open no connection: only a few folders may."""

import ast
from pathlib import PurePosixPath

# Where the world is talked to; everything else asks these.
LIVE = ("net/", "stores/", "rehearse/", "smoke/", "cluster/")
ACCOUNT = "esp/*/account*.py"
STARTS_PROGRAMS = ("stores/", "smoke/")
# These wait side by side for what others ask, and open nothing themselves.
WAITING = ("check/", "pull/", "hosts/", "plan/", "rotate/", "live.py", "manage.py", "trial.py")
ROTATING = "esp/*/rotate*.py"
MANAGING = "esp/*/manage*.py"
# Where a DNS host's own library is used.
HOST_CALLS = "hosts/*/api.py"
NETWORK = frozenset(
    [
        "aiosmtplib",
        "anyio",
        "asyncio",
        "boto3",
        "botocore",
        "dask",
        "distributed",
        "dns",
        "ftplib",
        "h11",
        "http",
        "httpcore",
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


def is_live(path: str) -> bool:
    return path.startswith(LIVE) or any(PurePosixPath(path).match(each) for each in (ACCOUNT, HOST_CALLS))


def is_waiting(path: str) -> bool:
    return path.startswith(WAITING) or PurePosixPath(path).match(MANAGING) or PurePosixPath(path).match(ROTATING)


def test_no_module_that_works_offline_imports_a_network_library(sources):
    found = {
        (source.path, name)
        for source in sources
        if not is_live(source.path)
        for name in imported(source.tree)
        for network in NETWORK
        if name == network or name.startswith(f"{network}.")
    }
    assert {(path, name) for path, name in found if not (name == "asyncio" and is_waiting(path))} == set()


def test_only_stores_and_smoke_tests_start_programs(sources):
    found = [
        source.path
        for source in sources
        if not source.path.startswith(STARTS_PROGRAMS) and imported(source.tree) & {"subprocess", "os.system", "pty"}
    ]
    assert found == []


def test_an_import_of_a_submodule_is_seen():
    assert "urllib.request" in imported(ast.parse("from urllib import request"))
