"""What is wrong with an SPF record as it can be seen only live: what it leads to, and what that costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sendspec.check.dns.spf_live import Followed, LiveSpf
from sendspec.check.dns.wording import shorten, show_all
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind
from sendspec.net.dns.answer import Status
from sendspec.records.error import RecordError
from sendspec.records.spf import LOOKUP_LIMIT, VOID_LIMIT, Branch, LookupTrees, Tree, parse

CLOSE = 8
ERROR, WARNING = Severity.ERROR, Severity.WARNING

TOO_MANY = Kind(
    "live-dns-spf-too-many-lookups",
    ERROR,
    "SPF record costs more than ten DNS look-ups today.",
    "past the tenth look-up a receiver answers permerror, so senders listed late fail SPF",
    "drop unused includes, or move a sender to a subdomain whose return-path has a record of its own",
    "RFC 7208 section 4.6.4",
)
FEW_LEFT = Kind(
    "live-dns-spf-few-lookups-left",
    WARNING,
    "SPF record is close to its ten DNS look-ups today.",
    "an included provider can add look-ups to its record without notice",
    "drop an unused include, or move a sender to its own subdomain, while there is time",
    "RFC 7208 section 4.6.4",
)
VOID = Kind(
    "live-dns-spf-void-lookups",
    ERROR,
    "SPF record has more than two terms whose look-up gives nothing.",
    "receivers stop at the third with permerror, so whoever is listed after it fails SPF",
    "remove the hosts that no longer exist",
    "RFC 7208 section 4.6.4",
)
TOO_MANY_MX = Kind(
    "live-dns-spf-mx-too-wide",
    ERROR,
    "SPF term `mx` leads to more than ten hosts.",
    "the record is a permanent error for every message that reaches the term",
    "list the addresses with ip4: and ip6:",
    "RFC 7208 section 4.6.4",
)
LOOP = Kind(
    "live-dns-spf-loop",
    ERROR,
    "SPF record includes itself by way of others.",
    "receivers follow it until the look-ups are spent: a permanent error",
    "remove the include that leads back",
    "RFC 7208 sections 4.6.4 and 5.2",
)
INCLUDE_MISSING = Kind(
    "live-dns-spf-include-without-record",
    ERROR,
    "SPF record includes a name without an SPF record.",
    "that is a permanent error at once, not merely a void look-up: all mail that is not matched before it fails SPF",
    "remove the include; the provider has retired it or never had it",
    "RFC 7208 sections 5.2 and 6.1",
)
INCLUDE_SEVERAL = Kind(
    "live-dns-spf-include-with-several-records",
    ERROR,
    "SPF record includes a name with more than one SPF record.",
    "that is a permanent error for all mail that is not matched before it",
    "tell the owner of the name, or remove the include",
    "RFC 7208 sections 4.5 and 5.2",
)
INCLUDE_UNREADABLE = Kind(
    "live-dns-spf-include-unreadable",
    ERROR,
    "SPF record includes one that cannot be read.",
    "one bad term voids the whole record: a permanent error for all mail that is not matched before it",
    "tell the owner of the name, or remove the include",
    "RFC 7208 sections 4.6 and 5.2",
)
INCLUDE_FAILS = Kind(
    "live-dns-spf-include-fails",
    ERROR,
    "SPF record includes a name that cannot be looked up.",
    "receivers see a temporary error and defer the mail or go without SPF",
    "try again; if it lasts, tell the owner of the name, or remove the include",
    "RFC 7208 section 4.4",
)
KINDS = (
    TOO_MANY,
    FEW_LEFT,
    VOID,
    TOO_MANY_MX,
    LOOP,
    INCLUDE_MISSING,
    INCLUDE_SEVERAL,
    INCLUDE_UNREADABLE,
    INCLUDE_FAILS,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, in a clause that follows the record's name and a colon."""

    kind: Kind
    clause: str
    expected: str
    seen: str
    answered_by: str
    fix: str = ""
    is_unknown: bool = False


