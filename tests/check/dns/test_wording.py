"""Long values are shown so that a reader sees what differs."""

from sendspec.check.dns.wording import show_pair


def test_two_long_keys_are_cut_where_they_differ():
    one = "k=rsa; p=" + "A" * 200 + "B" + "C" * 200
    other = one.replace("B", "D")
    expected, seen = show_pair([one], [other])
    assert "AAAB" in expected
    assert "AAAD" in seen
    assert expected.endswith(f"(character 210 of {len(one)} differs)")


def test_what_is_told_apart_at_a_glance_is_shown_as_it_is():
    assert show_pair(["v=spf1 -all"], ["v=spf1 ~all"]) == ("v=spf1 -all", "v=spf1 ~all")
