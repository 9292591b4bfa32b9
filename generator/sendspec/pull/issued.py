"""What an ESP issued, into the lock book: checked by the ESP's own model first, because an answer may hold anything."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from sendspec.esp.interface import load_esp
from sendspec.lock.book import LockBook
from sendspec.model.account import Account
from sendspec.spec import secret_shapes

ISSUED, READ = "issued", "read"
Issued = Mapping[str, Mapping[str, Mapping[str, object]]]
"""Domain -> part of its entry -> value, without the day."""


def note_issued(book: LockBook, account: Account, issued: Issued, today: date) -> bool:
    """Take what was issued into the book; tell whether anything in it is otherwise now.

    A value that stays the same keeps the day on which it was first read. One that the ESP's model refuses is left out.
    """
    edits = dict(_edits(book, account, issued, today))
    book.edit_all(edits)
    return bool(edits)


def _edits(book: LockBook, account: Account, issued: Issued, today: date) -> Iterator[tuple[tuple[str, ...], object]]:
    model = load_esp(account.kind).issued_model
    for domain, parts in sorted(issued.items()):
        old: dict[str, Any] = book.get(ISSUED, account.id, domain) or {}
        for part, value in sorted(parts.items()):
            known = old.get(part)
            if isinstance(known, dict) and {key: known[key] for key in known if key != READ} == value:
                continue
            entry = {**value, READ: today.isoformat()}
            if secret_shapes.find(json.dumps(entry)):
                continue
            try:
                model.model_validate({part: entry})
            except ValidationError:
                continue
            yield (ISSUED, account.id, domain, part), entry
