"""The old key: revoked after the overlap, if nothing needs it any more and the new one is accepted."""

from dataclasses import replace
from datetime import timedelta

from sendspec.esp.rotating import Standing
from sendspec.model.live import Failure, Outcome
from sendspec.model.rotation import Rotated, Todo
from sendspec.rotate.key_case import KeyCase, short, untried
from sendspec.rotate.workshop import shown


class KeyRevoking(KeyCase):
    """Revokes the old key."""

    async def _revoke(self, standing: Standing, todo: Todo) -> Rotated:
        old, new = str(self.record.under_way.get("old")), str(self.record.under_way.get("new"))
        live = standing.key(old)
        if live is None:
            self.record.close()
            self.done.append(f"the old {self.rotator.title} {short(old)} exists no more")
            return Rotated(self.key.id, self.account_id, tuple(self.done))
        problem = self._still_needed(standing, old, new)
        if problem is not None:
            return self._failed(problem)
        if self.record.moment("disabled") and live.is_active:
            return self._switched_on(old)
        trial = await self._try(self._noted(standing), {})
        if not trial.is_good:
            return self._failed(replace(untried(trial), fix="the old one stays as it is; run it again"))
        return await (self._disable(standing, old) if todo is Todo.DISABLE else self._delete(standing, old))

    async def _delete(self, standing: Standing, old: str) -> Rotated:
        outcome = await self.rotator.delete(self.desk(), standing, old)
        if outcome.failure is not None:
            return self._failed(outcome)
        self.record.close()
        self.done.append(f"the old {self.rotator.title} {short(old)} of {standing.owner} was deleted")
        return Rotated(self.key.id, self.account_id, tuple(self.done))

    def _still_needed(self, standing: Standing, old: str, new: str) -> Outcome | None:
        title = self.rotator.title
        holders = sorted(each for each, name in standing.held.items() if name == old)
        if holders:
            said = f"the store of {', '.join(holders)} holds the old {title} {short(old)}, so it is not revoked"
            fix = (
                "put the new one there; or, to stay with the old one, take `under_way` of "
                f"`rotations.{self.key.id}` out of the lock file and delete the new one by hand"
            )
            return Outcome(Failure.NEEDS, said, fix)
        if standing.key(new) is None:
            said = f"the new {title} {short(new)} exists no more, so the old one is not revoked"
            return Outcome(Failure.NEEDS, said, f"take `under_way` of `rotations.{self.key.id}` out of the lock file")
        live = standing.key(old)
        used = live.last_used if live else None
        verified = self.record.moment("verified")
        recently = self.shop.now() - timedelta(seconds=self._overlap() / 2)
        if used is not None and verified is not None and used > max(verified, recently):
            said = f"the old {title} {short(old)} was used on {shown(used)}, after the new one was in its store: an app has not been deployed anew"
            fix = "deploy what still uses it, then run it again; or make it inactive yourself"
            return Outcome(Failure.NEEDS, said, fix)
        return None

    def _switched_on(self, old: str) -> Rotated:
        """Somebody needed it: it gets another overlap, from now on."""
        until = self.shop.now() + timedelta(seconds=self._overlap())
        self.record.forget("disabled", "delete_after")
        self.record.note(revoke_after=until)
        said = f"somebody has switched the old {self.rotator.title} {short(old)} on again: something uses it still"
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
        self.done.append(f"the old {self.rotator.title} {short(old)} of {standing.owner} was made inactive")
        then = (
            f"if something stops sending: {self.rotator.again(standing, old)}",
            f"the first run after {shown(delete_after)} deletes it",
        )
        return Rotated(self.key.id, self.account_id, tuple(self.done), then=then, until=delete_after)
