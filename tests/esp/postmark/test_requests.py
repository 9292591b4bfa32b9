"""The calls that set Postmark up."""

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden" / "requests.json"
PATH = "esps/postmark-main/requests.json"
# Members of the written documentation (developer/api/servers-api) that the description of 2019 lacks.
NEWER_SERVER_FIELDS = {"DeliveryType", "EnableSmtpApiErrorHooks"}
# developer/api/message-streams-api and developer/api/webhooks-api: not described at all.
STREAM_FIELDS = {"ID", "Name", "Description", "MessageStreamType", "SubscriptionManagementConfiguration"}
WEBHOOK_FIELDS = {"Url", "MessageStream", "HttpAuth", "HttpHeaders", "Triggers"}
TRIGGER_FIELDS = {
    "Open": {"Enabled", "PostFirstOpenOnly"},
    "Click": {"Enabled"},
    "Delivery": {"Enabled"},
    "Bounce": {"Enabled", "IncludeContent"},
    "SpamComplaint": {"Enabled", "IncludeContent"},
    "SubscriptionChange": {"Enabled"},
}


@pytest.fixture
def calls(variant, read_calls):
    return read_calls(variant(), "postmark-main")


def of(calls, resource):
    return next(call for call in calls if call["resource"] == resource)


def enabled(call):
    return {name for name, trigger in call["body"]["Triggers"].items() if trigger["Enabled"]}


def test_the_file_is_the_one_that_was_reviewed(variant, read_files, check_golden):
    check_golden(GOLDEN, read_files(variant(), "postmark-main")[PATH])


def test_every_placeholder_is_explained_or_kept_by_an_earlier_call(variant, read_files, unresolved):
    document = json.loads(read_files(variant(), "postmark-main")[PATH])
    assert unresolved(document) == []
    del document["requests"][1]["keep"]
    assert unresolved(document) != []


def test_server_and_domains_come_before_streams_webhooks_and_checks(calls):
    kinds = [call["resource"].partition("/")[0] for call in calls if call["method"] == "POST"]
    assert kinds == ["server", *["domain"] * 3, *["message-stream"] * 3, *["webhook"] * 3]
    assert [call["method"] for call in calls[len(kinds) :]] == ["PUT"] * 6
    assert [call["step"] for call in calls] == list(range(1, 17))


def test_calls_of_the_account_use_the_account_token_and_no_value_is_shown(calls):
    for call in calls:
        at_account = call["resource"].startswith(("server/", "domain/"))
        name = "X-Postmark-Account-Token" if at_account else "X-Postmark-Server-Token"
        token = "account-token" if at_account else "server-token"
        assert call["headers"][name] == f"${{secret:op://mail/postmark/{token}}}"


def test_the_new_server_token_goes_where_the_spec_says_it_is_kept(calls):
    assert of(calls, "server/northwind-production")["store"] == {"op://mail/postmark/server-token": "/ApiTokens/0"}


def test_smtp_and_its_error_hooks_are_on_only_if_a_route_uses_smtp(variant, read_calls, calls):
    server = of(calls, "server/northwind-production")["body"]
    assert (server["SmtpApiActivated"], server["EnableSmtpApiErrorHooks"]) == (True, True)
    by_api = read_calls(variant(("via: smtp", "via: api")), "postmark-main")
    server = of(by_api, "server/northwind-production")["body"]
    assert (server["SmtpApiActivated"], server["EnableSmtpApiErrorHooks"]) == (False, False)


def test_a_domain_gets_its_return_path_and_is_verified_once_published(calls):
    domain = of(calls, "domain/mail.northwind.example")
    assert domain["body"] == {
        "Name": "mail.northwind.example",
        "ReturnPathDomain": "pm-bounces.mail.northwind.example",
    }
    checks = [call for call in calls if call["resource"] == domain["resource"] and call["method"] == "PUT"]
    assert [call["url"].rpartition("/")[2] for call in checks] == ["verifyDkim", "verifyReturnPath"]
    assert all("published" in call["after"] and "body" not in call for call in checks)


def test_a_domain_that_nobody_signs_for_is_not_asked_for_a_key(variant, read_calls):
    setup = variant(("{server: northwind-production}", '{server: x, dkim: "none"}'))
    urls = [call["url"] for call in read_calls(setup, "postmark-main")]
    assert not any("verifyDkim" in url for url in urls)
    assert any("verifyReturnPath" in url for url in urls)


def test_bulk_streams_are_broadcast_streams_with_unsubscribe_handling(variant, read_calls, read_files, calls):
    body = of(calls, "message-stream/newsletter")["body"]
    assert body["MessageStreamType"] == "Broadcasts"
    assert body["SubscriptionManagementConfiguration"] == {"UnsubscribeHandlingType": "Custom"}
    assert "support" in read_files(variant(), "postmark-main")[PATH].partition('"notes"')[2]
    without = variant(('    unsubscribe: {one_click: "https://northwind.example/u/{token}"}\n', ""))
    body = of(read_calls(without, "postmark-main"), "message-stream/newsletter")["body"]
    assert body["SubscriptionManagementConfiguration"] == {"UnsubscribeHandlingType": "Postmark"}


def test_other_streams_are_transactional_without_unsubscribe_handling(calls):
    body = of(calls, "message-stream/password-reset")["body"]
    assert body["MessageStreamType"] == "Transactional"
    assert body["SubscriptionManagementConfiguration"] == {"UnsubscribeHandlingType": "None"}


