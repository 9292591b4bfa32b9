"""What exchanges with one endpoint say: alike at several addresses is said once, and every time is a measurement."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sendspec.check.smtp import connection_kinds, submission_kinds, tls_kinds
from sendspec.check.smtp.kinds import KIND_OF
from sendspec.check.smtp.probes import Probe
from sendspec.model.observation import Kind, Measurement, Observation, Passed, Seen
from sendspec.model.origin import Origin
from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Exchange, Failure, Patience, Phase, Problem, Target, Tried

CERTIFICATE_DAYS = 14
"""Fewer are a warning: public authorities renew certificates weeks before their end."""
UNANSWERED = frozenset({Failure.CONNECT_TIMEOUT, Failure.NO_ROUTE})
SHOWN_ADDRESSES = 4


def judge(probe: Probe, exchanges: Sequence[Exchange], others: Sequence[Target], patience: Patience) -> Iterator[Seen]:
    """Give everything that the exchanges of one probe say.

    `exchanges` are those of every address, and further ones for further senders; `others` are the ESP's other ports that
    answer, asked for only where the declared one answers at no address.
    """
    looked_at = _without_missing_family(exchanges)
    yield from _sessions(probe, looked_at, others)
    yield from _envelopes(probe, looked_at)
    yield from _certificates(probe, looked_at)
    yield from _logins_in_plain_text(probe, looked_at)
    yield from _sizes(probe, looked_at)
    yield from _slow(probe, looked_at, patience)
    sound = sum(exchange.problem is None for exchange in looked_at)
    taken = len({tried.envelope for each in looked_at for tried in each.tried if tried.problem is None})
    if sound + taken:
        yield Passed(sound + taken)
    for exchange in looked_at:
        if exchange.phases:
            for _, route in probe.routes:
                yield _measurement(route.id, exchange)


def _without_missing_family(exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
    """Leave out addresses that this machine has no way to, unless there are no others: that says nothing of the ESP."""
    reached = [each for each in exchanges if each.problem is None or each.problem.failure is not Failure.NO_ROUTE]
    return reached or exchanges


def _sessions(probe: Probe, exchanges: Sequence[Exchange], others: Sequence[Target]) -> Iterator[Observation]:
    """Say what ended sessions early; the same failure with the same words at several addresses once."""
    alike: dict[tuple[Failure, Phase, str], list[Exchange]] = {}
    for exchange in exchanges:
        if exchange.problem is not None:
            problem = exchange.problem
            alike.setdefault((problem.failure, problem.phase, _words(problem)), []).append(exchange)
    addresses = len({exchange.target for exchange in exchanges})
    for found in alike.values():
        seen = _session(probe, found, addresses)
        yield _with_other_ports(seen, found[0].problem, others) if others else seen


def _session(probe: Probe, found: Sequence[Exchange], of: int) -> Observation:
    problem = found[0].problem
    if problem is None:
        raise AssertionError("only exchanges with a problem are alike")
    addresses = len({exchange.target for exchange in found})
    share = f" at {addresses} of {of} addresses" if addresses < of else ""
    return Observation(
        KIND_OF[problem.failure],
        probe.at,
        f"{probe.place}: {problem.failure}{_where(problem)}{share}{_said(problem)}",
        is_unknown=problem.failure.is_unknown,
        expected=_expected(probe, problem),
        seen=problem.reply or problem.detail,
        answered_by=_places(found),
        fix=_fix(probe, problem),
        related=probe.related,
        count=len(found),
    )


def _with_other_ports(seen: Observation, problem: Problem | None, others: Sequence[Target]) -> Observation:
    """Say which of the ESP's ports answer: then it is up, and the declared port is what does not work from here."""
    ports = [f"{target.port} ({target.tls})" for target in others]
    fix = f"set `port: {others[0].port}` and `tls: {others[0].tls}` on the route: from here {', '.join(ports)} answer"
    if problem is not None and problem.failure is Failure.CONNECT_TIMEOUT:
        seen = replace(seen, kind=connection_kinds.PORT_BLOCKED, is_unknown=False)
    return replace(seen, fix=fix)


def _envelopes(probe: Probe, exchanges: Sequence[Exchange]) -> Iterator[Observation]:
    """Say which senders were refused, each once: with the words of the first address."""
    refused: dict[str, tuple[Tried, Problem, list[Exchange]]] = {}
    for exchange in exchanges:
        for tried in exchange.tried:
            if tried.problem is not None:
                key = f"{tried.envelope.sender} {tried.problem.failure}"
                refused.setdefault(key, (tried, tried.problem, []))[2].append(exchange)
    for tried, problem, found in refused.values():
        envelope = tried.envelope
        who = envelope.recipient if problem.phase is Phase.RCPT else envelope.sender
        yield Observation(
            KIND_OF[problem.failure],
            probe.envelopes.get(envelope, probe.at),
            f"{envelope.sender} through {probe.place} ({probe.account.id}): {problem.failure}{_said(problem)}",
            expected=f"250 for {who}",
            seen=problem.reply or problem.detail,
            answered_by=_places(found),
            related=_routes_of(probe, envelope.sender),
        )


def _routes_of(probe: Probe, sender: str) -> tuple[tuple[Origin, str], ...]:
    """Give the routes that this sender's mail takes through the endpoint."""
    return tuple(
        (route.origin, "through this route")
        for stream, route in probe.routes
        if any(each.mailbox.address == sender for each in stream.senders)
    )


