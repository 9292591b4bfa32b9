"""Replace the DKIM key of a domain: the new one is published beside the old one, then signed with; the old one stays a while.

The records are in the lock file, and `plan` and `apply` publish and remove them. Which step comes next follows from what
the lock file holds: `next` waits to be published, `previous` to be no longer needed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sendspec.esp.managing import Desk
from sendspec.esp.rotating import DkimRotator
from sendspec.model.live import Failure, Outcome
from sendspec.model.rotation import Prospect, Rotated, Todo
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Status
from sendspec.net.net import Net
from sendspec.records import dkim
from sendspec.records.error import RecordError
from sendspec.rotate.workshop import DKIM_OVERLAP_SECONDS, Record, Wish, Workshop

ISSUED, NEXT, PREVIOUS = "issued", "next", "previous"
APPLY = "`sendspec apply` publishes it beside the old one; then run this again"


@dataclass(slots=True)
class DkimWork:
    """One domain at one account."""

    shop: Workshop
    rotator: DkimRotator
    account_id: str
    domain: str
    wish: Wish
    done: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Give what its state is kept under."""
        return f"{self.account_id}/dkim/{self.domain}"

    @property
    def record(self) -> Record:
        """Give its entry."""
        return Record(self.shop.book, self.id)

    def entry(self) -> Mapping[str, Any]:
        """Give what the lock file has of the domain."""
        found = self.shop.book.get(ISSUED, self.account_id)
        every = found if isinstance(found, dict) else {}
        return next(
            (value for name, value in every.items() if str(name).lower() == self.domain and isinstance(value, dict)), {}
        )

    def desk(self) -> Desk:
        """Give the desk of the account, as the lock stands now."""
        setup = self.shop.setup()
        return self.shop.desk(setup, setup.account(self.account_id))

    async def prospect(self) -> Prospect:
        """Say what is to be done, and change nothing."""
        if self.entry().get(NEXT):
            lacking = await self.lacking()
            if lacking:
                return self._prospect(Todo.WAIT, f"{self.domain}: {lacking}")
            said = (
                f"{self.domain}: every name server has the record of the new DKIM key; the ESP is told to sign with it"
            )
            then = (self.rotator.meanwhile,) if self.rotator.meanwhile else ()
            return self._prospect(Todo.VERIFY, said, then)
        previous = self.entry().get(PREVIOUS)
        if previous:
            return self._leaving(previous)
        if self.record.under_way:
            return self._prospect(Todo.DELETE, f"{self.domain}: the old DKIM key is gone")
        if self.wish.is_due_only:
            return self._prospect(Todo.NOTHING, f"{self.domain}: nothing is due")
        return self._prospect(Todo.BEGIN, f"{self.domain}: a new DKIM key is made, to be published beside the old one")

    def _leaving(self, previous: Mapping[str, Any]) -> Prospect:
        """Say what is to be done about the record of the old key."""
        until = _day(previous.get("until"))
        if until is None or self.shop.now().date() >= until:
            return self._prospect(Todo.DELETE, f"{self.domain}: see whether the record of the old DKIM key may go")
        selector = previous.get("selector")
        said = f"{self.domain}: the record of the old DKIM key {selector} stays until {until}: mail on its way needs it"
        return self._prospect(Todo.WAIT, said)

    def _prospect(self, todo: Todo, said: str, then: tuple[str, ...] = ()) -> Prospect:
        return Prospect(self.id, self.account_id, todo, said, then)

    async def work(self, todo: Todo) -> Rotated:
        """Do it, as far as it comes."""
        if todo is Todo.BEGIN:
            return await self._begin()
        if todo is Todo.VERIFY:
            return await self._switch()
        return await self._finish()

    async def _begin(self) -> Rotated:
        self.record.note(begun=self.shop.now())
        outcome = await self.rotator.request(self.desk(), self.domain)
        self._note(outcome)
        if outcome.failure is not None:
            if outcome.failure in {Failure.NEEDS, Failure.REFUSED}:
                self.record.close()
            return self._failed(outcome)
        name = self._name(NEXT)
        self.done.append(f"a new DKIM key was made; its public half is in the lock file: {name}")
        return self._ended((f"{name}: {APPLY}",))

    async def _switch(self) -> Rotated:
        days = -(-(self.wish.overlap_seconds or DKIM_OVERLAP_SECONDS) // 86_400)
        until = self.shop.now().date() + timedelta(days=days)
        old = self._name("dkim")
        outcome = await self.rotator.switch(self.desk(), self.domain, until)
        self._note(outcome)
        if outcome.failure is not None:
            return self._failed(outcome)
        self.record.note(switched=self.shop.now())
        self.done.append(f"mail is signed with {self._name('dkim')} from now on")
        previous = self.entry().get(PREVIOUS) or {}
        day = f"until {previous['until']}" if previous.get("until") else "until the ESP says that it may go"
        return self._ended((f"{old} stays published {day}: mail on its way is verified with it; then run this again",))

    async def _finish(self) -> Rotated:
        had = bool(self.entry().get(PREVIOUS))
        outcome = await self.rotator.finish(self.desk(), self.domain, self.shop.now().date())
        self._note(outcome)
        if outcome.failure is not None:
            return self._failed(outcome)
        if self.entry().get(PREVIOUS):
            return self._ended(("the ESP does not say yet that the old key's record may go; run this again tomorrow",))
        self.record.close()
        self.record.set(switched=self.shop.now())
        if had:
            self.done.append("the old DKIM key is no longer in the lock file")
            return self._ended(("`sendspec apply` takes its record out of DNS",))
        self.done.append("the rotation is over")
        return self._ended(())

    def _note(self, outcome: Outcome) -> None:
        account = self.shop.setup().account(self.account_id)
        if outcome.issued:
            self.shop.note_issued(self.shop.book, account, outcome.issued)

    def _name(self, part: str) -> str:
        found = self.entry().get(part)
        selector = found.get("selector") if isinstance(found, dict) else ""
        return f"{selector}._domainkey.{self.domain}"

    def _failed(self, outcome: Outcome) -> Rotated:
        return Rotated(self.id, self.account_id, tuple(self.done), outcome.failure, outcome.said, outcome.fix)

    def _ended(self, then: tuple[str, ...]) -> Rotated:
        return Rotated(self.id, self.account_id, tuple(self.done), then=then)

    async def lacking(self) -> str:
        """Say which name servers lack the record of the next key; empty: all have it."""
        key = self.entry()[NEXT]
        return await lacking(self.shop.net, self.shop.setup(), self._name(NEXT), str(key.get("value")))


async def lacking(net: Net, setup: Setup, name: str, value: str) -> str:
    """Ask every server of the zone for a DKIM record. Empty: all gave it, and nothing else."""
    domain = setup.index.domain_of(name)
    found = await net.zones.of(domain.zone.name if domain else name)
    servers = [each for each in found.servers if net.dns.can_reach(each)]
    if not servers:
        return f"no name server could be asked for {name}; it is switched when every one has the record"
    answers = await asyncio.gather(*(net.dns.ask(server, name, "TXT") for server in servers))
    without = [
        (server.to_text(), "could not be asked" if not answer.status.is_known else "lacks it")
        for server, answer in zip(servers, answers, strict=True)
        if answer.status is not Status.ANSWER or [_key(text) for text in answer.texts] != [_key(value)]
    ]
    if not without:
        return ""
    shown = ", ".join(f"{server} {why}" for server, why in without[:4])
    return f"the record {name} is not at every name server yet ({shown}); {APPLY}"


def _key(text: str) -> str:
    try:
        return dkim.parse(text).to_text()
    except RecordError:
        return ""


def _day(text: object) -> date | None:
    try:
        return text if isinstance(text, date) else date.fromisoformat(str(text))
    except ValueError:
        return None
