"""GetEmailIdentity: what it says in the spec's own fields, of DNS, of what SES issued, and what people should know."""

from collections.abc import Mapping

from sendspec.esp.ses.facts import DKIM_TOKENS
from sendspec.esp.ses.manage_bench import Bench, Issued, mapping
from sendspec.esp.ses.manage_calls import Answer
from sendspec.esp.ses.resources import IDENTITY, SIGNING
from sendspec.model.live import Verification

NAME, MAIL_FROM, FEEDBACK, SET = (
    "EmailIdentity",
    "MailFromAttributes",
    "FeedbackForwardingStatus",
    "ConfigurationSetName",
)
SELECTOR, PRIVATE_KEY, ORIGIN = "DomainSigningSelector", "DomainSigningPrivateKey", "DomainSigningAttributesOrigin"
EASY, OWN = "AWS_SES", "EXTERNAL"


def properties_of(domain: str, answer: Answer) -> dict[str, object]:
    """Give an identity in the fields of its resource; without a MAIL FROM or a default set where it has none."""
    dkim, mail_from = mapping(answer.get("DkimAttributes")), mapping(answer.get(MAIL_FROM))
    properties: dict[str, object] = {
        NAME: domain,
        "DkimAttributes": {"SigningEnabled": bool(dkim.get("SigningEnabled"))},
        FEEDBACK: bool(answer.get(FEEDBACK)),
    }
    origin, tokens = dkim.get("SigningAttributesOrigin"), dkim.get("Tokens")
    if origin == OWN:
        # For a key of one's own the tokens are its selector (DkimAttributes.Tokens).
        properties[SIGNING] = {SELECTOR: tokens[0]} if isinstance(tokens, list) and tokens else {}
    elif origin in {EASY, None}:
        length = dkim.get("NextSigningKeyLength")
        properties[SIGNING] = {"NextSigningKeyLength": length} if length else {}
    else:
        properties[SIGNING] = {ORIGIN: origin}
    if mail_from.get("MailFromDomain"):
        properties[MAIL_FROM] = {
            name: mail_from[name] for name in ("MailFromDomain", "BehaviorOnMxFailure") if name in mail_from
        }
    if answer.get(SET):
        properties[SET] = answer[SET]
    return properties


def verification_of(answer: Answer) -> tuple[Verification, str]:
    """Give what SES says of the domain, and of DKIM where it signs; the MAIL FROM only comes after both."""
    dkim, about = mapping(answer.get("DkimAttributes")), mapping(answer.get("VerificationInfo"))
    status = str(answer.get("VerificationStatus") or "")
    if not status:
        status = "SUCCESS" if answer.get("VerifiedForSendingStatus") else "PENDING"
    signing = str(dkim.get("Status") or "NOT_STARTED") if dkim.get("SigningEnabled") else "SUCCESS"
    words = f"domain {status}, DKIM {signing}" + (f" ({about['ErrorType']})" if about.get("ErrorType") else "")
    if "FAILED" in {status, signing}:
        return Verification.FAILED, words
    done = status == signing == "SUCCESS"
    return (Verification.DONE if done else Verification.PENDING), words


def issued_by(bench: Bench, domain: str, dkim: Mapping[str, object]) -> Issued:
    """Give the lock entry of Easy DKIM; nothing where the spec has another way to sign, or SES did not issue three."""
    tokens, origin = dkim.get("Tokens"), dkim.get("SigningAttributesOrigin")
    if bench.settings.dkim != "easy" or origin == OWN or f"{IDENTITY}/{domain}" not in bench.wanted:
        return {}
    if not isinstance(tokens, list) or len({str(token) for token in tokens}) != DKIM_TOKENS.value:
        return {}
    zone = dkim.get("SigningHostedZone")
    return {domain: {"dkim": {"tokens": [str(token) for token in tokens]} | ({"hosted_zone": zone} if zone else {})}}


def notes_on(bench: Bench, domain: str, answer: Answer) -> list[str]:
    """Say what of its MAIL FROM a reader of the plan should know."""
    live = mapping(answer.get(MAIL_FROM))
    host, status = live.get("MailFromDomain"), live.get("MailFromDomainStatus")
    resource = bench.wanted.get(f"{IDENTITY}/{domain}")
    if not host or resource is None:
        return []
    if MAIL_FROM not in resource.properties:
        call = f"aws sesv2 put-email-identity-mail-from-attributes --email-identity {domain}"
        return [f"{domain} has the MAIL FROM {host} at SES, and the spec none: `{call}` takes it away"]
    if status != "SUCCESS":
        says = "PENDING: it has not seen the MX yet" if status == "PENDING" else str(status)
        return [f"SES says of the MAIL FROM {host}: {says}"]
    return []
