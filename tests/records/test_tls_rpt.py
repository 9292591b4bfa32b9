from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.records import tls_rpt
from sendspec.records.error import RecordError
from sendspec.records.tls_rpt import TlsRptRecord

words = st.text(ascii_lowercase, min_size=1, max_size=8)
uris = st.builds("mailto:{}@{}.example".format, words, words) | st.builds("https://{}.example/{}".format, words, words)


@given(st.lists(uris, min_size=1, max_size=3).map(tuple))
def test_every_record_reads_back_as_itself(rua):
    record = TlsRptRecord(rua)
    assert tls_rpt.parse(record.to_text()) == record


@pytest.mark.parametrize(
    "text",
    [
        "v=TLSRPTv1",
        "v=TLSRPTv1; rua=tls@example.com",
        "v=TLSRPTv1; rua=http://x.example",
        "rua=mailto:a@x.example",
        "v=TLSRPTv2; rua=mailto:a@x.example",
    ],
)
def test_a_record_without_a_usable_destination_is_refused(text):
    with pytest.raises(RecordError):
        tls_rpt.parse(text)


def test_extensions_are_ignored():
    assert tls_rpt.parse("v=TLSRPTv1;rua=mailto:a@x.example , https://y.example/v1;x=1;") == TlsRptRecord(
        ("mailto:a@x.example", "https://y.example/v1")
    )
