from string import ascii_letters, ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.records import mta_sts
from sendspec.records.error import RecordError
from sendspec.records.mta_sts import Policy, Record

hosts = st.builds(
    "{}{}.example".format, st.sampled_from(["", "*."]), st.text(ascii_lowercase + digits, min_size=1, max_size=8)
)
policies = st.builds(
    Policy,
    st.sampled_from(mta_sts.MODES),
    st.lists(hosts, min_size=1, max_size=3).map(tuple),
    st.integers(0, mta_sts.MAX_AGE_SECONDS),
)


@given(st.text(ascii_letters + digits, min_size=1, max_size=32))
def test_every_record_reads_back_as_itself(identifier):
    assert mta_sts.parse(Record(identifier).to_text()) == Record(identifier)


@given(policies)
def test_every_policy_reads_back_as_itself_also_with_crlf(policy):
    assert mta_sts.parse_policy(policy.to_text()) == policy
    assert mta_sts.parse_policy(policy.to_text().replace("\n", "\r\n")) == policy


@given(policies, policies)
def test_the_id_is_sound_and_changes_exactly_with_the_policy(one, other):
    ids = [mta_sts.policy_id(policy.to_text()) for policy in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)
    mta_sts.parse(Record(ids[0]).to_text())


@pytest.mark.parametrize(
    "text", ["v=STSv1", "v=STSv1; id=2026-01-01", f"v=STSv1; id={'a' * 33}", "id=1", "v=stsv1; id=1"]
)
def test_a_bad_id_is_refused(text):
    with pytest.raises(RecordError):
        mta_sts.parse(text)


@pytest.mark.parametrize(
    "lines",
    [
        ["version: STSv1", "mode: enforce", "max_age: 86400"],
        ["version: STSv1", "mode: enforce", "mx: a.example", "max_age: 86400.5"],
        ["version: STSv1", "mode: enforce", "mx: a.example", "max_age: 31557601"],
        ["version: STSv1", "mode: strict", "mx: a.example", "max_age: 1"],
        ["version: STSv1", "mode: enforce", "mx: a.*.example", "max_age: 1"],
        ["version: STSv1", "mode: enforce", "mx: mx_1.example", "max_age: 1"],
        ["mode: enforce", "mx: a.example", "max_age: 1"],
        ["version: STSv1", "nonsense"],
    ],
)
def test_a_policy_that_senders_discard_is_refused(lines):
    with pytest.raises(RecordError):
        mta_sts.parse_policy("\n".join(lines))


def test_a_policy_of_mode_none_needs_no_mx():
    assert mta_sts.parse_policy("version: STSv1\nmode: none\nmax_age: 0\nx: y\n") == Policy("none", (), 0)
