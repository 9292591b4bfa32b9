"""The guard of tests/conftest.py is up."""

import socket

import pytest


def test_a_connection_out_of_the_machine_is_refused():
    with socket.socket() as client, pytest.raises(RuntimeError, match="tests stay on this machine"):
        client.connect(("192.0.2.1", 25))


def test_a_look_up_of_a_foreign_name_is_refused():
    with pytest.raises(RuntimeError, match="tests stay on this machine"):
        socket.getaddrinfo("northwind.example", 443)


def test_loopback_stays_open():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
