"""What an ESP issued, into the lock book: checked by the ESP's own model first, because an answer may hold anything."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from sendspec.esp.interface import load_esp
from sendspec.lock.book import LockBook
from sendspec.model.account import Account
from sendspec.pull.entries import READ, as_plain, reads_back, secret_in, without_day
from sendspec.spec import syntax
from sendspec.spec.merge import spell_domain

ISSUED = "issued"
Issued = Mapping[str, Mapping[str, Mapping[str, object]]]
"""Domain -> part of its entry -> value, without the day. An empty value is a part that is no more."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what was issued for a domain, and what the lock file has of it.

    Attributes:
        path: Of the entry in the lock file.
        before, after: The entry as it is there and as it should be, with its day; None: absent.
        flaw: Why it cannot be taken, a clause without any part of the value; else empty.
        fix: What to do about that.
    """

    path: tuple[str, str, str, str]
    before: object
    after: object
    flaw: str = ""
    fix: str = ""

    @property
    def is_same(self) -> bool:
        """Tell whether nothing has to be written."""
        return not self.flaw and self.before == self.after


def note_issued(book: LockBook, account: Account, issued: Issued, today: date) -> bool:
    """Take what was issued into the book; tell whether anything in it is otherwise now.

    A value that stays the same keeps the day on which it was first read. One that the ESP's model refuses is left out.
    """
    return write_parts(book, tuple(compare(book, account, issued, today)))


def write_parts(book: LockBook, parts: tuple[Part, ...]) -> bool:
    """Take the parts that can be taken into the book; tell whether there was any to write."""
    changed = [part for part in parts if not part.flaw and not part.is_same]
    book.edit_all({part.path: part.after for part in changed if part.after is not None})
    for part in changed:
        if part.after is None:
            book.drop(part.path)
    return bool(changed)


def compare(book: LockBook, account: Account, issued: Issued, today: date) -> Iterator[Part]:
    """Give every part that was issued beside what the book has of it, by domain and part."""
    model = load_esp(account.kind).issued_model
    spellings = _spellings(book, account)
    for domain, parts in sorted(issued.items()):
        spelt = spellings.get(spell_domain(domain), spell_domain(domain))
        found: list[Part] = []
        for name, value in sorted(parts.items()):
            path = (ISSUED, account.id, spelt, name)
            known = book.get(*path)
            if not value:
                found.append(Part(path, known, None))
            elif without_day(known) == value:  # of 10,000 domains nearly all
                found.append(Part(path, known, known))
            else:
                found.append(_part(path, known, value, model, today))
        yield from _fitting(found, book.get(ISSUED, account.id, spelt), model)


def _fitting(parts: list[Part], known: object, model: type[BaseModel]) -> list[Part]:
    """Give the parts of one domain; where they do not go together with each other, none is to be taken."""
    changed = {part.path[3]: part.after for part in parts if not part.is_same and not part.flaw}
    whole = {**(known if isinstance(known, dict) else {}), **changed}
    try:
        if changed:
            model.model_validate({name: entry for name, entry in whole.items() if entry is not None})
    except ValidationError:
        return [replace(part, after=part.before, flaw=NOT_TOGETHER, fix=COMPARE) for part in parts]
    return parts


def _part(
    path: tuple[str, str, str, str], known: object, value: Mapping[str, object], model: type[BaseModel], today: date
) -> Part:
    try:
        syntax.parse_domain(path[2])
        entry = as_plain({**value, READ: today.isoformat()})
        fresh = model.model_validate({path[3]: entry})
    except ValidationError as error:  # its text holds the value
        place = ".".join(str(step) for step in error.errors(include_input=False, include_url=False)[0]["loc"])
        return Part(path, known, known, f"what came as `{shown(place)}` is not what this ESP issues", COMPARE)
    except (syntax.SyntaxProblem, TypeError, ValueError, RecursionError):
        return Part(path, known, known, "what came is not what this ESP issues", COMPARE)
    secret = secret_in(ISSUED, path[1:], entry)
    if secret:
        return Part(path, known, known, f"what came has the shape of {secret}", REVOKE)
    if not reads_back(ISSUED, path[1:], entry):
        return Part(path, known, known, "what came cannot stand in the lock file", COMPARE)
    if _means_the_same(model, path[3], known, fresh):
        return Part(path, known, known)
    return Part(path, known, entry)


NOT_TOGETHER = "what came does not go together with what the lock file holds of this domain"
COMPARE = "compare it with what the ESP's console shows; sendspec has written nothing of it"
REVOKE = "see what it is in the ESP's console, and revoke it if it is a secret; sendspec has written nothing of it"
MAX_SHOWN = 60


def shown(text: str) -> str:
    """Give the beginning of a text from outside, on one line."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:MAX_SHOWN])


def _means_the_same(model: type[BaseModel], part: str, known: object, fresh: BaseModel) -> bool:
    """Tell whether only the spelling differs: a token in another case, a final dot."""
    try:
        old = model.model_validate({part: known})
    except ValidationError:
        return False
    both: list[Any] = [getattr(each, part, None) for each in (old, fresh)]
    dumps = [each.model_dump(exclude={READ}) if isinstance(each, BaseModel) else None for each in both]
    return dumps[0] is not None and dumps[0] == dumps[1]


def _spellings(book: LockBook, account: Account) -> dict[str, str]:
    """Give the domains of an account as the lock file spells them, for people write there too."""
    known = book.get(ISSUED, account.id)
    return {spell_domain(str(name)): str(name) for name in known} if isinstance(known, dict) else {}
