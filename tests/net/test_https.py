"""Calls over https to real servers on loopback, good and hostile ones."""

import asyncio
import gc
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from https_peers import PUBLIC, KnownHosts, always, client_context, dial_to, echo, run, server_context, serving

from sendspec.model.stand_in import ApiAnswer
from sendspec.model.trouble import Trouble
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Status
from sendspec.net.https import HttpsClient
from sendspec.rehearse.https_server import Misbehaviour

API = "api.esp.example"
URL = f"https://{API}/v3/scopes"


def call(sites=None, *, method="GET", url=URL, headers=(), body=b"", timeout_seconds=10.0, max_octets=10_000, **world):
    """Make one call in a world of its own; give the reply and what the server heard."""

    async def ask():
        async with serving(sites or {API: echo}, **world) as peer:
            reply = await peer.client.call(
                method, url, headers=headers, body=body, timeout_seconds=timeout_seconds, max_octets=max_octets
            )
            return reply, peer

    reply, peer = run(ask())
    gc.collect()  # an unclosed socket would warn here, and warnings are errors
    return reply, peer


def test_an_answer_comes_with_status_headers_body_address_time_and_days_left():
    site = always(200, b"{}", (("X-RateLimit-Reset", "1790000000"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")))
    reply, _ = call({API: site})
    assert (reply.status, reply.body, reply.trouble) == (200, b"{}", None)
    assert reply.headers["x-ratelimit-reset"] == "1790000000"
    assert reply.headers["set-cookie"] == "a=1, b=2"
    assert reply.address == PUBLIC
    assert reply.seconds > 0
    assert reply.certificate_days is not None
    assert reply.certificate_days > 300


def test_the_call_is_sent_as_asked_with_host_and_length():
    reply, peer = call(method="POST", url=f"{URL}?a=1&b=%20", headers=[("Authorization", "Bearer k")], body=b'{"a":1}')
    text = reply.body.decode()
    assert text.startswith("POST /v3/scopes\n")
    assert "authorization: Bearer k" in text
    assert "content-length: 7" in text
    assert f"host: {API}" in text
    assert "user-agent: sendspec/" in text
    assert text.endswith('\n\n{"a":1}')
    assert peer.server.calls[0].query == (("a", "1"), ("b", " "))


def test_a_password_in_the_url_is_not_sent():
    reply, _ = call(url=f"https://hook:hunter2@{API}/in")
    assert reply.status == 200
    assert b"hunter2" not in reply.body
    assert b"authorization" not in reply.body


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "https://127.0.0.1/admin", "http://169.254.169.254/latest/meta-data/"]
)
def test_a_redirect_is_an_answer_and_is_not_followed(target):
    reply, peer = call({API: always(302, b"", (("Location", target),))}, headers=[("Authorization", "Bearer k")])
    assert reply.status == 302
    assert reply.headers["location"] == target
    assert len(peer.server.calls) == 1


def test_no_cookie_is_kept():
    async def ask():
        async with serving({API: lambda c: ApiAnswer(200, (("Set-Cookie", "id=1"),), echo(c).body)}) as peer:
            await peer.client.call("GET", URL)
            return await peer.client.call("GET", URL)

    assert b"cookie" not in run(ask()).body


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert call()[0].status == 200


@pytest.mark.parametrize(
    ("misbehaviour", "trouble"),
    [
        (Misbehaviour.RESET, Trouble.RESET),
        (Misbehaviour.GARBAGE, Trouble.MALFORMED),
        (Misbehaviour.ENDLESS_BODY, Trouble.TOO_LARGE),
        (Misbehaviour.ENDLESS_HEAD, Trouble.MALFORMED),
    ],
)
def test_each_way_of_answering_wrongly_is_a_trouble_of_its_own(misbehaviour, trouble):
    reply, _ = call(misbehaviours={API: misbehaviour})
    assert (reply.status, reply.trouble) == (None, trouble)
    assert reply.detail
    assert len(reply.detail) <= 200
    assert reply.address == PUBLIC


def test_a_server_that_never_answers_costs_no_more_than_the_time_given():
    reply, _ = call(misbehaviours={API: Misbehaviour.HANG}, timeout_seconds=0.3)
    assert reply.trouble is Trouble.TIMEOUT
    assert reply.seconds < 5


def test_the_end_of_the_run_ends_a_call_and_says_so():
    reply, _ = call(misbehaviours={API: Misbehaviour.HANG}, deadline_seconds=0.4)
    assert reply.trouble is Trouble.STOPPED
    assert "0.4 s" in reply.detail


def test_after_the_end_of_the_run_nobody_is_asked():
    async def ask():
        async with serving({API: echo}) as peer:
            peer.deadline.stop("interrupted")
            return await peer.client.call("GET", URL), peer

    reply, peer = run(ask())
    assert (reply.trouble, reply.detail) == (Trouble.STOPPED, "interrupted")
    assert peer.names.asked == []
    assert peer.server.calls == []


@pytest.mark.parametrize(
    ("context", "trouble"),
    [
        (lambda: server_context(API, not_after=datetime(2020, 1, 1, tzinfo=UTC)), Trouble.CERTIFICATE_EXPIRED),
        (lambda: server_context("other.example"), Trouble.CERTIFICATE_NAME),
        (lambda: server_context(API, authority=trustme.CA()), Trouble.CERTIFICATE_CHAIN),
    ],
)
def test_a_wrong_certificate_is_told_apart_and_no_credential_is_sent(context, trouble):
    reply, peer = call({API: echo}, contexts={API: context()}, headers=[("Authorization", "Bearer k")])
    assert (reply.status, reply.trouble) == (None, trouble)
    assert reply.address == PUBLIC
    assert peer.server.calls == []


def test_a_server_of_old_tls_only_is_refused():
    context = server_context(API)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    strict = client_context()
    strict.minimum_version = ssl.TLSVersion.TLSv1_3

    async def ask():
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=context)
        dial = dial_to(server.sockets[0].getsockname()[1])
        reply = await HttpsClient(KnownHosts({API: (PUBLIC,)}), strict, dial, Deadline(20)).call("GET", URL)
        server.close()
        return reply

    assert run(ask()).trouble is Trouble.TLS


