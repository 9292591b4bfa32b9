"""SendGrid's stand-in: what it takes and gives is what the vendor's API descriptions say, what it refuses too."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from esp_worlds import World, call

from sendspec.model.stand_in import TakenMail

EU = "https://api.eu.sendgrid.com"
MAIL = {
    "personalizations": [{"to": [{"email": "smoke@sink.sendgrid.net"}]}],
    "from": {"email": "hello@news.northwind.example", "name": "Northwind"},
    "subject": "probe",
    "content": [{"type": "text/plain", "value": "hello"}],
    "categories": ["newsletter"],
    "tracking_settings": {"click_tracking": {"enable": False}},
}
MANAGED = ("streams:\n", '    manage: {api_key: {from: "op://mail/sendgrid/manage"}}\nstreams:\n')


@pytest.fixture
def world(variant) -> World:
    return World(variant(MANAGED))


@pytest.fixture
def answer(world):
    """Give a function that makes a call with a key: that for sending unless told otherwise."""

    def ask(method, path, body=None, key="sendgrid-eu.api_key", host=EU, headers=None):
        named = {"Authorization": f"Bearer {world.secrets.values[key]}", "Content-Type": "application/json"} | (
            headers or {}
        )
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return world.stand_ins["sendgrid"].answer(call(method, f"{host}{path}", named, content))

    return ask


MANAGE = "sendgrid-eu.manage.api_key"


def body_of(answer):
    return json.loads(answer.body)


@pytest.mark.parametrize(
    ("description", "path"),
    [
        ("tsg_scopes_v3", "/v3/scopes"),
        ("tsg_webhooks_v3", "/v3/user/webhooks/event/settings/all"),
        ("tsg_user_v3", "/v3/user/credits"),
    ],
)
def test_answers_are_what_the_api_description_says(answer, open_api, description, path):
    asked = {"method": "GET", "url": f"{EU}{path}", "headers": {}}
    given = answer("GET", path, key=MANAGE)
    assert given.status == 200
    problems = open_api(f"sendgrid/{description}").answer_problems(asked, 200, given.body)
    assert [problem for problem in problems if "Unevaluated" not in problem] == []


def test_mail_that_the_api_description_takes_is_taken(world, answer, open_api):
    asked = {"method": "POST", "url": f"{EU}/v3/mail/send", "headers": {}, "body": MAIL}
    assert open_api("sendgrid/tsg_mail_v3").problems(asked) == []
    given = answer("POST", "/v3/mail/send", MAIL)
    assert (given.status, given.body) == (202, b"")
    assert len(dict(given.headers)["X-Message-Id"]) == 22


def test_every_member_of_the_description_is_a_member_of_the_stand_in_and_the_other_way_round(open_api):
    from sendspec.esp.sendgrid.stand_in_mail import Mail

    api = open_api("sendgrid/tsg_mail_v3")
    schema = api._follow(api.document["paths"]["/v3/mail/send"]["post"]["requestBody"])["content"]["application/json"][
        "schema"
    ]

    def members(node, depth=0):
        node = api._follow(node)
        found = {}
        for name, each in node.get("properties", {}).items():
            followed = api._follow(each)
            inner = api._follow(followed["items"]) if "items" in followed else followed
            found[name] = members(inner, depth + 1) if inner.get("properties") else {}
        return found

    def ours(node, definitions):
        if "$ref" in node:
            node = definitions[node["$ref"].rpartition("/")[2]]
        for part in node.get("anyOf", ()):
            if "$ref" in part:
                return ours(part, definitions)
        if "items" in node:
            return ours(node["items"], definitions)
        return {name: ours(each, definitions) for name, each in node.get("properties", {}).items()}

    own = Mail.model_json_schema()
    assert ours(own, own["$defs"]) == members(schema)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"personalizations": []}, 400, "personalizations"),
        ({"personalizations": [{"to": []}]}, 400, "to"),
        ({"from": {"email": "nobody"}}, 400, "from.email"),
        ({"subject": ""}, 400, "subject"),
        ({"content": []}, 400, "content"),
        ({"subjekt": "x"}, 400, "Additional property subjekt is not allowed"),
        ({"mail_settings": {"sandbox_mode": {"enable": "true"}}}, 400, "sandbox_mode"),
        ({"categories": [str(number) for number in range(11)]}, 400, "categories"),
        ({"from": {"email": "a@elsewhere.example"}}, 403, "does not match a verified Sender Identity"),
    ],
)
def test_what_sendgrid_refuses_is_refused_in_its_words(answer, open_api, change, status, words):
    given = answer("POST", "/v3/mail/send", MAIL | change)
    assert given.status == status
    assert words in body_of(given)["errors"][0]["message"]
    asked = {"method": "POST", "url": f"{EU}/v3/mail/send", "headers": {}}
    problems = open_api("sendgrid/tsg_mail_v3").answer_problems(asked, status, given.body)
    assert [each for each in problems if "sendgrid.com/docs" not in each and "None is not of type" not in each] == []


def test_the_sandbox_takes_mail_and_leads_to_no_event(world, answer):
    given = answer("POST", "/v3/mail/send", MAIL | {"mail_settings": {"sandbox_mode": {"enable": True}}})
    assert given.status == 200
    assert "X-Message-Id" not in dict(given.headers)
    assert world.stand_ins["sendgrid"].take_events() == ()


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"headers": {"Authorization": "Basic x"}}, 401),
        ({"headers": {"Authorization": "Bearer nobody"}}, 401),
        ({"host": "https://api.sendgrid.com"}, 401),
        ({"headers": {"On-Behalf-Of": "somebody"}, "key": MANAGE}, 403),
        ({"headers": {"On-Behalf-Of": "northwind-eu"}, "key": MANAGE}, 200),
    ],
)
def test_keys_hosts_and_subusers_are_minded(answer, options, status):
    assert answer("GET", "/v3/scopes", **options).status == status


def test_a_key_for_sending_may_read_its_scopes_and_nothing_else(answer):
    assert answer("GET", "/v3/scopes").status == 200
    assert answer("GET", "/v3/user/webhooks/event/settings/all").status == 403
    assert answer("POST", "/v3/mail/send", MAIL, key=MANAGE).status == 403
    assert answer("GET", "/v3/nothing").status == 404


def test_every_answer_says_how_many_calls_are_left(answer):
    headers = dict(answer("GET", "/v3/scopes").headers)
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(headers)


def verified(world, post) -> bool:
    """Check a post as the vendor's page says, with the key of its webhook."""
    webhook = world.stand_ins["sendgrid"]._users[0].webhooks[0]
    key = load_der_public_key(base64.b64decode(webhook["public_key"]))
    headers = dict(post.headers)
    signature = base64.b64decode(headers["X-Twilio-Email-Event-Webhook-Signature"])
    signed = headers["X-Twilio-Email-Event-Webhook-Timestamp"].encode() + post.body
    key.verify(signature, signed, ec.ECDSA(SHA256()))
    return True


