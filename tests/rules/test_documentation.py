"""The docstring of a rule is its documentation: `explain` prints it, and findings carry its cure and its source."""

import re

import pytest

from sendspec.rules.run import SECTIONS, documentation, rule_ids


@pytest.mark.parametrize("rule_id", rule_ids())
def test_every_rule_says_what_is_wrong_why_what_to_do_and_who_says_so(rule_id):
    text = documentation(rule_id)
    first = text.splitlines()[0]
    assert first.endswith(".")
    assert not first.startswith(SECTIONS)
    for section in SECTIONS:
        assert len(re.findall(rf"^{section}: \S", text, re.MULTILINE)) == 1, section


def test_an_unknown_rule_has_no_documentation():
    with pytest.raises(KeyError):
        documentation("spf-no-such-rule")
