"""Which DMARC policy holds for each From domain, as receivers of both generations find it, against what the spec says.

What we publish ourselves is compared by `dns-published`; here it is about records that nobody declared, and about
domains of customers, whose DNS is not ours to write.
"""

from collections.abc import AsyncIterator, Iterator

from sendspec.check.dns.dmarc_live import PREFIX, Discoveries, Found, LiveDmarc, policy_for
from sendspec.check.dns.truth import registrable_of
from sendspec.check.dns.wording import answered_by, shorten, show_all
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.alignment import PolicyInForce, Proof
from sendspec.model.dns_record import RecordType
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Status
from sendspec.net.net import Net
from sendspec.records.dmarc_discovery import Discovery

AT_ONCE = 256

TAKEN_OVER = Kind(
    "live-dns-dmarc-taken-over",
    Severity.ERROR,
    "Another DMARC record than the declared one holds for a From domain.",
    "a record of its own replaces the parent's entirely: policy, alignment and report addresses are those that stand there",
    "delete the record, or declare it: `dmarc:` on that name with every tag repeated",
    "RFC 9989 sections 4.7 and 4.10.1",
)
NONE_FOUND = Kind(
    "live-dns-dmarc-none-found",
    Severity.ERROR,
    "Receivers find no DMARC record for a From domain.",
    "no policy applies, nobody gets reports, and bulk mail is refused by Gmail, Yahoo and Microsoft",
    "have the owner of the domain publish the record that the spec declares",
    "RFC 9989 section 4.10",
)
OTHER_POLICY = Kind(
    "live-dns-dmarc-other-policy",
    Severity.WARNING,
    "DMARC policy of a From domain is not the declared one.",
    "receivers act on what is published; proofs that rest on the declared policy do not hold",
    "agree with the owner of the domain, then change the record or the spec",
    "RFC 9989 section 4.7",
)
OTHER_ALIGNMENT = Kind(
    "live-dns-dmarc-other-alignment",
    Severity.WARNING,
    "DMARC record of a From domain asks for another alignment than declared.",
    "strict alignment fails mail whose return-path or signature is a subdomain; the proofs of the spec count on the declared",
    "agree with the owner of the domain, then change the record or the spec",
    "RFC 9989 sections 4.4 and 4.7",
)
UNREADABLE = Kind(
    "live-dns-dmarc-unreadable",
    Severity.ERROR,
    "DMARC record on the way to the policy cannot be read, or there are several.",
    "receivers discard it or fall back to defaults, each in its own way",
    "leave one sound record at the name",
    "RFC 9989 sections 4.7 and 4.10; RFC 7489 section 6.6.3",
)
READINGS_DIFFER = Kind(
    "live-dns-dmarc-readings-differ",
    Severity.WARNING,
    "Receivers of the two generations find different DMARC records.",
    "the tree walk of RFC 9989 and the public suffix list of RFC 7489 lead to different policies for the same mail",
    "publish the record at the organizational domain, and take `psd=` off",
    "RFC 9989 section 4.10; RFC 7489 section 6.6.3",
)
NOT_TOLD = Kind(
    "live-dns-dmarc-not-found-out",
    Severity.WARNING,
    "DMARC records on the way to the policy cannot be looked up.",
    "receivers with the same difficulty defer the mail, or apply no policy",
    "try again; if it lasts, repair the name servers",
    "RFC 9989 section 4.10",
)


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Discover for each From domain once, whatever routes send from it."""
    live = LiveDmarc(net, setup)
    await live.read_own()

    async def work(proof: Proof) -> list[Seen]:
        seen: list[Seen] = list(_look_at(setup, net, live, proof, await live.discover(proof.author)))
        return seen or [Passed()]

    async for seen in side_by_side(_authors(setup), work, AT_ONCE):
        yield seen


def _authors(setup: Setup) -> list[Proof]:
    return list({proof.author: proof for proof in reversed(setup.proofs)}.values())


def _look_at(setup: Setup, net: Net, live: LiveDmarc, proof: Proof, found: Discoveries) -> Iterator[Observation]:
    if found.unknown is not None:
        yield _not_told(net, proof, found)
        return
    broken = _broken(setup, live, proof)
    if broken is not None:
        yield broken
        return
    declared, walk = proof.walk, found.walk
    if declared is not None and walk.found_at != declared.found_at:
        observation = _other_record(setup, live, proof, declared, walk)
        if observation is not None:
            yield observation
    elif declared is not None and not _is_published_by_us(setup, declared.found_at):
        yield from _not_as_agreed(setup, live, proof, declared, walk)
    differs = walk.found_at != found.suffix.found_at
    expected_to = declared is not None and proof.suffix is not None and declared.found_at != proof.suffix.found_at
    if (
        differs
        and not expected_to
        and walk.record is not None
        and (declared is None or walk.found_at == declared.found_at)
    ):
        yield _differing(live, proof, found)


def _broken(setup: Setup, live: LiveDmarc, proof: Proof) -> Observation | None:
    """Give a record that nobody declared and that is void, on the names that receivers ask first."""
    for name in dict.fromkeys((proof.author, registrable_of(setup, proof.author))):
        for each in live.seen([name]):
            if _is_published_by_us(setup, name) or not each.texts or each.record is not None:
                continue
            what = shorten(each.error, 120) or f"{len(each.texts)} records stand there"
            return _observation(
                UNREADABLE,
                proof,
                f"{proof.author}: the record at {PREFIX}{name} is void: {what}",
                proof.walk,
                [each],
                fix=f"leave one sound record at {PREFIX}{name}, or none",
            )
    return None


def _other_record(
    setup: Setup, live: LiveDmarc, proof: Proof, declared: PolicyInForce, walk: Discovery
) -> Observation | None:
    if walk.record is not None and walk.found_at:
        is_there = any(found.record for found in live.seen([declared.found_at]))
        if not is_there and _is_published_by_us(setup, declared.found_at):
            return None  # the declared record is missing or void, which `dns-published` says
        return _observation(
            TAKEN_OVER,
            proof,
            f"{proof.author}: the record at {PREFIX}{walk.found_at} holds, not the declared one at {PREFIX}{declared.found_at}",
            declared,
            live.seen([walk.found_at]),
            fix=f"delete {PREFIX}{walk.found_at}, or declare `dmarc:` on {walk.found_at}",
        )
    if _is_published_by_us(setup, declared.found_at):
        return None
    return _observation(
        NONE_FOUND,
        proof,
        f"{proof.author}: receivers find no DMARC record, p={declared.policy} of {declared.found_at} is declared",
        declared,
        live.seen([declared.found_at]) or live.seen([proof.author]),
        fix=f'have the owner of {declared.found_at} write `{PREFIX}{declared.found_at}. IN TXT "v=DMARC1; p={declared.policy}"`',
    )


def _not_as_agreed(
    setup: Setup, live: LiveDmarc, proof: Proof, declared: PolicyInForce, walk: Discovery
) -> Iterator[Observation]:
    """Compare a record that somebody else writes with what the spec says of it."""
    found, record = live.seen([walk.found_at]), walk.record
    policy = policy_for(proof.author, walk, knows_testing=True)
    if policy is not None and policy is not declared.policy:
        message = f"{proof.author}: p={policy} of {walk.found_at} holds, {declared.policy} is declared"
        fix = f"ask the owner of {walk.found_at} for `p={declared.policy}`, or declare `policy: {policy}`"
        yield _observation(OTHER_POLICY, proof, message, declared, found, fix=fix)
    domain = setup.index.domain_of(walk.found_at)
    intent = next((each for each in domain.dmarc if each.name == walk.found_at), None) if domain else None
    if record is None or intent is None:
        return
    asked, wanted = ((each.strict_spf, each.strict_dkim) for each in (record, intent))
    if asked != wanted:
        spf, dkim = ("strict" if strict else "relaxed" for strict in asked)
        message = f"{proof.author}: the record of {walk.found_at} asks for {spf} alignment of SPF and {dkim} of DKIM"
        fix = f"ask the owner of {walk.found_at} to change `aspf=` and `adkim=`, or declare `spf_alignment: {spf}, dkim_alignment: {dkim}`"
        yield _observation(OTHER_ALIGNMENT, proof, message, declared, found, fix=fix)


def _is_published_by_us(setup: Setup, name: str) -> bool:
    """Tell whether a record at this name is among those that we write, so that `dns-published` compares it."""
    domain = setup.index.domain_of(name)
    wanted = f"{PREFIX}{name}"
    return domain is not None and any(
        rrset.name == wanted and rrset.type is RecordType.TXT for rrset in domain.zone.rrsets
    )


def _differing(live: LiveDmarc, proof: Proof, found: Discoveries) -> Observation:
    walk, suffix = (
        f"p={policy_for(proof.author, each, knows_testing=True)} of {each.found_at}" if each.record else "no record"
        for each in (found.walk, found.suffix)
    )
    return _observation(
        READINGS_DIFFER,
        proof,
        f"{proof.author}: the tree walk of RFC 9989 finds {walk}, the public suffix list {suffix}",
        proof.walk,
        live.seen([found.walk.found_at, found.suffix.found_at]),
        fix=f"publish a DMARC record at {found.suffix.organizational}, and none between it and {proof.author}",
    )


def _observation(
    kind: Kind, proof: Proof, message: str, declared: PolicyInForce | None, found: list[Found], *, fix: str
) -> Observation:
    texts = [text for each in found for text in each.texts]
    said = found[0].answer.said if found else str(Status.NXDOMAIN)
    return Observation(
        kind,
        declared.origin if declared else proof.sender_origin,
        message,
        expected=f"p={declared.policy} of {declared.found_at}" if declared else "one sound record, or none",
        seen=show_all(texts) if texts else said,
        answered_by=answered_by([each.answer for each in found]),
        fix=fix,
        related=((proof.sender_origin, "the From"),) if declared else (),
    )


def _not_told(net: Net, proof: Proof, found: Discoveries) -> Observation:
    answer = found.unknown
    said = "" if answer is None else net.deadline.reason if answer.status is Status.STOPPED else answer.said
    return Observation(
        NOT_TOLD,
        proof.sender_origin,
        f"{proof.author}: which DMARC policy holds could not be told: {said} for {answer.name if answer else ''}",
        is_unknown=True,
        expected=f"p={proof.walk.policy} of {proof.walk.found_at}" if proof.walk else "an answer",
        seen=said,
        answered_by=answer.server.to_text() if answer else "",
    )


def _size(setup: Setup) -> int:
    return len(setup.proofs)


CHECK = Check(
    "dns-dmarc",
    Subject.DNS,
    "DMARC policies",
    (TAKEN_OVER, NONE_FOUND, OTHER_POLICY, OTHER_ALIGNMENT, UNREADABLE, READINGS_DIFFER, NOT_TOLD),
    run,
    _size,
)
