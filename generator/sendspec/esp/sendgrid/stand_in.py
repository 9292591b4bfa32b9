"""SendGrid's API as rehearsals and tests meet it: one user or subuser for each account, as the setup declares it.

Written from the vendor's OpenAPI files (twilio/sendgrid-oai @ dbe0e0d, 2026-01-22) and pages, read 2026-11-26.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import ValidationError

from sendspec.esp.sendgrid.facts import API_HOSTS, GLOBAL, ON_BEHALF_OF, SEND_SCOPES, SMTP_USER
from sendspec.esp.sendgrid.stand_in_mail import HELP, Mail, errors_of
from sendspec.esp.sendgrid.stand_in_manage import OF_THE_PARENT, manage
from sendspec.esp.sendgrid.stand_in_manage import ROUTES as MANAGED_ROUTES
from sendspec.esp.sendgrid.stand_in_user import READS_CREDITS, User, make_user, posts_of
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
from sendspec.model.vocabulary import Event

LIMIT = 600
RESET_SECONDS = 30
UNSIGNED = (
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit "
    "https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements"
)
FAULTS: Mapping[int, str] = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    422: "Unprocessable Entity",
    429: "too many requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
Handler = Callable[["SendGridStandIn", "User", ApiCall, str], ApiAnswer]


class SendGridStandIn:
    """SendGrid for the accounts of one setup."""

    hosts = tuple(sorted(API_HOSTS.value.values()))

    def __init__(self, setup: Setup, values: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self._now = now
        self._posts: list[EventPost] = []
        self._users = [make_user(setup, account, values) for account in setup.accounts if account.kind == STAND_IN.id]

    def answer(self, call: ApiCall) -> ApiAnswer:
        """Answer as the regional API hosts do: a key of one region is a stranger to the other."""
        answer = self._answer(call)
        return ApiAnswer(answer.status, (*answer.headers, *self._limits()), answer.body)

    def _answer(self, call: ApiCall) -> ApiAnswer:
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            return _errors(401, "authorization required")
        user = self._user_of(call.host, key)
        if user is None:
            return _errors(401, FAULTS[401])
        on_behalf_of = call.headers.get(ON_BEHALF_OF.value.lower())
        for (method, pattern), (scope, handler) in ROUTES.items():
            if method == call.method and parts_of(call.path, pattern) is not None:
                if (scope and scope not in user.keys[key]) or on_behalf_of not in {None, user.subuser}:
                    return _errors(403, FAULTS[403])
                return handler(self, user, call, key)
        return self._managed(user, call, key)

    def _managed(self, user: User, call: ApiCall, key: str) -> ApiAnswer:
        """Answer a call that manages: for the subuser in its region, for its parent at the global host."""
        for (method, pattern), (scope, answer) in MANAGED_ROUTES.items():
            parts = parts_of(call.path, pattern)
            if method != call.method or parts is None:
                continue
            if (
                not _is_allowed(user, call, key)
                or scope.replace("{id}", parts[0] if parts else "") not in user.keys[key]
            ):
                return _errors(403, FAULTS[403])
            return manage(answer, user, call, parts)
        return _errors(404, "Not Found")

    def fault(self, status: int) -> ApiAnswer:
        """Give SendGrid's own error, with its rate-limit headers."""
        return _errors(status, FAULTS[status], *self._limits(0 if status == 429 else LIMIT - 1))  # noqa: PLR2004 - HTTP

    def take_events(self) -> tuple[EventPost, ...]:
        """Give the posts for what was sent since the last time."""
        posts, self._posts = tuple(self._posts), []
        return posts

    def take_mail(self, login: tuple[str, str], message: TakenMail) -> str:
        """Take a message from SMTP."""
        user = next((each for each in self._users if login[1] in each.keys and login[0] == SMTP_USER.value), None)
        if user is None:
            return "Ok"
        try:
            options = json.loads(message.headers.get("x-smtpapi", "{}"))
        except ValueError:
            options = {}
        category = options.get("category", [])
        categories = [category] if isinstance(category, str) else category
        number = self._take(user, message.recipients, categories, options.get("unique_args", {}))
        return f"Ok: queued as {number}"

    def _limits(self, remaining: int = LIMIT - 1) -> tuple[tuple[str, str], ...]:
        reset = int(self._now().timestamp()) + RESET_SECONDS
        return (
            ("X-RateLimit-Limit", str(LIMIT)),
            ("X-RateLimit-Remaining", str(remaining)),
            ("X-RateLimit-Reset", str(reset)),
        )

    def _user_of(self, host: str, key: str) -> User | None:
        """Give whose key it is. One that manages belongs to the parent of a subuser, which is global."""
        return next(
            (
                user
                for user in self._users
                if key in user.keys
                and (user.host == host or (key in user.managing and user.subuser and host == API_HOSTS.value[GLOBAL]))
            ),
            None,
        )

    def list_scopes(self, user: User, _call: ApiCall, key: str) -> ApiAnswer:
        """Answer `GET /v3/scopes`: SendGrid adds some of its own."""
        return json_answer(200, {"scopes": sorted({*user.keys[key], "2fa_required", "sender_verification_eligible"})})

    def read_credits(self, user: User, _call: ApiCall, _key: str) -> ApiAnswer:
        """Answer `GET /v3/user/credits`."""
        total = 1_500_000
        counts = {"remain": total - user.sent, "total": total, "overage": 0, "used": user.sent}
        dates = {"last_reset": "2026-11-01", "next_reset": "2026-12-01", "reset_frequency": "monthly"}
        return json_answer(200, counts | dates)

    def send(self, user: User, call: ApiCall, _key: str) -> ApiAnswer:
        """Answer `POST /v3/mail/send`."""
        if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _errors(415, "Content-Type should be application/json.")
        try:
            mail = Mail.model_validate_json(call.body)
        except ValidationError as error:
            return json_answer(400, {"errors": errors_of(error)})
        if missing := mail.missing():
            return json_answer(400, {"errors": [_error(f"The {missing} is required.", missing, HELP)]})
        if not self._may_send(user, mail.from_.email):
            return json_answer(403, {"errors": [_error(UNSIGNED, "from", None)]})
        if mail.mail_settings.sandbox_mode.enable:
            return ApiAnswer(200)
        number = ""
        for envelope in mail.personalizations:
            people = tuple(each.email for each in (*envelope.to, *envelope.cc, *envelope.bcc))
            number = self._take(user, people, mail.categories, {**mail.custom_args, **envelope.custom_args})
        return ApiAnswer(202, (("X-Message-Id", number),))

    @staticmethod
    def _may_send(user: User, address: str) -> bool:
        return address.rpartition("@")[2].lower() in user.senders

    def _take(self, user: User, people: tuple[str, ...], categories: list[str], arguments: Mapping[str, str]) -> str:
        number = made_up(22, user.account, str(user.sent))
        user.sent += len(people)
        moment = int(self._now().timestamp())
        for place, address in enumerate(people):
            message_id = f"{number}.recvd-rehearsal-{place}"
            common: dict[str, object] = {
                "email": address,
                "timestamp": moment,
                "sg_message_id": message_id,
                **arguments,
            }
            if categories:
                common["category"] = list(categories)
            event = common | {"event": "delivered", "response": "250 OK", "smtp-id": f"<{number}@geopod-ismtpd>"}
            event["sg_event_id"] = base64.urlsafe_b64encode(hashlib.sha256(message_id.encode()).digest()[:16]).decode()
            self._posts.extend(posts_of(user, Event.DELIVERED, [event], moment))
        return number


