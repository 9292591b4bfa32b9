"""What a spec may say of an app's environments, its relay and its secrets; everything else is a finding with a cure."""

import pytest
from app_setups import ENVIRONMENTS, THROUGH

from sendspec.errors import SpecError
from sendspec.pipeline import compile_folder


def findings_of(folder, text):
    (folder / "spec.yaml").write_text(text, encoding="utf-8")
    try:
        return [(each.rule, each.message, each.fix) for each in compile_folder(folder).findings]
    except SpecError as error:
        return [(each.rule, each.message, each.fix) for each in error.findings]


@pytest.mark.parametrize(
    ("old", "new", "rule", "message", "fix"),
    [
        ("{mail: catcher}", "{}", "spec-missing-key", "`development` has no `mail`", "write `mail: sandbox` or `mail: catcher`"),
        ("{mail: catcher}", "{mail: catch}", "spec-bad-value", "`catch` is nothing that `mail` can be", "catcher"),
        ("{mail: catcher}", "{mial: catcher, mail: real}", "spec-unknown-key", "`mial` is not a key of `development`", "mail"),
        ("{mail: catcher}", "{mail: catcher, secrets: onepasword}", "spec-unknown-reference", "`onepasword` is not a delivery", "onepassword"),
        ("{mail: catcher}", "{mail: catcher, targets: [jango]}", "spec-unknown-reference", "`jango` is not a target", "django"),
        ("{mail: catcher}", "{mail: catcher, targets: [bind]}", "spec-unknown-reference", "`bind` does not belong here", "dns.formats"),
        ("{mail: catcher}", "{mail: catcher, catcher: {host: 'a b'}}", "spec-bad-value", "`a b` is not a host", "localhost or 10.0.0.5"),
        ("          ses-eu:\n", "          ses-e:\n", "spec-unknown-reference", "`ses-e` is not an ESP account", "ses-eu"),
        ("{mail: catcher}", "{mail: sandbox, listens: {tls: no}}", "spec-bad-value", "`no` is nothing that `tls` can be", "none"),
        ("{mail: catcher}", "{mail: sandbox, listen: {}}", "spec-unknown-key", "`listen` is not a key", "listens"),
        ("env: STAGING_SES_PASSWORD", "env: LD_PRELOAD", "spec-bad-value", "`LD_PRELOAD` means something", "after what it holds"),
        ("    environments:", "    secrets: enf\n    environments:", "spec-unknown-reference", "`enf` is not a delivery", "env"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_environments_is_found(tmp_path, old, new, rule, message, fix):
    assert ENVIRONMENTS.count(old) >= 1
    found = findings_of(tmp_path, ENVIRONMENTS[::-1].replace(old[::-1], new[::-1], 1)[::-1])
    assert [(each[0], message in each[1], fix in each[2]) for each in found if each[0] == rule] == [(rule, True, True)]


@pytest.mark.parametrize(
    ("old", "new", "message", "fix"),
    [
        ("through: relay", "through: rely", "`rely` is not an app of the spec", "relay"),
        ("port: 2525", "port: 2525, tls: startls", "`startls` is nothing that `tls` can be", "starttls"),
        ("host: localhost", "host: 'localhost:25'", "`localhost:25` is not a host", "without a port"),
        ("port: 2525", "clients: [10.0.0.300]", "`10.0.0.300` is not a network", "10.0.0.0/24"),
        ("port: 2525", "clients: [app.shop.example]", "`app.shop.example` is not a network", "10.0.0.7"),
        ("port: 2525", "clients: [10.0.0.0/255.0.0.0]", "is not a network", "in CIDR form"),
        ("port: 2525", "clients: [10.0.0.7/24]", "an address with a network's length", "10.0.0.0/24"),
        ("port: 2525", "clients: ['2001:db8::7/32']", "an address with a network's length", "2001:db8::/32"),
        ("port: 2525", "clients: []", "`clients`", ""),
        ("via: smtp, esp: ses-eu", "via: smtp, esp: ses-eu, tls: none", "`none` is nothing that `tls` can be", ""),
    ],
)
def test_what_is_wrong_with_a_relay_is_found_and_no_esp_takes_plain_text(tmp_path, old, new, message, fix):
    ((_, said, cure),) = findings_of(tmp_path, THROUGH.replace(old, new))
    assert message in said
    assert fix in cure
