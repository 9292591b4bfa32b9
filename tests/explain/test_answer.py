from pathlib import Path

import pytest
import yaml

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
