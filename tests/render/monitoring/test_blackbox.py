"""The real blackbox exporter loads what is rendered, and runs it against real servers on loopback."""

import copy
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_servers import Authority, smtp_server
from name_servers import nsd
from prometheus_peers import Blackbox, blackbox_exporter, run

from sendspec.model.dns_record import Purpose, RecordType
from sendspec.model.output_file import OutputFile
from sendspec.model.vocabulary import Tls
from sendspec.pipeline import compile_folder, output_files
from sendspec.render.monitoring.blackbox import blackbox_text
from sendspec.render.monitoring.dns_records import RecordProbe, RecordProbes
from sendspec.render.monitoring.patterns import record_pattern
from sendspec.render.monitoring.probes import Probe, Watched

FindTool = Callable[[str], str]
Config = dict[str, dict]
ALL_MODULES = frozenset({"smtp_starttls", "smtp_implicit_tls", "api_answers", "webhook_answers"})


def impatient(text: str, authority: Path | None = None) -> Config:
    """Give the rendered configuration as a test runs it: a private authority, and less patience."""
    config = yaml.safe_load(text)
    for module in config["modules"].values():
        module["timeout"] = "5s"
        for prober in ("tcp", "http"):
            if prober in module and authority is not None:
                module[prober]["tls_config"]["ca_file"] = str(authority)
    return config


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def exporter(find_tool: FindTool, tmp_path_factory, authority: Authority) -> Iterator[Blackbox]:
    """Run all modules that do not depend on what is probed; `hasty_…` for those that wait for a line in vain."""
    config = impatient(blackbox_text("#", ALL_MODULES, RecordProbes((), 0, 0)), authority.bundle)
    config["modules"] |= {f"hasty_{name}": {**module, "timeout": "500ms"} for name, module in config["modules"].items()}
    with blackbox_exporter(find_tool, tmp_path_factory.mktemp("exporter"), config) as running:
        yield running


def test_the_exporter_accepts_the_example_and_a_spec_of_nothing_but_dns(
    example_folder: Path, find_tool: FindTool, files_for, tmp_path: Path
) -> None:
    only_dns = tmp_path / "blackbox.yml"
    text = "version: 1\ndomains: {shop.example: {sends: never, dns: {formats: [bind]}}}\n"
    only_dns.write_text(files_for(text)["blackbox.yml"].content)
    for file in (example_folder / "blackbox.yml", only_dns):
        done = run(find_tool("prometheus-blackbox-exporter"), "--config.check", f"--config.file={file}")
        assert done.returncode == 0, done.stdout


def test_starttls_with_a_valid_certificate_and_auth_succeeds(exporter: Blackbox, authority: Authority) -> None:
    with smtp_server(authority, Tls.STARTTLS, "user", "password") as server:
        metrics = exporter.metrics("smtp_starttls", f"localhost:{server.port}")
    assert "\nprobe_success 1\n" in metrics
    assert "\nprobe_ssl_earliest_cert_expiry " in metrics
    assert server.logins == []
    assert server.messages == []


def test_implicit_tls_succeeds_on_its_port_and_the_modes_are_not_mixed_up(
    exporter: Blackbox, authority: Authority
) -> None:
    with smtp_server(authority, Tls.IMPLICIT, "user", "password") as server:
        metrics = exporter.metrics("smtp_implicit_tls", f"localhost:{server.port}")
        assert not exporter.succeeds("hasty_smtp_starttls", f"localhost:{server.port}")
    assert "\nprobe_success 1\n" in metrics
    assert "\nprobe_ssl_earliest_cert_expiry " in metrics
    with smtp_server(authority, Tls.STARTTLS, "user", "password") as server:
        assert not exporter.succeeds("smtp_implicit_tls", f"localhost:{server.port}")


class _PlainSmtp(StreamRequestHandler):
    """Answers EHLO with what the server offers, and never encrypts."""

    def handle(self) -> None:
        self.wfile.write(b"220-a first line\r\n220 plain.example ESMTP\r\n")
        for line in self.rfile:
            offered = self.server.offered
            if line.startswith(b"EHLO"):
                self.wfile.write(b"250-plain.example\r\n" + offered + b"250 HELP\r\n")
            else:
                self.wfile.write(b"454 4.7.0 TLS not available\r\n")


@contextmanager
def plain_smtp(offered: bytes) -> Iterator[int]:
    with _serving(ThreadingTCPServer(("127.0.0.1", 0), _PlainSmtp)) as server:
        server.offered = offered
        yield server.server_address[1]


