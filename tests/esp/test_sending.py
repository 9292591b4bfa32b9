"""A message through each ESP's API as that API's stand-in takes it, and its events as the ESP posts them."""

import asyncio
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from sendspec.esp.interface import esp_ids, load_account, load_sending, load_stand_in
from sendspec.esp.ses.signature import SigningKey, signing_headers
from sendspec.model.blame import Blame
from sendspec.model.secret import Secret
from sendspec.model.sending import Outgoing, Posted, Proof, Verification
from sendspec.model.stand_in import ApiCall, TakenMail
from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Event, Via

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MARKER = "sendspec-0123456789abcdef0123"
SETTINGS = {
    "ses": "settings: {region: eu-west-1}",
    "sendgrid": "settings: {region: global}",
    "postmark": "settings: {server: main}",
}
MANAGE = {"ses": [], "sendgrid": ["api_key"], "postmark": []}
CREDENTIALS = {
    "ses": ["access_key_id", "secret_access_key", "smtp_username", "smtp_password"],
    "sendgrid": ["api_key"],
    "postmark": ["server_token"],
}


@pytest.fixture(scope="module", params=esp_ids())
def sent(request, compile_spec):
    """Give an ESP with a setup, its stand-in, and what its API said to a message."""
    kind = request.param
    credentials = ", ".join(f'{name}: {{from: "env://{name}", env: {name.upper()}}}' for name in CREDENTIALS[kind])
    manage = ", ".join(f'{name}: {{from: "env://MANAGE_{name.upper()}"}}' for name in MANAGE[kind])
    setup = compile_spec(f"""
version: 1
domains: {{shop.example: {{subdomains: {{mail: {{}}}}}}}}
esps: {{account: {{kind: {kind}, {SETTINGS[kind]}, credentials: {{{credentials}}}, manage: {{{manage}}}}}}}
streams:
  receipts:
    kind: transactional
    from: Zoë & "Söhne" <receipts@mail.shop.example>
    unsubscribe: {{one_click: "https://shop.example/u/{{token}}"}}
    events: {{url: "https://hooks.shop.example/mail", types: [delivered, bounced]}}
    routes: [{{role: primary, via: api, esp: account}}, {{role: fallback, via: smtp, esp: account}}]
""")
    return Sent(kind, setup)


class Sent:
    def __init__(self, kind, setup):
        self.kind, self.setup, self.sending = kind, setup, load_sending(kind)
        maker = load_stand_in(kind)
        account = setup.accounts[0]
        asking = (each for key in load_account(kind).keys(setup, account) for each in key.credentials)
        self.values = {each.id: maker.value(each) for each in (*account.credentials, *asking)}
        self.manage = next((self.values[each.id] for each in account.manage), "")
        self.stand_in = maker.make(setup, self.values, lambda: NOW)
        self.api, self.smtp = setup.streams[0].routes
        assert (self.api.via, self.smtp.via) == (Via.API, Via.SMTP)
        self.address = self.sending.addresses[Event.DELIVERED].marked(MARKER)
        self.message = Outgoing(
            marker=MARKER,
            sender=setup.streams[0].senders[0].mailbox,
            recipient=self.address,
            subject=f"sendspec smoke test {MARKER}",
            text="hello\n",
            headers=(("List-Unsubscribe", "<https://shop.example/u/x>"), ("X-Sendspec-Smoke", MARKER)),
        )

    def secret(self, login):
        return None if login is None else Secret(self.values[login.id])

    def call(self, **wrong):
        endpoint = self.api.endpoint
        request = self.sending.request(endpoint, self.message)
        user, key = self.secret(endpoint.username), wrong.get("key") or self.secret(endpoint.password)
        return self.sending.authorize(request, endpoint, user, key, NOW)

    def ask(self, request):
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers} | {"host": parts.netloc}
        call = ApiCall(request.method, parts.netloc, parts.path, tuple(parse_qsl(parts.query)), headers, request.body)
        answer = self.stand_in.answer(call)
        return answer, self.sending.answer(answer.status, {n.lower(): v for n, v in answer.headers}, answer.body)

    def posted(self):
        for post in self.stand_in.take_events():
            yield Posted({name.lower(): value for name, value in post.headers}, post.body)


def test_the_api_takes_the_message_and_its_events_come_back(sent):
    answer, read = sent.ask(sent.call())
    assert read.is_accepted, answer.body
    posts = list(sent.posted())
    events = [seen for post in posts for seen in sent.sending.read_events(post)]
    delivered = [seen for seen in events if seen.event is Event.DELIVERED]
    assert delivered
    assert all(MARKER in seen.text for seen in delivered)
    assert all(seen.message_id.startswith(read.id) for seen in delivered)


def test_events_of_an_esp_that_signs_them_prove_themselves(sent):
    sent.ask(sent.call())
    posts = list(sent.posted())
    assert posts

    async def fetch(url):
        parts = urlsplit(url)
        return sent.stand_in.answer(ApiCall("GET", parts.netloc, parts.path)).body

    key = public_key(sent)
    proofs = {asyncio.run(sent.sending.verify(post, Verification(key, NOW, fetch))) for post in posts}
    assert proofs == {Proof.NONE_EXIST if sent.kind == "postmark" else Proof.GOOD}