def _certificates(probe: Probe, exchanges: Sequence[Exchange]) -> Iterator[Observation]:
    ending = [
        (exchange.certificate_days, exchange)
        for exchange in exchanges
        if exchange.certificate_days is not None and exchange.certificate_days < CERTIFICATE_DAYS
    ]
    if ending:
        days = min(days for days, _ in ending)
        message = f"{probe.place}: its certificate is valid for {days} more days"
        found = [exchange for _, exchange in ending]
        yield _notice(probe, tls_kinds.CERTIFICATE_ENDS, message, found, f"at least {CERTIFICATE_DAYS} days", str(days))


def _logins_in_plain_text(probe: Probe, exchanges: Sequence[Exchange]) -> Iterator[Observation]:
    found = [exchange for exchange in exchanges if "AUTH" in exchange.plain_offer]
    if found:
        message = f"{probe.place}: AUTH is offered before TLS"
        offered = f"AUTH {found[0].plain_offer['AUTH']}"[:200]
        yield _notice(probe, tls_kinds.AUTH_BEFORE_TLS, message, found, "AUTH over TLS only", offered)


def _sizes(probe: Probe, exchanges: Sequence[Exchange]) -> Iterator[Observation]:
    """Compare SIZE with what the ESP documents, where a stream needs attachments. SIZE 0 sets no limit (RFC 1870)."""
    documented = probe.account.limits.max_message_bytes
    stream = probe.attaching
    if documented is None or stream is None:
        return
    sizes = [(int(each.offer["SIZE"]), each) for each in exchanges if _is_count(each.offer.get("SIZE", ""))]
    small = [(size, exchange) for size, exchange in sizes if 0 < size < documented.value]
    if small:
        size = min(size for size, _ in small)
        message = f"{probe.place}: takes messages of {size:,} octets, and {stream.id} needs attachments"
        found = [exchange for _, exchange in small]
        expected = f"{documented.value:,} octets ({documented.source})"
        yield _notice(probe, submission_kinds.SIZE_TOO_SMALL, message, found, expected, f"SIZE {size}")


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20  # noqa: PLR2004 - RFC 1870 section 3: at most 20 digits


def _slow(probe: Probe, exchanges: Sequence[Exchange], patience: Patience) -> Iterator[Observation]:
    found = [each for each in exchanges if each.slowest[1] >= patience.slow and not _has_waited(each)]
    if found:
        phase, seconds = max((each.slowest for each in found), key=lambda slowest: slowest[1])
        message = f"{probe.place}: takes {seconds:.1f} s over {phase}"
        yield _notice(
            probe, connection_kinds.SLOW, message, found, f"less than {patience.slow:g} s", f"{seconds:.1f} s"
        )


def _has_waited(exchange: Exchange) -> bool:
    """Tell whether the wait is reported already: as silence, or as what TLS in the other mode looks like."""
    problem = exchange.problem
    return problem is not None and (problem.failure.is_unknown or problem.failure is Failure.TLS_EXPECTED)


def _notice(probe: Probe, kind: Kind, message: str, found: Sequence[Exchange], expected: str, seen: str) -> Observation:
    """Give a finding about an endpoint that works for all that."""
    return Observation(
        kind,
        probe.at,
        message,
        expected=expected,
        seen=seen,
        answered_by=_places(found),
        related=probe.related,
    )


def _measurement(route: str, exchange: Exchange) -> Measurement:
    """Give each phase once; those that several senders went through in one session are added up and say so."""
    taken: dict[Phase, list[float]] = {}
    for phase, seconds in exchange.phases:
        taken.setdefault(phase, []).append(seconds)
    phases = tuple(
        (f"{phase} of {len(times)} senders" if len(times) > 1 else str(phase), sum(times))
        for phase, times in taken.items()
    )
    return Measurement(route, exchange.target.to_text(), phases, exchange.round_trip_seconds)


def _words(problem: Problem) -> str:
    return problem.reply or problem.detail


def _said(problem: Problem) -> str:
    words = _words(problem)
    return f": {words}" if words else ""


def _where(problem: Problem) -> str:
    """Name the phase where the failure could be in any."""
    anywhere = {
        Failure.TIMEOUT,
        Failure.CLOSED,
        Failure.CLOSING,
        Failure.ENDLESS,
        Failure.MALFORMED,
        Failure.UNEXPECTED,
    }
    return f" ({problem.phase})" if problem.failure in anywhere else ""


def _expected(probe: Probe, problem: Problem) -> str:
    if problem.failure is Failure.CERTIFICATE_NAME:
        return f"a certificate for {probe.endpoint.host}"
    return ""


def _fix(probe: Probe, problem: Problem) -> str:
    """Name the way out where this very endpoint shows it."""
    served = probe.endpoint.ports
    other = Tls.IMPLICIT if probe.endpoint.tls is Tls.STARTTLS else Tls.STARTTLS
    if problem.failure in {Failure.TLS_EXPECTED, Failure.PLAIN_TEXT} and probe.endpoint.port in served.get(other, ()):
        return f"set `tls: {other}` on the route: port {probe.endpoint.port} of {probe.account.title} speaks that"
    return ""


def _places(found: Sequence[Exchange]) -> str:
    """Give `smtp.example.com:587 (192.0.2.1, 192.0.2.2)`, with not too many addresses."""
    target = found[0].target
    addresses = list(dict.fromkeys(each.target.address for each in found))
    shown = ", ".join(addresses[:SHOWN_ADDRESSES])
    more = len(addresses) - SHOWN_ADDRESSES
    return f"{target.host}:{target.port} ({shown}{f' and {more} more' if more > 0 else ''})"
