"""Go on from what a run that was killed left: a key whose value is lost goes, one that a store holds is kept."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sendspec.esp.rotating import Standing
from sendspec.model.credential import Credential
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.rotation import Rotated, Trial
from sendspec.model.secret import Secret
from sendspec.rotate.key_case import short, untried, writes
from sendspec.rotate.key_making import KeyMaking
from sendspec.rotate.people import named

SETTLING, LISTED_SECONDS = timedelta(minutes=5), 5.0
"""How long lists may not show what was made, and how long it is waited for that they do."""


class KeyResuming(KeyMaking):
    """Finds out how far a killed run came."""

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
        return self._failed(untried(trial)) if trial.unknown else await self._discard(new, standing)

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
            said = f"the {self.rotator.title} {short(new)} of a run that was interrupted is not listed yet"
            return self._failed(Outcome(Failure.LATER, said, "run it again in some minutes"))
        outcome = await self.rotator.delete(self.desk(), standing, new)
        if outcome.failure is not None:
            return self._failed(outcome)
        self.done.append(
            f"the {self.rotator.title} {short(new)} of a run that was interrupted was deleted: no store has it"
        )
        return await self._anew()

    async def _complete(
        self, new: str, standing: Standing, credentials: Sequence[Credential], values: Mapping[str, Secret]
    ) -> Rotated:
        refused = await self.shop.keeper.keep_all(writes(credentials, values))
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

    async def _anew(self) -> Rotated:
        self.record.close()
        standing = await self.look()
        if isinstance(standing, Unread):
            return self._failed(Outcome(Failure.LATER, standing.reason, standing.fix))
        if standing.full:
            return self._failed(Outcome(Failure.NEEDS, standing.full, standing.full_fix))
        return await self._begin(standing)
