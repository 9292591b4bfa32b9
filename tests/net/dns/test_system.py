"""Which resolvers a host is set to use: a file that anything may have written."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendspec.net.address import Server
from sendspec.net.dns.system import PUBLIC_RESOLVERS, default_resolvers, system_resolvers


def test_resolvers_are_read_in_their_order(tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\n"
        "nameserver\tfe80::1%eth0 # the router\nnameserver 192.0.2.1\n nameserver 2001:db8::53\nnameserver 192.0.2.3\n"
    )
    assert system_resolvers(path) == (Server("192.0.2.1"), Server("fe80::1%eth0"), Server("2001:db8::53"))


@pytest.mark.parametrize(
    "line",
    [
        "nameserver",
        "nameserver localhost",
        "nameserver 0.0.0.0",
        "nameserver ::",
        "nameserver 1.2.3",
        "nameservers 192.0.2.1",
    ],
)
def test_a_line_that_names_no_address_is_passed_by(tmp_path, line):
    path = tmp_path / "resolv.conf"
    path.write_text(f"{line}\nnameserver 192.0.2.1\n")
    assert system_resolvers(path) == (Server("192.0.2.1"),)


@given(content=st.binary(max_size=500))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_raises(tmp_path, content):
    path = tmp_path / "resolv.conf"
    path.write_bytes(content + b"\nnameserver \xff\nnameserver 192.0.2.1")
    assert len(system_resolvers(path)) <= 3


def test_a_file_that_is_none_gives_no_resolvers(tmp_path):
    assert system_resolvers(tmp_path / "missing") == ()
    assert system_resolvers(tmp_path) == ()
    os.mkfifo(tmp_path / "pipe")
    assert system_resolvers(tmp_path / "pipe") == ()


def test_public_resolvers_follow_those_of_the_system(tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 8.8.8.8\nnameserver 192.0.2.1\n")
    addresses = [server.address for server in default_resolvers(path)]
    assert addresses == ["8.8.8.8", "192.0.2.1", "1.1.1.1", "9.9.9.9"]
    assert all(fact.source.startswith("https://") for fact in PUBLIC_RESOLVERS)
