"""Names and values in Route 53's spelling, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from route53_world import STRING, STRINGS

from sendspec.hosts.route53.text import absolute, read_name, read_text, read_value, resource_value
from sendspec.model.dns_record import Mx, RecordType

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=900)


@given(TEXTS)
def test_a_text_means_the_same_after_it_was_written_and_read(text):
    written = resource_value(RecordType.TXT, text)
    assert read_text(written) == text
    assert STRINGS.match(written)
    assert all(len(string) <= 255 for string in STRING.findall(written))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"v=spf1 -all"', "v=spf1 -all"),
        ('"one" "two"', "onetwo"),
        (r'"a \"quoted\" word"', 'a "quoted" word'),
        (r'"back\134slash"', "back\\slash"),
        (r'"back\\slash"', "back\\slash"),
        (r'"gr\303\274n"', "grün"),
        (r'"\374"', "ü"),  # an octet that is no UTF-8
        ('""', ""),
        ("bare", "bare"),
    ],
)
def test_texts_are_read_as_route_53_writes_them(written, text):
    assert read_text(written) == text


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"\052.Shop.Example.", "*.shop.example"),
        ("_dmarc.shop.example.", "_dmarc.shop.example"),
        (r"a\056b.shop.example.", r"a\056b.shop.example"),
        (".", ""),
    ],
)
def test_names_are_read_without_escapes_case_and_final_dot(written, name):
    assert read_name(written) == name


def test_a_wildcard_is_written_as_it_is_read():
    assert read_name(absolute("*.shop.example")) == "*.shop.example"


@pytest.mark.parametrize("value", [Mx(0, ""), Mx(10, "mx.shop.example")])
def test_an_mx_means_the_same_after_it_was_written_and_read(value):
    assert read_value("MX", resource_value(RecordType.MX, value)) == value


def test_a_value_of_another_type_stands_as_it_is():
    assert read_value("CAA", '0 issue "ca.example"') == '0 issue "ca.example"'
    assert read_value("MX", "nonsense") == "nonsense"
