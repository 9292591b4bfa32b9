"""One run: what is to be done about every key that was asked for, agreement, and the work."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from sendspec.esp.rotating import DkimRotator, HandRotator, KeyRotator, Rotator, SpecKey, load_rotator
from sendspec.model.account import Account
from sendspec.model.key_age import ROTATIONS
from sendspec.model.rotation import UNDER_WAY, Prospect, Rotated, RotationRun, Todo
from sendspec.rotate.by_hand import HandWork
from sendspec.rotate.dkim import DkimWork
from sendspec.rotate.key_prospect import FILES
from sendspec.rotate.keys import KeyWork
from sendspec.rotate.workshop import Wish, Workshop, ended

Approve = Callable[[RotationRun], bool]
DKIM = "/dkim/"


@dataclass(slots=True)
class _Case:
    """One key, what is to be done about it, how to do it, how to note its age, and the credentials it covers."""

    prospect: Prospect
    work: Callable[[], Awaitable[Rotated]]
    note_age: Callable[[], Awaitable[None]]
    covers: frozenset[str] = frozenset()


class Run:
    """One run of `rotate`."""

    def __init__(self, shop: Workshop, wish: Wish, approve: Approve, seen: Callable[[Rotated], None]) -> None:
        self.shop, self.wish, self.approve, self.seen = shop, wish, approve, seen
        self.notes: list[str] = []
        self.refused: list[tuple[str, str]] = []

    async def run(self) -> RotationRun:
        """Look, ask, and do what was agreed to."""
        cases = await self._cases()
        prospects = tuple(case.prospect for case in cases)
        before = RotationRun(prospects, notes=tuple(self.notes), refused=tuple(self.refused))
        if any(each.todo.changes for each in prospects) and not self.approve(before):
            return RotationRun(prospects, (), before.notes, before.refused, is_agreed=False)
        rotated: list[Rotated] = []
        stopped = ""
        for case in cases:
            stopped = stopped or self.shop.stopped()
            if stopped:
                break
            rotated += await self._do(case)
        return RotationRun(prospects, tuple(rotated), before.notes, before.refused, stopped)

    async def _do(self, case: _Case) -> list[Rotated]:
        todo = case.prospect.todo
        if todo is Todo.NOTHING or (todo is Todo.WAIT and self.wish.is_due_only):
            await case.note_age()
            return []
        if todo in {Todo.WAIT, Todo.BLOCKED}:
            outcome = ended(case.prospect, then=(case.prospect.said,) if todo is Todo.WAIT else ())
        else:
            outcome = await case.work()
        self.seen(outcome)
        return [outcome]

    async def _cases(self) -> list[_Case]:
        cases: list[_Case] = []
        for account in self._accounts():
            self.shop.tell(f"looking at {account.id}")
            rotator = load_rotator(account.kind)
            if rotator is None:
                self.notes.append(f"{account.id}: sendspec does not replace keys of {account.title}; its console does")
            elif self.wish.dkim is not None:
                cases += await self._domains(account, rotator.dkim)
            else:
                cases += await self._keys(account, rotator, cases)
                if self.wish.is_due_only:
                    cases += await self._domains_under_way(account, rotator.dkim)
        return cases

    def _accounts(self) -> Iterator[Account]:
        for account in self.shop.setup().accounts:
            if account.id not in self.wish.accounts or not account.is_esp:
                continue
            if account.managed != FILES:
                yield account
            elif not self.wish.is_due_only:
                self.refused.append((account.id, _way_out(account)))

    # Credentials

    async def _keys(self, account: Account, rotator: Rotator, so_far: Sequence[_Case]) -> list[_Case]:
        setup = self.shop.setup()
        covered = {name for case in so_far for name in (case.prospect.id, *case.covers)}
        cases: list[_Case] = []
        for key in rotator.keys.keys(setup, account):
            if not self._is_wanted(key):
                continue
            leader, account_id = self._leader(key, account, rotator)
            if leader.id in covered:
                continue
            if isinstance(rotator.keys, HandRotator):
                cases.append(await self._by_hand(leader, account_id, rotator.keys))
                covered.add(leader.id)
            else:
                cases.append(await self._by_calls(leader, account_id, rotator.keys))
                covered |= {leader.id, *cases[-1].covers}
        if self.wish.credential and not cases and not so_far:
            self.notes.append(f"{account.id}: no stream sends with {self.wish.credential}")
        return cases

    def _is_wanted(self, key: SpecKey) -> bool:
        wanted = self.wish.credential
        return not wanted or any(wanted in {each.id, each.name} for each in key.credentials)

    def _leader(self, key: SpecKey, account: Account, rotator: Rotator) -> tuple[SpecKey, str]:
        """Give the key whose entry says that a rotation of this one is under way; itself where none is."""
        found = self.shop.book.get(ROTATIONS)
        entries = found if isinstance(found, dict) else {}
        setup = self.shop.setup()
        for key_id, facts in sorted(entries.items()):
            under_way = facts.get(UNDER_WAY) if isinstance(facts, dict) else None
            if not isinstance(under_way, dict) or key.id not in (under_way.get("credentials") or ()):
                continue
            for each in setup.accounts:
                others = rotator.keys.keys(setup, each) if each.kind == account.kind else ()
                leader = next((other for other in others if other.id == key_id), None)
                if leader is not None:
                    return leader, each.id
        return key, account.id

    async def _by_calls(self, key: SpecKey, account_id: str, rotator: KeyRotator) -> _Case:
        is_asked = not self.wish.is_due_only
        work = KeyWork(self.shop, rotator, key, account_id, self.wish, is_asked)
        prospect, standing = await work.prospect()

        async def note_age() -> None:
            if standing is not None and not work.record.under_way:
                work.note_age(standing)

        sharing = frozenset(each.id for each in standing.sharing) if standing else frozenset()
        return _Case(prospect, lambda: work.work(prospect.todo), note_age, sharing)

    async def _by_hand(self, key: SpecKey, account_id: str, rotator: HandRotator) -> _Case:
        work = HandWork(self.shop, rotator, key, account_id, self.wish, not self.wish.is_due_only)
        return _Case(await work.prospect(), work.work, work.note_age)

    # DKIM

    async def _domains(self, account: Account, rotator: DkimRotator) -> list[_Case]:
        itself = rotator.itself(account)
        if itself:
            self.notes.append(f"{account.id}: {itself}")
            return []
        every = sorted({each.domain for each in self.shop.setup().identities if each.account == account.id})
        wanted = [each for each in every if self.wish.dkim in {"", each}]
        if not wanted:
            self.notes.append(f"{account.id} does not sign for {self.wish.dkim}")
        return [await self._domain(account, rotator, domain) for domain in wanted]

    async def _domains_under_way(self, account: Account, rotator: DkimRotator) -> list[_Case]:
        found = self.shop.book.get(ROTATIONS)
        entries = found if isinstance(found, dict) else {}
        start = f"{account.id}{DKIM}"
        return [
            await self._domain(account, rotator, key_id.removeprefix(start))
            for key_id, facts in sorted(entries.items())
            if key_id.startswith(start) and isinstance(facts, dict) and facts.get(UNDER_WAY)
        ]

    async def _domain(self, account: Account, rotator: DkimRotator, domain: str) -> _Case:
        work = DkimWork(self.shop, rotator, account.id, domain, self.wish)
        prospect = await work.prospect()

        async def note_age() -> None:
            """Nothing is to be noted: the ages of keys are their selectors'."""

        return _Case(prospect, lambda: work.work(prospect.todo), note_age)


def _way_out(account: Account) -> str:
    return (
        f"{account.id} is `managed: files`: somebody else makes its keys, and sendspec only writes files for them. Have the "
        f"key replaced where it is made; or write `managed: apply` below `esps.{account.id}`, and sendspec does it"
    )
