"""The real readers of env files: file -> variables."""

import ctypes
import functools
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import dotenv
import hypothesis
import pytest
from hypothesis import strategies as st

Reader = Callable[[Path], Mapping[str, str]]
PEERS = Path(__file__).resolve().parents[2] / ".peers"
MODULES = PEERS / "node" / "node_modules"
TOOLS = PEERS / "tools"
NODE = str(Path(sys.executable).with_name("node"))
PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def missing(what: str) -> NoReturn:
    """Skip the test and name what it lacks; where CI is set, fail it."""
    message = f"{what} is missing: run 'make peers'"
    pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


def need(path: Path | str, what: str) -> str:
    """Give the path of a peer that is there."""
    if not Path(path).exists():
        missing(what)
    return str(path)


def program(name: str) -> str:
    """Give the path of a program that is installed."""
    return shutil.which(name) or missing(name)


def run(*command: str, folder: Path, **environment: str) -> str:
    """Run a program in an environment that holds next to nothing, and give what it prints. It must succeed."""
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder), **environment}
    done = subprocess.run(command, cwd=folder, env=bare, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _python_dotenv(file: Path) -> Mapping[str, str]:
    return {name: value or "" for name, value in dotenv.dotenv_values(stream=io.StringIO(file.read_text())).items()}


def _django_environ(file: Path) -> Mapping[str, str]:
    need(TOOLS / "environ", "django-environ")
    script = f"import environ; environ.Env.read_env({file.name!r}); {PRINT_ENVIRONMENT}"
    return json.loads(run(sys.executable, "-c", script, folder=file.parent, PYTHONPATH=str(TOOLS)))


def _node_dotenv(file: Path) -> Mapping[str, str]:
    script = f"const {{parse}} = require({need(MODULES / 'dotenv', 'dotenv for Node')!r});"
    script += f"console.log(JSON.stringify(parse(require('fs').readFileSync({file.name!r}))))"
    return json.loads(run(NODE, "--eval", script, folder=file.parent))


def _dotenvx(file: Path) -> Mapping[str, str]:
    script = f"const {{parse}} = require({need(MODULES / '@dotenvx' / 'dotenvx', 'dotenvx')!r});"
    script += f"console.log(JSON.stringify(parse(require('fs').readFileSync({file.name!r}, 'utf8'))))"
    return json.loads(run(NODE, "--eval", script, folder=file.parent))


def _node_env_file(file: Path) -> Mapping[str, str]:
    script = "console.log(JSON.stringify(process.env))"
    return json.loads(run(NODE, f"--env-file={file.name}", "--eval", script, folder=file.parent))


def _node_parse_env(file: Path) -> Mapping[str, str]:
    script = "const {parseEnv} = require('node:util');"
    script += f"console.log(JSON.stringify(parseEnv(require('fs').readFileSync({file.name!r}, 'utf8'))))"
    return json.loads(run(NODE, "--eval", script, folder=file.parent))


def _php(loader: str, expression: str) -> Reader:
    def read(file: Path) -> Mapping[str, str]:
        script = f"require {need(loader, loader)!r}; $text = file_get_contents({file.name!r});"
        return json.loads(run(program("php"), "-r", f"{script} echo json_encode({expression});", folder=file.parent))

    return read


def _ruby_dotenv(file: Path) -> Mapping[str, str]:
    need("/usr/share/rubygems-integration/all/gems/dotenv-2.4.0", "ruby-dotenv")
    script = f"require 'dotenv'; require 'json'; puts JSON.generate(Dotenv::Parser.call(File.read({file.name!r})))"
    return json.loads(run(program("ruby"), "-e", script, folder=file.parent))


def _shell(shell: str) -> Reader:
    def read(file: Path) -> Mapping[str, str]:
        script = f"set -a; . ./{file.name}; set +a; exec {sys.executable} -c '{PRINT_ENVIRONMENT}'"
        return json.loads(run(shell, "-c", script, folder=file.parent))

    return read


class _Engine(BaseHTTPRequestHandler):
    """As much of docker's engine as `docker create` asks."""

    def do_HEAD(self) -> None:
        self._answer(200)

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.created = json.loads(text)
        self._answer(201, b'{"Id": "c0ffee", "Warnings": []}')

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Api-Version", "1.41")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def docker_create(folder: Path, *arguments: str, **environment: str) -> Mapping[str, str]:
    """Give the environment that the docker client asks an engine to give a container."""
    own = PEERS / "docker" / "usr" / "bin" / "docker"
    docker = str(own) if own.exists() else program("docker")
    with HTTPServer(("127.0.0.1", 0), _Engine) as engine:
        thread = threading.Thread(target=engine.serve_forever, daemon=True)
        thread.start()
        try:
            host = f"tcp://127.0.0.1:{engine.server_port}"
            run(docker, "create", *arguments, "image", folder=folder, DOCKER_HOST=host, **environment)
        finally:
            engine.shutdown()
            thread.join()
        return dict(entry.split("=", 1) for entry in engine.created["Env"] if "=" in entry)


def _docker(file: Path) -> Mapping[str, str]:
    return docker_create(file.parent, "--env-file", file.name)


def _kubectl(file: Path) -> Mapping[str, str]:
    command = (
        program("kubectl"),
        "create",
        "configmap",
        "x",
        f"--from-env-file={file.name}",
        "--dry-run=client",
        "-o",
        "json",
    )
    return json.loads(run(*command, folder=file.parent, KUBECONFIG="/dev/null"))["data"]


def _systemd(file: Path) -> Mapping[str, str]:
    """Call what a unit's EnvironmentFile= is read with: systemd without a running systemd."""
    found = sorted(Path("/usr/lib").glob("*/systemd/libsystemd-shared-*.so"))
    if not found:
        missing("libsystemd-shared")
    library = ctypes.CDLL(str(found[0]))
    strings = ctypes.POINTER(ctypes.c_char_p)
    library.load_env_file.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(strings))
    library.strv_env_clean_with_callback.argtypes = (strings, ctypes.c_void_p, ctypes.c_void_p)
    library.strv_env_clean_with_callback.restype = strings
    read = strings()
    assert library.load_env_file(None, str(file).encode(), ctypes.byref(read)) == 0
    library.strv_env_clean_with_callback(read, None, None)  # leaves out what no environment may hold
    entries = []
    while read and read[len(entries)] is not None:
        entries.append(read[len(entries)].decode())
    return dict(entry.split("=", 1) for entry in entries)