@contextmanager
def _serving(server: ThreadingTCPServer) -> Iterator[ThreadingTCPServer]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "offered", [b"250-AUTH PLAIN\r\n", b"250-STARTTLS\r\n250-AUTH PLAIN\r\n", b"250-XSTARTTLS\r\n"]
)
def test_a_server_that_does_not_offer_or_refuses_starttls_fails(exporter: Blackbox, offered: bytes) -> None:
    with plain_smtp(offered) as port:
        assert not exporter.succeeds("hasty_smtp_starttls", f"localhost:{port}")


class _Misnamed(Authority):
    """The same authority; its server has a certificate for another name."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority._authority
        self._certificate = self._authority.issue_cert("elsewhere.example")
        self.bundle = authority.bundle


def test_a_certificate_for_another_name_fails(exporter: Blackbox, authority: Authority) -> None:
    with smtp_server(_Misnamed(authority), Tls.STARTTLS, "user", "password") as server:
        target = f"localhost:{server.port}"
        assert not exporter.succeeds("smtp_starttls", target)
        assert "certificate is valid for elsewhere.example, not localhost" in exporter.log_of("smtp_starttls", target)


def test_a_certificate_of_an_unknown_authority_fails(exporter: Blackbox, tmp_path: Path) -> None:
    with smtp_server(Authority(tmp_path), Tls.STARTTLS, "user", "password") as server:
        assert not exporter.succeeds("smtp_starttls", f"localhost:{server.port}")


class _Status(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        self.send_response(self.server.status)
        if self.server.status == 301:
            self.send_header("Location", "https://localhost/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def web_server(context: ssl.SSLContext | None, status: int) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Status)
    server.status, server.asked = status, []
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with _serving(server):
        yield server


@pytest.mark.parametrize(
    ("module", "status", "is_alive"),
    [
        ("api_answers", 401, True),
        ("api_answers", 403, True),
        ("api_answers", 429, True),
        ("api_answers", 200, False),
        ("api_answers", 404, False),
        ("api_answers", 500, False),
        ("api_answers", 301, False),
        ("webhook_answers", 405, True),
        ("webhook_answers", 401, True),
        ("webhook_answers", 503, False),
        ("webhook_answers", 301, False),
    ],
)
def test_an_answer_is_alive_or_not(
    exporter: Blackbox, authority: Authority, module: str, status: int, is_alive: bool
) -> None:
    with web_server(authority.server_context(), status) as server:
        metrics = exporter.metrics(module, f"https://localhost:{server.server_port}/v3/scopes")
    assert f"\nprobe_success {int(is_alive)}\n" in metrics
    assert "\nprobe_ssl_earliest_cert_expiry " in metrics
    assert [(command, path) for command, path, _ in server.asked] == [("GET", "/v3/scopes")]
    assert not {"Authorization", "X-Postmark-Server-Token"} & server.asked[0][2].keys()


def test_an_api_without_tls_fails_however_it_answers(exporter: Blackbox) -> None:
    with web_server(None, 401) as server:
        assert not exporter.succeeds("api_answers", f"http://localhost:{server.server_port}/")


def zone_of(files: Mapping[str, OutputFile]) -> str:
    return files["dns/northwind.example/zone.db"].content


def test_every_record_of_the_example_is_found_and_every_changed_one_is_not(
    repository: Path, find_tool: FindTool, tmp_path: Path
) -> None:
    files = {file.path: file for file in output_files(compile_folder(repository / "specs"))}
    config = impatient(files["monitoring/blackbox.yml"].content)
    modules = [name for name in config["modules"] if name.startswith("dns_")]
    assert len(modules) == 21
    zone = zone_of(files)
    changes = (
        ("amazonses.com", "amazonses.net"),
        ("pm.mtasv.net", "pm.mtasv.org"),
        ("v=DMARC1; p=quarantine", "v=DMARC1; p=none"),
        ("v=spf1 include:_spf.google.com", "v=spf1 include:_spf.google.org"),
        ("k=rsa; p=MIGf", "k=rsa; p=MIGe"),
    )
    changed = zone
    for old, new in changes:
        assert old in changed
        changed = changed.replace(old, new)
    with (
        blackbox_exporter(find_tool, tmp_path / "exporter", config) as exporter,
        nsd(find_tool, tmp_path / "right", {"northwind.example": zone}) as right,
        nsd(find_tool, tmp_path / "changed", {"northwind.example": changed}) as wrong,
        nsd(find_tool, tmp_path / "gone", {"northwind.example": "@ TXT other\n"}) as empty,
    ):
        for module in modules:
            assert exporter.succeeds(module, f"{right.address}:{right.port}"), exporter.log_of(
                module, f"{right.address}:{right.port}"
            )
            for server in (wrong, empty):
                metrics = exporter.metrics(module, f"{server.address}:{server.port}")
                assert "\nprobe_success 0\n" in metrics
                assert "\nprobe_dns_query_succeeded 1\n" in metrics
        unknown = exporter.metrics(modules[0], "127.0.0.1:1")
    assert "\nprobe_success 0\n" in unknown
    assert "\nprobe_dns_query_succeeded 0\n" in unknown


def test_a_second_dmarc_record_or_mx_fails_and_values_of_others_beside_spf_do_not(
    repository: Path, find_tool: FindTool, tmp_path: Path
) -> None:
    files = {file.path: file for file in output_files(compile_folder(repository / "specs"))}
    added = (
        '_dmarc TXT "v=DMARC1; p=none"\nbounce.mail MX 20 mx.other.example.\n'
        f'@ TXT "another-verification=1"\nbig TXT "{"x" * 250}" "{"y" * 250}" "{"z" * 250}"\n'
        + "".join(f'@ TXT "{"v" * 200}{number}"\n' for number in range(5))
    )
    with (
        blackbox_exporter(find_tool, tmp_path, impatient(files["monitoring/blackbox.yml"].content)) as exporter,
        nsd(find_tool, tmp_path / "zone", {"northwind.example": zone_of(files) + added}) as server,
    ):
        target = f"{server.address}:{server.port}"
        assert not exporter.succeeds("dns_txt__dmarc.northwind.example", target)
        assert not exporter.succeeds("dns_mx_bounce.mail.northwind.example", target)
        assert exporter.succeeds("dns_mx_bounce.help.northwind.example", target)
        # More than 512 octets: over UDP this answer is cut off.
        assert exporter.succeeds("dns_txt_northwind.example", target), exporter.log_of(
            "dns_txt_northwind.example", target
        )


VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
NASTY = [
    '"',
    "\\",
    'a"b\\c',
    "(.*)",
    "[a-z]{2}$^",
    "+?|",
    "%{i}._spf",
    "\t",
    "é\u2028",
    "'",
    "{{ x }}",
    "#",
    "; rm",
    "\x00",
    "\x7f",
]


def record(number: int, pattern: str) -> RecordProbe:
    name = f"n{number}.shop.example"
    return RecordProbe(Probe(Watched.DNS, f"dns_{number}", name, (), ()), name, RecordType.TXT, "", pattern)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VALUES, min_size=15, max_size=30))
def test_any_value_means_the_same_to_the_exporter(find_tool: FindTool, tmp_path: Path, values: list[str]) -> None:
    values = [*NASTY, *values]
    probes = RecordProbes(
        tuple(
            record(number, record_pattern(RecordType.TXT, value, Purpose.FOREIGN))
            for number, value in enumerate(values)
        ),
        0,
        0,
    )
    config = yaml.safe_load(blackbox_text("#", frozenset(), probes))
    assert len(config["modules"]) == len(values)
    folder = tmp_path / str(abs(hash(tuple(values))))
    with blackbox_exporter(find_tool, folder, copy.deepcopy(config)) as exporter:
        right = "".join(f'n{number} TXT "{_escaped(value)}"\n' for number, value in enumerate(values))
        wrong = "".join(f'n{number} TXT "{_escaped(value)}\\033"\n' for number, value in enumerate(values))
        for zone, is_right in ((right, True), (wrong, False)):
            with nsd(find_tool, folder / f"zone-{is_right}", {"shop.example": zone}) as server:
                for number, value in enumerate(values):
                    target = f"{server.address}:{server.port}"
                    found = exporter.succeeds(f"dns_{number}", target)
                    assert found is is_right, (value, exporter.log_of(f"dns_{number}", target))


def _escaped(value: str) -> str:
    return "".join(f"\\{octet:03d}" for octet in value.encode())


def test_what_is_rendered_verifies_names_and_trusts_no_private_authority(example: Mapping[str, OutputFile]) -> None:
    for name, module in yaml.safe_load(example["blackbox.yml"].content)["modules"].items():
        settings_of_tls = (module.get("tcp") or module.get("http") or {}).get("tls_config")
        assert settings_of_tls in (None, {"insecure_skip_verify": False, "min_version": "TLS12"}), name
