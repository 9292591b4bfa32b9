"""Which addresses may be called: what is public, and how an address can hide another one."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.net.address import dial_straight
from sendspec.net.public import is_public, may_dial


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv6_address_that_carries_an_ipv4_address_is_as_public_as_that(address):
    mapped = f"::ffff:{address}"
    translated = str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(address)))
    assert is_public(mapped) == is_public(translated) == is_public(str(address))


@given(st.text())
def test_text_that_is_no_address_is_not_public_and_no_error(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert not is_public(text)
        assert not may_dial(text, 443, dial_straight)


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8::1", "3fff::1"])
def test_documentation_addresses_may_be_called_only_where_something_answers_at_them(address):
    assert not may_dial(address, 443, dial_straight)
    assert may_dial(address, 443, lambda _there, _port: ("127.0.0.1", 8443))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_rehearsal_does_not_open_this_machine_to_hostile_names(address):
    assert not may_dial(address, 443, lambda _there, _port: ("127.0.0.1", 8443))
