"""Identities as SES has them: read with what SES issued, made, changed call by call, removed."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sendspec.esp.managing import ResourceKind
from sendspec.esp.ses.dkim_keys import next_key, published_key, unfit_key
from sendspec.esp.ses.facts import DG, MODEL
from sendspec.esp.ses.identity_answer import (
    EASY,
    FEEDBACK,
    MAIL_FROM,
    NAME,
    ORIGIN,
    OWN,
    PRIVATE_KEY,
    SELECTOR,
    SET,
    issued_by,
    notes_on,
    properties_of,
    verification_of,
)
from sendspec.esp.ses.manage_bench import Bench, Issued, Reading, covers, ended, look_at, mapping, spelled
from sendspec.esp.ses.manage_calls import Answer, Refused, Trouble
from sendspec.esp.ses.resources import DKIM_KEY, IDENTITY, SIGNING, merged
from sendspec.model.live import Failure, LiveResource, Outcome, Verification
from sendspec.model.plan import Action, Change, Stage
from sendspec.model.request import secret

UNSIGNED = (
    "until it has, mail of {streams} leaves unsigned, and DMARC hangs on SPF alone (developer guide, "
    "send-email-authentication-dkim-bring-your-own)"
)
KIND = ResourceKind(
    title="identity",
    stage=Stage.ISSUE,
    source=f"{MODEL} CreateEmailIdentity, PutEmailIdentity*Attributes; {DG}/mail-from.html",
    later={
        # A key of one's own is in DNS before SES signs with it; bounces are mailed until the webhook takes them.
        f"{SIGNING}.{SELECTOR}": Stage.VERIFY,
        f"{SIGNING}.{PRIVATE_KEY}": Stage.VERIFY,
        MAIL_FROM: Stage.RETURN_PATH,
        FEEDBACK: Stage.EVENTS,
    },
    create_only=frozenset({NAME}),
    unreadable=frozenset({"Tags", f"{SIGNING}.{PRIVATE_KEY}"}),
    without="SES refuses all mail of {streams}: the domain is not verified any more",
    stops_mail=True,
    meanings={
        f"{SIGNING}.{SELECTOR}": "SES stops signing with what it has ({before}) at once and signs with the key at "
        f"{{after}} once it has seen its record in DNS; {UNSIGNED}",
        f"{SIGNING}.NextSigningKeyLength": "SES makes its next key with this length, {before} becomes {after}, and "
        "changes it behind the CNAMEs. If it signed with a key of yours so far, it stops at once, issues three new "
        f"CNAMEs and signs once it has seen them; {UNSIGNED}",
        "DkimAttributes.SigningEnabled": "false: mail of {streams} leaves unsigned, and DMARC hangs on SPF alone; "
        "{before} becomes {after}",
        f"{MAIL_FROM}.MailFromDomain": "SES uses {after} for bounces of {streams} once it has seen the MX there; until "
        "then it does what BehaviorOnMxFailure says",
        f"{MAIL_FROM}.BehaviorOnMxFailure": "while SES cannot see the MX of the MAIL FROM it refuses mail of {streams} "
        "(REJECT_MESSAGE), or sends it with its own domain, without SPF alignment (USE_DEFAULT_VALUE): {before} becomes "
        "{after}",
        SET: "mail of {streams} that names no configuration set goes through {after}: its events, suppression and "
        "metrics",
        FEEDBACK: "bounces and complaints of {streams} are mailed to the sender only while this is true: {before} "
        "becomes {after}",
    },
    is_verified_by_dns=True,
)
DEFAULTS: Mapping[str, object] = {"DkimAttributes": {"SigningEnabled": True}, FEEDBACK: True}
"""What a new identity has (developer guide, monitor-sending-activity-using-notifications-email)."""
RESTART = "SES has stopped looking after 72 hours; asked again, it starts anew"


async def read(bench: Bench, ids: Collection[str]) -> Reading:
    """Read identities by domain, and what SES issued for those that the spec wants."""
    answers: dict[str, Answer] = {}

    async def look(domain: str) -> LiveResource | Refused | None:
        answer = await bench.calls.ask("sesv2", "get_email_identity", {NAME: domain})
        if isinstance(answer, Refused):
            return None if answer.trouble is Trouble.MISSING else answer
        answers[domain] = answer
        return _resource(bench, domain, answer)

    found = await look_at(ids, look)
    if isinstance(found, Refused):
        return Reading(unread=found.unread(bench.where(IDENTITY)))
    issued: dict[str, Mapping[str, Mapping[str, object]]] = {}
    notes = []
    for resource in found:
        answer = answers[resource.id]
        issued.update(issued_by(bench, resource.id, mapping(answer.get("DkimAttributes"))))
        notes += notes_on(bench, resource.id, answer)
    return Reading(tuple(found), issued=issued, notes=tuple(notes))


def _resource(bench: Bench, domain: str, answer: Answer) -> LiveResource:
    wanted = bench.properties(f"{IDENTITY}/{domain}")
    properties = mapping(spelled(properties_of(domain, answer), wanted))
    verification, words = verification_of(answer)
    return LiveResource(IDENTITY, domain, domain, properties, verification, words)


async def apply(bench: Bench, change: Change) -> Outcome:
    """Carry out one change."""
    domain = change.subject.partition("/")[2]
    if change.action is Action.DELETE:
        return ended(await bench.calls.ask("sesv2", "delete_email_identity", {NAME: domain}), Trouble.MISSING)
    if change.action is Action.VERIFY:
        return await _look_again(bench, domain)
    wanted = mapping(change.after)
    if change.action is not Action.UPDATE:
        wanted = await _with_own_key(bench, domain, wanted)
    return await _bring(bench, domain, wanted, is_there=change.action is Action.UPDATE)


async def _with_own_key(bench: Bench, domain: str, wanted: dict[str, object]) -> dict[str, object]:
    """Add a key of one's own if it is at hand, so that SES issues none. Without it a later stage brings it.

    One that this run has made is in the store, and the setup does not know it yet.
    """
    own = mapping(bench.properties(f"{IDENTITY}/{domain}").get(SIGNING))
    if _is_unmade(own):
        selector, reference = next_key(bench, domain)
        own = {SELECTOR: selector, PRIVATE_KEY: secret(reference)} if reference else {}
    usable = SELECTOR in own and not isinstance(await _signing(bench, domain, own), Outcome)
    others = {name: value for name, value in wanted.items() if name != SIGNING or value}
    return others | ({SIGNING: own} if usable else {})


def _is_unmade(signing: Mapping[str, object]) -> bool:
    return str(signing.get(SELECTOR, "")).startswith(f"${{{DKIM_KEY}/")


async def _signing(bench: Bench, domain: str, wanted: Mapping[str, object]) -> dict[str, object] | Outcome:
    """Give the signing attributes as SES takes them: with the key, and only if it is the one in DNS."""
    if _is_unmade(wanted):
        fix = "run apply again once the key is made and in the lock file"
        return Outcome(Failure.LATER, f"{domain} has no DKIM key yet", fix)
    filled = await bench.as_at_aws(wanted)
    if isinstance(filled, Outcome):
        return filled
    signing = mapping(filled)
    if SELECTOR not in signing:
        return signing
    problem = unfit_key(
        str(signing.get(PRIVATE_KEY) or ""), published_key(bench.desk.setup, bench.desk.account, domain)
    )
    return Outcome(Failure.NEEDS, f"{domain}: {problem.reason}", problem.fix) if problem else signing


async def _bring(bench: Bench, domain: str, wanted: Mapping[str, object], *, is_there: bool) -> Outcome:
    issued: Issued = {}
    live: Mapping[str, object] = DEFAULTS
    is_verified, is_new = False, not is_there
    if not is_there:
        answer = await _create(bench, domain, wanted)
        if isinstance(answer, Outcome):
            return answer
        if not isinstance(answer, Refused):
            issued = issued_by(bench, domain, mapping(answer.get("DkimAttributes")))
            live = merged({**DEFAULTS, SIGNING: wanted.get(SIGNING)}, {SET: wanted.get(SET)})
        else:
            is_there = True
    if is_there:
        seen = await bench.calls.ask("sesv2", "get_email_identity", {NAME: domain}, is_new=is_new)
        if isinstance(seen, Refused):
            is_gone = seen.trouble is Trouble.MISSING and not is_new
            return await _bring(bench, domain, wanted, is_there=False) if is_gone else ended(seen)
        live = properties_of(domain, seen)
        is_verified = verification_of(seen)[0] is Verification.DONE
        issued = issued_by(bench, domain, mapping(seen.get("DkimAttributes")))
    outcome = await _put(bench, domain, wanted, live, is_verified=is_verified, is_new=is_new)
    return replace(outcome, native_id=domain, issued={**issued, **outcome.issued})


async def _create(bench: Bench, domain: str, wanted: Mapping[str, object]) -> Answer | Refused | Outcome:
    """Make it. A Refused means that it exists."""
    elsewhere = {MAIL_FROM, FEEDBACK, "DkimAttributes", SIGNING}
    parameters = await bench.as_at_aws({name: value for name, value in wanted.items() if name not in elsewhere})
    if isinstance(parameters, Outcome):
        return parameters
    signing = await _signing(bench, domain, mapping(wanted.get(SIGNING)))
    if isinstance(signing, Outcome):
        return signing
    given = mapping(parameters) | ({SIGNING: signing} if signing else {}) | {NAME: domain}
    answer = await bench.calls.ask("sesv2", "create_email_identity", given, is_new=SET in given)
    if isinstance(answer, Refused) and answer.trouble is not Trouble.EXISTS:
        return ended(answer)
    return answer


async def _put(
    bench: Bench,
    domain: str,
    wanted: Mapping[str, object],
    live: Mapping[str, object],
    *,
    is_verified: bool,
    is_new: bool = False,
) -> Outcome:
    """Set what is stated and differs, each by its own call."""
    issued: Issued = {}
    for group in (SET, SIGNING, "DkimAttributes", FEEDBACK, MAIL_FROM):
        if group not in wanted or covers(live.get(group), wanted[group], {PRIVATE_KEY}):
            continue
        parameters = await _parameters(bench, domain, group, wanted[group], live)
        if isinstance(parameters, Outcome):
            return replace(parameters, issued=issued)
        answer = await bench.calls.ask("sesv2", PUTS[group], {NAME: domain, **parameters}, is_new=is_new)
        if isinstance(answer, Refused):
            outcome = ended(answer)
            if group == MAIL_FROM and answer.trouble is Trouble.REFUSED and not is_verified:
                fix = "SES may want the domain verified first: run apply again once it is"
                outcome = replace(outcome, failure=Failure.LATER, fix=fix)
            return replace(outcome, issued=issued)
        if group == SIGNING:
            now = {"Tokens": answer.get("DkimTokens"), "SigningHostedZone": answer.get("SigningHostedZone")}
            issued = issued_by(bench, domain, now)
    return Outcome(issued=issued)


PUTS = {
    SET: "put_email_identity_configuration_set_attributes",
    SIGNING: "put_email_identity_dkim_signing_attributes",
    "DkimAttributes": "put_email_identity_dkim_attributes",
    FEEDBACK: "put_email_identity_feedback_attributes",
    MAIL_FROM: "put_email_identity_mail_from_attributes",
}


async def _parameters(
    bench: Bench, domain: str, group: str, wanted: object, live: Mapping[str, object]
) -> dict[str, object] | Outcome:
    if group == SIGNING:
        signing = await _signing(bench, domain, mapping(wanted))
        if isinstance(signing, Outcome):
            return signing
        origin = signing.pop(ORIGIN, OWN if SELECTOR in signing else EASY)
        return {"SigningAttributesOrigin": origin} | ({"SigningAttributes": signing} if signing else {})
    if group in {SET, FEEDBACK}:
        return {"EmailForwardingEnabled" if group == FEEDBACK else SET: wanted}
    return merged(mapping(live.get(group)), mapping(wanted))


async def _look_again(bench: Bench, domain: str) -> Outcome:
    """SES looks by itself for 72 hours; only what has failed is started anew, by setting it as it is."""
    seen = await bench.calls.ask("sesv2", "get_email_identity", {NAME: domain})
    if isinstance(seen, Refused):
        return ended(seen)
    wanted = bench.properties(f"{IDENTITY}/{domain}")
    dkim, mail_from = mapping(seen.get("DkimAttributes")), mapping(seen.get(MAIL_FROM))
    verification, words = verification_of(seen)
    issued = issued_by(bench, domain, dkim)
    restarted = {
        SIGNING: verification is Verification.FAILED and bool(mapping(wanted.get(SIGNING))),
        MAIL_FROM: mail_from.get("MailFromDomainStatus") == "FAILED" and MAIL_FROM in wanted,
    }
    again = {group: wanted[group] for group, is_due in restarted.items() if is_due}
    outcome = await _put(bench, domain, again, {}, is_verified=verification is Verification.DONE)
    if outcome.failure is not None:
        return outcome
    note = f"SES says of {domain}: {words}" + (f"; {RESTART}" if again else "")
    is_done = verification is Verification.DONE
    return Outcome(native_id=domain, issued={**issued, **outcome.issued}, notes=() if is_done else (note,))
