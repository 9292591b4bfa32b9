"""What evaluating an SPF record reaches: our own records, and foreign ones as far as the lock file knows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sendspec.model.setup import Setup
from sendspec.records.spf import LOOKUP_LIMIT, SpfRecord, count_lookups
from sendspec.rules.zone_contents import SpfValue, spf_values


@dataclass(frozen=True, slots=True)
class SpfTrees:
    """All SPF records a spec knows. `own` are ours by name, `foreign` what each include in the lock file costs."""

    own: Mapping[str, SpfRecord]
    foreign: Mapping[str, int]

    def lookups(self, record: SpfRecord) -> tuple[int, bool]:
        """Give the DNS lookups that evaluating a record costs, and whether each part of it is known.

        Counting stops past the limit, so a long chain costs no more than a short one. An unknown include counts once.
        """
        total, complete = 0, True
        waiting, seen = [record], set[str]()
        while waiting and total <= LOOKUP_LIMIT:
            current = waiting.pop()
            total += count_lookups(current)
            for name in followed(current):
                total += self.foreign.get(name, 1) - 1
                complete = complete and (name in self.foreign or name in self.own)
                if name in self.own and name not in self.foreign and name not in seen:
                    seen.add(name)
                    waiting.append(self.own[name])
        return total, complete

    def returns_to(self, name: str) -> bool:
        """Tell whether evaluating the record at `name` reaches `name` again within the lookups allowed."""
        waiting, seen = [(name, 0)], {name}
        while waiting:
            current, depth = waiting.pop()
            for included in followed(self.own[current]):
                if included == name:
                    return True
                if included in self.own and included not in seen and depth < LOOKUP_LIMIT:
                    seen.add(included)
                    waiting.append((included, depth + 1))
        return False


def followed(record: SpfRecord) -> Iterator[str]:
    """Give the names whose records are evaluated in turn: includes, and `redirect=` where no `all` stops before it.

    Names with macros depend on the message and are left out.
    """
    names = [term.value for term in record.reachable if term.mechanism == "include"]
    if record.redirect and record.all_qualifier is None:
        names.append(record.redirect)
    return (name.lower().removesuffix(".") for name in names if "%" not in name)


def spf_trees(setup: Setup) -> tuple[SpfTrees, tuple[SpfValue, ...]]:
    """Give all trees, and every SPF value that can be read.

    `lookups:` of a lock entry counts the include itself, as in "`include:_spf.google.com` costs 4".
    """
    values = tuple(value for value in spf_values(setup) if value.record is not None)
    own: dict[str, SpfRecord] = {}
    for value in values:
        if value.record is not None:
            own.setdefault(value.name, value.record)
    return SpfTrees(own, {tree.name: max(1, tree.lookups) for tree in setup.spf_trees}), values
