"""What an SPF record costs, as `explain` shows it: its tree, with the day each foreign text was read."""

from collections.abc import Iterator

from sendspec.model.dns_record import RecordType, RRset
from sendspec.model.setup import Setup
from sendspec.records.spf import VOID_LIMIT


def spf_details(rrset: RRset, setup: Setup) -> tuple[tuple[str, str], ...]:
    """Give the details of each SPF record in a set; nothing for any other set."""
    return tuple(_details(rrset, setup)) if rrset.type is RecordType.TXT else ()


def _details(rrset: RRset, setup: Setup) -> Iterator[tuple[str, str]]:
    notes = {tree.name: f"read {tree.read}" for tree in setup.spf_trees}
    for budget in setup.spf_budgets:
        if budget.name != rrset.name or budget.value not in rrset.values:
            continue
        yield "lookups", "\n".join(budget.tree.to_lines(notes))
        if budget.tree.may_be_void > VOID_LIMIT:
            text = (
                f"{budget.tree.may_be_void} terms lead to hosts that may not answer; beyond {VOID_LIMIT} that do not, "
                "the result is a permanent error (RFC 7208 section 4.6.4). Only live DNS can tell."
            )
            yield "void lookups", text
