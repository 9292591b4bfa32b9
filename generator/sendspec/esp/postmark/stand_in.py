"""Postmark's API as rehearsals and tests meet it: one server for each account of a setup, as the setup declares it.

Written from Postmark's API reference (https://postmarkapp.com/developer/api/overview and the pages below it, read
2026-11-26). Stricter than the real one in one thing: a member that no page names is refused, not passed over.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import getaddresses

from pydantic import TypeAdapter, ValidationError

from sendspec.esp.postmark.facts import API_HOST, LIMITS
from sendspec.esp.postmark.stand_in_events import message_event, posts_of
from sendspec.esp.postmark.stand_in_server import Email, Message, Server, make_server
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

TEST_TOKEN = "POSTMARK_API_TEST"  # noqa: S105 - published: takes messages and sends none
SERVER, ACCOUNT = "x-postmark-server-token", "x-postmark-account-token"
NOBODY = (
    "No Account or Server API tokens were supplied in the HTTP headers. Please add a header for either "
    "X-Postmark-Server-Token or X-Postmark-Account-Token."
)
STRANGER = "The Server Token you provided in the X-Postmark-Server-Token request header was invalid."
NO_SIGNATURE = (
    "The 'From' address you supplied ({}) is not a Sender Signature on your account. Please add and confirm this address "
    "in order to be able to use it in the 'From' field of your messages."
)
FAULTS: Mapping[int, tuple[int, str]] = {
    401: (10, STRANGER),
    422: (300, "Invalid 'To' address: 'nobody'."),
    429: (429, "Rate limit exceeded."),
    500: (500, "Internal Server Error"),
    503: (100, "Maintenance"),
}
Handler = Callable[["PostmarkStandIn", "Server", ApiCall, tuple[str, ...]], ApiAnswer]


class PostmarkStandIn:
    """Postmark for the accounts of one setup."""

    hosts = (API_HOST.value,)

    def __init__(self, setup: Setup, values: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self._now = now
        self._posts: list[EventPost] = []
        accounts = (account for account in setup.accounts if account.kind == STAND_IN.id)
        moment = self._moment()
        self._servers = [
            make_server(setup, account, values, number, moment) for number, account in enumerate(accounts, 1)
        ]

    def answer(self, call: ApiCall) -> ApiAnswer:
        """Answer as https://api.postmarkapp.com does."""
        for (method, pattern, header), handler in ROUTES.items():
            found = parts_of(call.path, pattern)
            if found is None or method != call.method:
                continue
            token = call.headers.get(header, "")
            if not token:
                return _error(401, 10, NOBODY)
            if token == TEST_TOKEN and pattern.startswith("/email"):
                return _send_nothing(call, self._moment())
            server = self._server_of(header, token)
            return handler(self, server, call, found) if server else _error(401, 10, STRANGER)
        return ApiAnswer(404)

    def fault(self, status: int) -> ApiAnswer:
        """Give Postmark's own error; 403 is none of the statuses it documents, so no body comes with it."""
        if status == 403:  # noqa: PLR2004 - HTTP
            return ApiAnswer(403)
        return _error(status, *FAULTS[status])

    def take_events(self) -> tuple[EventPost, ...]:
        """Give the posts for what was sent since the last time."""
        posts, self._posts = tuple(self._posts), []
        return posts

    def take_mail(self, login: tuple[str, str], message: TakenMail) -> str:
        """Take a message from SMTP. Postmark's reply holds an id of its queue, not the message's."""
        server, stream = self._smtp_login(login)
        if server is not None:
            headers = message.headers
            prefix = "x-pm-metadata-"
            email = Email.model_construct(
                from_=headers.get("from", message.sender),
                to=", ".join(message.recipients),
                subject=headers.get("subject", ""),
                text_body="as it came",
                tag=headers.get("x-pm-tag", ""),
                message_stream=stream or headers.get("x-pm-message-stream", "outbound"),
                metadata={name.removeprefix(prefix): text for name, text in headers.items() if name.startswith(prefix)},
            )
            if not self._refusal(server, email):
                self._take(server, email)
        return f"2.0.0 OK: queued as {made_up(12, *message.recipients)}"

    def _smtp_login(self, login: tuple[str, str]) -> tuple[Server | None, str]:
        for server in self._servers:
            if login[0] == login[1] and login[0] in server.tokens:
                return server, ""
            if login in server.smtp_tokens:
                return server, server.smtp_tokens[login]
        return None, ""

    def _server_of(self, header: str, token: str) -> Server | None:
        lower = token.lower()  # the value is case insensitive: API overview, Authentication
        for server in self._servers:
            tokens = server.tokens if header == SERVER else server.account_tokens
            if lower in {each.lower() for each in tokens}:
                return server
        return None

    def _moment(self) -> str:
        return self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @staticmethod
    def read_server(server: Server, _call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `GET /server`: the tokens are in the clear there."""
        return json_answer(200, server.properties | {"ApiTokens": sorted(server.tokens)})

    def list_servers(self, server: Server, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `GET /servers`."""
        if refusal := _paging_refusal(call):
            return refusal
        mine = [each for each in self._servers if each.account_tokens & server.account_tokens]
        found = [each.properties | {"ApiTokens": sorted(each.tokens)} for each in mine]
        return json_answer(200, {"TotalCount": len(found), "Servers": found})

    def list_domains(self, server: Server, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `GET /domains`."""
        if refusal := _paging_refusal(call):
            return refusal
        flags = {"SPFVerified": True, "DKIMVerified": True, "WeakDKIM": False, "ReturnPathDomainVerified": True}
        found = [{"Name": name, "ID": number} | flags for name, number in sorted(server.domains.items())]
        return json_answer(200, {"TotalCount": len(found), "Domains": found})

    def list_streams(self, server: Server, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `GET /message-streams`."""
        wanted = call.parameter("MessageStreamType") or "All"
        archived = (call.parameter("IncludeArchivedStreams") or "").lower() == "true"
        found = [
            stream
            for stream in server.streams.values()
            if wanted in {"All", stream["MessageStreamType"]} and (archived or stream["ArchivedAt"] is None)
        ]
        return json_answer(200, {"MessageStreams": found, "TotalCount": len(found)})

    def list_webhooks(self, server: Server, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `GET /webhooks`: the password of basic auth is in the clear there."""
        wanted = call.parameter("MessageStream")
        found = [each for each in server.webhooks if wanted in {None, each["MessageStream"]}]
        return json_answer(200, {"Webhooks": found})

    def send(self, server: Server, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `POST /email`."""
        if refusal := _content_refusal(call):
            return refusal
        try:
            email = Email.model_validate_json(call.body)
        except ValidationError as error:
            return _error(422, *_reason(error))
        if refused := self._refusal(server, email):
            return _error(422, *refused)
        return json_answer(200, self._take(server, email))

    def send_batch(self, server: Server, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `POST /email/batch`: 200, with a code for each message."""
        if refusal := _content_refusal(call):
            return refusal
        try:
            emails = BATCH.validate_json(call.body)
        except ValidationError as error:
            return _error(422, *_reason(error))
        if LIMITS.batch_size and len(emails) > LIMITS.batch_size.value:
            return _error(422, 410, f"The number of messages exceeds the limit of {LIMITS.batch_size.value}.")
        results = []
        for email in emails:
            refused = self._refusal(server, email)
            results.append(_body(*refused) if refused else self._take(server, email))
        return json_answer(200, results)

    def search_messages(self, server: Server, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `GET /messages/outbound`: newest first."""
        if refusal := _paging_refusal(call):
            return refusal
        subject, stream = call.parameter("subject") or "", call.parameter("messagestream") or "outbound"
        matching = [
            message
            for message in reversed(server.messages.values())
            if subject in message.email.subject and message.email.message_stream == stream
        ]
        start, count = int(call.parameter("offset") or 0), int(call.parameter("count") or 0)
        found = [_summary(message) for message in matching[start : start + count]]
        return json_answer(200, {"TotalCount": len(matching), "Messages": found})

    def read_message(self, server: Server, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
        """Answer `GET /messages/outbound/{id}/details`."""
        message = server.messages.get(parts[0])
        if message is None:
            return _error(422, 701, "This message was not found.")
        events = [
            {"Recipient": address, "ReceivedAt": message.received_at} | message_event(address)
            for address in message.email.recipients()
        ]
        body = {"TextBody": message.email.text_body, "HtmlBody": message.email.html_body, "Body": ""}
        return json_answer(200, _summary(message) | body | {"MessageEvents": events})

    def _refusal(self, server: Server, email: Email) -> tuple[int, str] | None:
        """Tell why a message is not taken: (ErrorCode, Message)."""
        address = next((address for _, address in getaddresses([email.from_])), "")
        recipients = email.recipients()
        most = LIMITS.max_recipients.value if LIMITS.max_recipients else 0
        if "@" not in address:
            return 300, f"Invalid 'From' address: '{email.from_}'."
        if not recipients:
            return 300, "Zero recipients specified"
        if len(recipients) > most:
            return 300, f"The maximum number of recipients is {most}."
        if not (email.text_body or email.html_body):
            return 300, "Provide either email TextBody or HtmlBody or both."
        return self._misplaced(server, email, address)

    @staticmethod
    def _misplaced(server: Server, email: Email, address: str) -> tuple[int, str] | None:
        if address.rpartition("@")[2].lower() not in server.domains:
            return 400, NO_SIGNATURE.format(email.from_)
        stream = server.streams.get(email.message_stream)
        if stream is None or stream["MessageStreamType"] == "Inbound" or stream["ArchivedAt"]:
            # code and words as users report them; the API overview does not print this row
            return 1235, f"The stream provided: '{email.message_stream}' does not exist on this server."
        return None

    def _take(self, server: Server, email: Email) -> dict[str, object]:
        number = f"{server.id}/{len(server.messages)}"
        message = Message(str(uuid.uuid5(uuid.NAMESPACE_URL, number)), email, self._moment())
        server.messages[message.id] = message
        self._posts.extend(posts_of(server, message))
        return {"To": email.to, "SubmittedAt": message.received_at, "MessageID": message.id} | _body(0, "OK")


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "/server", SERVER): lambda self, *about: self.read_server(*about),
    ("GET", "/message-streams", SERVER): PostmarkStandIn.list_streams,
    ("GET", "/webhooks", SERVER): PostmarkStandIn.list_webhooks,
    ("GET", "/servers", ACCOUNT): PostmarkStandIn.list_servers,
    ("GET", "/domains", ACCOUNT): PostmarkStandIn.list_domains,
    ("POST", "/email", SERVER): PostmarkStandIn.send,
    ("POST", "/email/batch", SERVER): PostmarkStandIn.send_batch,
    ("GET", "/messages/outbound", SERVER): PostmarkStandIn.search_messages,
    ("GET", "/messages/outbound/{id}/details", SERVER): PostmarkStandIn.read_message,
}
"""Method, path, and the header that holds the token."""
BATCH = TypeAdapter(list[Email])


def _body(code: int, message: str) -> dict[str, object]:
    return {"ErrorCode": code, "Message": message}


def _error(status: int, code: int, message: str) -> ApiAnswer:
    return json_answer(status, _body(code, message))


def _reason(error: ValidationError) -> tuple[int, str]:
    """Give (ErrorCode, Message) for a body that does not have the documented shape."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return 402, "Received invalid JSON input."
    return 403, f"Error parsing '{'.'.join(str(part) for part in first['loc'])}': {first['msg']}."


def _content_refusal(call: ApiCall) -> ApiAnswer | None:
    if call.headers.get("content-type", "").partition(";")[0].strip() not in {"application/json", "text/json"}:
        return _error(422, 409, "Content-Type and Accept headers must be set to application/json.")
    return None


def _paging_refusal(call: ApiCall) -> ApiAnswer | None:
    """`count`, at most 500, and `offset` are required wherever Postmark pages."""
    count, offset = call.parameter("count") or "", call.parameter("offset") or ""
    if count.isdecimal() and offset.isdecimal() and int(count) <= 500:  # noqa: PLR2004 - what the pages say
        return None
    return _error(422, 300, "The 'count' and 'offset' parameters are required; 'count' is 500 at most.")


def _send_nothing(call: ApiCall, moment: str) -> ApiAnswer:
    """Answer a message sent with the test token: checked, sent to nobody."""
    try:
        email = Email.model_validate_json(call.body)
    except ValidationError as error:
        return _error(422, *_reason(error))
    accepted = {"To": email.to, "SubmittedAt": moment, "MessageID": str(uuid.uuid5(uuid.NAMESPACE_URL, moment))}
    return json_answer(200, accepted | _body(0, "Test job accepted"))


def _summary(message: Message) -> dict[str, object]:
    email = message.email
    people = {
        name: [{"Email": address, "Name": who} for who, address in getaddresses([text]) if address]
        for name, text in (("To", email.to), ("Cc", email.cc), ("Bcc", email.bcc))
    }
    return people | {
        "Tag": email.tag,
        "MessageID": message.id,
        "MessageStream": email.message_stream,
        "Recipients": list(email.recipients()),
        "ReceivedAt": message.received_at,
        "From": email.from_,
        "Subject": email.subject,
        "Attachments": [],
        "Status": "Sent",
        "TrackOpens": email.track_opens,
        "TrackLinks": email.track_links,
        "Metadata": email.metadata,
    }


def _value(credential: Credential) -> str:
    """Give a token as Postmark makes them: a UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, credential.id))


STAND_IN = StandInMaker(id="postmark", value=_value, make=PostmarkStandIn)