def test_a_delivery_is_posted_signed_with_category_and_custom_arguments(world, answer):
    given = answer("POST", "/v3/mail/send", MAIL | {"custom_args": {"run": "42"}})
    [post] = world.stand_ins["sendgrid"].take_events()
    assert verified(world, post)
    [event] = json.loads(post.body)
    assert (event["event"], event["category"], event["run"]) == ("delivered", ["newsletter"], "42")
    assert event["sg_message_id"].startswith(dict(given.headers)["X-Message-Id"])


def test_mail_by_smtp_leads_to_the_same_events(world):
    key = world.secrets.values["sendgrid-eu.api_key"]
    options = json.dumps({"category": ["password-reset"], "unique_args": {"run": "7"}})
    mail = TakenMail("no-reply@auth.northwind.example", ("smoke@sink.sendgrid.net",), {"x-smtpapi": options})
    said = world.stand_ins["sendgrid"].take_mail(("apikey", key), mail)
    [post] = world.stand_ins["sendgrid"].take_events()
    [event] = json.loads(post.body)
    assert event["run"] == "7"
    assert event["sg_message_id"].startswith(said.removeprefix("Ok: queued as "))
    assert world.stand_ins["sendgrid"].take_mail(("somebody", key), mail) == "Ok"


def test_a_webhook_that_is_switched_off_hears_nothing(world, answer):
    world.stand_ins["sendgrid"]._users[0].webhooks[0]["enabled"] = False
    answer("POST", "/v3/mail/send", MAIL)
    assert world.stand_ins["sendgrid"].take_events() == ()


