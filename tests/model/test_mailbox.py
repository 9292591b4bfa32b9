"""A mailbox as a header holds it: a reader of messages gets the name back that the spec says."""

from email.headerregistry import Address
from email.parser import Parser
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.model.stream import Mailbox

NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40).map(str.strip)


@given(NAMES.filter(lambda name: name and "  " not in name))
def test_a_name_comes_back_as_it_was(name):
    header = f"From: {Mailbox(name, 'a@shop.example').to_text()}\n\n"
    address = Parser(policy=default).parsestr(header)["From"].addresses[0]
    if "=?" not in name:  # Python decodes encoded words between quotes too, against RFC 2047 section 5
        assert (address.display_name, address.addr_spec) == (name, "a@shop.example")
    assert isinstance(address, Address)


@pytest.mark.parametrize("name", ["=?utf-8?q?x?=", "a =?b", "Shop, Inc.", 'a"b'])
def test_what_a_reader_would_take_for_something_else_is_quoted(name):
    assert Mailbox(name, "a@shop.example").to_text().startswith('"')
