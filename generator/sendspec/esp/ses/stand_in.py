"""SES's API (and the part of SNS that brings its events) as rehearsals and tests meet it, as the setup declares it.

Written from the API description that botocore 1.44.5 ships (data/sesv2/2019-09-27) and the developer guide, read
2026-11-26. Stricter than the real one in one thing: a member that no shape has is refused, not passed over.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import ValidationError

from sendspec.esp.ses.account_signature import AMBIENT
from sendspec.esp.ses.endpoint import SMTP_CREDENTIALS
from sendspec.esp.ses.facts import CONFIGURATION_SET_HEADER, MAX_RECIPIENTS, partition
from sendspec.esp.ses.stand_in_account import SesAccount, make_account
from sendspec.esp.ses.stand_in_events import SentMail, records_of
from sendspec.esp.ses.stand_in_mail import SendEmail
from sendspec.esp.ses.stand_in_signature import UNKNOWN, WRONG, check
from sendspec.model.credential import Credential
from sendspec.model.setup import Setup
from sendspec.model.stand_in import (
    ApiAnswer,
    ApiCall,
    EventPost,
    StandInMaker,
    TakenMail,
    json_answer,
    made_up,
    parts_of,
)

HEX, BASE32 = "0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
FAULTS: Mapping[int, tuple[str, str]] = {
    401: WRONG,
    403: ("AccessDeniedException", "User is not authorized to perform this action."),
    422: ("BadRequestException", "Missing final '@domain'"),
    429: ("TooManyRequestsException", "Rate exceeded"),
    500: ("InternalServiceErrorException", "The service encountered an internal error."),
    503: ("ServiceUnavailableException", "The service is unavailable."),
}
STATUSES = {401: 403, 422: 400}
"""What SES answers where others answer 401 and 422."""
Handler = Callable[["SesStandIn", "SesAccount", ApiCall, tuple[str, ...]], ApiAnswer]


class SesStandIn:
    """SES for the accounts of one setup."""

    def __init__(self, setup: Setup, values: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self._now = now
        self._posts: list[EventPost] = []
        accounts = (account for account in setup.accounts if account.kind == STAND_IN.id)
        self._accounts = [make_account(setup, account, values, now()) for account in accounts]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Give the hosts of SES and SNS in every region in use."""
        return tuple(sorted({host for account in self._accounts for host in account.hosts}))

    def answer(self, call: ApiCall) -> ApiAnswer:
        """Answer a call: SNS gives its certificate to anybody, SES answers only what is signed."""
        for account in self._accounts:
            if call.host == account.hosts[1] and call.path == account.notifier.certificate_path:
                return ApiAnswer(200, (("Content-Type", "application/x-pem-file"),), account.notifier.certificate)
            if call.host == account.iam.host and account.iam.knows(call):
                key = check(call, account.iam.region, account.secrets, self._now(), "iam")
                return account.iam.refuse(*key) if isinstance(key, tuple) else account.iam.answer(key, call)
        here = [account for account in self._accounts if call.host == account.hosts[0]]
        refusal = UNKNOWN
        for account in here:
            key = check(call, account.region, account.secrets, self._now())
            if isinstance(key, str):
                return self._route(account, key, call)
            refusal = key
        return _error(403, *refusal)

    def _route(self, account: SesAccount, key: str, call: ApiCall) -> ApiAnswer:
        for (method, pattern), (action, handler) in ROUTES.items():
            found = parts_of(call.path, pattern)
            if found is None or method != call.method:
                continue
            if key in account.senders and action not in SENDING_ACTIONS:
                arn = f"arn:{partition(account.region)}:iam::{account.number}:user/{account.id}"
                return _error(403, FAULTS[403][0], f"User: {arn} is not authorized to perform: {action}")
            return handler(self, account, call, found)
        return _error(404, "UnknownOperationException", "")

    def fault(self, status: int) -> ApiAnswer:
        """Give SES's own error: it answers 403 to a wrong signature, and 400 to a bad message. No header says when to return."""
        return _error(STATUSES.get(status, status), *FAULTS[status])

    def take_events(self) -> tuple[EventPost, ...]:
        """Give the posts of SNS for what was sent since the last time."""
        posts, self._posts = tuple(self._posts), []
        return posts

    def take_mail(self, login: tuple[str, str], message: TakenMail) -> str:
        """Take a message from SMTP; the configuration set and the tags are in headers."""
        account = next((each for each in self._accounts if login[0] in each.smtp_users), None)
        if account is None:
            return "Ok"
        headers = message.headers
        tags = (tag.partition("=") for tag in headers.get("x-ses-message-tags", "").split(",") if "=" in tag)
        mail = SentMail(
            id=_message_id(account),
            sender=message.sender,
            recipients=message.recipients,
            subject=headers.get("subject", ""),
            configuration_set=account.set_of(headers.get(CONFIGURATION_SET_HEADER.value.lower(), ""), message.sender),
            tags={name.strip(): value.strip() for name, _, value in tags},
            moment=self._now(),
        )
        self._take(account, mail)
        return f"Ok {mail.id}"

    def read_account(self, account: SesAccount, _call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer GetAccount: an account out of the sandbox, healthy."""
        quota = {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": float(len(account.sent))}
        answer = {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": True,
            "SendQuota": quota,
            "SendingEnabled": True,
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
            "Details": {"MailType": "TRANSACTIONAL", "ReviewDetails": {"Status": "GRANTED"}},
        }
        return json_answer(200, answer)

    def list_sets(self, account: SesAccount, _call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer ListConfigurationSets."""
        return json_answer(200, {"ConfigurationSets": sorted(account.sets)})

    def read_set(self, account: SesAccount, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
        """Answer GetConfigurationSet."""
        found = account.sets.get(parts[0])
        return json_answer(200, found) if found else _no_set(parts[0])

    def list_destinations(self, account: SesAccount, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
        """Answer GetConfigurationSetEventDestinations."""
        if parts[0] not in account.sets:
            return _no_set(parts[0])
        found = [{"Name": name, **each} for name, each in account.destinations.get(parts[0], ())]
        return json_answer(200, {"EventDestinations": found})

    def list_identities(self, account: SesAccount, _call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer ListEmailIdentities."""
        state = {"IdentityType": "DOMAIN", "SendingEnabled": True, "VerificationStatus": "SUCCESS"}
        return json_answer(
            200, {"EmailIdentities": [{"IdentityName": name, **state} for name in sorted(account.identities)]}
        )

    def send(self, account: SesAccount, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer SendEmail."""
        try:
            email = SendEmail.model_validate_json(call.body)
        except ValidationError as error:
            return _error(400, "BadRequestException", _reason(error))
        if refusal := _refusal(account, email):
            return refusal
        mail = SentMail(
            id=_message_id(account),
            sender=email.sender(),
            recipients=email.recipients(),
            subject=email.subject(),
            configuration_set=account.set_of(email.configuration_set_name, email.sender()),
            tags={tag.name: tag.value for tag in email.email_tags},
            moment=self._now(),
        )
        self._take(account, mail)
        return json_answer(200, {"MessageId": mail.id})

    def _take(self, account: SesAccount, mail: SentMail) -> None:
        account.sent.append(mail)
        for kind, record in records_of(mail, account.number):
            for name, destination in account.destinations.get(mail.configuration_set, ()):
                topic = destination.get("SnsDestination")
                names = destination.get("MatchingEventTypes")
                if destination["Enabled"] and isinstance(topic, dict) and isinstance(names, list) and kind in names:
                    arn, url = str(topic["TopicArn"]), account.endpoints.get(f"{mail.configuration_set}/{name}", "")
                    self._posts.append(account.notifier.post(url, arn, record, mail.moment))


SENDING_ACTIONS = frozenset({"ses:SendEmail"})
ROUTES: Mapping[tuple[str, str], tuple[str, Handler]] = {
    ("GET", "/v2/email/account"): ("ses:GetAccount", SesStandIn.read_account),
    ("GET", "/v2/email/configuration-sets"): ("ses:ListConfigurationSets", SesStandIn.list_sets),
    ("GET", "/v2/email/configuration-sets/{name}"): ("ses:GetConfigurationSet", SesStandIn.read_set),
    ("GET", "/v2/email/configuration-sets/{name}/event-destinations"): (
        "ses:GetConfigurationSetEventDestinations",
        SesStandIn.list_destinations,
    ),
    ("GET", "/v2/email/identities"): ("ses:ListEmailIdentities", SesStandIn.list_identities),
    ("POST", "/v2/email/list-configuration-sets"): ("ses:ListConfigurationSets", SesStandIn.list_sets),
    ("POST", "/v2/email/list-identities"): ("ses:ListEmailIdentities", SesStandIn.list_identities),
    ("POST", "/v2/email/outbound-emails"): ("ses:SendEmail", SesStandIn.send),
}
"""Method, path; the action that IAM knows it by, and who answers. Lists: as SDKs asked for years, and as they do now."""


def _refusal(account: SesAccount, email: SendEmail) -> ApiAnswer | None:
    recipients = email.recipients()
    if problem := email.problem():
        return _error(400, "BadRequestException", problem)
    if not recipients or len(recipients) > MAX_RECIPIENTS.value:
        return _error(400, "BadRequestException", f"Recipient count is not between 1 and {MAX_RECIPIENTS.value}.")
    if email.configuration_set_name and email.configuration_set_name not in account.sets:
        return _no_set(email.configuration_set_name)
    sender = email.sender()
    if sender.rpartition("@")[2].lower() not in account.identities:
        text = "Email address is not verified. The following identities failed the check in region"
        return _error(400, "MessageRejected", f"{text} {account.region.upper()}: {sender}")
    return None


def _no_set(name: str) -> ApiAnswer:
    return _error(404, "NotFoundException", f"Configuration set <{name}> does not exist.")


def _error(status: int, name: str, message: str) -> ApiAnswer:
    return json_answer(status, {"message": message}, ("x-amzn-ErrorType", name))


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _message_id(account: SesAccount) -> str:
    """Give an id of the form that SES uses: `0102018e…-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx-000000`."""
    seed = (account.id, str(len(account.sent)))
    parts = [made_up(length, *seed, str(length), letters=HEX) for length in (16, 8, 4, 4, 4, 12)]
    return "-".join((*parts, "000000"))


def _value(credential: Credential) -> str:
    """Give a value of the shape that AWS gives out; SMTP passwords have no relation to any key here."""
    if credential.name == AMBIENT:
        pair = {"access_key_id": _key_id(credential.id), "secret_access_key": made_up(40, credential.id)}
        return json.dumps(pair)
    if credential.name.endswith(("username", "access_key_id")):
        return _key_id(credential.id)
    return made_up(44 if credential.name == SMTP_CREDENTIALS[1] else 40, credential.id)


def _key_id(seed: str) -> str:
    return f"AKIA{made_up(16, seed, letters=BASE32)}"


STAND_IN = StandInMaker(id="ses", value=_value, make=SesStandIn)
