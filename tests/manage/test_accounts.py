"""`plan`, `apply`, `pull` and `drift` over a whole world: every ESP, a DNS host, secret stores, over real sockets."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from aws_world import AwsWorld, aws_world, make_empty
from whole_world import WholeWorld, whole_world

from sendspec import manage
from sendspec.lock.book import JOURNAL, BusyError, LockBook, open_book
from sendspec.lock.load import LOCK_FILE
from sendspec.model.plan import Action, Hold, Plan
from sendspec.net.open import _LaterHttps
from sendspec.pipeline import validate
from sendspec.plan.apply import Applied, Done
from sendspec.plan.approval import Approval
from sendspec.plan.store import plan_text, read_plan
from sendspec.spec.files import read_files


class KilledError(BaseException):
    """The process ends here: nothing catches this, as nothing catches SIGKILL."""


@pytest.fixture(scope="module")
def amazon() -> Iterator[AwsWorld]:
    with aws_world() as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, amazon: AwsWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[WholeWorld]:
    make_empty(amazon)
    with whole_world(tmp_path, amazon, monkeypatch) as found:
        yield found


def plan(world: WholeWorld, **wishes: Any) -> Plan:
    return manage.plan(read_files(world.folder), world.terms_with(**wishes), lambda _text: None)


def apply(world: WholeWorld, approve: Callable[[Plan], Approval] = Approval, **wishes: Any) -> Applied:
    seen: list[Done] = []
    applied = manage.apply(
        read_files(world.folder), world.terms_with(**wishes), approve, seen.append, lambda _text: None
    )
    assert applied is not None
    return applied


def build(world: WholeWorld) -> None:
    """Make everything, and let the ESPs look at DNS."""
    assert apply(world).failed == []
    world.look_at_dns()
    assert apply(world).failed == []


def keys(found: Plan) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(str(each.action), each.key, tuple(path.path for path in each.differences)) for each in found.changes]


def test_a_world_is_built_from_nothing_and_the_second_plan_is_empty(world):
    first = plan(world)
    assert (first.unread, first.held) == ((), ())
    once = apply(world)
    assert [(done.change.key, done.outcome) for done in once.failed] == []
    assert once.after is not None
    assert any("has not seen" in each.what for each in once.after.awaited)
    world.look_at_dns()
    assert apply(world).failed == []
    after = plan(world)
    assert (keys(after), after.held, after.unread, after.awaited) == ([], (), (), ())
    text = (world.folder / LOCK_FILE).read_bytes()
    assert apply(world).done == []
    assert (world.folder / LOCK_FILE).read_bytes() == text
    assert not [finding for finding in validate(world.folder).findings if finding.severity.rank > 1]


def test_every_kind_that_is_changed_by_hand_is_seen_with_its_path_and_brought_back(world):
    build(world)
    aws, postmark, [sendgrid] = world.aws, world.postmark, world.sendgrid._users
    aws.ses.sets["ses-receipts"]["SendingOptions"]["SendingEnabled"] = False
    aws.ses.identities["mail.shop.example"].signs = False
    [server] = postmark.servers.values()
    server["TrackOpens"] = True
    [streams] = postmark.streams.values()
    streams["receipts"]["Name"] = "changed on a Friday"
    sendgrid.tracking["open"] = True
    sendgrid.webhooks[0]["bounce"] = False
    world.zone.put("pm-bounces.mail.shop.example", "CNAME", 3600, "elsewhere.example.")
    found = plan(world)
    assert {(action, key): paths for action, key, paths in keys(found)} == {
        ("update", "dns/shop.example/pm-bounces.mail.shop.example/CNAME"): ("values",),
        ("update", "esp/postmark/message-stream/receipts"): ("Name",),
        ("update", "esp/postmark/server/postmark"): ("TrackOpens",),
        ("update", "esp/sendgrid/event-webhook/news"): ("bounce",),
        ("update", "esp/sendgrid/tracking/open"): ("enabled",),
        ("update", "esp/ses/configuration-set/ses-receipts"): ("SendingOptions.SendingEnabled",),
        ("update", "esp/ses/identity/mail.shop.example"): ("DkimAttributes.SigningEnabled",),
    }
    words = {each.key: " ".join(each.means) for each in found.changes}
    assert "`receipts`" in words["esp/ses/configuration-set/ses-receipts"]
    assert apply(world).failed == []
    assert keys(plan(world)) == []


def test_an_account_that_was_made_by_others_is_adopted_whole_and_nothing_is_made_twice(world):
    build(world)
    lock = world.folder / LOCK_FILE
    lock.write_text(lock.read_text().partition("\nowned:")[0] + "\n")
    there = world.census()
    assert plan(world).changes == ()
    [server] = world.postmark.servers.values()
    server["TrackOpens"] = True
    held = plan(world).held
    assert [(each.hold, each.change.key) for each in held] == [(Hold.FOREIGN, "esp/postmark/server/postmark")]
    adopted = apply(world, adopt=("all",))
    assert adopted.failed == []
    assert {done.change.action for done in adopted.done} == {Action.ADOPT, Action.UPDATE}
    assert keys(plan(world)) == []
    assert world.census() == there


def test_what_the_spec_no_longer_wants_is_removed_once_the_outage_is_allowed(world):
    build(world)
    spec = world.folder / "spec.yaml"
    text = spec.read_text()
    spec.write_text(
        text.replace(
            "{role: primary, via: api, esp: postmark}, {role: fallback, via: smtp, esp: ses}",
            "{role: primary, via: smtp, esp: ses}",
        )
    )
    refused = apply(world)
    assert refused.is_refused
    assert {stream for change in refused.stopping for stream in change.stops} == {"receipts"}
    applied = apply(world, allowed=("receipts",))
    assert [(done.change.key, done.outcome) for done in applied.failed] == []
    [streams] = world.postmark.streams.values()
    assert streams["receipts"]["ArchivedAt"]
    assert not world.zone.values("pm-bounces.mail.shop.example", "CNAME")
    assert keys(plan(world)) == []


def test_a_saved_plan_is_refused_when_somebody_was_faster(world, tmp_path):
    saved = tmp_path / "plan.json"
    saved.write_text(plan_text(plan(world)))
    world.zone.put("_dmarc.shop.example", "TXT", 300, '"v=DMARC1; p=reject"')
    refused = apply(world, lambda _now: Approval(read_plan(saved)), adopt=("all",))
    assert [change.key for change in refused.unseen] == ["dns/shop.example/_dmarc.shop.example/TXT"]
    assert world.route53.changes == 0
    assert world.aws.changes() == []
    del world.zone.sets["_dmarc.shop.example.", "TXT", ""]
    assert apply(world, lambda _now: Approval(read_plan(saved))).failed == []


def test_two_at_once_one_is_refused(world):
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        with open_book(world.folder, None):
            held.set()
            done.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(10)
    try:
        with pytest.raises(BusyError):
            apply(world)
    finally:
        done.set()
        thread.join()
    assert world.aws.changes() == []


class Deadly:
    """Kills the process at one of its calls that change something, before or after it is carried out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.at, self.is_after = 0, 0, False
        self.world: WholeWorld | None = None
        self.is_dead = False
        """Who is killed saves nothing."""
        real_aws = botocore.client.BaseClient._make_api_call

        async def https(_client: Any, method: str, url: str, **options: Any) -> Any:
            assert self.world is not None
            is_last = method != "GET" and self._count()
            reply = self.world.reply(method, url, options.get("headers", ()), options.get("body", b""))
            return self._end(reply, is_last=is_last)

        def aws(client: Any, operation: str, arguments: Any) -> Any:
            if operation.startswith(("Get", "List", "Describe")):
                return real_aws(client, operation, arguments)
            is_last = self._count()
            return self._end(real_aws(client, operation, arguments), is_last=is_last)

        save = LockBook.save
        monkeypatch.setattr(LockBook, "save", lambda book: not self.is_dead and save(book))
        monkeypatch.setattr(_LaterHttps, "call", https)
        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", aws)

    def _count(self) -> bool:
        self.count += 1
        if self.count == self.at and not self.is_after:
            self.is_dead = True
            raise KilledError
        return self.count == self.at

    def _end(self, answer: Any, *, is_last: bool) -> Any:
        if is_last:
            self.is_dead = True
            raise KilledError
        return answer


