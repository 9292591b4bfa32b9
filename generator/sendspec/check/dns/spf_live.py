"""SPF as DNS has it now: records of others fetched as they are needed, each once, and evaluated without waiting inside."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import islice

from sendspec.check.dns.truth import look
from sendspec.model.dns_record import Purpose
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net
from sendspec.records.error import RecordError
from sendspec.records.spf import (
    Outcome,
    Qualifier,
    Result,
    SpfRecord,
    TemporaryError,
    Term,
    check_host,
    followed,
    is_spf,
    parse,
)

MOST_FOLLOWED = 100
"""Records that one tree may lead to; a receiver gives up after the tenth."""
MOST_AHEAD = 500
"""Records that are asked for before anything leads to them."""
MOST_TERMS = 50
"""Terms of one tree whose hosts are looked up; whoever writes more of them has a budget problem first."""
MOST_ROUNDS = 150
"""Look-ups of one evaluation: ten terms, ten hosts of each `mx`, and some to spare."""

HOST_TERMS = frozenset({"a", "mx", "exists"})
MX_HOSTS = 10
"""Of one `mx` term (RFC 7208 section 4.6.4)."""

Question = tuple[str, str]


class _NeededError(Exception):
    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.question = question


@dataclass(frozen=True, slots=True)
class Followed:
    """A record that others lead to, and what was said of its name. `text` is None unless there is exactly one to read."""

    name: str
    answer: Answer
    texts: tuple[str, ...]
    text: str | None
    error: str = ""


@dataclass(slots=True)
class LiveSpf:
    """SPF records by name. `texts` are those that can be read; `followed` all that some record led to."""

    net: Net
    setup: Setup
    aliases: Mapping[str, str]
    """Our CNAMEs by name: their targets are asked for, once for all who share them."""
    texts: dict[str, str] = field(default_factory=dict)
    followed: dict[str, Followed] = field(default_factory=dict)
    _answers: dict[Question, Answer] = field(default_factory=dict)

    def know(self, answer: Answer) -> None:
        """Take an answer that is known already."""
        self._answers[answer.name, answer.type] = answer

    def forget(self, name: str) -> None:
        """Let go of a name of ours that nobody asks for again."""
        self._answers.pop((name, "TXT"), None)

    async def fetch(self, name: str, rtype: str) -> Answer:
        """Look up a name, once."""
        name = name.lower().removesuffix(".")
        if (name, rtype) not in self._answers:
            target = self.aliases.get(name, name)
            self._answers[name, rtype] = await look(self.net, self.setup, target, rtype)
        return self._answers[name, rtype]

    async def ask_ahead(self, targets: Iterable[str]) -> None:
        """Fetch records of others that the spec's own lead to, and those of `targets`, in whatever order.

        Evaluating asks for one after the other, and begins when the zones' servers are known. What was fetched until then
        is not asked for again; whether it is needed is for the evaluation to say.
        """
        rrsets = (rrset for _, rrset in self.setup.rrsets())
        ours = {str(value.value) for rrset in rrsets for value in rrset.values if value.purpose is Purpose.SPF}
        waiting = {*targets, *_led_to_by(ours)}
        met: set[str] = set()
        while waiting and len(met) < MOST_AHEAD:
            met |= waiting
            names = [name for name in waiting if self.setup.index.domain_of(name) is None][:MOST_AHEAD]
            answers = await asyncio.gather(*(self.fetch(name, "TXT") for name in names))
            waiting = {name for answer in answers for name in _led_to_by(filter(is_spf, answer.texts))} - met

    async def record_at(self, name: str) -> Followed:
        """Give the SPF record of a name."""
        if name not in self.followed:
            answer = await self.fetch(name, "TXT")
            texts = tuple(text for text in answer.texts if is_spf(text))
            text, error = (texts[0], "") if len(texts) == 1 else (None, "")
            if text is not None:
                try:
                    parse(text)
                except RecordError as problem:
                    text, error = None, str(problem)
            self.followed[name] = Followed(name, answer, texts, text, error)
            if text is not None:
                self.texts[name] = text
        return self.followed[name]

    async def follow(self, record: SpfRecord) -> list[Followed]:
        """Fetch everything that a record leads to, however deep; in the order in which it is met."""
        waiting = list(followed(record))
        met: dict[str, Followed] = {}
        while waiting and len(met) < MOST_FOLLOWED:
            name = waiting.pop(0)
            if name in met:
                continue
            met[name] = found = await self.record_at(name)
            if found.text is not None:
                waiting += followed(parse(found.text))
        return list(met.values())

    async def void_terms(self, name: str, record: SpfRecord, below: Sequence[Followed]) -> tuple[list[str], list[str]]:
        """Give the terms whose look-up gives nothing, and the `mx` terms with more than ten hosts, as `term (at name)`.

        A host with an address of either family counts as found: which is asked for depends on the client.
        """
        void: list[str] = []
        wide: list[str] = []
        records = [(name, record), *((each.name, parse(each.text)) for each in below if each.text is not None)]
        terms = ((at, term) for at, each in records for term in each.reachable if term.mechanism in HOST_TERMS)
        for at, term in islice(terms, MOST_TERMS):
            target = (term.value or at).lower()
            if "%" in target:
                continue
            found = await self._hosts(term, target)
            if not found:
                void.append(f"{term.to_text()} (at {at})")
            if term.mechanism == "mx" and len(found) > MX_HOSTS:
                wide.append(f"{term.to_text()} (at {at}, {len(found)} hosts)")
        return void, wide

    async def _hosts(self, term: Term, target: str) -> Sequence[object]:
        """Give what a term finds. What could not be looked up is not void."""
        types = ("MX",) if term.mechanism == "mx" else ("A",) if term.mechanism == "exists" else ("A", "AAAA")
        for rtype in types:
            answer = await self.fetch(target, rtype)
            if answer.values:
                return answer.values
            if not answer.status.is_known:
                return (answer.status,)
        return ()

    async def evaluate(self, ip: str, sender: str) -> Outcome:
        """Evaluate SPF as a receiver does, with every look-up it asks for."""
        for _ in range(MOST_ROUNDS):
            try:
                return check_host(ip, sender, "", self._resolver)
            except _NeededError as needed:
                await self.fetch(*needed.question)
        return Outcome(Result.TEMPERROR, (), 0, 0, f"more than {MOST_ROUNDS} look-ups")

    @property
    def _resolver(self) -> "_Known":
        return _Known(self._answers)

    def first_address(self, text: str) -> str | None:
        """Give an address that a record lets pass, by its own ranges and those of what it includes; None without any."""
        waiting, seen = [text], set()
        while waiting:
            record = parse(waiting.pop(0))
            for term in record.reachable:
                if term.qualifier is Qualifier.PASS and term.mechanism in {"ip4", "ip6"}:
                    return _address_in(term)
            names = [name for name in followed(record) if name in self.texts and name not in seen]
            seen.update(names)
            waiting += [self.texts[name] for name in names]
        return None


def _led_to_by(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        with suppress(RecordError):
            yield from followed(parse(text))


def _address_in(term: Term) -> str:
    bits = term.cidr4 if term.mechanism == "ip4" else term.cidr6
    network = ip_network(term.value if bits is None else f"{term.value}/{bits}", strict=False)
    return str(network[min(1, network.num_addresses - 1)])


@dataclass(frozen=True, slots=True)
class _Known:
    """Answers fetched so far, as `check_host` asks for them; what is missing is raised and fetched."""

    answers: Mapping[Question, Answer]

    def txt(self, name: str) -> Sequence[str]:
        return self._ask(name, "TXT").texts

    def addresses(self, name: str, version: int) -> Sequence[str]:
        return self._ask(name, "A" if version == 4 else "AAAA").texts  # noqa: PLR2004 - the IP version

    def mx(self, name: str) -> Sequence[str]:
        values = self._ask(name, "MX").values
        return [value.exchange for value in values if not isinstance(value, str) and value.exchange]

    def ptr(self, ip: IPv4Address | IPv6Address) -> Sequence[str]:
        return self._ask(ip.reverse_pointer, "PTR").texts

    def _ask(self, name: str, rtype: str) -> Answer:
        question = name.lower().removesuffix("."), rtype
        answer = self.answers.get(question)
        if answer is None:
            raise _NeededError(question)
        if answer.status not in {Status.ANSWER, Status.NODATA, Status.NXDOMAIN}:
            raise TemporaryError(f"{name} {rtype}: {answer.said}")
        return answer