SUBUSER_HEADERS = {"On-Behalf-Of": "northwind-eu"}
GLOBAL_HOST = "https://api.sendgrid.com"
BODIES = {
    ("POST", "/v3/subusers"): ("tsg_subusers_v3", "SubuserNew"),
    ("PATCH", "/v3/subusers/{subuser_name}"): ("tsg_subusers_v3", "SubuserPatch"),
    ("POST", "/v3/whitelabel/domains"): ("tsg_domain_authentication_v3", "DomainNew"),
    ("PATCH", "/v3/whitelabel/domains/{domain_id}"): ("tsg_domain_authentication_v3", "DomainPatch"),
    ("POST", "/v3/whitelabel/links"): ("tsg_link_branding_v3", "LinkNew"),
    ("PATCH", "/v3/whitelabel/links/{id}"): ("tsg_link_branding_v3", "LinkPatch"),
    ("POST", "/v3/user/webhooks/event/settings"): ("tsg_webhooks_v3", "WebhookBody"),
    ("PATCH", "/v3/user/webhooks/event/settings/{id}"): ("tsg_webhooks_v3", "WebhookBody"),
    ("PATCH", "/v3/user/webhooks/event/settings/signed/{id}"): ("tsg_webhooks_v3", "Switch"),
    ("POST", "/v3/api_keys"): ("tsg_api_keys_v3", "KeyNew"),
    ("PUT", "/v3/api_keys/{api_key_id}"): ("tsg_api_keys_v3", "KeyPut"),
    ("PATCH", "/v3/tracking_settings/open"): ("tsg_tracking_settings_v3", "Switch"),
}


@pytest.mark.parametrize(("route", "named"), BODIES.items(), ids=" ".join)
def test_a_body_has_the_members_of_the_description_and_no_others(open_api, route, named):
    from sendspec.esp.sendgrid import stand_in_requests

    method, path = route
    api = open_api(f"sendgrid/{named[0]}")
    schema = api._follow(
        api._follow(api.document["paths"][path][method.lower()]["requestBody"])["content"]["application/json"]["schema"]
    )
    parts = [api._follow(part) for part in schema.get("allOf", [schema])]
    described = {name for part in parts for name in part.get("properties", {})}
    required = {name for part in parts for name in part.get("required", ())}
    model = getattr(stand_in_requests, named[1])
    assert set(model.model_fields) == described
    own = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required <= own


ANSWERS = [
    ("tsg_subusers_v3", "GET", "/v3/subusers?username=northwind&include_region=true", None),
    ("tsg_subusers_v3", "PATCH", "/v3/subusers/northwind-eu", {"disabled": True}),
    ("tsg_domain_authentication_v3", "GET", "/v3/whitelabel/domains?limit=50", None),
    ("tsg_domain_authentication_v3", "POST", "/v3/whitelabel/domains", {"domain": "x.example", "region": "eu"}),
    ("tsg_domain_authentication_v3", "GET", "/v3/whitelabel/domains/4242", None),
    ("tsg_domain_authentication_v3", "PATCH", "/v3/whitelabel/domains/4242", {"default": True}),
    ("tsg_domain_authentication_v3", "POST", "/v3/whitelabel/domains/4242/validate", None),
    ("tsg_link_branding_v3", "GET", "/v3/whitelabel/links?limit=50", None),
    ("tsg_link_branding_v3", "POST", "/v3/whitelabel/links", {"domain": "x.example", "subdomain": "l"}),
    ("tsg_link_branding_v3", "PATCH", "/v3/whitelabel/links/77", {"default": True}),
    ("tsg_link_branding_v3", "POST", "/v3/whitelabel/links/77/validate", None),
    ("tsg_webhooks_v3", "POST", "/v3/user/webhooks/event/settings", {"url": "https://x.example/", "click": True}),
    ("tsg_webhooks_v3", "POST", "/v3/user/webhooks/event/settings", {"url": "x.example"}),
    (
        "tsg_webhooks_v3",
        "POST",
        "/v3/user/webhooks/event/settings",
        {"url": "https://hooks.northwind.example/mail/sendgrid"},
    ),
    ("tsg_webhooks_v3", "PATCH", "/v3/user/webhooks/event/settings/signed/newsletter", {"enabled": False}),
    ("tsg_webhooks_v3", "DELETE", "/v3/user/webhooks/event/settings/nobody", None),
    ("tsg_api_keys_v3", "GET", "/v3/api_keys", None),
    ("tsg_api_keys_v3", "POST", "/v3/api_keys", {"name": "x", "scopes": ["mail.send"]}),
    ("tsg_api_keys_v3", "DELETE", "/v3/api_keys/nobody", None),
    ("tsg_tracking_settings_v3", "PATCH", "/v3/tracking_settings/click", {"enabled": True}),
    ("tsg_tracking_settings_v3", "GET", "/v3/tracking_settings/open", None),
]
NEWER = frozenset({"dmarc", "public_key"})
"""What SendGrid answers and the description does not know."""


