"""SPF records: `v=spf1` and its terms.

Source: RFC 7208, syntax as collected in its section 12.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from sendspec.records.error import RecordError

IP4_BITS, IP6_BITS = 32, 128
LOOKUP_LIMIT = 10
"""DNS-querying terms that one evaluation may reach (RFC 7208 section 4.6.4)."""

QUERYING = frozenset({"include", "a", "mx", "ptr", "exists"})
MECHANISMS = QUERYING | {"all", "ip4", "ip6"}

VERSION = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE)
MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_.-]*)=(?P<value>.*)\Z", re.DOTALL)
DIRECTIVE = re.compile(
    r"(?P<qualifier>[-+~?]?)(?P<mechanism>[A-Za-z0-9]+)(?P<rest>(?:[:/].*)?)\Z",
    re.DOTALL,
)
DUAL_CIDR = re.compile(r"(?:/(?P<four>0|[1-9][0-9]?))?(?://(?P<six>0|[1-9][0-9]{0,2}))?\Z")
FOLLOWED = re.compile(r"(?:[-+~?]?include:|redirect=)(?P<name>.+)\Z", re.DOTALL)
SINGLE_CIDR = re.compile(r"/(?P<length>0|[1-9][0-9]{0,2})\Z")
# Letters c, r and t have a meaning in the explanation text only (section 7.2); a digit transformer is at least 1.
MACRO_EXPAND = r"%(?:\{[slodiphvSLODIPHV](?:0*[1-9][0-9]*)?[rR]?[-.+,/_=]*\}|[%_-])"
MACRO_STRING = re.compile(rf"(?:{MACRO_EXPAND}|[\x21-\x24\x26-\x7e])*\Z")
TOP_LABEL = r"(?:[0-9A-Za-z]*[A-Za-z][0-9A-Za-z]*|[0-9A-Za-z]+-[0-9A-Za-z-]*[0-9A-Za-z])"
DOMAIN_END = re.compile(rf"(?:.*\.{TOP_LABEL}\.?|.*{MACRO_EXPAND})\Z", re.DOTALL)


class Qualifier(StrEnum):
    """What a match means (section 4.6.2). `strictness` orders them: the higher, the stricter."""

    PASS = "+"  # noqa: S105 - SPF's word for a result, no password
    NEUTRAL = "?"
    SOFTFAIL = "~"
    FAIL = "-"

    @property
    def strictness(self) -> int:
        """Give 0 for pass up to 3 for fail."""
        return "+?~-".index(self.value)


@dataclass(frozen=True, slots=True)
class Term:
    """One mechanism with its qualifier.

    `value` is the domain-spec or the address as written, empty where the mechanism has none; `cidr4` and `cidr6` are
    prefix lengths, None where unsaid.
    """

    mechanism: str
    value: str = ""
    qualifier: Qualifier = Qualifier.PASS
    cidr4: int | None = None
    cidr6: int | None = None

    @property
    def queries(self) -> bool:
        """Tell whether evaluating it costs a DNS lookup of the ten (section 4.6.4)."""
        return self.mechanism in QUERYING

    def to_text(self) -> str:
        """Give the term as it stands in a record; `+` is left out."""
        text = "" if self.qualifier is Qualifier.PASS else self.qualifier.value
        text += self.mechanism
        if self.value:
            text += f":{self.value}"
        if self.cidr4 is not None:
            text += f"/{self.cidr4}"
        if self.cidr6 is not None:
            text += f"/{self.cidr6}" if self.mechanism == "ip6" else f"//{self.cidr6}"
        return text


@dataclass(frozen=True, slots=True)
class Modifier:
    """A `name=value` term: `redirect`, `exp`, or one that receivers ignore (section 6)."""

    name: str
    value: str

    def to_text(self) -> str:
        """Give `name=value`."""
        return f"{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """An SPF record: mechanisms in the order they are evaluated, then modifiers, whose place has no meaning."""

    terms: tuple[Term, ...] = ()
    modifiers: tuple[Modifier, ...] = field(default=())

    @property
    def all_qualifier(self) -> Qualifier | None:
        """Give the qualifier of the first `all`, None where there is none."""
        return next((term.qualifier for term in self.terms if term.mechanism == "all"), None)

    @property
    def redirect(self) -> str:
        """Give the domain-spec of `redirect=`, empty where there is none."""
        return next((modifier.value for modifier in self.modifiers if modifier.name == "redirect"), "")

    @property
    def reachable(self) -> tuple[Term, ...]:
        """Give the terms up to and including `all`; what follows is never tested (section 5.1)."""
        for position, term in enumerate(self.terms):
            if term.mechanism == "all":
                return self.terms[: position + 1]
        return self.terms

    def to_text(self) -> str:
        """Give the record as one string."""
        terms = [term.to_text() for term in self.terms]
        return " ".join(["v=spf1", *terms, *(modifier.to_text() for modifier in self.modifiers)])


def is_spf(text: str) -> bool:
    """Tell whether a TXT value counts as an SPF record of its name (section 4.5), sound or not."""
    return VERSION.match(text) is not None


def parse(text: str) -> SpfRecord:
    """Read an SPF record.

    Raises:
        RecordError: with the term at fault; one such term makes the whole record a permanent error (section 4.6).
    """
    if not is_spf(text):
        raise RecordError("does not start with `v=spf1` and a space")
    if not text.isascii():
        raise RecordError("holds characters that are not ASCII (section 4.5)")
    terms: list[Term] = []
    modifiers: list[Modifier] = []
    for word in text[len("v=spf1") :].split(" "):
        if not word:
            continue
        modifier = MODIFIER.match(word)
        if modifier:
            modifiers.append(_parse_modifier(modifier, word))
        else:
            terms.append(_parse_term(word))
    for name in ("redirect", "exp"):
        if sum(modifier.name == name for modifier in modifiers) > 1:
            raise RecordError("stands there twice (section 6)", f"{name}=")
    return SpfRecord(tuple(terms), tuple(modifiers))


def _parse_modifier(match: re.Match[str], word: str) -> Modifier:
    name, value = match["name"], match["value"]
    if name.lower() in {"redirect", "exp"}:
        name = name.lower()
        _require_domain_spec(value, word)
    elif not MACRO_STRING.match(value):
        raise RecordError("is not a macro string (section 7.1)", word)
    return Modifier(name, value)


def _parse_term(word: str) -> Term:
    match = DIRECTIVE.match(word)
    mechanism = match["mechanism"].lower() if match else ""
    if not match or mechanism not in MECHANISMS:
        raise RecordError("is no SPF mechanism", word)
    qualifier = Qualifier(match["qualifier"] or "+")
    rest = match["rest"]
    if mechanism == "all":
        if rest:
            raise RecordError("takes no value; a blank may be missing before the next term", word)
        return Term("all", qualifier=qualifier)
    if mechanism in {"ip4", "ip6"}:
        return _parse_address(mechanism, rest, qualifier, word)
    if mechanism in {"include", "exists"}:
        _require_domain_spec(rest[1:] if rest.startswith(":") else "", word)
        return Term(mechanism, rest[1:], qualifier)
    return _parse_host(mechanism, rest, qualifier, word)


def _parse_host(mechanism: str, rest: str, qualifier: Qualifier, word: str) -> Term:
    """Read `a`, `mx` and `ptr`: an optional domain-spec, and for the first two an optional pair of prefix lengths."""
    four = six = None
    if mechanism != "ptr":
        cidr = DUAL_CIDR.search(rest)
        if cidr:
            four, six = (int(length) if length else None for length in (cidr["four"], cidr["six"]))
            rest = rest[: cidr.start()]
    if (four or 0) > IP4_BITS or (six or 0) > IP6_BITS:
        raise RecordError("has a prefix length out of range", word)
    if rest:
        if not rest.startswith(":"):
            raise RecordError("has a malformed prefix length", word)
        _require_domain_spec(rest[1:], word)
    return Term(mechanism, rest[1:], qualifier, four, six)


def _parse_address(mechanism: str, rest: str, qualifier: Qualifier, word: str) -> Term:
    if not rest.startswith(":"):
        raise RecordError("needs an address after a colon", word)
    cidr = SINGLE_CIDR.search(rest)
    length = int(cidr["length"]) if cidr else None
    address = rest[1 : cidr.start()] if cidr else rest[1:]
    is_four = mechanism == "ip4"
    try:
        if is_four:
            IPv4Address(address)
        else:
            IPv6Address(address)
    except AddressValueError:
        kind = "an IPv4 address" if is_four else "an IPv6 address"
        raise RecordError(f"does not hold {kind}", word) from None
    if "%" in address:
        raise RecordError("holds a zone index, which SPF does not know", word)
    if (length or 0) > (IP4_BITS if is_four else IP6_BITS):
        raise RecordError("has a prefix length out of range", word)
    return Term(mechanism, address, qualifier, length if is_four else None, None if is_four else length)


def _require_domain_spec(value: str, word: str) -> None:
    if not value:
        raise RecordError("needs a domain; a blank may stand after the colon", word)
    if not MACRO_STRING.match(value):
        raise RecordError("holds a macro that SPF does not have (section 7.1)", word)
    if not DOMAIN_END.match(value):
        raise RecordError("does not name a domain of at least two labels", word)


def querying(record: SpfRecord) -> Iterator[str]:
    """Give the terms that cost a DNS lookup, as written and in the order of evaluation.

    `redirect=` is among them where it is followed: when the record has no `all` (section 6.1).
    """
    yield from (term.to_text() for term in record.reachable if term.queries)
    if record.redirect and record.all_qualifier is None:
        yield f"redirect={record.redirect}"


def followed_name(term: str) -> str | None:
    """Give the name whose record an `include:` or `redirect=` leads to, lower case; None for any other term."""
    match = FOLLOWED.match(term)
    return match["name"].lower().removesuffix(".") if match else None


def followed(record: SpfRecord) -> Iterator[str]:
    """Give the names whose records are evaluated in turn. Names with macros depend on the message and are left out."""
    names = (followed_name(term) for term in querying(record))
    return (name for name in names if name is not None and "%" not in name)


def count_lookups(record: SpfRecord) -> int:
    """Count the record's own terms that cost a DNS lookup, without what included records cost."""
    return sum(1 for _ in querying(record))


def merge(parts: Sequence[SpfRecord]) -> SpfRecord:
    """Combine the SPF needs of several senders into the one record a name may have.

    Keeps the first-seen order of mechanisms, drops duplicates, never flattens. Modifiers are kept the same way.

    Args:
        parts: At least one record.

    Returns:
        One record whose `all` is the strictest of the parts and stands last; without `all` where no part has one.

    Raises:
        ValueError: `parts` is empty.
    Source: RFC 7208 sections 3.2 and 4.5 (more than one record is a permanent error).
    """
    if not parts:
        raise ValueError("merge needs at least one record")
    first_seen: dict[str, Term] = {}
    for term in (term for part in parts for term in part.reachable if term.mechanism != "all"):
        text = term.to_text()
        first_seen.setdefault(text if "%" in text else text.lower(), term)
    ordered = list(first_seen.values())
    modifiers = {modifier.to_text(): modifier for part in parts for modifier in part.modifiers}
    endings = [part.all_qualifier for part in parts if part.all_qualifier is not None]
    if endings:
        ordered.append(Term("all", qualifier=max(endings, key=lambda qualifier: qualifier.strictness)))
    return SpfRecord(tuple(ordered), tuple(modifiers.values()))
