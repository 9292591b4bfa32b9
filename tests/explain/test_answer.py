from pathlib import Path

import pytest
import yaml
from app_setups import ENVIRONMENTS

from sendspec.errors import UsageError
from sendspec.explain.answer import explain_rule, explain_setup
from sendspec.model.explanation import Explanation
from sendspec.model.output_file import OutputFile
from sendspec.pipeline import Compiled, compile_folder
from sendspec.render.run import render_files

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_folder(REPOSITORY / "specs")


def ask(compiled: Compiled, name: str) -> tuple[Explanation, ...]:
    def files() -> tuple[OutputFile, ...]:
        return render_files(compiled.setup, compiled.positions)

    return explain_setup(name, compiled.setup, compiled.positions, files, ["spf-two-records"])


def test_a_record_says_why_and_what_breaks_and_where_it_was_said(compiled: Compiled) -> None:
    (found,) = ask(compiled, "pm-bounces.mail.northwind.example")
    details = dict(found.details)
    assert (found.kind, found.name) == ("record", "pm-bounces.mail.northwind.example CNAME")
    assert details["value"] == "pm.mtasv.net"
    assert details["wanted by"] == "postmark-main for receipts"
    assert details["without it"]
    assert details["source"]
    assert found.places[0].file.endswith("northwind.yaml")


@pytest.mark.parametrize(
    "name",
    [
        "PM-Bounces.Mail.Northwind.Example.",
        "pm-bounces.mail",
        "pm-bounces.mail CNAME",
        "pm-bounces.mail cname",
        "pm-*.mail",
    ],
)
def test_a_record_is_found_however_it_is_written(compiled: Compiled, name: str) -> None:
    assert [found.name for found in ask(compiled, name)] == ["pm-bounces.mail.northwind.example CNAME"]


def test_a_name_with_two_types_gives_both_and_a_type_gives_one(compiled: Compiled) -> None:
    assert [found.name[-3:] for found in ask(compiled, "bounce.mail")] == [" MX", "TXT"]
    assert [found.name[-2:] for found in ask(compiled, "bounce.mail MX")] == ["MX"]


def test_a_shared_set_says_the_reason_of_each_value(compiled: Compiled) -> None:
    (found,) = ask(compiled, "@ TXT")
    assert len([text for label, text in found.details if label == "why"]) == 3
    assert len(found.places) == 3


def test_a_pending_record_prints_a_lock_entry_that_is_yaml(compiled: Compiled) -> None:
    (found,) = ask(compiled, "s1._domainkey.news")
    assert found.kind == "pending record"
    assert yaml.safe_load(found.paste)["issued"]["sendgrid-eu"]["news.northwind.example"]
    assert dict(found.details)["to do"]


def test_a_pending_record_answers_to_what_its_name_may_become(compiled: Compiled) -> None:
    names = [found.name for found in ask(compiled, "em4242.news.northwind.example")]
    assert "em‹n›.news.northwind.example CNAME" in names
    assert next(found.name for found in ask(compiled, "em‹n›.news")) == "em‹n›.news.northwind.example CNAME"


def test_a_stream_shows_the_proof_of_each_route(compiled: Compiled) -> None:
    (found,) = ask(compiled, "receipts")
    assert (found.kind, found.name) == ("stream", "receipts")
    assert [label for label, _ in found.details] == ["primary", "fallback"]
    lines = dict(found.details)["fallback"].split("\n")
    assert lines[:-1] == [
        "smtp at ses-eu, From mail.northwind.example",
        "envelope domain: bounce.mail.northwind.example",
        "SPF leg: relaxed",
        "DKIM d=: mail.northwind.example",
        "DKIM leg: aligned",
    ]
    assert lines[-1].startswith(
        "if one leg breaks: the other carries; both under p=quarantine of northwind.example; while"
    )
    assert found.places[0].excerpt.strip() == "receipts:"


def test_a_stream_says_where_receivers_disagree_and_shows_few_of_many_senders(tmp_path: Path) -> None:
    senders = "".join(f"      c{number}: x@mail.eu.shop.example\n" for number in range(12))
    (tmp_path / "shop.yaml").write_text(
        "version: 1\n"
        "domains:\n"
        "  shop.example:\n"
        "    dmarc: {policy: none}\n"
        "    subdomains: {eu: {dmarc: {policy: none, psd: n}}}\n"
        "esps: {pm: {kind: postmark, settings: {dkim: none}}, ses: {kind: ses, settings: {region: eu-west-1, mail_from: null}}}\n"
        "streams:\n"
        "  notices:\n"
        "    kind: notification\n"
        "    subdomain: shop.example\n"
        f"    senders:\n{senders}"
        "    routes:\n"
        "      - {role: primary, via: api, esp: pm}\n"
        "      - {role: fallback, via: api, esp: ses}\n"
    )
    (found,) = ask(compile_folder(tmp_path), "notices")
    assert [text for _, text in found.details if text.endswith("senders")] == ["2 more senders", "2 more senders"]
    texts = dict(reversed(found.details))
    assert "DKIM d=: of the ESP itself, or none" in texts["primary"]
    assert "SPF leg: does not align by the tree walk (RFC 9989), relaxed by the public suffix list" in texts["primary"]
    assert "envelope domain: of the ESP itself" in texts["fallback"]


