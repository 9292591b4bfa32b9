"""Counts what each SPF record of ours costs: among our own records, and foreign ones as far as the lock file knows them."""

from collections.abc import Iterable, Iterator, Sequence

from sendspec.model.dns_record import Purpose, RecordType, SourcedValue
from sendspec.model.domain import Domain, SpfTree
from sendspec.model.spf_budget import SpfBudget
from sendspec.records.spf import LookupTrees, is_spf


def compile_spf_budgets(domains: Iterable[Domain], foreign: Sequence[SpfTree]) -> Iterator[SpfBudget]:
    """Give every readable SPF record of every zone, in their order, with the tree of its lookups.

    Where a name has two records, a rule says so, and the first is what others include. `lookups:` of a lock entry
    counts the include itself, as in "`include:_spf.google.com` costs 4"; our own records need nobody's count.
    """
    values = tuple(_values(domains))
    own: dict[str, str] = {}
    for name, value in values:
        own.setdefault(name, str(value.value))
    texts = {tree.name: tree.text for tree in foreign} | own
    trees = LookupTrees(texts, {tree.name: max(1, tree.lookups) for tree in foreign if tree.name not in own})
    for name, value in values:
        tree = trees.of(name, str(value.value))
        if tree is not None:
            yield SpfBudget(name, value, tree)


def _values(domains: Iterable[Domain]) -> Iterator[tuple[str, SourcedValue]]:
    for domain in domains:
        for rrset in domain.zone.rrsets:
            if rrset.type is RecordType.TXT:
                for value in rrset.values:
                    if value.purpose is Purpose.SPF or is_spf(str(value.value)):
                        yield rrset.name, value
