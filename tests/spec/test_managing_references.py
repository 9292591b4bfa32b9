"""Where the secrets are that sendspec manages with: a reference may stand for one place a domain."""

import pytest

SPEC = """\
version: 1
esps:
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    SECTION: {dkim_private_key: {from: "REFERENCE"}}
"""


def written(section, reference):
    return SPEC.replace("SECTION", section).replace("REFERENCE", reference)


@pytest.mark.parametrize(
    "reference",
    [
        "aws-sm://prod/mail/dkim#{domain}",
        "aws-sm://prod/mail/dkim-{domain}#{selector}",
        "aws-ssm:///mail/{domain}/{selector}",
        "op://mail/dkim/{domain}",
        "vault://mail/{domain}#{selector}",
        "file:///run/keys/{domain}.key",
        "op://mail/dkim/all",
    ],
)
def test_domain_and_selector_may_stand_in_what_sendspec_manages_with(load, reference):
    assert load(written("manage", reference)).findings == ()


def test_what_an_app_sends_with_has_one_place(load):
    [finding] = load(written("credentials", "aws-sm://prod/mail/dkim#{domain}")).findings
    assert finding.fix == "write it as aws-sm://secret-name#json-key"


@pytest.mark.parametrize(
    "reference", ["aws-sm://prod/{stream}#key", "{domain}://prod/mail", "hunter2{domain}", "env://{domain}-X"]
)
def test_any_other_placeholder_is_no_reference_and_not_shown(load, all_text, reference):
    loaded = load(written("manage", reference))
    assert loaded.findings
    assert "hunter2" not in all_text(loaded)


def test_a_reference_with_a_placeholder_stays_readable_in_an_excerpt(load):
    text = written("manage", "aws-sm://prod/mail/dkim#{domain}").replace(
        "dkim_private_key: {", "dkim_private_key: {x: 1, "
    )
    [finding] = load(text).findings
    assert "#{domain}" in finding.where.excerpt
