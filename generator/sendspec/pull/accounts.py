"""What one account issued, against the lock file: what changes in DNS, for which streams, and what is gone at the ESP."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from sendspec.esp.interface import IdentityDns, IdentityRequest, load_esp
from sendspec.lock.book import LockBook
from sendspec.model.account import Account
from sendspec.model.dns_record import DnsRecord, Purpose
from sendspec.model.identity import Identity
from sendspec.model.live import LiveAccount, Unread
from sendspec.model.origin import Document, Origin
from sendspec.model.setup import Setup
from sendspec.pull.issued import ISSUED, Part, compare, shown, write_parts
from sendspec.pull.result import Found, Pulled, Turn
from sendspec.spec.merge import spell_domain

MAX_NAMES = 6
UNTIL_DNS_FOLLOWS: Mapping[Purpose, str] = {
    Purpose.DKIM: "receivers cannot check its signature",
    Purpose.RETURN_PATH: "its return-path leads nowhere, so SPF does not carry it and bounces are lost",
    Purpose.TRACKING: "links in it do not open",
    Purpose.SPF: "SPF does not carry it",
}
"""What holds for mail of the streams while DNS still has the old records."""


def take_account(setup: Setup, account: Account, live: LiveAccount, book: LockBook, today: date) -> Found:
    """Take what was issued into the book, and say what that means. What could not be read stays as it was."""
    wanted = {identity.domain for identity in setup.identities if identity.account == account.id}
    issued = {domain: parts for domain, parts in live.issued.items() if spell_domain(domain) in wanted}
    entries = _entries(book, account)
    parts = tuple(compare(book, account, issued, today))
    changes = [_pulled(setup, account, part, entries) for part in parts if not part.is_same and not part.flaw]
    write_parts(book, parts)
    gone, dropped = _gone(setup, account, live, book)
    same = sum(part.is_same and part.before is not None for part in parts)
    flawed = (
        Unread(f"{account.id}, {part.path[3]} of {shown(part.path[2])}", part.flaw, part.fix)
        for part in parts
        if part.flaw
    )
    return Found(
        tuple(sorted((*changes, *dropped), key=lambda change: change.key)),
        (*live.unread.values(), *flawed),
        tuple(gone),
        tuple(f"{account.id}: {note}" for note in live.notes),
        same,
    )


def _entries(book: LockBook, account: Account) -> dict[str, dict[str, Any]]:
    """Give what the lock file has for an account, by domain: one level copied, as it was."""
    known = book.get(ISSUED, account.id)
    entries = known.items() if isinstance(known, dict) else ()
    return {str(domain): dict(parts) for domain, parts in entries if isinstance(parts, dict)}


def _pulled(setup: Setup, account: Account, part: Part, entries: Mapping[str, dict[str, Any]]) -> Pulled:
    _, _, domain, name = part.path
    identity = setup.identity(account.id, spell_domain(domain))
    turn = Turn.DROPPED if part.after is None else Turn.NEW if part.before is None else Turn.CHANGED
    before = entries.get(domain, {})
    after = {key: value for key, value in {**before, name: part.after}.items() if value is not None}
    words = tuple(_words(account, identity, before, after)) if identity else ()
    streams = identity.streams if identity else ()
    return Pulled("/".join(part.path), turn, part.before, part.after, words, streams)


def _words(account: Account, identity: Identity, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Say which records are otherwise now."""
    old, new = (_dns(account, identity, entry) for entry in (before, after))
    if old is None or new is None:
        return
    gone, come = _values(old.records) - _values(new.records), _values(new.records) - _values(old.records)
    where = f"{identity.domain} at {account.id}"
    streams = ", ".join(f"`{stream}`" for stream in identity.streams)
    if come and not gone:
        yield f"{where}: issued, for {streams}: {_names(new.records, come)} can be published now"
    elif come or gone:
        parts = [
            f"{verb}: {_names(records, values)}"
            for verb, records, values in (("no more", old.records, gone), ("now", new.records, come))
            if values
        ]
        yield f"{where}: other values are issued, for {streams}; {'; '.join(parts)}"
        purposes = dict.fromkeys(record.purpose for record in old.records if _value(record) in gone)
        lost = [UNTIL_DNS_FOLLOWS[purpose] for purpose in purposes if purpose in UNTIL_DNS_FOLLOWS]
        if lost and come:
            yield f"until DNS has the new records, mail of {streams} by {account.id} suffers: {'; '.join(lost)}"
    else:
        yield f"{where}: other values are issued, and no record changes by them"