def test_an_spf_record_shows_who_spends_its_lookups_and_when_that_was_read(compiled: Compiled) -> None:
    (found,) = ask(compiled, "@ TXT")
    assert dict(found.details)["lookups"].split("\n")[:2] == [
        "northwind.example: 5 of 10 lookups",
        "  include:_spf.google.com: 4 (read 2026-11-20)",
    ]
    assert "void lookups" not in dict(found.details)
    assert not [label for label, _ in ask(compiled, "_dmarc TXT")[0].details if label == "lookups"]


def test_an_spf_record_of_many_hosts_warns_of_void_lookups(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(
        "version: 1\ndomains:\n  shop.example: {spf: {a: [a.shop.example, b.shop.example], mx: true}}\n"
    )
    (found,) = ask(compile_folder(tmp_path), "@ TXT")
    assert dict(found.details)["void lookups"].startswith("3 terms lead to hosts that may not answer; beyond 2")


def test_a_variable_says_its_value_and_a_credential_only_where_it_is_kept(compiled: Compiled) -> None:
    (host,) = ask(compiled, "MAIL_RECEIPTS_FALLBACK_HOST")
    assert dict(host.details)["value"] == "email-smtp.eu-west-1.amazonaws.com"
    secrets = ask(compiled, "SES_SMTP_PASSWORD")
    assert secrets
    for secret in secrets:
        assert dict(secret.details)["kept at"] == "aws-sm://prod/mail/ses#password"
        assert "value" not in dict(secret.details)


@pytest.mark.parametrize(
    "name",
    ["dns/northwind.example/zone.db", "output/dns/northwind.example/zone.db", "/x/o/dns/northwind.example/zone.db"],
)
def test_a_file_is_found_with_or_without_the_folder_in_front(compiled: Compiled, name: str) -> None:
    (found,) = ask(compiled, name)
    assert (found.kind, found.name) == ("file", "dns/northwind.example/zone.db")
    assert {Path(span.file).name for span in found.places} == {"northwind.yaml", "sendspec.lock.yaml"}


def test_everything_in_the_setup_can_be_explained(compiled: Compiled) -> None:
    setup = compiled.setup
    for _, rrset in setup.rrsets():
        assert ask(compiled, f"{rrset.name} {rrset.type}")
    for pending in setup.pending():
        assert any(found.paste == pending.lock_entry for found in ask(compiled, pending.name))
    for app in setup.apps:
        for variable in app.variables():
            assert ask(compiled, variable.name)
    for file in render_files(setup, compiled.positions):
        assert ask(compiled, file.path)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("pm-bounce.mail.northwind.example", "`pm-bounces.mail.northwind.example`"),
        ("MAIL_RECEIPTS_FALLBACK_HOTS", "`MAIL_RECEIPTS_FALLBACK_HOST`"),
        ("spf-two-record", "`spf-two-records`"),
        ("apps/storefront/mail.evn", "`apps/storefront/mail.env`"),
    ],
)
def test_an_unknown_name_gets_suggestions(compiled: Compiled, name: str, suggestion: str) -> None:
    with pytest.raises(UsageError, match="nothing is called") as caught:
        ask(compiled, name)
    assert suggestion in caught.value.hint


def test_a_name_like_nothing_else_gets_the_kinds_of_names(compiled: Compiled) -> None:
    with pytest.raises(UsageError) as caught:
        ask(compiled, "zzzzzzzz")
    assert "environment variable" in caught.value.hint


def test_files_are_rendered_only_when_nothing_else_has_the_name(compiled: Compiled) -> None:
    def refuse() -> tuple[OutputFile, ...]:
        pytest.fail("not needed")

    assert explain_setup("bounce.mail", compiled.setup, compiled.positions, refuse, [])


def test_a_rule_is_explained_by_its_documentation() -> None:
    (found,) = explain_rule("a-rule", {"a-rule": "What is wrong.\n\nWhy it matters: much.\n"})
    assert (found.summary, found.details) == ("What is wrong.", (("more", "Why it matters: much."),))
    assert explain_rule("another", {"a-rule": "x"}) == ()


def test_a_variable_of_an_environment_of_its_own_says_which(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(ENVIRONMENTS, encoding="utf-8")
    compiled = compile_folder(tmp_path)
    (found,) = ask(compiled, "STAGING_SES_PASSWORD")
    assert dict(found.details)["used by"].startswith("app shop (staging), route codes.fallback")
    values = [dict(found.details)["value"] for found in ask(compiled, "MAIL_CODES_PRIMARY_HOST")]
    assert values == ["smtp.postmarkapp.com", "localhost"]
