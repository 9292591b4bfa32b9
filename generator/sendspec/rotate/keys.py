"""Replace one key by calls: made, tried, kept, tried from its store, and the old one revoked after the overlap.

Every step is noted before and after its call, so that the next run goes on from whatever a killed one left: a key whose
answer was lost is recognised and removed, and a key that a store holds is never revoked.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sendspec.esp.managing import Desk
from sendspec.esp.rotating import KeyRotator, Made, Making, SpecKey, Standing
from sendspec.model.credential import Credential
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.plan import ESP
from sendspec.model.rotation import Prospect, Rotated, Todo, Trial
from sendspec.model.secret import Secret, Unresolved
from sendspec.rotate.people import apps_of, named
from sendspec.rotate.workshop import OVERLAP_SECONDS, Record, Wish, Workshop, moment, shown

WAITS_SECONDS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0)
"""Before each trial of a new key. IAM is eventually consistent: a key that was made just now is not known everywhere
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html, section on eventual consistency, read 2026-11-26)."""
SETTLING, LISTED_SECONDS = timedelta(minutes=5), 5.0
"""How long lists may not show what was made, and how long it is waited for that they do."""
OWNED, MADE = "owned", "made"
MARK = re.compile(r"(?P<end>.{4})-[0-9a-f]{8}")
"""A name made of the end of an id and a digest of it."""
FILES = "files"


@dataclass(slots=True)
class KeyWork:
    """One key. `done` collects what was done."""

    shop: Workshop
    rotator: KeyRotator
    key: SpecKey
    account_id: str
    wish: Wish
    is_asked: bool
    """To begin, if nothing is under way: it was named, or everything was asked for."""
    done: list[str] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict, repr=False)
    """Name -> what the ESP calls it, of keys made in this run: a list may not show them yet."""

    @property
    def record(self) -> Record:
        """Give its entry."""
        return Record(self.shop.book, self.key.id)

    def desk(self) -> Desk:
        """Give the desk of its account, as the lock stands now."""
        setup = self.shop.setup()
        return self.shop.desk(setup, setup.account(self.account_id))

    async def look(self) -> Standing | Unread:
        """Look what exists."""
        standing = await self.rotator.look(self.desk(), self.key)
        if isinstance(standing, Unread) or not self.made:
            return standing
        return replace(standing, native={**self.made, **standing.native})

    # What would be done

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
            f"the old one is revoked by the first run after {_span(self._overlap())}",
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
            said = f"{self.key.id}: the old {title} {_short(old)} exists no more"
            return self._prospect(Todo.DELETE, said, standing=standing)
        if now < due:
            said = f"{self.key.id}: the old {title} {_short(old)} is {'inactive' if is_disabled else 'valid'} until {shown(due)}"
            return self._prospect(Todo.WAIT, said, standing=standing)
        todo = Todo.DISABLE if self.rotator.disable is not None and not is_disabled else Todo.DELETE
        what = "made inactive" if todo is Todo.DISABLE else "deleted"
        said = f"{self.key.id}: the old {title} {_short(old)} of {standing.owner} is {what}"
        then = (
            (f"for {_span(self._overlap())} it can be switched on again, then a later run deletes it",)
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

    def _held_now(self, standing: Standing | None) -> str:
        if standing is None:
            return ""
        return next((standing.held[each.id] for each in self.key.credentials if each.id in standing.held), "")

    def _secrets(self, sharing: Sequence[Credential]) -> list[Credential]:
        """Give the credentials that entries are kept under: those that tell no key, or tell it by themselves."""
        ids = {key.id for account in self.shop.setup().accounts for key in self._keys_of(account.id)}
        return [each for each in sharing if each.id in ids]

    def _keys_of(self, account_id: str) -> tuple[SpecKey, ...]:
        setup = self.shop.setup()
        account, mine = setup.account(account_id), setup.account(self.account_id)
        return self.rotator.keys(setup, account) if account.kind == mine.kind else ()

    def _overlap(self) -> int:
        if self.wish.overlap_seconds is not None:
            return self.wish.overlap_seconds
        noted = self.record.under_way.get("overlap_seconds")
        if isinstance(noted, int):
            return noted
        said = [each.overlap_seconds for each in self.key.credentials if each.overlap_seconds is not None]
        return max(said, default=OVERLAP_SECONDS)

    def _when(self, name: str) -> str:
        when = self.record.moment(name)
        return shown(when) if when else "a day that is not noted"

    # Doing it

    async def work(self, todo: Todo) -> Rotated:
        """Do it, as far as it comes."""
        standing = await self.look()
        if isinstance(standing, Unread):
            return self._failed(Outcome(Failure.LATER, standing.reason, standing.fix))
        if todo is Todo.BEGIN:
            return await self._begin(standing)
        if todo is Todo.RESUME:
            return await self._resume(standing)
        if todo is Todo.VERIFY:
            return await self._verify(str(self.record.under_way.get("new")), standing, {})
        return await self._revoke(standing, todo)

    async def _begin(self, standing: Standing) -> Rotated:
        self.shop.tell(f"{self.key.id}: making a new {self.rotator.title}")
        old = self._held_now(standing)
        making = Making(self.shop.now(), frozenset(each.name for each in standing.keys), secrets.token_hex(6))
        self.record.note(
            begun=making.begun,
            before=sorted(making.before),
            tag=making.tag,
            old=old,
            credentials=[each.id for each in standing.sharing],
            overlap_seconds=self._overlap(),
        )
        made = await self.rotator.make(self.desk(), self.key, standing, making)
        if isinstance(made, Outcome):
            return await self._not_made(made)
        self.made[made.name] = made.native
        self.record.note(new=made.name)
        self.done.append(f"a new {self.rotator.title} {_short(made.name)} of {standing.owner} was made")
        return await self._keep(made, standing)

    async def _not_made(self, outcome: Outcome) -> Rotated:
        """A call that makes a key and brings none may have made one all the same: it is looked for, and removed."""
        standing = await self.look()
        swept = Outcome(Failure.LATER, standing.reason, standing.fix) if isinstance(standing, Unread) else None
        swept = swept or await self._sweep(standing)
        if swept.failure is not None:
            return self._failed(outcome, f"; what may be left of it could not be removed: {swept.said}")
        if (
            outcome.failure is Failure.UNKNOWN
        ):  # it may not be seen yet: what is noted stays, for the next run to look again
            return self._failed(outcome, "; the next run looks whether a key was made, and goes on")
        self.record.close()
        return self._failed(outcome)

    async def _sweep(self, standing: Standing | Unread) -> Outcome:
        """Remove keys that come from the making that was noted and whose value nobody has."""
        making = self._making()
        if isinstance(standing, Unread) or making is None:
            return Outcome()
        in_stores = set(standing.held.values())
        for each in standing.keys:
            if self.rotator.is_ours(each, making) and each.name not in in_stores:
                outcome = await self.rotator.delete(self.desk(), standing, each.name)
                if outcome.failure is not None:
                    return outcome
                self.done.append(f"the {self.rotator.title} {_short(each.name)}, whose value was lost, was deleted")
        return Outcome()

    def _making(self) -> Making | None:
        under_way, begun = self.record.under_way, self.record.moment("begun")
        before = under_way.get("before")
        if begun is None or not isinstance(before, list):
            return None
        return Making(begun, frozenset(str(each) for each in before), str(under_way.get("tag")))

    async def _keep(self, made: Made, standing: Standing) -> Rotated:
        self.shop.tell(f"{self.key.id}: trying the new {self.rotator.title}")
        trial = await self._try(standing.sharing, made.values)
        if not trial.is_good:
            return await self._roll_back(made.name, _untried(trial), {})
        before = {each.id: await self.shop.keeper.value(each.reference) for each in standing.sharing}
        refused = await self.shop.keeper.keep_all(_writes(standing.sharing, made.values))
        if refused is not None:
            said = f"the new {self.rotator.title} could not be written to its store: {refused.reason}"
            return await self._roll_back(made.name, Outcome(Failure.NEEDS, said, refused.fix), before)
        return await self._kept(made.name, standing, before)

    async def _kept(self, new: str, standing: Standing, before: Mapping[str, Secret | Unresolved]) -> Rotated:
        self.record.note(kept=self.shop.now())
        places = ", ".join(dict.fromkeys(each.reference for each in self._noted(standing)))
        self.done.append(f"it was written to {places}")
        return await self._verify(new, standing, before)

    async def _verify(self, new: str, standing: Standing, before: Mapping[str, Secret | Unresolved]) -> Rotated:
        self.shop.tell(f"{self.key.id}: trying what its store holds")
        credentials = self._noted(standing)
        trial = await self._try(credentials, {})
        if trial.refused and before:
            return await self._roll_back(new, _untried(trial), before)
        if not trial.is_good:
            outcome = _untried(trial)
            fix = outcome.fix or "the old one stays valid until the new one was accepted; run it again"
            return self._failed(replace(outcome, fix=fix))
        outcome = await self.rotator.settle(self.desk(), self.key, new)
        if outcome.failure is not None:
            return self._failed(outcome)
        self._own(new)
        now = self.shop.now()
        revoke_after = now + timedelta(seconds=self._overlap())
        begun = self.record.moment("begun") or now
        for credential in self._secrets(credentials):
            Record(self.shop.book, credential.id).set(key=new, made=begun, seen=None)
        self.record.note(verified=now, revoke_after=revoke_after)
        self.done.append(
            f"it was tried as apps use it, {trial.tried} time{'s' if trial.tried != 1 else ''}: accepted"
            if trial.tried
            else "nothing of the spec sends with it, so it was not tried"
        )
        apps = apps_of(self.shop.setup(), credentials)
        who = ", ".join(apps) if apps else "whatever uses it"
        then = (
            f"deploy {who} with the new {self.rotator.title} before {shown(revoke_after)}",
            f"the first run after that revokes the old one: `sendspec rotate --due --yes` from cron, or `sendspec rotate {self.account_id}`",
        )
        return Rotated(self.key.id, self.account_id, tuple(self.done), then=then, until=revoke_after)

    def _own(self, new: str) -> None:
        """Let the resource that plan and apply manage be the new key."""
        name = self.rotator.resource(self.key)
        if not name:
            return
        path = (OWNED, ESP, self.account_id, name)
        known = self.shop.book.get(*path)
        facts = dict(known) if isinstance(known, dict) else {"by": MADE, "streams": self._streams(name)}
        self.shop.book.edit(path, {**facts, "id": new, "on": self.shop.now().date().isoformat()})

    def _streams(self, name: str) -> list[str]:
        setup = self.shop.setup()
        return next(
            (list(each.streams) for each in setup.resources if (each.account, each.key) == (self.account_id, name)), []
        )

    async def _roll_back(self, new: str, why: Outcome, before: Mapping[str, Secret | Unresolved]) -> Rotated:
        """Put back what the stores held, and remove the new key; what a store still holds is never removed."""
        setup = self.shop.setup()
        known = {
            each.id: each for account in setup.accounts for key in self._keys_of(account.id) for each in key.credentials
        }
        old = {name: value for name, value in before.items() if isinstance(value, Secret)}
        if old:
            await self.shop.keeper.keep_all(_writes([known[name] for name in old], old))
        standing = await self.look()
        if isinstance(standing, Unread):
            return self._failed(why, f"; and then it could not be looked at: {standing.reason}")
        if new in standing.held.values():
            self.done.append("its store still holds the new one, and could not be given the old one back")
            return self._failed(why, "; the next run goes on with the new one")
        outcome = await self.rotator.delete(self.desk(), standing, new)
        if outcome.failure is not None:
            return self._failed(why, f"; the new one could not be deleted, the next run does it: {outcome.said}")
        self.record.close()
        self.done.append(
            f"the new {self.rotator.title} {_short(new)} was deleted again; the old one is in use as before"
        )
        return self._failed(why)

    async def _resume(self, standing: Standing) -> Rotated:
        new = self.record.under_way.get("new")
        if not isinstance(new, str):
            return await self._resume_making(standing)
        credentials = self._noted(standing)
        telling = [each for each in credentials if each.id in standing.held]
        holding = [each for each in telling if standing.held[each.id] == new]
        if telling and holding == telling:
            return await self._kept(new, standing, {})
        recovered = await self.rotator.recover(self.desk(), credentials, standing, new)
        trial = await self._try_rest(credentials, holding, recovered) if recovered else Trial()
        if recovered and trial.is_good and trial.tried:
            return await self._complete(new, standing, credentials, recovered)
        if holding:
            return self._split(holding, [each for each in telling if each not in holding])
        return self._failed(_untried(trial)) if trial.unknown else await self._discard(new, standing)

    async def _try_rest(
        self, credentials: Sequence[Credential], holding: Sequence[Credential], values: Mapping[str, Secret]
    ) -> Trial:
        """Try every login that does not hold the new key yet. One that nothing sends with is not known to be right."""
        noted = {each.id for each in credentials}
        every = (key for account in self.shop.setup().accounts for key in self._keys_of(account.id))
        rest = [key for key in every if key.id in noted and not set(key.credentials) & set(holding)]
        trials = [await self.shop.try_out(key.credentials, values) for key in rest]
        refused = tuple(words for trial in trials for words in trial.refused)
        unknown = tuple(words for trial in trials for words in trial.unknown)
        return Trial(min((trial.tried for trial in trials), default=0), refused, unknown)

    async def _resume_making(self, standing: Standing) -> Rotated:
        """A run ended while it made a key, or before: what it may have made is removed, for nobody has its value."""
        begun = self.record.moment("begun") or self.shop.now()
        if self.shop.now() - begun < SETTLING:
            await self.shop.pause(LISTED_SECONDS)
            again = await self.look()
            standing = standing if isinstance(again, Unread) else again
        swept = await self._sweep(standing)
        return self._failed(swept) if swept.failure is not None else await self._anew()

    async def _discard(self, new: str, standing: Standing) -> Rotated:
        """Remove a key whose value is lost, and begin anew."""
        begun = self.record.moment("begun") or self.shop.now()
        if standing.key(new) is None and new not in self.made and self.shop.now() - begun < SETTLING:
            said = f"the {self.rotator.title} {_short(new)} of a run that was interrupted is not listed yet"
            return self._failed(Outcome(Failure.LATER, said, "run it again in some minutes"))
        outcome = await self.rotator.delete(self.desk(), standing, new)
        if outcome.failure is not None:
            return self._failed(outcome)
        self.done.append(
            f"the {self.rotator.title} {_short(new)} of a run that was interrupted was deleted: no store has it"
        )
        return await self._anew()

    async def _anew(self) -> Rotated:
        self.record.close()
        standing = await self.look()
        if isinstance(standing, Unread):
            return self._failed(Outcome(Failure.LATER, standing.reason, standing.fix))
        if standing.full:
            return self._failed(Outcome(Failure.NEEDS, standing.full, standing.full_fix))
        return await self._begin(standing)

    async def _complete(
        self, new: str, standing: Standing, credentials: Sequence[Credential], values: Mapping[str, Secret]
    ) -> Rotated:
        refused = await self.shop.keeper.keep_all(_writes(credentials, values))
        if refused is not None:
            said = f"the rest of the new {self.rotator.title} could not be written to its store: {refused.reason}"
            return self._failed(Outcome(Failure.NEEDS, said, refused.fix))
        return await self._kept(new, standing, {})

    def _split(self, holding: Sequence[Credential], others: Sequence[Credential]) -> Rotated:
        said = (
            f"a run was killed between two stores: {named(holding)} holds the new {self.rotator.title}, {named(others)} the "
            "old one; both are valid and stay so, and the value of the new one is nowhere else"
        )
        fix = (
            f"give {', '.join(sorted({each.account for each in others}))} a key of its own: make another IAM user or key, put it "
            "in its store; then run it again, and the old one is revoked"
        )
        return self._failed(Outcome(Failure.NEEDS, said, fix))

    # The old key

    async def _revoke(self, standing: Standing, todo: Todo) -> Rotated:
        old, new = str(self.record.under_way.get("old")), str(self.record.under_way.get("new"))
        live = standing.key(old)
        if live is None:
            self.record.close()
            self.done.append(f"the old {self.rotator.title} {_short(old)} exists no more")
            return Rotated(self.key.id, self.account_id, tuple(self.done))
        problem = self._still_needed(standing, old, new)
        if problem is not None:
            return self._failed(problem)
        if self.record.moment("disabled") and live.is_active:
            return self._switched_on(old)
        trial = await self._try(self._noted(standing), {})
        if not trial.is_good:
            return self._failed(replace(_untried(trial), fix="the old one stays as it is; run it again"))
        if todo is Todo.DISABLE and self.rotator.disable is not None:
            return await self._disable(standing, old)
        outcome = await self.rotator.delete(self.desk(), standing, old)
        if outcome.failure is not None:
            return self._failed(outcome)
        self.record.close()
        self.done.append(f"the old {self.rotator.title} {_short(old)} of {standing.owner} was deleted")
        return Rotated(self.key.id, self.account_id, tuple(self.done))

    def _still_needed(self, standing: Standing, old: str, new: str) -> Outcome | None:
        title = self.rotator.title
        holders = sorted(each for each, name in standing.held.items() if name == old)
        if holders:
            said = f"the store of {', '.join(holders)} holds the old {title} {_short(old)}, so it is not revoked"
            fix = (
                "put the new one there; or, to stay with the old one, take `under_way` of "
                f"`rotations.{self.key.id}` out of the lock file and delete the new one by hand"
            )
            return Outcome(Failure.NEEDS, said, fix)
        if standing.key(new) is None:
            said = f"the new {title} {_short(new)} exists no more, so the old one is not revoked"
            return Outcome(Failure.NEEDS, said, f"take `under_way` of `rotations.{self.key.id}` out of the lock file")
        live = standing.key(old)
        used = live.last_used if live else None
        verified = self.record.moment("verified")
        recently = self.shop.now() - timedelta(seconds=self._overlap() / 2)
        if used is not None and verified is not None and used > max(verified, recently):
            said = f"the old {title} {_short(old)} was used on {shown(used)}, after the new one was in its store: an app has not been deployed anew"
            fix = "deploy what still uses it, then run it again; or make it inactive yourself"
            return Outcome(Failure.NEEDS, said, fix)
        return None

    def _switched_on(self, old: str) -> Rotated:
        """Somebody needed it: it gets another overlap, from now on."""
        until = self.shop.now() + timedelta(seconds=self._overlap())
        self.record.forget("disabled", "delete_after")
        self.record.note(revoke_after=until)
        said = f"somebody has switched the old {self.rotator.title} {_short(old)} on again: something uses it still"
        fix = f"deploy what uses it; it is made inactive again by the first run after {shown(until)}"
        return replace(self._failed(Outcome(Failure.NEEDS, said, fix)), until=until)

    async def _disable(self, standing: Standing, old: str) -> Rotated:
        if self.rotator.disable is None:
            raise AssertionError("only a key that can be disabled is")
        outcome = await self.rotator.disable(self.desk(), standing, old)
        if outcome.failure is not None:
            return self._failed(outcome)
        now = self.shop.now()
        delete_after = now + timedelta(seconds=self._overlap())
        self.record.note(disabled=now, delete_after=delete_after)
        self.done.append(f"the old {self.rotator.title} {_short(old)} of {standing.owner} was made inactive")
        then = (
            f"if something stops sending: {self.rotator.again(standing, old)}",
            f"the first run after {shown(delete_after)} deletes it",
        )
        return Rotated(self.key.id, self.account_id, tuple(self.done), then=then, until=delete_after)

    # Shared

    def _noted(self, standing: Standing) -> list[Credential]:
        """Give the credentials that the rotation under way is about."""
        ids = self.record.under_way.get("credentials")
        wanted = {str(each) for each in ids} if isinstance(ids, list) else {each.id for each in standing.sharing}
        setup = self.shop.setup()
        known = (each for account in setup.accounts for key in self._keys_of(account.id) for each in key.credentials)
        return [each for each in dict.fromkeys(known) if each.id in wanted]

    async def _try(self, credentials: Sequence[Credential], values: Mapping[str, Secret]) -> Trial:
        """Try it until it is accepted: a key that was made just now is not known everywhere at once."""
        trial = Trial()
        for wait in WAITS_SECONDS:
            await self.shop.pause(wait)
            trial = await self.shop.try_out(credentials, values)
            if trial.is_good:
                break
        return trial

    def _failed(self, outcome: Outcome, more: str = "") -> Rotated:
        said = f"{outcome.said}{more}"
        return Rotated(self.key.id, self.account_id, tuple(self.done), outcome.failure, said, outcome.fix)


def _writes(credentials: Sequence[Credential], values: Mapping[str, Secret]) -> list[tuple[str, Secret]]:
    """Give (reference, value), each reference once, in the order of the values."""
    references = {each.id: each.reference for each in credentials}
    found = {references[name]: value for name, value in values.items() if name in references}
    return list(found.items())


def _untried(trial: Trial) -> Outcome:
    if trial.refused:
        return Outcome(Failure.REFUSED, f"the new one is not accepted: {trial.words}", "")
    fix = "run it where the ESP's endpoints can be reached"
    return Outcome(Failure.LATER, f"the new one could not be tried: {trial.words}", fix)


def _short(name: str) -> str:
    """Give the end of what the ESP calls a key, for a sentence."""
    match = MARK.fullmatch(name)
    return f"…{match['end'] if match else name[-4:]}" if name else "(unknown)"


def _span(seconds: float) -> str:
    """Give a span for people."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size:g} {unit if seconds != size else unit[:-1]}"
    return f"{seconds:g} s"