def public_key(sent) -> str:
    """Give the key that the ESP shows for its webhook; empty where events bring their own certificate, or no proof."""
    if sent.kind != "sendgrid":
        return ""
    host = sent.api.endpoint.host
    headers = {"authorization": f"Bearer {sent.manage}", "host": host}
    call = ApiCall("GET", host, "/v3/user/webhooks/event/settings/all", headers=headers)
    return json.loads(sent.stand_in.answer(call).body)["webhooks"][0]["public_key"]


def test_a_wrong_key_is_the_accounts_fault(sent):
    from sendspec.net.http import Reply
    from sendspec.smoke import blame

    answer, read = sent.ask(sent.call(key=Secret("SG.wrong-key-entirely.0123456789")))
    assert not read.is_accepted
    headers = {name.lower(): value for name, value in answer.headers}
    verdict = blame.of_http(Reply(answer.status, headers=headers, body=answer.body), read, sent.sending)
    assert verdict.blame is Blame.ACCOUNT_OR_ENDPOINT


def test_headers_of_smtp_carry_the_marker_into_the_events(sent):
    endpoint = sent.smtp.endpoint
    headers = sent.sending.smtp_headers(endpoint.headers, MARKER)
    login = tuple(
        part.value if hasattr(part, "value") else sent.values[part.id]
        for part in (endpoint.username, endpoint.password)
    )
    named = {name.lower(): value for name, value in headers} | {
        "from": "receipts@mail.shop.example",
        "subject": "no marker here",
    }
    mail = TakenMail("receipts@mail.shop.example", ("somebody@customer.example",), named)
    said = sent.stand_in.take_mail(login, mail)
    events = [seen for post in sent.posted() for seen in sent.sending.read_events(post)]
    assert events
    assert all(MARKER in seen.text for seen in events)
    known = sent.sending.smtp_id(f"250 {said}")
    assert all(seen.message_id.startswith(known) for seen in events)


def test_the_routes_own_headers_stay(sent):
    given = sent.smtp.endpoint.headers
    with_marker = dict(sent.sending.smtp_headers(given, MARKER))
    for name, value in given:
        if name == "X-SMTPAPI":
            assert json.loads(value).items() <= json.loads(with_marker[name]).items()
        else:
            assert with_marker[name] == value


def test_no_text_of_a_request_shows_its_key(sent):
    request = sent.call()
    for value in sent.values.values():
        assert value not in repr(request)


@pytest.mark.parametrize("kind", esp_ids())
@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | st.recursive(
    st.none() | st.integers() | st.text(max_size=20), lambda each: st.lists(each, max_size=4) | st.dictionaries(
        st.sampled_from(["RecordType", "event", "email", "Type", "Message", "eventType", "mail", "messageId", "Signature"]),
        each, max_size=4), max_leaves=12).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_nothing_that_comes_raises(kind, body):
    sending = load_sending(kind)

    async def fetch(_url):
        return body

    posted = Posted(
        {"x-twilio-email-event-webhook-signature": "x", "x-twilio-email-event-webhook-timestamp": "1"}, body
    )
    sending.read_events(posted)
    sending.confirm(posted)
    assert asyncio.run(sending.verify(posted, Verification("AAAA", NOW, fetch))) is not Proof.GOOD
    for status in (200, 202, 400, 422, 500):
        sending.answer(status, {}, body)
    if sending.lookup is not None:
        sending.lookup.found(body, MARKER)
        sending.lookup.events(body)
        sending.lookup.is_not_yet(422, body)


@pytest.mark.parametrize("token", [None, "session/token+=="])
@given(body=st.binary(max_size=200), path=st.sampled_from(["/v2/email/outbound-emails", "/a b/é", "/"]))
def test_our_signature_is_botocores(token, body, path):
    url = f"https://email.eu-west-1.amazonaws.com{path}"
    key = SigningKey(Secret("AKIAEXAMPLE"), Secret("wJalrXUtnFEMI/K7MDENG"), Secret(token) if token else None)
    ours = dict(signing_headers("POST", url, body, region="eu-west-1", key=key, now=NOW))
    request = AWSRequest("POST", url, {"Content-Type": "application/json"}, body)
    signer = SigV4Auth(Credentials("AKIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token), "ses", "eu-west-1")
    request.context["timestamp"] = ours["X-Amz-Date"]
    request.headers["X-Amz-Date"] = ours["X-Amz-Date"]
    if token:
        request.headers["X-Amz-Security-Token"] = token
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert ours["Authorization"].endswith(f"Signature={signature}")


def test_a_senders_name_reaches_ses_in_ascii(compile_spec):
    sending = load_sending("ses")
    setup = compile_spec(
        "version: 1\ndomains: {shop.example: {}}\n"
        "esps: {a: {kind: ses, settings: {region: eu-west-1}}}\n"
        "streams: {r: {kind: support, from: Shop <a@shop.example>, routes: [{role: primary, via: api, esp: a}]}}\n"
    )
    message = Outgoing("m", Mailbox('Zoë & "Söhne" ' + "x" * 90, "a@shop.example"), "b@c.example", "s", "t")
    body = json.loads(sending.request(setup.streams[0].routes[0].endpoint, message).body)
    assert body["FromEmailAddress"].isascii()
    assert body["FromEmailAddress"].endswith(" <a@shop.example>")