def _dns(account: Account, identity: Identity, entry: Mapping[str, object]) -> IdentityDns | None:
    """Give the records of an identity with what one entry of the lock file holds; None for one that is not valid."""
    esp = load_esp(account.kind)
    issued: BaseModel | None = None
    if entry:
        try:
            issued = esp.issued_model.model_validate(entry)
        except ValidationError:
            return None
    return esp.identity_dns(
        IdentityRequest(
            account_id=account.id,
            settings=account.settings,
            domain=identity.domain,
            uses=identity.uses,
            streams=identity.streams,
            issued=issued,
            origin=account.origin,
            issued_origin=Origin((ISSUED, account.id, identity.domain), Document.LOCK),
        )
    )


Value = tuple[str, str, object]


def _value(record: DnsRecord) -> Value:
    return record.name, record.type, record.value


def _values(records: Iterable[DnsRecord]) -> set[Value]:
    return {_value(record) for record in records}


def _names(records: Iterable[DnsRecord], values: set[Value]) -> str:
    names = list(dict.fromkeys(f"{record.name} {record.type}" for record in records if _value(record) in values))
    more = len(names) - MAX_NAMES
    return ", ".join([*names[:MAX_NAMES], *([f"and {more} more"] if more > 0 else [])])


def _gone(setup: Setup, account: Account, live: LiveAccount, book: LockBook) -> tuple[list[str], list[Pulled]]:
    """Find entries of domains that the account does not know. Those that the spec needs stay, and are told.

    Where anything of the account could not be read, nothing is gone.
    """
    told: list[str] = []
    dropped: list[Pulled] = []
    if live.unread:
        return told, dropped
    there = {spell_domain(name) for name in (*live.issued, *(each.id for each in live.found.values()))}
    for domain, parts in sorted(_entries(book, account).items()):
        if spell_domain(domain) in there:
            continue
        identity = setup.identity(account.id, spell_domain(domain))
        if identity is not None:
            told.append(_told(account, identity, parts))
        elif not _is_own_key(account, domain, parts):
            book.drop((ISSUED, account.id, domain))
            words = (f"{domain} at {account.id}: nothing in the spec sends for it there any more",)
            dropped.append(Pulled(f"{ISSUED}/{account.id}/{domain}", Turn.DROPPED, parts, None, words))
    return told, dropped


def _told(account: Account, identity: Identity, parts: Mapping[str, Any]) -> str:
    days = sorted({str(part["read"]) for part in parts.values() if isinstance(part, dict) and "read" in part})
    since = f" on {days[-1]}" if days else ""
    streams = ", ".join(f"`{stream}`" for stream in identity.streams)
    return (
        f"{identity.domain} is not at {account.id}, and {streams} {'sends' if len(identity.streams) == 1 else 'send'} "
        f"from it: the lock file keeps what was read{since}, and whoever makes it anew gets other values"
    )


def _is_own_key(account: Account, domain: str, parts: Mapping[str, Any]) -> bool:
    """Tell whether an entry holds a key that no ESP can tell again: it was made here."""
    nobody = Identity(domain, account.id, (), None, None, (), (), account.origin)
    dns = _dns(account, nobody, parts)
    return dns is not None and dns.has_own_key