async def problems_of(live: LiveSpf, name: str, text: str) -> tuple[Problem, ...]:
    """Give everything that is wrong with a readable record at a name; a record that cannot be read has none here."""
    try:
        record = parse(text)
    except RecordError:
        return ()  # `dns-published` or a rule says so
    below = await live.follow(record)
    problems = list(islice((problem for found in below for problem in _include(found)), LOOKUP_LIMIT))
    tree = LookupTrees(live.texts).of(name, text)
    if tree is None:
        return tuple(problems)
    who = next((found.answer.server.to_text() for found in below), "")
    problems += _budget(tree, who)
    void, wide = await live.void_terms(name, record, below)
    if len(void) > VOID_LIMIT:
        clause = f"{len(void)} of its terms lead to nothing, {VOID_LIMIT} may"
        drop = shorten(f"remove {', '.join(f'`{term}`' for term in void)}", 400)
        problems.append(Problem(VOID, clause, f"at most {VOID_LIMIT}", shorten(", ".join(void)), who, drop))
    if wide:
        problems.append(
            Problem(
                TOO_MANY_MX, f"{shorten(wide[0], 120)} are too many", "at most 10 hosts", shorten(", ".join(wide)), who
            )
        )
    return tuple(problems)


def _include(found: Followed) -> Iterator[Problem]:
    name, who, said = shorten(found.name, 100), found.answer.server.to_text(), found.answer.said
    expected = f"one SPF record at {name}"
    if not found.answer.status.is_known:
        is_unknown = found.answer.status is not Status.SERVFAIL
        clause = f"it leads to {name}, which cannot be looked up: {said}"
        yield Problem(INCLUDE_FAILS, clause, expected, said, who, is_unknown=is_unknown)
    elif not found.texts:
        fix = f"remove `include:{name}` (or `redirect={name}`)"
        seen = said if not found.answer.values else "TXT values, none of them SPF"
        yield Problem(INCLUDE_MISSING, f"it leads to {name}, which has no SPF record", expected, seen, who, fix)
    elif len(found.texts) > 1:
        clause = f"it leads to {name}, which has {len(found.texts)} SPF records"
        yield Problem(INCLUDE_SEVERAL, clause, expected, show_all(found.texts), who)
    elif found.error:
        clause = f"it leads to {name}, whose record cannot be read: {shorten(found.error, 120)}"
        yield Problem(INCLUDE_UNREADABLE, clause, expected, show_all(found.texts), who)


def _budget(tree: Tree, who: str) -> Iterator[Problem]:
    seen = "\n".join(shorten(line, 120) for line in tree.to_lines())
    if tree.has_loop:
        yield Problem(LOOP, "it leads back to itself", "no record twice on one way", seen, who)
    elif tree.lookups > LOOKUP_LIMIT:
        clause = f"it costs {tree.lookups} DNS look-ups, {LOOKUP_LIMIT} are allowed"
        yield Problem(TOO_MANY, clause, f"at most {LOOKUP_LIMIT}", seen, who, _advice(tree))
    elif tree.lookups >= CLOSE:
        clause = f"it costs {tree.lookups} of {LOOKUP_LIMIT} DNS look-ups"
        yield Problem(FEW_LEFT, clause, f"at most {CLOSE - 1}, so that others may grow", seen, who, _advice(tree))


def _advice(tree: Tree) -> str:
    dropped: Sequence[Branch] = tree.to_drop(tree.branches) or [max(tree.branches, key=lambda branch: branch.lookups)]
    terms = ", ".join(f"`{shorten(branch.term, 100)}` ({branch.lookups})" for branch in dropped[:LOOKUP_LIMIT])
    left = tree.lookups - sum(branch.lookups for branch in dropped)
    return (
        f"drop {terms}, which leaves {left} of {LOOKUP_LIMIT}, or move them to a subdomain whose return-path has a "
        "record of its own"
    )