ROUTES: Mapping[tuple[str, str], tuple[str, Handler]] = {
    ("GET", "/v3/scopes"): ("", SendGridStandIn.list_scopes),
    ("GET", "/v3/user/credits"): (READS_CREDITS, SendGridStandIn.read_credits),
    ("POST", "/v3/mail/send"): (SEND_SCOPES.value[0], SendGridStandIn.send),
}
"""Method, path; the scope that a key needs, and who answers."""


def _is_allowed(user: User, call: ApiCall, key: str) -> bool:
    """Tell whether a call is made for the right user: the parent's at the global host, the subuser's on its behalf."""
    on_behalf_of = call.headers.get(ON_BEHALF_OF.value.lower())
    if call.path.startswith(OF_THE_PARENT):
        return on_behalf_of is None and call.host == API_HOSTS.value[GLOBAL]
    if user.subuser is None:
        return on_behalf_of is None
    changes_the_parent = key in user.managing and on_behalf_of is None and call.method != "GET"
    return user.profile is not None and on_behalf_of in {None, user.subuser} and not changes_the_parent


def _error(message: str, about: str | None, help_page: str | None) -> dict[str, object]:
    return {"message": message, "field": about, "help": help_page}


def _errors(status: int, message: str, *headers: tuple[str, str]) -> ApiAnswer:
    return json_answer(status, {"errors": [{"field": None, "message": message}]}, *headers)


def _value(credential: Credential) -> str:
    """Give a key as SendGrid makes them."""
    return f"SG.{made_up(22, credential.id, 'id')}.{made_up(43, credential.id, 'key')}"


STAND_IN = StandInMaker(id="sendgrid", value=_value, make=SendGridStandIn)
