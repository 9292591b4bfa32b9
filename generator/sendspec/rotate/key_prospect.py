"""What is to be done about a key, in words; nothing is changed."""

from dataclasses import replace
from datetime import datetime

from sendspec.esp.rotating import Standing
from sendspec.model.live import Failure, Unread
from sendspec.model.rotation import Prospect, Todo
from sendspec.rotate.key_case import KeyCase, short, span
from sendspec.rotate.people import apps_of, named
from sendspec.rotate.workshop import Record, moment, shown

FILES = "files"


class KeyProspect(KeyCase):
    """Looks, and says what is to be done."""

    async def prospect(self) -> tuple[Prospect, Standing | None]:
        """Say what is to be done, and change nothing."""
        standing = await self.look()
        if isinstance(standing, Unread):
            said = f"{self.key.id} cannot be looked at: {standing.reason}"
            return self._prospect(Todo.BLOCKED, said, failure=Failure.LATER, fix=standing.fix), None
        return self._judged(standing), standing

    def _judged(self, standing: Standing) -> Prospect:
        if not self.record.under_way:
            return self._fresh(standing)
        if not self.record.moment("kept"):
            said = f"{self.key.id}: a rotation was interrupted on {self._when('begun')}; it goes on from what is left of it"
            return self._prospect(Todo.RESUME, said, standing=standing)
        if not self.record.moment("verified"):
            said = f"{self.key.id}: the new {self.rotator.title} is in its store, and is tried from there"
            return self._prospect(Todo.VERIFY, said, standing=standing)
        return self._old(standing)

    def _fresh(self, standing: Standing) -> Prospect:
        title, owner = self.rotator.title, standing.owner
        prospect = self._prospect(Todo.NOTHING, f"{self.key.id}: nothing is due", standing=standing)
        if not (prospect.is_due if self.wish.is_due_only else self.is_asked):
            return prospect
        elsewhere = self._managed_elsewhere(standing)
        if elsewhere:
            said = f"{', '.join(elsewhere)} is part of the same {title}, and its account is `managed: files`"
            fix = "write `managed: apply` there too, or give that account a key of its own"
            return replace(prospect, todo=Todo.BLOCKED, said=said, failure=Failure.NEEDS, fix=fix)
        if standing.full:
            return replace(
                prospect, todo=Todo.BLOCKED, said=standing.full, failure=Failure.NEEDS, fix=standing.full_fix
            )
        apps = apps_of(self.shop.setup(), standing.sharing)
        then = (
            f"{', '.join(apps)} must be deployed with it before the old one is revoked"
            if apps
            else "whatever uses it must be given the new one before the old one is revoked",
            f"the old one is revoked by the first run after {span(self._overlap())}",
        )
        said = f"{named(standing.sharing)}: a new {title} of {owner} is made, tried, and written to its store"
        return replace(prospect, todo=Todo.BEGIN, said=said, then=then)

    def _managed_elsewhere(self, standing: Standing) -> list[str]:
        setup = self.shop.setup()
        return sorted({each.id for each in standing.sharing if setup.account(each.account).managed == FILES})

    def _old(self, standing: Standing) -> Prospect:
        """Say what is to be done about the old key."""
        old, title, now = str(self.record.under_way.get("old")), self.rotator.title, self.shop.now()
        is_disabled = self.record.moment("disabled") is not None
        due = self.record.moment("delete_after" if is_disabled else "revoke_after") or now
        if standing.key(old) is None:
            said = f"{self.key.id}: the old {title} {short(old)} exists no more"
            return self._prospect(Todo.DELETE, said, standing=standing)
        if now < due:
            said = f"{self.key.id}: the old {title} {short(old)} is {'inactive' if is_disabled else 'valid'} until {shown(due)}"
            return self._prospect(Todo.WAIT, said, standing=standing)
        todo = Todo.DISABLE if self.rotator.disable is not None and not is_disabled else Todo.DELETE
        what = "made inactive" if todo is Todo.DISABLE else "deleted"
        said = f"{self.key.id}: the old {title} {short(old)} of {standing.owner} is {what}"
        then = (
            (f"for {span(self._overlap())} it can be switched on again, then a later run deletes it",)
            if todo is Todo.DISABLE
            else ("what still uses it is refused for good",)
        )
        return self._prospect(todo, said, then=then, standing=standing)

    def _prospect(
        self,
        todo: Todo,
        said: str,
        *,
        then: tuple[str, ...] = (),
        failure: Failure | None = None,
        fix: str = "",
        standing: Standing | None = None,
    ) -> Prospect:
        since = self.since(standing)
        age = (self.shop.now() - since).total_seconds() if since else None
        every = [each.rotate_every_seconds for each in self.key.credentials if each.rotate_every_seconds]
        interval = min(every, default=None)
        parts = standing.sharing if standing else self.key.credentials
        ids = tuple(each.id for each in parts)
        return Prospect(self.key.id, self.account_id, todo, said, then, failure, fix, age, interval, since, ids)

    def since(self, standing: Standing | None) -> datetime | None:
        """Give from when on the key in the store is there: as noted, if it is the same key; else as the ESP says."""
        held = self._held_now(standing)
        facts = self.record.facts
        if facts.get("key") == held or standing is None:
            return moment(facts.get("made")) or moment(facts.get("seen"))
        live = standing.key(held) if held else None
        return live.made if live else None

    def note_age(self, standing: Standing) -> None:
        """Note from when on the age counts, where it is not known yet."""
        held = self._held_now(standing)
        if not held or self.record.facts.get("key") == held:
            return
        live = standing.key(held)
        made = live.made if live else None
        facts = {"key": held, "made": made, "seen": None if made else self.shop.now()}
        for credential in self._secrets(standing.sharing):
            Record(self.shop.book, credential.id).set(**facts)
