"""SPF as a receiver evaluates it: `check_host`, with the path that led to the result.

Source: RFC 7208 sections 2.6, 4, 5 and 6. The resolver comes in as an argument and decides what DNS says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Protocol

from sendspec.records.error import RecordError
from sendspec.records.spf.macro import MAX_NAME, MacroInput, expand, is_sound
from sendspec.records.spf.record import LOOKUP_LIMIT, Qualifier, SpfRecord, Term, is_spf, parse

VOID_LIMIT = 2
"""Lookups that give nothing, beyond which the result is permerror (section 4.6.4)."""
NAME_LIMIT = 10
"""Hosts of one `mx` or `ptr` term that may be looked up (section 4.6.4)."""
MAX_LABEL = 63


class Result(StrEnum):
    """What check_host returns (section 2.6)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - a result of SPF
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


BY_QUALIFIER = {
    Qualifier.PASS: Result.PASS,
    Qualifier.FAIL: Result.FAIL,
    Qualifier.SOFTFAIL: Result.SOFTFAIL,
    Qualifier.NEUTRAL: Result.NEUTRAL,
}


class TemporaryError(Exception):
    """DNS did not answer: SERVFAIL, refusal or timeout. The result is temperror."""


class SpfResolver(Protocol):
    """What SPF asks of DNS. Each gives an empty sequence for NXDOMAIN and for no data, or raises TemporaryError."""

    def txt(self, name: str) -> Sequence[str]:
        """Give TXT values, each with its strings joined."""

    def addresses(self, name: str, version: int) -> Sequence[str]:
        """Give A (version 4) or AAAA (version 6) addresses."""

    def mx(self, name: str) -> Sequence[str]:
        """Give MX hosts, the most preferred first."""

    def ptr(self, ip: IPv4Address | IPv6Address) -> Sequence[str]:
        """Give the names an address points to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One term that was tried: in whose record, its text, whether it matched, and the lookups spent up to then."""

    domain: str
    term: str
    matched: bool
    lookups: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, the terms tried in order, what they cost, why it ended so, and the explanation text if any."""

    result: Result
    path: tuple[Step, ...]
    lookups: int
    void_lookups: int
    reason: str = ""
    explanation: str = ""


class _Ended(Exception):  # noqa: N818 - carries a result, no fault of ours
    def __init__(self, result: Result, reason: str) -> None:
        super().__init__(reason)
        self.result, self.reason = result, reason


@dataclass(slots=True)
class _Evaluation:
    """One run: the budgets that all included records share."""

    ip: IPv4Address | IPv6Address
    sender: str
    helo: str
    resolver: SpfResolver
    lookups: int = 0
    void_lookups: int = 0
    path: list[Step] = field(default_factory=list)

    def check(self, domain: str) -> tuple[Result, SpfRecord | None, str]:
        """Evaluate the record of one domain (section 4). Included and redirected domains come back here.

        Gives the result, and the record and domain that decided it: after a redirect, the other's (section 6.2).
        """
        record = self._fetch(domain)
        if record is None:
            return Result.NONE, None, domain
        for term in record.terms:
            if self._matches(term, domain):
                return BY_QUALIFIER[term.qualifier], record, domain
        if record.redirect:
            self._spend(f"redirect={record.redirect}", domain)
            target = self._domain(record.redirect, domain)
            redirected = self.check(target)
            if redirected[0] is Result.NONE:  # section 6.1
                raise _Ended(Result.PERMERROR, f"redirect={target} leads to no SPF record")
            return redirected
        return Result.NEUTRAL, record, domain

    def _fetch(self, domain: str) -> SpfRecord | None:
        if not _is_name(domain):
            return None
        found = [text for text in self.resolver.txt(domain) if is_spf(text)]
        if not found:
            return None
        if len(found) > 1:
            raise _Ended(Result.PERMERROR, f"{domain} has {len(found)} SPF records (section 4.5)")
        try:
            return parse(found[0])
        except RecordError as error:
            raise _Ended(Result.PERMERROR, f"{domain}: {error}") from None

    def _matches(self, term: Term, domain: str) -> bool:
        matched = self._test(term, domain)
        self.path.append(Step(domain, term.to_text(), matched, self.lookups))
        return matched

    def _test(self, term: Term, domain: str) -> bool:
        if term.mechanism == "all":
            return True
        if term.mechanism in {"ip4", "ip6"}:
            return self._contains(term.value, term)
        self._spend(term.to_text(), domain)
        target = self._domain(term.value, domain) if term.value else domain
        by_mechanism: dict[str, Callable[[str], bool]] = {
            "include": self._included,
            "exists": self._exists,
            "a": partial(self._any_address, term=term),
            "mx": partial(self._any_mx, term=term),
            "ptr": self._any_validated,
        }
        return by_mechanism[term.mechanism](target)

    def _exists(self, target: str) -> bool:
        return bool(self._ask(self.resolver.addresses(target, 4) if _is_name(target) else ()))

    def _any_mx(self, target: str, term: Term) -> bool:
        hosts = self._ask(self.resolver.mx(target) if _is_name(target) else ())
        if len(hosts) > NAME_LIMIT:
            raise _Ended(Result.PERMERROR, f"{target} has more than {NAME_LIMIT} MX hosts (section 4.6.4)")
        return any(self._host_matches(host, term) for host in hosts)

    def _any_validated(self, target: str) -> bool:
        suffix = target.lower()
        names = (name.lower().removesuffix(".") for name in self.validated_names())
        return any(name == suffix or name.endswith(f".{suffix}") for name in names)

    def _included(self, target: str) -> bool:
        """Follow section 5.2: none and permerror of the included record end everything."""
        result = self.check(target)[0]
        if result is Result.NONE:
            raise _Ended(Result.PERMERROR, f"include:{target} has no SPF record (section 5.2)")
        return result is Result.PASS

    def _any_address(self, target: str, term: Term) -> bool:
        found = self._ask(self.resolver.addresses(target, self.ip.version) if _is_name(target) else ())
        return any(self._contains(address, term) for address in found)

    def _host_matches(self, host: str, term: Term) -> bool:
        found = self.resolver.addresses(host, self.ip.version)
        return any(self._contains(address, term) for address in found)

    def _contains(self, address: str, term: Term) -> bool:
        parsed = ip_address(address)
        if parsed.version != self.ip.version:
            return False
        length = term.cidr4 if parsed.version == 4 else term.cidr6  # noqa: PLR2004 - the IP version
        prefix = parsed.max_prefixlen if length is None else length
        return self.ip in ip_network(f"{parsed}/{prefix}", strict=False)

    def validated_names(self) -> list[str]:
        """Give names of the address that point back to it, at most ten (section 5.5). DNS errors give none."""
        try:
            names = self.resolver.ptr(self.ip)[:NAME_LIMIT]
        except TemporaryError:
            return []
        validated = []
        for name in names:
            try:
                addresses = self.resolver.addresses(name, self.ip.version)
            except TemporaryError:
                continue
            if any(ip_address(address) == self.ip for address in addresses):
                validated.append(name)
        return validated

    def _p_macro(self, domain: str) -> str:
        """Give the domain itself if validated, else a subdomain of it, else any, else `unknown` (section 7.3)."""
        names = [name.lower().removesuffix(".") for name in self.validated_names()]
        same = [name for name in names if name == domain.lower()]
        below = [name for name in names if name.endswith(f".{domain.lower()}")]
        return next(iter([*same, *below, *names]), "unknown")

    def _domain(self, text: str, domain: str) -> str:
        return expand(text, self.macros(domain))

    def macros(self, domain: str) -> MacroInput:
        """Give what macros mean inside the record of `domain`."""
        return MacroInput(self.ip, self.sender, domain, self.helo, lambda: self._p_macro(domain))

    def _spend(self, term: str, domain: str) -> None:
        self.lookups += 1
        if self.lookups > LOOKUP_LIMIT:
            reason = f"{domain}: {term} is lookup {self.lookups} of {LOOKUP_LIMIT} (section 4.6.4)"
            raise _Ended(Result.PERMERROR, reason)

    def _ask(self, answers: Sequence[str]) -> Sequence[str]:
        if not answers:
            self.void_lookups += 1
            if self.void_lookups > VOID_LIMIT:
                raise _Ended(Result.PERMERROR, f"more than {VOID_LIMIT} lookups gave nothing (section 4.6.4)")
        return answers


def check_host(ip: str, sender: str, helo: str, resolver: SpfResolver) -> Outcome:
    """Evaluate SPF for one message.

    Args:
        ip: Address of the client.
        sender: MAIL FROM; empty for a bounce, then `postmaster@helo` is checked (section 2.4).
        helo: What the client called itself.
        resolver: Answers for DNS.
    """
    local, _, domain = sender.rpartition("@") if sender else ("", "", helo)
    sender = f"{local or 'postmaster'}@{domain}"
    evaluation = _Evaluation(_client(ip), sender, helo, resolver)
    explanation, reason = "", ""
    try:
        result, record, decided_by = evaluation.check(domain)
        if result is Result.FAIL and record is not None:
            explanation = _explain(evaluation, record, decided_by)
    except _Ended as ended:
        result, reason = ended.result, ended.reason
    except TemporaryError as error:
        result, reason = Result.TEMPERROR, str(error)
    return Outcome(result, tuple(evaluation.path), evaluation.lookups, evaluation.void_lookups, reason, explanation)


def _client(ip: str) -> IPv4Address | IPv6Address:
    """Read the address; IPv4 written as IPv6 is IPv4."""
    parsed = ip_address(ip)
    return (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed


def _explain(evaluation: _Evaluation, record: SpfRecord, domain: str) -> str:
    """Give the text that `exp=` leads to, empty on any trouble (section 6.2)."""
    target = next((modifier.value for modifier in record.modifiers if modifier.name == "exp"), "")
    if not target:
        return ""
    try:
        found = evaluation.resolver.txt(expand(target, evaluation.macros(domain)))
    except TemporaryError:
        return ""
    if len(found) != 1 or not found[0].isascii() or not is_sound(found[0]):
        return ""
    return expand(found[0], evaluation.macros(domain), is_domain=False)


def _is_name(domain: str) -> bool:
    """Tell whether a domain can be asked for: at least two labels, none empty or longer than 63 (section 4.3)."""
    labels = domain.removesuffix(".").split(".")
    if len(labels) < 2 or len(domain) > MAX_NAME + 1:  # noqa: PLR2004 - host.tld
        return False
    return all(0 < len(label) <= MAX_LABEL for label in labels)
