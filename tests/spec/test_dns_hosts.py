"""What a spec may say of the DNS host of a zone; everything else is a finding with a cure."""

import pytest

from sendspec.errors import SpecError
from sendspec.pipeline import compile_folder

SPEC = "version: 1\ndomains:\n  shop.example:\n    dns: {host: %s}\n    sends: never\n"


def compiled(folder, host):
    (folder / "spec.yaml").write_text(SPEC % host, encoding="utf-8")
    return compile_folder(folder)


def findings_of(folder, host):
    try:
        found = compiled(folder, host).findings
    except SpecError as error:
        found = error.findings
    return [(each.rule, each.message, each.fix) for each in found]


@pytest.mark.parametrize(
    ("host", "message", "fix"),
    [
        ("route35", "`route35` is not a DNS host that sendspec knows", "did you mean `route53`?"),
        ("hetzner", "`hetzner` is not a DNS host", "`manual` is for every other host"),
        (
            "cloudflare, manage: {api_tokn: {from: 'env://X'}}",
            "`api_tokn` is not a credential",
            "did you mean `api_token`?",
        ),
        ("manual, manage: {token: {from: 'env://X'}}", "`token` is not a credential", "remove it"),
    ],
)
def test_a_host_or_a_credential_that_nobody_knows_is_found(tmp_path, host, message, fix):
    found = [each for each in findings_of(tmp_path, host) if each[0] == "spec-unknown-reference"]
    assert [(message in each[1], fix in each[2]) for each in found] == [(True, True)]


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ("cloudflare, manage: {api_token: {from: 'cf-token'}}", "spec-bad-value"),
        ("cloudflare, zone_id: ''", "spec-bad-value"),
        ("cloudflare, zone: x", "spec-unknown-key"),
    ],
)
def test_what_no_zone_can_say_is_found(tmp_path, host, rule):
    assert rule in [each[0] for each in findings_of(tmp_path, host)]


def test_a_zone_knows_its_id_and_what_it_is_managed_with(tmp_path):
    said = "cloudflare, zone_id: abc, manage: {api_token: {from: 'op://mail/cloudflare/token', rotate_every: 90d}}"
    zone = compiled(tmp_path, said).setup.domains[0].zone
    assert (zone.host, zone.zone_id) == ("cloudflare", "abc")
    (token,) = zone.manage
    assert (token.id, token.name, token.reference) == (
        "shop.example.manage.api_token",
        "api_token",
        "op://mail/cloudflare/token",
    )
    assert token.origin.path == ("domains", "shop.example", "dns", "manage", "api_token")


def test_a_zone_of_a_spec_that_says_nothing_is_kept_by_hand(tmp_path):
    (tmp_path / "spec.yaml").write_text("version: 1\ndomains:\n  shop.example: {sends: never}\n", encoding="utf-8")
    zone = compile_folder(tmp_path).setup.domains[0].zone
    assert (zone.host, zone.zone_id, zone.manage) == ("manual", "", ())
