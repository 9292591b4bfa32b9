"""One key that is replaced by calls: what is noted of it, what exists, and what every step of it needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sendspec.esp.managing import Desk
from sendspec.esp.rotating import KeyRotator, SpecKey, Standing
from sendspec.model.credential import Credential
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.rotation import Rotated, Trial
from sendspec.model.secret import Secret
from sendspec.rotate.workshop import OVERLAP_SECONDS, Record, Wish, Workshop, shown

WAITS_SECONDS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0)
"""Before each trial of a new key. IAM is eventually consistent: a key that was made just now is not known everywhere
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html, section on eventual consistency, read 2026-11-26)."""
MARK = re.compile(r"(?P<end>.{4})-[0-9a-f]{8}")
"""A name made of the end of an id and a digest of it."""


@dataclass(slots=True)
class KeyCase:
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


def writes(credentials: Sequence[Credential], values: Mapping[str, Secret]) -> list[tuple[str, Secret]]:
    """Give (reference, value), each reference once, in the order of the values."""
    references = {each.id: each.reference for each in credentials}
    found = {references[name]: value for name, value in values.items() if name in references}
    return list(found.items())


def untried(trial: Trial) -> Outcome:
    """Give what a trial that is not good comes to."""
    if trial.refused:
        return Outcome(Failure.REFUSED, f"the new one is not accepted: {trial.words}", "")
    fix = "run it where the ESP's endpoints can be reached"
    return Outcome(Failure.LATER, f"the new one could not be tried: {trial.words}", fix)


def short(name: str) -> str:
    """Give the end of what the ESP calls a key, for a sentence."""
    match = MARK.fullmatch(name)
    return f"…{match['end'] if match else name[-4:]}" if name else "(unknown)"


def span(seconds: float) -> str:
    """Give a span for people."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size:g} {unit if seconds != size else unit[:-1]}"
    return f"{seconds:g} s"
