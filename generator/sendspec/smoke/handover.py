"""Hand one message to one route, by SMTP or through the API, and say what came of it. Never raises for what the world does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sendspec.esp.interface import load_sending
from sendspec.model.blame import Verdict
from sendspec.model.credential import Credential, Literal, Login
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.sending import Sending
from sendspec.model.smoke import Attempt, End, RoutePlan, SmokePlan
from sendspec.model.vocabulary import Via
from sendspec.net.http import Reply, Trouble
from sendspec.net.net import Net
from sendspec.net.smtp import client
from sendspec.net.smtp.exchange import Envelope, Exchange, Failure, Phase, Target
from sendspec.net.smtp.exchange import Login as SmtpLogin
from sendspec.smoke import blame
from sendspec.smoke.message import outgoing, rfc5322

SHOWN = 200
ADDRESSES = 4
"""How many addresses of one endpoint are tried until one takes the connection, as clients do."""
NO_PATIENCE_LEFT = 1.0


@dataclass(frozen=True, slots=True)
class Missing:
    """A credential that could not be resolved."""

    credential: Credential | None
    reason: str
    fix: str


async def hand_over(plan: SmokePlan, step: RoutePlan, net: Net) -> Attempt:
    """Try one route once. Retries are an application's: a smoke test that retried would hide what they hide."""
    endpoint, sending = step.route.endpoint, load_sending(step.account.kind)
    key = endpoint.password
    if key is None and step.route.via is Via.API:
        key = sending.ambient(step.account)
    resolved = [await _resolve(login, net) for login in (endpoint.username, key)]
    for found in resolved:
        if isinstance(found, Missing):
            return _without_credential(step, found)
    values = tuple(found if isinstance(found, Secret) else None for found in resolved)
    silence = sending.silence(endpoint, values[1])
    if step.route.via is Via.API:
        attempt = await _by_api(plan, step, net, values, sending)
    else:
        attempt = await _by_smtp(plan, step, net, values, sending)
    return replace(attempt, silence=silence)


async def _resolve(login: Login | None, net: Net) -> Secret | Missing | None:
    if login is None:
        return None
    if isinstance(login, Literal):
        return Secret(login.value)
    found = await net.secrets.get(login)
    return Missing(login, found.reason, found.fix) if isinstance(found, Unresolved) else found


def _without_credential(step: RoutePlan, missing: Missing) -> Attempt:
    named = f"{missing.credential.id}: " if missing.credential else ""
    failed = f"{named}{missing.reason}"
    return Attempt(step, End.UNKNOWN, place_of(step), phase="credential", failed=failed, fix=missing.fix)


def place_of(step: RoutePlan) -> str:
    """Give where a route hands over, as people write it: `smtp.example.com:587`, `https://api.example.com`."""
    endpoint = step.route.endpoint
    return endpoint.base_url if step.route.via is Via.API else f"{endpoint.host}:{endpoint.port}"


async def _by_smtp(
    plan: SmokePlan, step: RoutePlan, net: Net, login: Sequence[Secret | None], sending: Sending
) -> Attempt:
    user, password = login
    if user is None or password is None:
        missing = Missing(None, "the spec declares no login for this endpoint", "add it below `credentials:`")
        return _without_credential(step, missing)
    endpoint, message = step.route.endpoint, outgoing(plan, step)
    content = rfc5322(message, sending.smtp_headers(endpoint.headers, plan.marker), net.now())
    envelope = Envelope(message.sender.address, message.recipient)
    patient = replace(net, patience=replace(net.patience, message=plan.wait_seconds))
    began = asyncio.get_running_loop().time()
    addresses = await _addresses(net, endpoint.host)
    looked_up = asyncio.get_running_loop().time() - began
    if isinstance(addresses, str):
        stopped = net.deadline.has_passed
        end = End.UNKNOWN if stopped else End.FAILED
        verdict = None if stopped else blame.BEFORE_THE_MESSAGE
        return Attempt(step, end, place_of(step), looked_up, phase="resolve", failed=_short(addresses), verdict=verdict)
    exchange = Exchange(Target(endpoint.host, addresses[0], endpoint.port, endpoint.tls))
    for address in addresses:
        target = Target(endpoint.host, address, endpoint.port, endpoint.tls)
        exchange = await client.deliver(patient, target, SmtpLogin(user, password), envelope, content)
        if exchange.problem is None or exchange.problem.phase is not Phase.CONNECT:
            break
    return _of_exchange(step, exchange, asyncio.get_running_loop().time() - began, looked_up, sending)


