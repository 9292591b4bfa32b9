from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.records import dmarc
from sendspec.records.dmarc import DmarcRecord, Policy
from sendspec.records.error import RecordError

policies = st.none() | st.sampled_from(Policy)
words = st.text(ascii_lowercase, min_size=1, max_size=8)
uris = st.lists(st.builds(lambda local, host: f"mailto:{local}@{host}.example", words, words), max_size=3).map(tuple)
records = st.builds(
    DmarcRecord,
    policy=policies,
    subdomain_policy=policies,
    nonexistent_policy=policies,
    strict_dkim=st.booleans(),
    strict_spf=st.booleans(),
    reports=uris,
    failure_reports=uris,
    failure_options=st.lists(st.sampled_from(dmarc.FAILURE_OPTIONS), max_size=2, unique=True).map(tuple),
    testing=st.booleans(),
    psd=st.sampled_from(["", "y", "n"]),
)


@given(records)
def test_every_record_reads_back_as_itself(record):
    assert dmarc.parse(record.to_text()) == record


@given(st.text())
def test_any_text_is_a_record_or_a_record_error(text):
    for candidate in (text, f"v=DMARC1; {text}", f"v=DMARC1; rua={text}"):
        try:
            record = dmarc.parse(candidate)
        except RecordError:
            continue
        assert dmarc.parse(record.to_text()) == record


def test_defaults_are_not_written():
    record = DmarcRecord(policy=Policy.QUARANTINE, reports=("mailto:d@x.example",))
    assert record.to_text() == "v=DMARC1; p=quarantine; rua=mailto:d@x.example"


def test_removed_tags_are_told_and_never_written_again():
    record = dmarc.parse("v=DMARC1; p=reject; pct=50; rf=afrf; ri=3600; rua=mailto:d@x.example!10m; x=y")
    assert record.removed == ("pct=50", "rf=afrf", "ri=3600", "!10m")
    assert record.to_text() == "v=DMARC1; p=reject; rua=mailto:d@x.example"


def test_blanks_and_case_of_values_do_not_matter():
    assert dmarc.parse("v = DMARC1 ;p = Reject; t=Y;") == DmarcRecord(policy=Policy.REJECT, testing=True)


@pytest.mark.parametrize(
    "text",
    [
        "v=dmarc1; p=none",
        "p=none; v=DMARC1",
        "p=none",
        "v=DMARC1; p=reject; sp=rejct",
        "v=DMARC1; p=none; rua=d@example.com",
        "v=DMARC1; p=none; rua=https://x.example/",
        "v=DMARC1; p=none; rua=",
        "v=DMARC1; p=none; p=reject",
        "v=DMARC1; adkim=x",
        "v=DMARC1; fo=2",
        "v=DMARC1; p=nöne",
        "v=spf1 -all",
    ],
)
def test_a_record_that_does_not_mean_what_it_says_is_refused(text):
    with pytest.raises(RecordError):
        dmarc.parse(text)


@pytest.mark.parametrize(
    ("text", "claims"), [("v=DMARC1", True), ("v = dmarc1; p=none", True), ("v=DMARC12", False), ("p=none", False)]
)
def test_a_text_that_claims_to_be_dmarc_is_recognised_even_when_it_is_wrong(text, claims):
    assert dmarc.is_dmarc(text) is claims