def test_a_webhook_has_exactly_the_declared_events(calls):
    assert enabled(of(calls, "webhook/receipts")) == {"Delivery", "Bounce", "SpamComplaint"}
    assert enabled(of(calls, "webhook/password-reset")) == {"Bounce", "SpamComplaint"}
    assert enabled(of(calls, "webhook/newsletter")) == {"Open", "Click", "SubscriptionChange"}


def test_a_webhook_is_protected_by_a_password_that_stands_nowhere(variant, read_calls, calls):
    auth = of(calls, "webhook/receipts")["body"]["HttpAuth"]
    assert auth == {"Username": "postmark", "Password": "${input:webhook_password}"}
    named = variant(("    manage:\n", '    manage:\n      webhook_password: {from: "op://mail/postmark/hook"}\n'))
    auth = of(read_calls(named, "postmark-main"), "webhook/receipts")["body"]["HttpAuth"]
    assert auth["Password"] == "${secret:op://mail/postmark/hook}"


def test_two_streams_in_one_message_stream_share_a_webhook_with_both_their_events(variant, read_calls):
    old = "{role: primary, via: smtp, esp: postmark-main}\n  newsletter"
    new = "{role: primary, via: smtp, esp: postmark-main, settings: {message_stream: receipts}}\n  newsletter"
    calls = read_calls(variant((old, new)), "postmark-main")
    assert enabled(of(calls, "webhook/receipts")) == {"Delivery", "Bounce", "SpamComplaint"}
    assert not any(call["resource"] == "webhook/password-reset" for call in calls)


def test_two_addresses_for_one_message_stream_make_two_webhooks(variant, read_calls):
    old = "via: api, esp: postmark-main}"
    new = 'via: api, esp: postmark-main, events: {url: "https://a.northwind.example/", types: [clicked]}}'
    second = "\n      - {role: fallback, via: api, esp: postmark-main}"
    calls = read_calls(variant((old, new + second)), "postmark-main")
    assert enabled(of(calls, "webhook/receipts")) == {"Click"}
    assert enabled(of(calls, "webhook/receipts-2")) == {"Delivery", "Bounce", "SpamComplaint"}


def test_a_default_stream_is_changed_and_never_created(variant, read_calls):
    old = "{role: primary, via: api, esp: postmark-main}"
    setup = variant((old, old.replace("}", ", settings: {message_stream: outbound}}")))
    call = of(read_calls(setup, "postmark-main"), "message-stream/outbound")
    assert (call["method"], call["url"]) == ("PATCH", "https://api.postmarkapp.com/message-streams/outbound")
    assert not {"ID", "MessageStreamType"} & set(call["body"])


def test_bulk_and_other_mail_in_one_message_stream_is_said(variant, read_files):
    old = "{role: primary, via: smtp, esp: postmark-main}\napps"
    new = "{role: primary, via: smtp, esp: postmark-main, settings: {message_stream: receipts}}\napps"
    notes = json.loads(read_files(variant((old, new)), "postmark-main")[PATH])["notes"]
    assert any("message stream receipts carries bulk and other mail" in note for note in notes)


def test_native_fields_are_laid_over_ours(variant, read_calls):
    native = (
        "{server: northwind-production, extra: {server: {Color: Red}, webhook: {Triggers: {Open: "
        "{PostFirstOpenOnly: true}}}, message_stream: {Description: ours}}}"
    )
    calls = read_calls(variant(("{server: northwind-production}", native)), "postmark-main")
    assert of(calls, "server/northwind-production")["body"]["Color"] == "Red"
    assert of(calls, "message-stream/receipts")["body"]["Description"] == "ours"
    triggers = of(calls, "webhook/newsletter")["body"]["Triggers"]
    assert triggers["Open"] == {"Enabled": True, "PostFirstOpenOnly": True}
    assert triggers["Click"] == {"Enabled": True}


def test_a_routes_native_fields_are_its_message_streams(variant, read_calls):
    old = "{role: primary, via: api, esp: postmark-main}"
    new = old.replace("}", ", settings: {extra: {Description: bills}}}")
    calls = read_calls(variant((old, new)), "postmark-main")
    assert of(calls, "message-stream/receipts")["body"]["Description"] == "bills"


def test_calls_that_the_vendor_describes_are_as_described(calls, open_api):
    described = open_api("postmark/account")
    for call in calls:
        if not call["resource"].startswith(("server/", "domain/")):
            continue
        body = {name: value for name, value in call.get("body", {}).items() if name not in NEWER_SERVER_FIELDS}
        old = {name: value for name, value in call.items() if name != "body"} | ({"body": body} if body else {})
        assert described.problems(old) == []


def test_a_misspelt_field_would_be_found(calls, open_api):
    described, call = open_api("postmark/account"), of(calls, "domain/mail.northwind.example")
    assert described.problems(call | {"body": {"Nmae": "mail.northwind.example"}}) != []
    assert described.problems(call | {"url": "https://api.postmarkapp.com/domain"}) != []


def test_calls_that_only_the_written_documentation_covers_use_its_fields(calls):
    for call in calls:
        if call["resource"].startswith("message-stream/"):
            assert set(call["body"]) <= STREAM_FIELDS
            assert call["url"] == "https://api.postmarkapp.com/message-streams"
        if call["resource"].startswith("webhook/"):
            assert set(call["body"]) <= WEBHOOK_FIELDS
            assert call["url"] == "https://api.postmarkapp.com/webhooks"
            triggers = call["body"]["Triggers"]
            assert {name: set(trigger) for name, trigger in triggers.items()} == TRIGGER_FIELDS