DOTENV_READERS: dict[str, Reader] = {
    "python-dotenv": _python_dotenv,
    "django-environ": _django_environ,
    "node-dotenv": _node_dotenv,
    "node-env-file": _node_env_file,
    "node-parse-env": _node_parse_env,
    "dotenvx": _dotenvx,
    "phpdotenv": _php("/usr/share/php/Dotenv/autoload.php", "Dotenv\\Dotenv::parse($text)"),
    "symfony-dotenv": _php(
        "/usr/share/php/Symfony/Component/Dotenv/autoload.php",
        "(new Symfony\\Component\\Dotenv\\Dotenv())->parse($text)",
    ),
    "ruby-dotenv": _ruby_dotenv,
    "bash": _shell("bash"),
    "sh": _shell("sh"),
}
VERBATIM_READERS: dict[str, Reader] = {"docker": _docker, "kubectl": _kubectl}
SYSTEMD_READERS: dict[str, Reader] = {"systemd": _systemd, "bash": _shell("bash"), "sh": _shell("sh")}


TRICKY = (
    *("#", "a #b", "$HOME", "$$", "`id`", "$(id)", '"', 'a"b', "\\", "a\\nb", "~", "*", "a=b", "export x", "ü 𝒳", "!"),
    *(
        "&;|<>",
        "%41",
        " x ",
        "it's",
        "${HOME}",
        "a\\\\b",
        "end\\",
        "'",
        "''",
        "#x",
        "\\$",
        "\\'",
        "\u3000",
        "!x",
        "x'y\"z",
    ),
    'Zoë & "Söhne" $HOME #1, `id` \\ <no-reply@auth.shop.example>',
    '{"category":["codes"],"filters":{"opentrack":{"settings":{"enable":0}}}}',
    "smtp://AKIA%2Bus%2Fer:p%40ss%20w%23rd%24HOME%22%27%5Cx@smtp.example:587/?requireTLS=true&pool=true",
    "<https://shop.example/u/{token}>, <mailto:leave@shop.example?subject=x%20y>",
    "X-SES-MESSAGE-TAGS: stream=codes, app=shop",
)
"""Values that are known to be hard, and some of each kind that files hold: mailboxes, JSON, DSNs, headers."""


@functools.cache
def some_values() -> tuple[str, ...]:
    """Give values of every kind, hard ones and generated ones: display names, header values, DSNs, selectors, any text."""
    values = set(TRICKY)

    @hypothesis.settings(max_examples=150, database=None)
    @hypothesis.given(
        st.one_of(
            st.text(max_size=12),
            st.text(alphabet="ab '\"$#\\`{}=~!@+/,", max_size=12),
            st.from_regex(r"\A[a-z0-9]{1,10}(\._domainkey\.[a-z]{1,8}\.example)?\Z"),
            st.builds(
                lambda user, password: f"smtp://{quote(user, '')}:{quote(password, '')}@h:465",
                *[st.text(max_size=6)] * 2,
            ),
            st.builds(lambda name: f"{name} <a@b.example>", st.text(alphabet="aZé \"\\.,'#$", max_size=9)),
        )
    )
    def collect(value: str) -> None:
        values.add(value)

    collect()
    return tuple(sorted(values))


def write_env(file: Path, values: Iterable[str], spell: Callable[[str], str]) -> Mapping[str, str]:
    """Write an env file with a variable for each value, and give what a reader must make of it."""
    named = {f"V{number}": value for number, value in enumerate(values)}
    file.write_text("".join(f"{name}={spell(value)}\n" for name, value in named.items()), encoding="utf-8")
    return named
