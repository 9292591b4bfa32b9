"""Webhooks as an ESP meets them: real https servers on loopback, sound ones and each sort of broken one."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from esp_worlds import World, findings, ids, passed
from https_peers import KnownHosts, always, server_context

from sendspec.check.webhook.endpoint import CHECK, webhooks_of
from sendspec.esp.interface import esp_ids, load_esp
from sendspec.model.finding import Severity
from sendspec.model.sending import Posted, Proof, Verification
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Status
from sendspec.pipeline import compile_folder
from sendspec.rehearse.https_server import Misbehaviour

HOOKS = "hooks.northwind.example"
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def example() -> Setup:
    return compile_folder(REPOSITORY / "specs").setup


@pytest.fixture
def world(example: Setup) -> World:
    """Give the example with a receiver that refuses what it cannot verify."""
    world = World(example)
    world.sites = {HOOKS: always(401)}
    return world


def test_a_receiver_that_refuses_passes_once_for_each_esp(world):
    seen = world.run(CHECK)
    assert ids(seen) == set()
    assert passed(seen) == CHECK.size(world.setup) == 3


def test_each_esps_own_form_of_an_event_is_posted_without_any_credential(world):
    async def work():
        async with world.open() as peer:
            async for _ in CHECK.run(world.setup, world.net(peer)):
                pass
            return peer.server.calls

    calls = {call.path: call for call in asyncio.run(work())}
    assert set(calls) == {"/mail/postmark", "/mail/sendgrid", "/mail/ses"}
    assert {call.method for call in calls.values()} == {"POST"}
    for call in calls.values():
        assert "authorization" not in call.headers
        assert b".invalid" in call.body
        assert b"northwind" not in call.body
    assert calls["/mail/postmark"].headers["content-type"] == "application/json"
    assert calls["/mail/ses"].headers["x-amz-sns-message-type"] == "Notification"


@pytest.mark.parametrize("status", [400, 401, 402, 413, 415, 422])
def test_every_refusal_is_a_refusal(world, status):
    world.sites[HOOKS] = always(status)
    assert ids(world.run(CHECK)) == set()


def test_a_receiver_that_takes_unsigned_events_is_an_error_where_the_esp_signs_and_a_warning_where_it_cannot(world):
    world.sites[HOOKS] = always(204)
    found = {each.at.to_text(): each for each in findings(world.run(CHECK)) if "postmark" not in each.message}
    assert {each.kind.id for each in found.values()} == {"live-webhook-accepts-unsigned"}
    assert {each.severity for each in found.values()} == {None}
    [unsigned] = [each for each in findings(world.run(CHECK)) if "postmark" in each.message]
    assert unsigned.severity is Severity.WARNING
    assert "basic auth" in unsigned.fix


def test_postmark_gives_up_after_a_403_and_is_to_get_401(world):
    world.sites[HOOKS] = always(403)
    [found] = findings(world.run(CHECK))
    assert found.kind.id == "live-webhook-refusal-ends-retries"
    assert found.kind.severity is Severity.INFO
    assert "/mail/postmark" in found.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, "live-webhook-redirects"),
        (302, "live-webhook-redirects"),
        (404, "live-webhook-path-missing"),
        (410, "live-webhook-path-missing"),
        (405, "live-webhook-takes-no-post"),
        (429, "?live-webhook-limits"),
        (418, "live-webhook-odd-answer"),
        (500, "live-webhook-broken"),
        (502, "live-webhook-broken"),
        (599, "live-webhook-broken"),
    ],
)
def test_each_sort_of_answer_is_a_finding_of_its_own(world, status, kind):
    world.sites[HOOKS] = always(status, b"", (("Location", "file:///etc/passwd"),))
    assert ids(world.run(CHECK)) == {kind}


@pytest.mark.parametrize("target", ["file:///etc/passwd", "https://127.0.0.1/", "http://169.254.169.254/latest/"])
def test_a_redirect_is_named_and_not_followed(world, target):
    world.sites[HOOKS] = always(307, b"", (("Location", target),))

    async def work():
        async with world.open() as peer:
            seen = [each async for each in CHECK.run(world.setup, world.net(peer))]
            return seen, peer.server.calls

    seen, calls = asyncio.run(work())
    assert len(calls) == 3
    assert {each.seen for each in findings(seen)} == {f"307 to {target}"}


@pytest.mark.parametrize(
    ("misbehaviour", "kind"),
    [
        (Misbehaviour.RESET, "live-webhook-connection-closed"),
        (Misbehaviour.GARBAGE, "live-webhook-no-http"),
        (Misbehaviour.ENDLESS_BODY, "live-webhook-endless-answer"),
    ],
)
def test_each_way_of_answering_wrongly_is_a_finding_of_its_own(world, misbehaviour, kind):
    assert ids(world.run(CHECK, misbehaviours={HOOKS: misbehaviour})) == {kind}


def with_short_waits(monkeypatch, seconds):
    monkeypatch.setattr("sendspec.check.webhook.endpoint.Webhook.wait_seconds", property(lambda _self: seconds))


def test_a_receiver_that_took_the_event_and_never_answers_is_an_error(world, monkeypatch):
    with_short_waits(monkeypatch, 1)
    seen = world.run(CHECK, misbehaviours={HOOKS: Misbehaviour.HANG})
    assert ids(seen) == {"live-webhook-no-answer"}
    assert "1 s that" in findings(seen)[0].message


def test_a_receiver_that_takes_more_than_half_of_the_time_is_slow(world, monkeypatch):
    with_short_waits(monkeypatch, 1.6)
    seen = world.run(CHECK, misbehaviours={HOOKS: Misbehaviour.SLOW}, slow_seconds=0.9)
    assert ids(seen) == {"live-webhook-slow"}


def test_nobody_listening_is_an_error_and_a_run_that_is_over_is_unknown(world):
    async def work():
        async with world.open() as peer:
            peer.deadline.stop("interrupted")
            return [each async for each in CHECK.run(world.setup, world.net(peer))]

    assert ids(asyncio.run(work())) == {"?live-webhook-unreachable"}


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        (lambda: server_context(HOOKS, not_after=datetime(2020, 1, 1, tzinfo=UTC)), "live-webhook-certificate-expired"),
        (lambda: server_context("other.example"), "live-webhook-certificate-name"),
        (lambda: server_context(HOOKS, authority=trustme.CA()), "live-webhook-certificate-untrusted"),
        (
            lambda: server_context(HOOKS, not_after=datetime.now(UTC) + timedelta(days=5)),
            "live-webhook-certificate-ends",
        ),
    ],
)
def test_each_flaw_of_a_certificate_is_a_finding_of_its_own(world, context, kind):
    assert ids(world.run(CHECK, contexts={HOOKS: context()})) == {kind}


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (KnownHosts({HOOKS: ("10.1.2.3",)}), "live-webhook-address-not-public"),
        (KnownHosts({HOOKS: ("192.0.2.80", "::1")}), "live-webhook-address-not-public"),
        (KnownHosts(statuses={HOOKS: Status.NXDOMAIN}), "live-webhook-host-missing"),
        (KnownHosts(statuses={HOOKS: Status.TIMEOUT}), "?live-webhook-host-missing"),
    ],
)
def test_each_trouble_with_the_name_is_a_finding_of_its_own(world, names, kind):
    assert ids(world.run(CHECK, names=names)) == {kind}


def test_one_address_of_several_streams_is_met_once_and_names_the_others(world):
    world.sites[HOOKS] = always(500)
    [ses] = [each for each in findings(world.run(CHECK)) if "/mail/ses" in each.message]
    assert len(ses.related) == 2


@pytest.mark.parametrize("esp_id", esp_ids())
def test_every_esp_has_an_event_that_its_own_reader_takes_for_unproven(esp_id):
    from sendspec.esp.interface import load_sending

    event = load_esp(esp_id).unsigned_event
    assert event is not None
    sending = load_sending(esp_id)
    headers = {name.lower(): value for name, value in event.headers} | {"content-type": event.content_type}
    posted = Posted(headers, event.body)
    assert sending.read_events(posted)

    async def fetch(url: str) -> bytes | None:
        raise AssertionError(f"{url} is fetched for an event that is not signed")

    proof = asyncio.run(sending.verify(posted, Verification("", datetime.now(UTC), fetch)))
    assert proof in {Proof.MISSING, Proof.BAD, Proof.NONE_EXIST}


def test_every_kind_is_documented_and_named_for_webhooks(world):
    assert webhooks_of(world.setup)
    assert len({kind.id for kind in CHECK.kinds}) == len(CHECK.kinds)
    for kind in CHECK.kinds:
        assert kind.id.startswith("live-webhook-")
        assert all((kind.summary, kind.why, kind.instead, kind.source))
        assert kind.summary.endswith(".")
