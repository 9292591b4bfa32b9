"""Plain text may go to hosts that are near, by name or by address."""

import pytest

from sendspec.model.private_network import faces_internet, is_this_machine, stays_private

NEAR = [
    "localhost",
    "mail.localhost",
    "127.0.0.1",
    "127.8.9.1",
    "10.0.0.5",
    "172.16.3.4",
    "192.168.1.1",
    "::1",
    "fd00::1",
    "mailpit",
    "mail_catcher",
    "Relay.Internal",
    "relay.corp.home.arpa.",
    "mailpit.tools.svc",
    "printer.local",
]
FAR = ["8.8.8.8", "172.32.0.1", "2606:4700::1", "relay.example.com", "internal.example.com", "localhost.example.com"]


@pytest.mark.parametrize("host", NEAR)
def test_a_near_host(host):
    assert stays_private(host)


@pytest.mark.parametrize("host", FAR)
def test_a_host_that_others_are_on_the_way_to(host):
    assert not stays_private(host)


@pytest.mark.parametrize("host", ["localhost", "Mail.Localhost", "localhost.", "127.0.0.1", "127.8.9.1", "::1"])
def test_a_host_that_is_each_machine_for_itself(host):
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["10.0.0.5", "mailpit", "relay.internal", "localhost.example.com", "8.8.8.8"])
def test_a_host_that_is_one_machine_for_all(host):
    assert not is_this_machine(host)


@pytest.mark.parametrize("host", [*FAR, "0.0.0.0", "::"])
def test_a_host_where_the_internet_comes_in(host):
    assert faces_internet(host)


@pytest.mark.parametrize("host", NEAR)
def test_a_host_where_the_internet_does_not_come_in(host):
    assert not faces_internet(host)