async def _addresses(net: Net, host: str) -> Sequence[str] | str:
    """Give the addresses of a host, IPv4 first; or why there is none."""
    answers = await asyncio.gather(net.dns.lookup(host, "A"), net.dns.lookup(host, "AAAA"))
    found = tuple(address for answer in answers for address in answer.texts)
    return found[:ADDRESSES] or f"{host} has no address: {answers[0].said}"


def _of_exchange(step: RoutePlan, exchange: Exchange, seconds: float, looked_up: float, sending: Sending) -> Attempt:
    phases = (("resolve", looked_up), *((str(phase), taken) for phase, taken in exchange.phases))
    place, problem = exchange.target.to_text(), exchange.problem
    if problem is None:
        said = exchange.accepted
        return Attempt(step, End.GOOD, place, seconds, phases, sending.smtp_id(said), said=_short(said))
    failed = f"{problem.failure}{f' ({problem.detail})' if problem.detail else ''}"
    if problem.failure is Failure.STOPPED:
        return Attempt(step, End.UNKNOWN, place, seconds, phases, phase=str(problem.phase), failed=_short(failed))
    return _failed(
        step, place, seconds, phases, str(problem.phase), failed, problem.reply, blame.of_smtp(problem, sending)
    )


def _failed(
    step: RoutePlan,
    place: str,
    seconds: float,
    phases: tuple[tuple[str, float], ...],
    phase: str,
    failed: str,
    said: str,
    verdict: Verdict,
) -> Attempt:
    return Attempt(
        plan=step,
        end=End.FAILED,
        endpoint=place,
        seconds=seconds,
        phases=phases,
        phase=phase,
        failed=_short(failed),
        said=_short(said),
        verdict=verdict,
    )


async def _by_api(
    plan: SmokePlan, step: RoutePlan, net: Net, login: Sequence[Secret | None], sending: Sending
) -> Attempt:
    endpoint = step.route.endpoint
    user, key = login
    call = sending.request(endpoint, outgoing(plan, step))
    try:
        ready = sending.authorize(call, endpoint, user, key, net.now())
    except ValueError as error:
        return _without_credential(step, Missing(None, str(error), ""))
    seconds = max(float(step.route.delivery.read_timeout_seconds), NO_PATIENCE_LEFT)
    reply = await net.http.call(
        ready.method, ready.url, headers=ready.headers, body=ready.body, timeout_seconds=min(seconds, plan.wait_seconds)
    )
    return _of_reply(step, call.url, reply, sending, net)


def _of_reply(step: RoutePlan, url: str, reply: Reply, sending: Sending, net: Net) -> Attempt:
    place = f"{url} ({reply.address})" if reply.address else url
    phases = (("call", reply.seconds),)
    if reply.status is None:
        failed = f"{reply.trouble}{f': {reply.detail}' if reply.detail else ''}"
        if reply.trouble is Trouble.STOPPED and not reply.was_sent:
            return Attempt(step, End.UNKNOWN, place, reply.seconds, phases, phase="call", failed=_short(failed))
        verdict = blame.of_http(reply, None, sending)
        return _failed(step, place, reply.seconds, phases, "call", net.secrets.hide(failed), "", verdict)
    answer = sending.answer(reply.status, reply.headers, reply.body)
    if answer.is_accepted:
        said = f"{reply.status}"
        return Attempt(step, End.GOOD, place, reply.seconds, phases, net.secrets.hide(answer.id)[:SHOWN], said=said)
    said = net.secrets.hide(" ".join(part for part in (answer.code, answer.said) if part))
    failed = f"the call is answered with {reply.status}"
    return _failed(step, place, reply.seconds, phases, "call", failed, said, blame.of_http(reply, answer, sending))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
