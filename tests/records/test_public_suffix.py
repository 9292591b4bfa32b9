import socket

import pytest

from sendspec.records.public_suffix import registrable_domain


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mail.shop.co.uk", "shop.co.uk"),
        ("shop.co.uk", "shop.co.uk"),
        ("co.uk", "co.uk"),
        ("a.b.shop.com", "shop.com"),
        ("mail.shop.example", "shop.example"),  # below no suffix of the list
        ("em‹n›.mail.shop.com.au", "shop.com.au"),
        ("mail.customer.github.io", "customer.github.io"),  # each customer of a hosting service is apart
        ("www.ck", "www.ck"),  # an exception in the list
    ],
)
def test_the_registrable_domain_is_one_label_below_the_suffix(name, expected):
    assert registrable_domain(name) == expected


def test_the_list_comes_without_a_look_at_the_network(monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("no network"))
    assert registrable_domain("mail.shop.co.jp") == "shop.co.jp"
