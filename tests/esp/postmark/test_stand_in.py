"""Postmark's stand-in: what it takes and gives is what the API description says, what it refuses too."""

import base64
import json

import pytest
from esp_worlds import World, call

from sendspec.model.stand_in import TakenMail

NEWER = frozenset(
    {"DeliveryType", "EnableSmtpApiErrorHooks", "IncludeBounceContentInHook", "MessageStream", "Metadata"}
)
"""Members that the written reference has and the API description of 2019 does not."""
API = "https://api.postmarkapp.com"
MAIL = {
    "From": "Northwind <receipts@mail.northwind.example>",
    "To": "test@blackhole.postmarkapp.com",
    "Subject": "probe",
    "TextBody": "hello",
    "MessageStream": "receipts",
}


@pytest.fixture
def world(variant) -> World:
    return World(variant())


@pytest.fixture
def answer(world):
    """Give a function that makes a call with the server's token."""
    token = world.secrets.values["postmark-main.server_token"]

    def ask(method, path, body=None, headers=None):
        named = {"X-Postmark-Server-Token": token, "Content-Type": "application/json"} | (headers or {})
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return world.stand_ins["postmark"].answer(call(method, f"{API}{path}", named, content))

    return ask


def body_of(answer):
    return json.loads(answer.body)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/server", None),
        ("POST", "/email", {name: value for name, value in MAIL.items() if name != "MessageStream"}),
        ("GET", "/messages/outbound?count=10&offset=0", None),
    ],
)
def test_answers_are_what_the_api_description_says(answer, open_api, method, path, body):
    api = open_api("postmark/server")
    asked = {"method": method, "url": f"{API}{path}", "headers": {}} | ({"body": body} if body else {})
    assert api.problems(asked) == []
    sent = None if body is None else body | {"MessageStream": "receipts"}
    given = answer(method, path, sent)
    assert given.status == 200
    assert api.answer_problems(asked, 200, given.body, newer=NEWER) == []


def test_details_of_a_message_are_what_the_api_description_says(answer, open_api):
    number = body_of(answer("POST", "/email", MAIL))["MessageID"]
    given = answer("GET", f"/messages/outbound/{number}/details")
    asked = {"method": "GET", "url": f"{API}/messages/outbound/{number}/details", "headers": {}}
    assert open_api("postmark/server").answer_problems(asked, 200, given.body, newer=NEWER) == []
    assert [event["Type"] for event in body_of(given)["MessageEvents"]] == ["Delivered"]


def test_domains_are_what_the_api_description_says(world, open_api):
    token = world.secrets.values["postmark-main.manage.account_token"]
    asked = {"method": "GET", "url": f"{API}/domains?count=500&offset=0", "headers": {}}
    given = world.stand_ins["postmark"].answer(call("GET", asked["url"], {"X-Postmark-Account-Token": token}))
    assert open_api("postmark/account").answer_problems(asked, 200, given.body) == []
    assert len(body_of(given)["Domains"]) == 3


@pytest.mark.parametrize("status", [422])
def test_errors_are_what_the_api_description_says(world, open_api, status):
    asked = {"method": "POST", "url": f"{API}/email", "headers": {}}
    given = world.stand_ins["postmark"].fault(status)
    assert open_api("postmark/server").answer_problems(asked, status, given.body) == []


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Postmark-Server-Token": ""}, "No Account or Server API tokens"),
        ({"X-Postmark-Server-Token": "nobody"}, "was invalid"),
        ({"X-Postmark-Server-Token": "POSTMARK_API_TEST"}, "was invalid"),
    ],
)
def test_a_missing_and_a_wrong_token_are_refused(answer, headers, words):
    given = answer("GET", "/server", headers=headers)
    assert given.status == 401
    assert body_of(given)["ErrorCode"] == 10
    assert words in body_of(given)["Message"]


def test_the_token_in_capitals_is_the_same_token(world, answer):
    token = world.secrets.values["postmark-main.server_token"].upper()
    assert answer("GET", "/server", headers={"X-Postmark-Server-Token": token}).status == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"From": "x"}, 300),
        ({"To": ""}, 300),
        ({"To": ", ".join(f"a{n}@example.com" for n in range(51))}, 300),
        ({"TextBody": ""}, 300),
        ({"From": "a@elsewhere.example"}, 400),
        ({"MessageStream": "nosuch"}, 1235),
        ({"MessageStream": "inbound"}, 1235),
        ({"Subjekt": "misspelt"}, 403),
        ({"TrackOpens": "perhaps"}, 403),
    ],
)
def test_what_postmark_refuses_is_refused_with_its_code(answer, change, code):
    given = answer("POST", "/email", MAIL | change)
    assert (given.status, body_of(given)["ErrorCode"]) == (422, code)


