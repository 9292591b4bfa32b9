"""Replace a key for which the ESP has no calls: people make it and revoke the old one; every run looks how far they are.

What is noted of a token is a mark that tells it from another one, and leads to none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sendspec.esp.managing import Desk
from sendspec.esp.rotating import HandRotator, SpecKey
from sendspec.model.live import Failure
from sendspec.model.rotation import Prospect, Rotated, Todo
from sendspec.model.secret import Secret, Unresolved
from sendspec.rotate.people import apps_of
from sendspec.rotate.workshop import OVERLAP_SECONDS, Record, Wish, Workshop, moment, shown


@dataclass(slots=True)
class HandWork:
    """One key that people replace."""

    shop: Workshop
    rotator: HandRotator
    key: SpecKey
    account_id: str
    wish: Wish
    is_asked: bool
    done: list[str] = field(default_factory=list)

    @property
    def record(self) -> Record:
        """Give its entry."""
        return Record(self.shop.book, self.key.id)

    def desk(self) -> Desk:
        """Give the desk of its account."""
        setup = self.shop.setup()
        return self.shop.desk(setup, setup.account(self.account_id))

    async def _values(self) -> Mapping[str, Secret] | Unresolved:
        values: dict[str, Secret] = {}
        for credential in self.key.credentials:
            value = await self.shop.keeper.value(credential.reference)
            if isinstance(value, Unresolved):
                return value
            values[credential.id] = value
        return values

    async def prospect(self) -> Prospect:
        """Say what is to be done, and change nothing."""
        values = await self._values()
        since = self._since(None if isinstance(values, Unresolved) else self.rotator.name_of(self.key, values))
        every = [each.rotate_every_seconds for each in self.key.credentials if each.rotate_every_seconds]
        prospect = Prospect(
            self.key.id,
            self.account_id,
            Todo.NOTHING,
            f"{self.key.id}: nothing is due",
            age_seconds=(self.shop.now() - since).total_seconds() if since else None,
            rotate_every_seconds=min(every, default=None),
            since=since,
            credentials=tuple(each.id for each in self.key.credentials),
        )
        if isinstance(values, Unresolved):
            said = f"{self.key.id} cannot be looked at: {values.reason}"
            return replace(prospect, todo=Todo.BLOCKED, said=said, failure=Failure.LATER, fix=values.fix)
        if not self.record.under_way and not (prospect.is_due if self.wish.is_due_only else self.is_asked):
            return prospect
        until = self.record.moment("revoke_after")
        if until is not None and self.shop.now() < until:
            said = f"{self.key.id}: the old {self.rotator.title} stays valid until {shown(until)}"
            return replace(prospect, todo=Todo.WAIT, said=said)
        said = f"{self.key.id}: the ESP has no call that makes a {self.rotator.title}; it is replaced step by step"
        return replace(prospect, todo=Todo.BY_HAND, said=said)

    def _since(self, name: str | None) -> datetime | None:
        facts = self.record.facts
        if name is not None and facts.get("key") != name:
            return None
        return moment(facts.get("made")) or moment(facts.get("seen"))

    async def note_age(self) -> None:
        """Note from when on the age counts, where it is not known yet."""
        values = await self._values()
        if isinstance(values, Unresolved) or self.record.under_way:
            return
        name = self.rotator.name_of(self.key, values)
        if self.record.facts.get("key") != name:
            self.record.set(key=name, seen=self.shop.now(), made=None)

    async def work(self) -> Rotated:
        """Go on from where people are."""
        values = await self._values()
        if isinstance(values, Unresolved):
            return Rotated(self.key.id, self.account_id, (), Failure.NEEDS, values.reason, values.fix)
        name = self.rotator.name_of(self.key, values)
        if not self.record.under_way:
            self.record.note(begun=self.shop.now(), old=name)
        if self.record.moment("verified") is None:
            return await self._make(name)
        return await self._remove(name)

    async def _make(self, name: str) -> Rotated:
        if name == self.record.under_way.get("old"):
            account = self.shop.setup().account(self.account_id)
            steps = self.rotator.to_make(account, self.key)
            last = f"run `sendspec rotate {self.account_id}` again: it goes on as soon as the store holds another {self.rotator.title}"
            return Rotated(self.key.id, self.account_id, tuple(self.done), then=(*steps, last))
        trial = await self.shop.try_out(self.key.credentials, {})
        if trial.refused:
            said = f"the store holds a new {self.rotator.title} that is not accepted: {trial.words}"
            fix = "compare it with the one that the ESP shows; the old one is valid as before"
            return Rotated(self.key.id, self.account_id, (), Failure.REFUSED, said, fix)
        if trial.unknown:
            said = f"the new {self.rotator.title} could not be tried: {trial.words}"
            return Rotated(self.key.id, self.account_id, (), Failure.LATER, said, "run it again")
        now = self.shop.now()
        until = now + timedelta(seconds=self._overlap())
        self.record.set(key=name, made=now, seen=None)
        self.record.note(new=name, verified=now, revoke_after=until)
        self.done.append(
            f"the store holds a new {self.rotator.title}, and it is accepted"
            if trial.tried
            else f"the store holds a new {self.rotator.title}; nothing of the spec sends with it, so it was not tried"
        )
        apps = ", ".join(apps_of(self.shop.setup(), self.key.credentials)) or "whatever uses it"
        then = (
            f"deploy {apps} with it before {shown(until)}",
            f"run `sendspec rotate {self.account_id}` after that: it says what to delete",
        )
        return Rotated(self.key.id, self.account_id, tuple(self.done), then=then, until=until)

    async def _remove(self, name: str) -> Rotated:
        until = self.record.moment("revoke_after")
        if until is not None and self.shop.now() < until:
            return Rotated(self.key.id, self.account_id, tuple(self.done), until=until)
        if name == self.record.under_way.get("old"):
            said = f"the store holds the old {self.rotator.title} again: it is not to be deleted"
            fix = f"put the new one there; or take `under_way` of `rotations.{self.key.id}` out of the lock file"
            return Rotated(self.key.id, self.account_id, tuple(self.done), Failure.NEEDS, said, fix)
        account = self.shop.setup().account(self.account_id)
        steps = self.rotator.to_remove(account, self.key)
        existing = await self.rotator.existing(self.desk(), self.key)
        if existing is None:
            if self.record.moment("told") is None:
                self.record.note(told=self.shop.now())
                last = (
                    f"then run `sendspec rotate {self.account_id}` once more: nobody but you can see whether it is gone"
                )
                return Rotated(self.key.id, self.account_id, tuple(self.done), then=(*steps, last))
            self.record.close()
            self.done.append(f"the rotation is over, if you have deleted the old {self.rotator.title}")
            return Rotated(self.key.id, self.account_id, tuple(self.done))
        if self.record.under_way.get("old") in existing:
            last = f"then run `sendspec rotate {self.account_id}` again: it sees whether it is gone"
            return Rotated(self.key.id, self.account_id, tuple(self.done), then=(*steps, last))
        self.record.close()
        self.done.append(f"the old {self.rotator.title} exists no more")
        return Rotated(self.key.id, self.account_id, tuple(self.done))

    def _overlap(self) -> int:
        if self.wish.overlap_seconds is not None:
            return self.wish.overlap_seconds
        said = [each.overlap_seconds for each in self.key.credentials if each.overlap_seconds is not None]
        return max(said, default=OVERLAP_SECONDS)