SAMPLE = {"postmark": 1, "sendgrid": 1, "ses": 3}
"""Every so many calls: moto takes its time. The managers' own tests, and those of plan and apply, leave out no call."""


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("esp", SAMPLE)
def test_killed_at_a_call_the_next_run_finishes_and_nothing_is_made_twice(amazon, tmp_path, monkeypatch, esp, is_after):
    deadly = Deadly(monkeypatch)
    census: dict[str, int] = {}

    def live(position: int) -> int:
        if esp == "ses":
            make_empty(amazon)
        folder = tmp_path / str(position)
        folder.mkdir()
        with whole_world(folder, amazon, monkeypatch, esp) as world:
            deadly.count, deadly.at, deadly.is_after, deadly.world = 0, position, is_after, world
            if position:
                with pytest.raises(KilledError):
                    build(world)
                deadly.at, deadly.is_dead = 0, False
            build(world)
            after = plan(world)
            assert (keys(after), after.held) == ([], ()), position
            assert world.census() == (census or world.census()), position
            census.update(world.census())
        return deadly.count

    total = live(0)
    assert total > 5
    positions = range(2 if is_after and SAMPLE[esp] > 1 else 1, total + 1, SAMPLE[esp])
    for position in positions:
        live(position)


def test_no_secret_is_in_anything_that_is_said_written_or_logged(world, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    first = plan(world)
    texts = [plan_text(first)]
    applied = apply(world)
    world.look_at_dns()
    texts += [repr(applied), repr(apply(world)), plan_text(plan(world))]
    texts += [path.read_text() for path in world.folder.iterdir()]
    texts += [caplog.text, *capfd.readouterr()]
    said = "\n".join(texts)
    assert len(world.all_secrets()) > 7
    assert [secret for secret in world.all_secrets() if secret in said] == []
    assert not (world.folder / JOURNAL).exists()


def test_what_comes_of_a_run_is_given_back_and_never_written_out():
    """asyncio.run writes the result of its task out, if it has one: hundreds of megabytes for 10,000 domains."""

    class Found:
        written = 0

        def __repr__(self) -> str:
            Found.written += 1
            return "found"

    found = Found()

    async def work() -> Found:
        return found

    assert manage._ended(work()) is found
    assert Found.written == 0
