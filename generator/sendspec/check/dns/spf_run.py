"""Judges SPF records and evaluates them for the mail of each route; what has the same cause is said once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sendspec.check.dns.spf_live import Followed, LiveSpf
from sendspec.check.dns.spf_problems import Problem, problems_of
from sendspec.check.dns.wording import answered_by, shorten, show_all
from sendspec.model.alignment import Proof
from sendspec.model.dns_record import Purpose, RRset
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation
from sendspec.model.origin import Origin
from sendspec.net.dns.answer import Answer, Status
from sendspec.records.spf import Result, is_spf, parse

AT_ONCE = 200

LEG_FAILS = Kind(
    "live-dns-spf-leg-fails",
    Severity.ERROR,
    "Mail of a route does not pass SPF.",
    "the ESP's addresses are not let through at the envelope domain it uses, so the SPF leg of DMARC is lost",
    "let the ESP's include stand in the record at the envelope domain, before `all`",
    "RFC 7208 sections 2.4 and 4; RFC 9989 section 4.4.2",
)
NOT_EVALUATED = Kind(
    "live-dns-spf-not-evaluated",
    Severity.WARNING,
    "SPF record could not be evaluated.",
    "what it costs and whom it lets pass cannot be told",
    "repair the name servers of the zone, or try again",
    "RFC 7208 section 4.4",
)


@dataclass(slots=True)
class Causes:
    """What was found, once for each cause, with how many records it speaks for."""

    first: dict[object, Observation] = field(default_factory=dict)
    names: dict[object, str] = field(default_factory=dict)

    def add(self, cause: object, name: str, observation: Observation) -> None:
        """Take an observation about a name, or count it to the one that has the same cause."""
        known = self.first.get(cause)
        if known is None:
            self.first[cause], self.names[cause] = observation, name
        else:
            self.first[cause] = replace(known, count=known.count + 1)

    def seen(self) -> Iterator[Observation]:
        """Give one observation for each cause, in the order in which the causes were met."""
        for cause, observation in self.first.items():
            name, more = self.names[cause], observation.count - 1
            if more:
                message = f"{name} and {more} more with the same cause{observation.message.removeprefix(name)}"
                observation = replace(observation, message=message)  # noqa: PLW2901 - the same, said of many
            yield observation


@dataclass(slots=True)
class SpfRun:
    """One run: records fetched, texts judged, and what was found."""

    live: LiveSpf
    proofs: dict[str, list[Proof]]
    causes: Causes = field(default_factory=Causes)
    problems: dict[str, asyncio.Task[tuple[Problem, ...]]] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], tuple[Result, str]] = field(default_factory=dict)

    async def look_at_own(self, job: tuple[RRset, Answer]) -> int:
        """Judge a record of ours, and the routes that use its name as envelope domain. Gives how much is in order."""
        rrset, answer = job
        if not answer.status.is_known:
            self._not_evaluated(rrset, answer)
        texts = [text for text in answer.texts if is_spf(text)]
        if len(texts) != 1:
            return 0  # `dns-published` says so
        origin = next(value for value in rrset.values if value.purpose is Purpose.SPF).records[-1].origin
        passed = await self._judge(rrset.name, texts[0], origin)
        self.live.know(answer)
        for proof in self.proofs.get(rrset.name, ()):
            passed += await self._prove(proof, texts[0], answer, is_own=True)
        self.live.forget(rrset.name)
        return passed

    def _not_evaluated(self, rrset: RRset, answer: Answer) -> None:
        deadline = self.live.net.deadline
        said = deadline.reason if answer.status is Status.STOPPED else answer.said
        observation = Observation(
            NOT_EVALUATED,
            rrset.values[0].records[-1].origin,
            f"{rrset.name}: its SPF record could not be evaluated: {said}",
            is_unknown=True,
            expected="an SPF record",
            seen=said,
            answered_by=answer.server.to_text(),
        )
        self.causes.add((NOT_EVALUATED, said, answer.server), rrset.name, observation)

    async def look_at_alias(self, job: tuple[str, str]) -> int:
        """Judge the ESP's record that a return-path of ours leads to by CNAME."""
        name, target = job
        found = await self.live.record_at(target)
        passed = 0
        for proof in self.proofs[name]:
            if found.text is None:
                self._no_record(proof, target, found)
            else:
                passed += await self._judge(name, found.text, proof.origin)
                passed += await self._prove(proof, found.text, found.answer, is_own=False)
        return passed

    async def look_at_rest(self, name: str) -> int:
        """Judge the routes of an envelope domain whose zone is in another share of the work."""
        found = await self.live.record_at(name)
        if found.text is None:
            return 0
        return sum([await self._prove(proof, found.text, found.answer, is_own=True) for proof in self.proofs[name]])

    async def _judge(self, name: str, text: str, origin: Origin) -> int:
        problems = await self._problems(name, text)
        for problem in problems:
            observation = Observation(
                problem.kind,
                origin,
                f"{name}: {problem.clause}",
                is_unknown=problem.is_unknown,
                expected=problem.expected,
                seen=problem.seen,
                answered_by=problem.answered_by,
                fix=problem.fix,
            )
            self.causes.add((problem.kind, text, problem.clause), name, observation)
        return not problems

    async def _problems(self, name: str, text: str) -> tuple[Problem, ...]:
        """Give what is wrong with a text; many who ask at the same time wait for one answer."""
        if text not in self.problems:
            self.problems[text] = asyncio.create_task(problems_of(self.live, name, text))
        return await self.problems[text]

    async def _prove(self, proof: Proof, text: str, answer: Answer, *, is_own: bool) -> int:
        """Evaluate SPF for a message of a route, from an address of its ESP."""
        envelope = proof.spf.domain or ""
        include = self.live.setup.account(proof.account).limits.spf_include
        source = text
        if is_own and include is not None:  # what the ESP keeps itself need not hold all its addresses
            found = await self.live.record_at(include.value)
            if found.text is not None:
                await self.live.follow(parse(found.text))
            source = found.text or ""
        address = self.live.first_address(source) if source else None
        problems = await self._problems(envelope, text)
        if address is None and (is_own or problems):
            return 0  # nothing to try it with, or the record's own problem is the cause
        result, reason = await self._outcome(address, envelope, text)
        if result is Result.PASS:
            return 1
        if problems and result in {Result.PERMERROR, Result.TEMPERROR}:
            return 0
        who = f"mail from {proof.account} ({address})" if address else f"mail from {proof.account}"
        observation = Observation(
            LEG_FAILS,
            proof.origin,
            f"{envelope}: {who} gets {result} where `{proof.route}` uses it as envelope sender{reason and f': {shorten(reason, 120)}'}",
            is_unknown=result is Result.TEMPERROR,
            expected=f"pass for {address or 'addresses of the ESP'}"
            + (f", which `include:{include.value}` lets through" if include and is_own else ""),
            seen=f"{result}: {shorten(text, 140)}",
            answered_by=answered_by([answer]),
            fix=f"write `include:{include.value}` into the SPF record at {envelope}, before `all`"
            if include and is_own
            else "",
        )
        self.causes.add((LEG_FAILS, proof.account, text, result), envelope, observation)
        return 0

    async def _outcome(self, address: str | None, envelope: str, text: str) -> tuple[Result, str]:
        """Give result and reason. Without macros the same text and address give the same for every domain."""
        if address is None:
            return Result.FAIL, "the record lets no address pass"
        cause = (text, address)
        if cause not in self.outcomes or "%" in text:
            outcome = await self.live.evaluate(address, f"bounce@{envelope}")
            self.outcomes[cause] = outcome.result, outcome.reason
        return self.outcomes[cause]

    def _no_record(self, proof: Proof, target: str, found: Followed) -> None:
        said = found.answer.said
        observation = Observation(
            LEG_FAILS,
            proof.origin,
            f"{proof.spf.domain}: mail from {proof.account} gets none where `{proof.route}` uses it as envelope sender: "
            f"there is no usable SPF record at {target}, where its CNAME leads",
            is_unknown=not found.answer.status.is_known,
            expected=f"an SPF record at {target}",
            seen=show_all(found.texts) if found.texts else said,
            answered_by=answered_by([found.answer]),
            fix=f"compare the CNAME at {proof.spf.domain} with what the ESP shows today",
        )
        self.causes.add((LEG_FAILS, proof.account, target), proof.spf.domain or "", observation)
