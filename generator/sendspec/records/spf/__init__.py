"""SPF: read a record, count what it costs, evaluate it as a receiver does, and see who spends its lookups.

Source: RFC 7208. `record` holds the syntax, `macro` its macros, `check` the evaluation, `tree` the budget.
"""

from sendspec.records.spf.check import VOID_LIMIT, Outcome, Result, SpfResolver, Step, TemporaryError, check_host
from sendspec.records.spf.record import (
    LOOKUP_LIMIT,
    Modifier,
    Qualifier,
    SpfRecord,
    Term,
    count_lookups,
    followed,
    is_spf,
    merge,
    parse,
)
from sendspec.records.spf.tree import Branch, Known, LookupTrees, Tree

__all__ = [
    "LOOKUP_LIMIT",
    "VOID_LIMIT",
    "Branch",
    "Known",
    "LookupTrees",
    "Modifier",
    "Outcome",
    "Qualifier",
    "Result",
    "SpfRecord",
    "SpfResolver",
    "Step",
    "TemporaryError",
    "Term",
    "Tree",
    "check_host",
    "count_lookups",
    "followed",
    "is_spf",
    "merge",
    "parse",
]