def test_what_is_no_json_and_what_is_not_called_json_are_refused(answer):
    assert body_of(answer("POST", "/email", b"{"))["ErrorCode"] == 402
    assert body_of(answer("POST", "/email", MAIL, {"Content-Type": "text/plain"}))["ErrorCode"] == 409


def test_a_batch_is_answered_with_200_and_a_code_for_each_message(answer):
    given = answer("POST", "/email/batch", [MAIL, MAIL | {"From": "a@elsewhere.example"}])
    assert given.status == 200
    assert [each["ErrorCode"] for each in body_of(given)] == [0, 400]
    assert body_of(answer("POST", "/email/batch", [MAIL] * 501))["ErrorCode"] == 410


def test_the_test_token_takes_a_message_and_sends_nothing(world, answer):
    given = answer("POST", "/email", MAIL, {"X-Postmark-Server-Token": "POSTMARK_API_TEST"})
    assert body_of(given)["Message"] == "Test job accepted"
    assert world.stand_ins["postmark"].take_events() == ()


def test_a_delivery_is_posted_with_the_login_of_the_webhook_once(world, answer):
    answer("POST", "/email", MAIL)
    [post] = world.stand_ins["postmark"].take_events()
    assert post.url == "https://hooks.northwind.example/mail/postmark"
    assert json.loads(post.body)["RecordType"] == "Delivery"
    scheme, _, login = dict(post.headers)["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(login)) == ("Basic", b"postmark:rehearsal")
    assert world.stand_ins["postmark"].take_events() == ()


def test_the_bounce_addresses_bounce_and_a_stream_that_wants_no_deliveries_gets_none(world, answer):
    reset = MAIL | {"From": "no-reply@auth.northwind.example", "MessageStream": "password-reset"}
    answer("POST", "/email", reset)
    assert world.stand_ins["postmark"].take_events() == ()
    answer("POST", "/email", reset | {"To": "SoftBounce@bounce-testing.postmarkapp.com"})
    [post] = world.stand_ins["postmark"].take_events()
    assert (json.loads(post.body)["RecordType"], json.loads(post.body)["Type"]) == ("Bounce", "SoftBounce")


def test_mail_by_smtp_leads_to_the_same_events_and_is_found_by_the_api(world, answer):
    token = world.secrets.values["postmark-main.server_token"]
    headers = {"subject": "by smtp 42", "x-pm-message-stream": "receipts", "x-pm-metadata-run": "42"}
    mail = TakenMail("receipts@mail.northwind.example", ("test@blackhole.postmarkapp.com",), headers)
    assert world.stand_ins["postmark"].take_mail((token, token), mail).startswith("2.0.0 OK")
    [post] = world.stand_ins["postmark"].take_events()
    assert json.loads(post.body)["Metadata"] == {"run": "42"}
    found = body_of(answer("GET", "/messages/outbound?count=5&offset=0&subject=smtp&messagestream=receipts"))
    assert found["TotalCount"] == 1


def test_mail_by_smtp_from_a_stranger_leads_nowhere(world):
    world.stand_ins["postmark"].take_mail(("x", "x"), TakenMail("a@mail.northwind.example", ("b@example.com",)))
    assert world.stand_ins["postmark"].take_events() == ()


def test_an_smtp_token_belongs_to_one_stream(variant):
    token = '      server_token: {from: "op://mail/postmark/server-token", env: POSTMARK_SERVER_TOKEN}\n'
    pair = '      smtp_access_key: {from: "op://a/b/c", env: A}\n      smtp_secret_key: {from: "op://a/b/d", env: B}\n'
    tokens = (token, token + pair)
    world = World(
        variant(
            tokens,
            ("  newsletter:\n", "  news:\n"),
            ("receipts, password-reset, newsletter", "receipts, password-reset"),
        )
    )
    login = (
        world.secrets.values["postmark-main.smtp_access_key"],
        world.secrets.values["postmark-main.smtp_secret_key"],
    )
    assert world.stand_ins["postmark"]._smtp_login(login)[1] in {"password-reset", "news"}


@pytest.mark.parametrize(
    "path", ["/messages/outbound", "/messages/outbound?count=501&offset=0", "/messages/outbound?count=x"]
)
def test_paging_is_required(answer, path):
    assert answer("GET", path).status == 422


def test_archived_streams_are_shown_only_when_asked_for(world, answer):
    server = world.stand_ins["postmark"]._servers[0]
    server.streams["receipts"]["ArchivedAt"] = "2026-01-01T00:00:00Z"
    shown = {each["ID"] for each in body_of(answer("GET", "/message-streams"))["MessageStreams"]}
    everything = {
        each["ID"] for each in body_of(answer("GET", "/message-streams?IncludeArchivedStreams=true"))["MessageStreams"]
    }
    assert everything - shown == {"receipts"}
    assert body_of(answer("POST", "/email", MAIL))["ErrorCode"] == 1235
