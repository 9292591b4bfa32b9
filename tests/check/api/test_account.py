"""Accounts of the shipped example, sound and with one thing wrong at a time: each has a finding of its own."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from esp_worlds import World, findings, ids, passed, with_json
from https_peers import KnownHosts, always, server_context

from sendspec.check.api.account import CHECK
from sendspec.check.scope import Scope, narrow
from sendspec.model.finding import Severity
from sendspec.model.stand_in import ApiAnswer
from sendspec.net.dns.answer import Status
from sendspec.rehearse.https_server import Misbehaviour

POSTMARK, SENDGRID, SES = "api.postmarkapp.com", "api.eu.sendgrid.com", "email.eu-west-1.amazonaws.com"


def only(seen, kind):
    found = [each for each in findings(seen) if each.kind.id == kind]
    assert len(found) == 1, ids(seen)
    return found[0]


def changed(world: World, host: str, path: str, change) -> World:
    """Change the JSON of one answer."""

    def edit(call, answer):
        return with_json(answer, change) if call.path == path and answer.status == 200 else answer

    world.edited(host, edit)
    return world


def test_a_sound_example_has_no_finding_and_many_things_passed(world):
    seen = world.run(CHECK)
    assert ids(seen) == set()
    assert passed(seen) >= 15


def test_every_account_is_asked_with_every_key_and_only_by_get(world):
    import asyncio

    async def work():
        async with world.open() as peer:
            async for _ in CHECK.run(world.setup, world.net(peer)):
                pass
            return peer.server.calls

    calls = asyncio.run(work())
    assert {call.method for call in calls} == {"GET"}
    assert {call.host for call in calls} == {POSTMARK, SENDGRID, SES}
    assert {call.body for call in calls} == {b""}


def test_only_accounts_in_scope_are_asked(world):
    setup = narrow(world.setup, Scope(esps=frozenset({"postmark-main"})))
    world.faulty("ses", 500)
    world.faulty("sendgrid", 500)
    assert ids(world.run(CHECK, setup)) == set()


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        (401, {"live-api-key-refused"}),
        (403, {"live-api-key-forbidden"}),
        (422, {"live-api-unexpected-answer"}),
        (429, {"?live-api-rate-limited"}),
        (500, {"live-api-broken"}),
        (503, {"live-api-broken"}),
    ],
)
@pytest.mark.parametrize("kind", ["postmark", "sendgrid", "ses"])
def test_each_status_of_each_esp_is_a_finding_of_its_own(world, kind, status, kinds):
    world.faulty(kind, status)
    assert ids(world.run(CHECK)) == kinds


def test_a_refused_key_is_named_with_the_words_of_the_esp_and_where_the_spec_names_it(world):
    world.secrets.values["postmark-main.server_token"] = "00000000-0000-0000-0000-000000000000"
    found = only(world.run(CHECK), "live-api-key-refused")
    assert found.severity is None
    assert found.at.to_text() == "esps.postmark-main.credentials.server_token"
    assert "postmark-main.server_token" in found.message
    assert "ErrorCode 10" in found.message
    assert found.answered_by == "api.postmarkapp.com (192.0.2.80)"


def test_a_management_key_that_is_refused_stops_no_mail_and_is_a_warning(world):
    world.secrets.values["postmark-main.manage.account_token"] = "00000000-0000-0000-0000-000000000000"
    assert only(world.run(CHECK), "live-api-key-refused").severity is Severity.WARNING


def test_a_key_that_cannot_be_had_is_unknown_with_its_cure_and_the_rest_goes_on(world):
    del world.secrets.values["sendgrid-eu.api_key"]
    seen = world.run(CHECK)
    assert ids(seen) == {"?live-api-key-refused"}
    found = findings(seen)[0]
    assert "sendgrid-eu.api_key" in found.message
    assert "is not to be had here" in found.message
    assert found.fix == "sign in first"
    assert passed(seen) >= 10


def test_aws_without_any_credentials_on_the_machine_is_unknown(world):
    del world.secrets.values["ses-eu.aws_ambient"]
    assert ids(world.run(CHECK)) == {"?live-api-key-refused"}


def test_the_time_to_come_back_is_told_from_sendgrids_own_header(world):
    moment = datetime.now(UTC) + timedelta(seconds=90)
    headers = (("X-RateLimit-Reset", str(int(moment.timestamp()))),)
    world.sites[SENDGRID] = always(429, b'{"errors":[{"field":null,"message":"too many requests"}]}', headers)
    found = only(world.run(CHECK), "live-api-rate-limited")
    assert found.is_unknown
    assert f"ask again at {moment:%H:%M:%S} UTC" in found.message


@pytest.mark.parametrize("reset", ["0", "-5", "99999999999999999999", "soon", "²", "1" * 5000])
def test_a_nonsensical_reset_time_is_passed_over(world, reset):
    world.sites[SENDGRID] = always(429, b"{}", (("X-RateLimit-Reset", reset.replace("²", "2e9")),))
    assert "ask again" not in only(world.run(CHECK), "live-api-rate-limited").message


def test_a_key_of_the_other_region_is_told_from_a_bad_key(world):
    stranger = world.sites[SENDGRID]
    world.sites[SENDGRID] = lambda _call: world.stand_ins["sendgrid"].fault(401)
    world.sites["api.sendgrid.com"] = lambda call: stranger(replace(call, host=SENDGRID))
    assert ids(world.run(CHECK)) == {"live-api-wrong-region"}


def test_an_error_of_ses_about_the_region_is_told_from_a_bad_key(world):
    body = b'{"message":"Credential should be scoped to a valid region, not \'us-east-1\'."}'
    world.sites[SES] = always(403, body, (("x-amzn-ErrorType", "InvalidSignatureException"),))
    assert ids(world.run(CHECK)) == {"live-api-wrong-region"}


def test_an_esp_that_repeats_our_key_in_an_error_does_not_get_it_shown(world):
    def echo(call):
        text = " ".join(call.headers.values())
        return ApiAnswer(401, (), json.dumps({"ErrorCode": 10, "Message": text}).encode())

    world.sites[POSTMARK] = echo
    seen = world.run(CHECK)  # `run` looks for every secret in everything that was seen
    assert "live-api-key-refused" in ids(seen)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"not json",
        b"\xff\xfe",
        b'{"scopes": 5}',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"Name": "x", "SmtpApiActivated": "perhaps"}',
        b"9" * 100_000,
        b'{"scopes": ["' + b"x" * 500_000 + b'"]}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_not_what_the_reference_says_is_a_finding_and_no_crash(world, body):
    for host in (POSTMARK, SES):
        world.sites[host] = always(200, body)
    assert ids(world.run(CHECK)) == {"live-api-unexpected-answer"}


def test_an_answer_of_very_many_scopes_stays_short(world):
    scopes = json.dumps({"scopes": [f"scope.{number}\x1b[2J" for number in range(20_000)]}).encode()
    world.sites[SENDGRID] = always(200, scopes)
    seen = world.run(CHECK)
    assert ids(seen) == {"live-api-key-lacks-scope", "live-api-key-too-powerful"}
    assert max(len(each.message) for each in findings(seen)) < 500


@pytest.mark.parametrize(
    ("misbehaviour", "kind"),
    [
        (Misbehaviour.RESET, "live-api-connection-closed"),
        (Misbehaviour.GARBAGE, "live-api-no-http"),
        (Misbehaviour.ENDLESS_BODY, "live-api-endless-answer"),
        (Misbehaviour.ENDLESS_HEAD, "live-api-no-http"),
    ],
)
def test_each_way_of_answering_wrongly_is_a_finding_of_its_own(world, misbehaviour, kind):
    assert ids(world.run(CHECK, misbehaviours={POSTMARK: misbehaviour})) == {kind}


def test_no_answer_at_all_is_unknown_and_ends_with_the_run(world):
    seen = world.run(CHECK, misbehaviours={POSTMARK: Misbehaviour.HANG}, deadline_seconds=2.0)
    assert ids(seen) == {"?live-api-no-answer"}


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        (lambda: server_context(SES, not_after=datetime(2020, 1, 1, tzinfo=UTC)), "live-api-certificate-expired"),
        (lambda: server_context("other.example"), "live-api-certificate-name"),
        (lambda: server_context(SES, authority=trustme.CA()), "live-api-certificate-untrusted"),
        (lambda: server_context(SES, not_after=datetime.now(UTC) + timedelta(days=5)), "live-api-certificate-ends"),
    ],
)
def test_each_flaw_of_a_certificate_is_a_finding_of_its_own(world, context, kind):
    assert ids(world.run(CHECK, contexts={SES: context()})) == {kind}


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ({"addresses": {POSTMARK: ("127.0.0.1",)}}, "live-api-address-not-public"),
        ({"addresses": {POSTMARK: ("169.254.169.254",)}}, "live-api-address-not-public"),
        ({"statuses": {POSTMARK: Status.NXDOMAIN}}, "live-api-host-missing"),
        ({"statuses": {POSTMARK: Status.SERVFAIL}}, "?live-api-host-missing"),
    ],
)
def test_each_trouble_with_the_name_is_a_finding_of_its_own(world, names, kind):
    known = KnownHosts(
        dict.fromkeys(world.sites, ("192.0.2.80",)) | names.get("addresses", {}), names.get("statuses", {})
    )
    assert ids(world.run(CHECK, names=known)) == {kind}


def test_a_key_with_a_line_break_is_named_and_not_sent(world):
    world.secrets.values["postmark-main.server_token"] += "\r\nX: y"
    assert "live-api-key-unsendable" in ids(world.run(CHECK))


def test_the_sandbox_of_ses_is_an_error(world):
    def sandbox(body):
        body |= {"ProductionAccessEnabled": False, "Details": {"ReviewDetails": {"Status": "DENIED"}}}

    changed(world, SES, "/v2/email/account", sandbox)
    found = only(world.run(CHECK), "live-api-sandbox")
    assert found.kind.severity is Severity.ERROR
    assert "review DENIED" in found.message


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"EnforcementStatus": "SHUTDOWN", "SendingEnabled": False}, "live-api-suspended"),
        ({"SendingEnabled": False, "ProductionAccessEnabled": False}, "live-api-sending-paused"),
        ({"EnforcementStatus": "PROBATION"}, "live-api-probation"),
        (
            {"SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 14.0, "SentLast24Hours": 200.0}},
            {"live-api-over-quota", "live-api-quota-below-volume"},
        ),
        ({"SendQuota": {"Max24HourSend": 50000, "MaxSendRate": 14, "SentLast24Hours": 46000}}, "live-api-quota-low"),
        ({"SendQuota": {"Max24HourSend": 50000, "MaxSendRate": 1, "SentLast24Hours": 0}}, "live-api-rate-below-peak"),
    ],
)
def test_each_state_of_an_account_at_ses_is_a_finding_of_its_own(world, change, kind):
    changed(world, SES, "/v2/email/account", lambda body: body.update(change))
    assert ids(world.run(CHECK)) == ({kind} if isinstance(kind, str) else kind)


def test_no_limit_is_no_finding(world):
    quota = {"Max24HourSend": -1, "MaxSendRate": 500, "SentLast24Hours": 9_000_000}
    changed(world, SES, "/v2/email/account", lambda body: body.update(SendQuota=quota))
    assert ids(world.run(CHECK)) == set()


def test_a_failover_counts_on_top_of_what_leaves_anyway(world):
    quota = {"Max24HourSend": 50000, "MaxSendRate": 1.68, "SentLast24Hours": 0}  # receipts alone need 1.67 a second
    changed(world, SES, "/v2/email/account", lambda body: body.update(SendQuota=quota))
    assert "support and when receipts fails over" in only(world.run(CHECK), "live-api-rate-below-peak").message


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda body: body.update(DeliveryType="Sandbox"), "live-api-sandbox-server"),
        (lambda body: body.update(SmtpApiActivated=False), "live-api-smtp-off"),
    ],
)
def test_each_setting_of_a_server_at_postmark_is_a_finding_of_its_own(world, change, kind):
    changed(world, POSTMARK, "/server", change)
    assert ids(world.run(CHECK)) == {kind}


def stream(body, name):
    return next(each for each in body["MessageStreams"] if each["ID"] == name)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda body: body["MessageStreams"].remove(stream(body, "receipts")), "live-api-stream-missing"),
        (lambda body: stream(body, "receipts").update(ArchivedAt="2026-01-01T00:00:00Z"), "live-api-stream-off"),
        (lambda body: stream(body, "receipts").update(MessageStreamType="Broadcasts"), "live-api-stream-type"),
    ],
)
def test_each_fault_of_a_message_stream_is_a_finding_of_its_own(world, change, kind):
    changed(world, POSTMARK, "/message-streams", change)
    found = only(world.run(CHECK), kind)
    assert "receipts" in found.message
    assert found.at.to_text().startswith("streams.receipts")


def test_configuration_sets_that_are_missing_or_off_are_findings(world):
    changed(
        world, SES, "/v2/email/configuration-sets", lambda body: body["ConfigurationSets"].remove("northwind-support")
    )
    assert ids(world.run(CHECK)) == {"live-api-stream-missing", "live-api-webhook-missing"}


def test_a_configuration_set_that_is_switched_off_is_a_finding(world):
    path = "/v2/email/configuration-sets/northwind-support"
    changed(world, SES, path, lambda body: body.update(SendingOptions={"SendingEnabled": False}))
    assert ids(world.run(CHECK)) == {"live-api-stream-off"}


def webhook(body):
    return body["Webhooks"][0]


@pytest.mark.parametrize(
    ("change", "kind", "severity"),
    [
        (lambda body: body["Webhooks"].clear(), "live-api-webhook-missing", None),
        (lambda body: webhook(body).update(Url="https://evil.example/x"), "live-api-webhook-elsewhere", None),
        (
            lambda body: [each.update(Enabled=False) for each in webhook(body)["Triggers"].values()],
            "live-api-webhook-disabled",
            None,
        ),
        (lambda body: webhook(body)["Triggers"]["Bounce"].update(Enabled=False), "live-api-webhook-lacks-events", None),
        (lambda body: webhook(body).update(HttpAuth=None), "live-api-webhook-unsigned", Severity.WARNING),
    ],
)
def test_each_fault_of_a_webhook_at_postmark_is_a_finding_of_its_own(world, change, kind, severity):
    def edit(call, answer):
        if call.path == "/webhooks" and call.parameter("MessageStream") == "receipts":
            return with_json(answer, change)
        return answer

    world.edited(POSTMARK, edit)
    found = only(world.run(CHECK), kind)
    assert found.severity is severity
    assert "receipts" in found.message


def test_a_password_in_a_registered_url_is_neither_shown_nor_in_the_way(world):
    def edit(call, answer):
        if call.path != "/webhooks":
            return answer
        return with_json(
            answer,
            lambda body: [
                each.update(Url=each["Url"].replace("https://", "https://user:hunter2@"), HttpAuth=None)
                for each in body["Webhooks"]
            ],
        )

    world.edited(POSTMARK, edit)
    seen = world.run(CHECK)
    assert ids(seen) == set()
    assert "hunter2" not in repr(seen)


MANAGED = (
    "  postmark-main:\n    kind",
    '    manage: {api_key: {from: "op://mail/sendgrid/manage"}}\n  postmark-main:\n    kind',
)


def test_a_key_that_sends_sees_no_webhooks_and_one_that_manages_does(variant):
    world = variant(MANAGED)
    for stand_in in world.stand_ins["sendgrid"]._users:
        stand_in.webhooks.clear()
    assert ids(world.run(CHECK)) == {"live-api-webhook-missing"}


def test_an_unsigned_webhook_at_an_esp_that_can_sign_is_an_error(variant):
    world = variant(MANAGED)
    for user in world.stand_ins["sendgrid"]._users:
        user.webhooks[0]["public_key"] = ""
    found = only(world.run(CHECK), "live-api-webhook-unsigned")
    assert found.severity is None
    assert found.kind.severity is Severity.ERROR


def test_dropped_mail_belongs_to_bounces_at_sendgrid(variant):
    world = variant(MANAGED)
    for user in world.stand_ins["sendgrid"]._users:
        user.webhooks[0]["dropped"] = False
    assert "bounced" in only(world.run(CHECK), "live-api-webhook-lacks-events").message


def test_a_management_key_that_may_not_see_webhooks_cannot_tell(variant):
    world = variant(MANAGED)
    scopes = {"scopes": ["api_keys.create"]}

    def edit(call, answer):
        is_managing = "on-behalf-of" in call.headers
        return (
            with_json(answer, lambda body: body.update(scopes)) if call.path == "/v3/scopes" and is_managing else answer
        )

    world.edited(SENDGRID, edit)
    assert ids(world.run(CHECK)) == {"live-api-key-lacks-scope", "?live-api-webhook-missing"}


def test_a_key_with_more_rights_than_sending_is_too_powerful(world):
    change = {"scopes": ["mail.send", "mail.batch.create", "2fa_required", "api_keys.create"]}
    changed(world, SENDGRID, "/v3/scopes", lambda body: body.update(change))
    found = only(world.run(CHECK), "live-api-key-too-powerful")
    assert found.seen == "api_keys.create"
    assert "newsletter" in found.message


def test_a_key_without_the_right_to_send_is_an_error(world):
    changed(world, SENDGRID, "/v3/scopes", lambda body: body.update(scopes=["2fa_required"]))
    assert ids(world.run(CHECK)) == {"live-api-key-lacks-scope"}


def test_a_domain_that_the_esp_does_not_know_and_one_it_calls_unverified_are_two_findings(world):
    def change(body):
        body["Domains"][0]["DKIMVerified"] = False
        del body["Domains"][1]

    changed(world, POSTMARK, "/domains", change)
    assert ids(world.run(CHECK)) == {"live-api-domain-missing", "live-api-domain-unverified"}


def test_what_two_keys_tell_alike_is_said_once(variant):
    route = "      - {role: primary, via: api, esp: postmark-main}\n"
    own = route.replace("}\n", ', credentials: {server_token: {from: "op://a/b/c", env: OTHER}}}\n')
    world = variant((route, own))
    assert CHECK.size(world.setup) == 5
    changed(world, POSTMARK, "/server", lambda body: body.update(SmtpApiActivated=False))
    assert only(world.run(CHECK), "live-api-smtp-off")


def test_an_identity_for_one_address_is_a_warning(world):
    address = {"IdentityType": "EMAIL_ADDRESS", "IdentityName": "Support@help.northwind.example"}
    changed(world, SES, "/v2/email/identities", lambda body: body["EmailIdentities"].append(address))
    found = only(world.run(CHECK), "live-api-address-identity")
    assert found.kind.severity is Severity.WARNING
    assert found.at.to_text().startswith("streams.support")


def test_every_kind_is_documented_and_named_for_the_api():
    assert len({kind.id for kind in CHECK.kinds}) == len(CHECK.kinds)
    for kind in CHECK.kinds:
        assert kind.id.startswith("live-api-")
        assert all((kind.summary, kind.why, kind.instead, kind.source))
        assert kind.summary.endswith(".")


def test_the_size_is_the_number_of_keys(world):
    assert CHECK.size(world.setup) == 4