@pytest.mark.parametrize(("description", "method", "path", "body"), ANSWERS)
def test_what_managing_is_answered_is_what_the_description_says(answer, open_api, description, method, path, body):
    is_parents = path.startswith("/v3/subusers")
    host, headers = (GLOBAL_HOST, {}) if is_parents else (EU, SUBUSER_HEADERS)
    given = answer(method, path, body or b"", key=MANAGE, host=host, headers=headers)
    asked = {"method": method, "url": f"{host}{path}", "headers": {}}
    problems = open_api(f"sendgrid/{description}").answer_problems(asked, given.status, given.body, newer=NEWER)
    # errors: the description has objects where SendGrid gives texts and null (its own examples do)
    known = ("Unevaluated", "None is not of type 'string'", "sendgrid.com/docs", "('field'", "'field', 'help'")
    assert [problem for problem in problems if not any(words in problem for words in known)] == []


def test_a_parent_changes_nothing_of_its_own_by_mistake(answer):
    body = {"name": "x", "scopes": ["mail.send"]}
    assert answer("POST", "/v3/api_keys", body, key=MANAGE).status == 403
    assert answer("POST", "/v3/api_keys", body, key=MANAGE, headers={"On-Behalf-Of": "somebody"}).status == 403
    assert answer("POST", "/v3/api_keys", body, key=MANAGE, headers=SUBUSER_HEADERS).status == 201
    assert answer("GET", "/v3/subusers", key=MANAGE).status == 403
    assert answer("GET", "/v3/subusers", key=MANAGE, host=GLOBAL_HOST).status == 200


def test_without_scopes_a_key_may_do_everything(answer):
    made = body_of(answer("POST", "/v3/api_keys", {"name": "x"}, key=MANAGE, headers=SUBUSER_HEADERS))
    assert {"api_keys.create", "whitelabel.delete"} <= set(made["scopes"])


def test_a_domain_that_is_deleted_sends_no_more(answer):
    assert answer("POST", "/v3/mail/send", MAIL).status == 202
    domains = body_of(answer("GET", "/v3/whitelabel/domains", key=MANAGE, headers=SUBUSER_HEADERS))
    domain = next(each for each in domains if each["domain"] == "news.northwind.example")
    assert answer("DELETE", f"/v3/whitelabel/domains/{domain['id']}", key=MANAGE, headers=SUBUSER_HEADERS).status == 204
    assert answer("POST", "/v3/mail/send", MAIL).status == 403


def test_a_revoked_key_is_refused(answer):
    [key] = body_of(answer("GET", "/v3/api_keys", key=MANAGE, headers=SUBUSER_HEADERS))["result"]
    assert answer("DELETE", f"/v3/api_keys/{key['api_key_id']}", key=MANAGE, headers=SUBUSER_HEADERS).status == 204
    assert answer("POST", "/v3/mail/send", MAIL).status == 401


def test_signing_again_makes_another_key_pair(answer):
    path = "/v3/user/webhooks/event/settings/signed/newsletter"
    keys = [
        body_of(answer("PATCH", path, {"enabled": enabled}, key=MANAGE, headers=SUBUSER_HEADERS))["public_key"]
        for enabled in (True, False, True)
    ]
    assert keys[1] == ""
    assert keys[0] != keys[2]