def test_a_plain_http_server_on_the_port_is_no_tls():
    async def ask():
        async def answer(_reader, writer):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        names = KnownHosts({API: (PUBLIC,)})
        client = HttpsClient(names, client_context(), dial_to(port), Deadline(20))
        reply = await client.call("GET", URL)
        server.close()
        return reply

    assert run(ask()).trouble is Trouble.TLS


def test_nobody_listening_is_unreachable():
    async def ask():
        async with serving({API: echo}) as peer:
            client = HttpsClient(peer.names, peer.tls, dial_to(1), peer.deadline)
            return await client.call("GET", URL)

    reply = run(ask())
    assert reply.trouble is Trouble.UNREACHABLE
    assert reply.address == ""


def test_the_next_address_is_tried_when_one_is_dead():
    async def ask():
        names = KnownHosts({API: ("192.0.2.1", "2001:db8::80")})
        async with serving({API: echo}, names=names) as peer:
            live = peer.server.port

            def dial(address, port):
                return ("127.0.0.1", 1 if address == "192.0.2.1" else live)

            client = HttpsClient(names, peer.tls, dial, peer.deadline)
            return await client.call("GET", URL)

    reply = run(ask())
    assert reply.status == 200
    assert reply.address == "2001:db8::80"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "192.0.2.80.evil",
    ],
)
def test_a_name_that_points_to_this_machine_or_its_network_is_not_called(address):
    reply, peer = call(names=KnownHosts({API: (address,)}))
    assert reply.trouble is Trouble.NOT_PUBLIC
    assert peer.server.calls == []


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    reply, peer = call(names=KnownHosts({API: (PUBLIC, "127.0.0.1")}))
    assert reply.trouble is Trouble.NOT_PUBLIC
    assert "127.0.0.1" in reply.detail
    assert peer.server.calls == []


def test_an_address_in_the_url_is_judged_like_one_from_dns():
    reply, peer = call(url="https://127.0.0.1/")
    assert reply.trouble is Trouble.NOT_PUBLIC
    assert call(url="https://[::1]/")[0].trouble is Trouble.NOT_PUBLIC
    assert call(url="https://2130706433/")[0].trouble is not None
    assert peer.server.calls == []


def test_documentation_addresses_are_called_only_where_a_rehearsal_answers_at_them():
    async def ask():
        async with serving({API: echo}) as peer:
            client = HttpsClient(peer.names, peer.tls, lambda address, port: (address, port), peer.deadline)
            return await client.call("GET", URL)

    assert run(ask()).trouble is Trouble.NOT_PUBLIC


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (Status.NXDOMAIN, Trouble.NO_ADDRESS),
        (Status.NODATA, Trouble.NO_ADDRESS),
        (Status.SERVFAIL, Trouble.UNRESOLVED),
        (Status.TIMEOUT, Trouble.UNRESOLVED),
        (Status.STOPPED, Trouble.STOPPED),
    ],
)
def test_a_name_without_address_and_a_name_nobody_tells_are_two_things(status, trouble):
    reply, _ = call(names=KnownHosts(statuses={API: status}))
    assert reply.trouble is trouble


@pytest.mark.parametrize("url", ["http://api.esp.example/", "file:///etc/passwd", "https:///x", "ftp://a/b"])
def test_only_https_is_called(url):
    reply, peer = call(url=url)
    assert reply.trouble is Trouble.UNSENDABLE
    assert peer.names.asked == []


@pytest.mark.parametrize("value", ["SG.secret\n", "SG.secret\r\nX: y", "SG.secr\u00e9t", "SG.\x00secret"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(value):
    reply, peer = call(headers=[("Authorization", value)])
    assert reply.trouble is Trouble.UNSENDABLE
    assert "SG." not in reply.detail
    assert peer.server.calls == []


def test_two_hundred_calls_at_once_all_come_back():
    async def ask():
        async with serving({API: echo}) as peer:
            return await asyncio.gather(*(peer.client.call("GET", URL) for _ in range(200)))

    assert {reply.status for reply in run(ask())} == {200}


def test_a_certificate_about_to_expire_is_counted_in_days():
    soon = datetime.now(UTC) + timedelta(days=3, hours=1)
    reply, _ = call({API: echo}, contexts={API: server_context(API, not_after=soon)})
    assert reply.certificate_days == 3
