"""A new key: made, tried, written to its store, tried from there; or taken back.

Every step is noted before and after its call, so that the next run goes on from whatever a killed one left.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sendspec.esp.rotating import Made, Making, Standing
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.plan import ESP
from sendspec.model.rotation import Rotated
from sendspec.model.secret import Secret, Unresolved
from sendspec.rotate.key_case import KeyCase, short, untried, writes
from sendspec.rotate.people import apps_of
from sendspec.rotate.workshop import Record, shown

OWNED, MADE = "owned", "made"


class KeyMaking(KeyCase):
    """Makes a key and brings it into its store."""

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
        self.done.append(f"a new {self.rotator.title} {short(made.name)} of {standing.owner} was made")
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
                self.done.append(f"the {self.rotator.title} {short(each.name)}, whose value was lost, was deleted")
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
            return await self._roll_back(made.name, untried(trial), {})
        before = {each.id: await self.shop.keeper.value(each.reference) for each in standing.sharing}
        refused = await self.shop.keeper.keep_all(writes(standing.sharing, made.values))
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
            return await self._roll_back(new, untried(trial), before)
        if not trial.is_good:
            outcome = untried(trial)
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
            await self.shop.keeper.keep_all(writes([known[name] for name in old], old))
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
            f"the new {self.rotator.title} {short(new)} was deleted again; the old one is in use as before"
        )
        return self._failed(why)
