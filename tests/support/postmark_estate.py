"""A Postmark account in tests: its API for managing, with state, refusing what the real one refuses.

Written from Postmark's pages (see `postmark_bodies`); ErrorCodes from https://postmarkapp.com/developer/api/overview (read
2026-11-26). What the pages leave open is as the vendor's own tests of its libraries show it, or as strict as can be.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import postmark_bodies as bodies
from pydantic import ValidationError

from sendspec.model.stand_in import ApiAnswer, ApiCall, json_answer, made_up, parts_of

HOST = "api.postmarkapp.com"
ACCOUNT, SERVER = "x-postmark-account-token", "x-postmark-server-token"
ACCOUNT_TOKEN = "0c6b7f2e-aaaa-4f00-8000-000000000001"
MOMENT, PURGE = "2026-11-26T08:00:00Z", "2027-01-10T08:00:00Z"
MOST_STREAMS = 10
DEFAULTS = {
    "outbound": ("Default Transactional Stream", "Transactional"),
    "inbound": ("Default Inbound Stream", "Inbound"),
    "broadcast": ("Default Broadcast Stream", "Broadcasts"),
}
OFF: Mapping[str, object] = {
    "Open": {"Enabled": False, "PostFirstOpenOnly": False},
    "Click": {"Enabled": False},
    "Delivery": {"Enabled": False},
    "Bounce": {"Enabled": False, "IncludeContent": False},
    "SpamComplaint": {"Enabled": False, "IncludeContent": False},
    "SubscriptionChange": {"Enabled": False},
}
Data = dict[str, Any]


class RefusedError(Exception):
    def __init__(self, code: int, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass
class Estate:
    """One account.

    Attributes:
        dns: What stands in DNS: (name, type) -> value.
        is_verifying_webhooks: Receivers answer 200 to the test events.
        calls: Every call, in order.
        page: How many entries a page has at most; the real one gives 500.
    """

    servers: dict[int, Data] = field(default_factory=dict)
    streams: dict[int, dict[str, Data]] = field(default_factory=dict)
    webhooks: dict[int, dict[int, Data]] = field(default_factory=dict)
    domains: dict[int, Data] = field(default_factory=dict)
    dns: dict[tuple[str, str], str] = field(default_factory=dict)
    account_token: str = ACCOUNT_TOKEN
    may_custom_unsubscribe: bool = True
    is_verifying_webhooks: bool = True
    is_safe_at_once: bool = False
    calls: list[ApiCall] = field(default_factory=list)
    answers: list[tuple[ApiCall, ApiAnswer]] = field(default_factory=list)
    last: int = 100

    def answer(self, call: ApiCall) -> ApiAnswer:
        """Answer as api.postmarkapp.com does."""
        self.calls.append(call)
        try:
            made = json_answer(200, self._route(call))
        except RefusedError as error:
            made = json_answer(error.status, {"ErrorCode": error.code, "Message": error.message})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            made = json_answer(422, {"ErrorCode": 403, "Message": f"Error parsing '{where}': {first['msg']}."})
        self.answers.append((call, made))
        return made

    def changes(self) -> list[str]:
        """Give the calls that change something, as `METHOD path`."""
        return [f"{call.method} {call.path}" for call in self.calls if call.method != "GET"]

    def number(self) -> int:
        self.last += 1
        return self.last

    def _route(self, call: ApiCall) -> object:
        if call.headers.get("accept") != "application/json":
            raise RefusedError(0, "Accept", 415)
        if call.body and call.headers.get("content-type") != "application/json":
            raise RefusedError(0, "Content-Type", 415)
        for (method, pattern, level), handler in ROUTES.items():
            parts = parts_of(call.path, pattern)
            if parts is None or method != call.method:
                continue
            if level == ACCOUNT:
                if call.headers.get(ACCOUNT, "").lower() != self.account_token:
                    raise RefusedError(10, "The account token was invalid.", 401)
                return handler(self, call, *parts)
            number = self._server_of(call.headers.get(SERVER, "").lower())
            return handler(self, call, number, *parts)
        raise RefusedError(0, "no such page", 404)

    def _server_of(self, token: str) -> int:
        for number, server in self.servers.items():
            if token and token in {each.lower() for each in server["ApiTokens"]}:
                return number
        raise RefusedError(10, "The Server Token you provided was invalid.", 401)

    # Servers

    def make_server(self, **properties: object) -> Data:
        number = self.number()
        hooks = ("InboundHookUrl", "BounceHookUrl", "OpenHookUrl", "DeliveryHookUrl", "ClickHookUrl")
        flags = ("SmtpApiActivated", "RawEmailEnabled", "PostFirstOpenOnly", "TrackOpens", "EnableSmtpApiErrorHooks")
        server: Data = {
            "ID": number,
            "Name": f"server-{number}",
            "ApiTokens": [made_uuid("token", str(number))],
            "Color": "grey",
            **dict.fromkeys(hooks, ""),
            **dict.fromkeys(flags, False),
            "DeliveryType": "Live",
            "ServerLink": f"https://postmarkapp.com/servers/{number}/streams",
            "InboundAddress": f"{number}@inbound.postmarkapp.com",
            "InboundHash": str(number),
            "InboundDomain": "",
            "InboundSpamThreshold": 0,
            "TrackLinks": "None",
            "IncludeBounceContentInHook": False,
        }
        # SMTP is on unless a server is made without it.
        server["SmtpApiActivated"] = True
        server |= properties
        self.servers[number] = server
        self.streams[number] = {
            name: self._stream(number, {"ID": name, "Name": title, "MessageStreamType": kind})
            for name, (title, kind) in DEFAULTS.items()
        }
        self.webhooks[number] = {}
        return server

    def list_servers(self, call: ApiCall) -> object:
        name = (call.parameter("name") or "").lower()
        matching = [server for server in self.servers.values() if name in server["Name"].lower()]
        return {"TotalCount": len(matching), "Servers": _page(call, matching, 600)}

    def read_server(self, _call: ApiCall, number: str) -> object:
        return self._known_server(number)

    def create_server(self, call: ApiCall) -> object:
        given = bodies.NewServer.model_validate_json(call.body).given()
        self._check_server(given, None)
        return self.make_server(**given)

    def edit_server(self, call: ApiCall, number: str) -> object:
        return self._edit_server(call, self._known_server(number))

    def own_server(self, _call: ApiCall, number: int) -> object:
        return self.servers[number]

    def edit_own_server(self, call: ApiCall, number: int) -> object:
        return self._edit_server(call, self.servers[number])

    def delete_server(self, _call: ApiCall, _number: str) -> object:
        raise RefusedError(604, "You do not have permission to delete servers using the API.")

    def _edit_server(self, call: ApiCall, server: Data) -> object:
        given = bodies.EditServer.model_validate_json(call.body).given()
        self._check_server(given, server)
        server |= given
        return server

    def _check_server(self, given: Data, own: Data | None) -> None:
        name = str(given.get("Name", own and own["Name"])).lower()
        if any(each["Name"].lower() == name for each in self.servers.values() if each is not own):
            raise RefusedError(603, "This server name already exists.")

    def _known_server(self, number: str) -> Data:
        if not number.isdecimal() or int(number) not in self.servers:
            raise RefusedError(601, "The server was not found.")
        return self.servers[int(number)]

    # Domains

    def make_domain(self, name: str, return_path: str = "") -> Data:
        number = self.number()
        domain: Data = {
            "Name": name,
            "SPFVerified": True,
            "SPFHost": name,
            "SPFTextValue": "v=spf1 a mx include:spf.mtasv.net ~all",
            "DKIMVerified": False,
            "WeakDKIM": False,
            "DKIMHost": "",
            "DKIMTextValue": "",
            "DKIMRevokedHost": "",
            "DKIMRevokedTextValue": "",
            "SafeToRemoveRevokedKeyFromDNS": False,
            "ReturnPathDomain": return_path,
            "ReturnPathDomainVerified": False,
            "ReturnPathDomainCNAMEValue": "pm.mtasv.net",
            "ID": number,
        }
        domain |= self._pending(name)
        self.domains[number] = domain
        return domain

    def _pending(self, name: str) -> Data:
        selector = f"2026112608{self.number():04d}pm"
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        value = made_up(216, name, selector, letters=letters)
        return {
            "DKIMPendingHost": f"{selector}._domainkey.{name}",
            "DKIMPendingTextValue": f"k=rsa;p={value}",
            "DKIMUpdateStatus": "Pending",
        }

    def list_domains(self, call: ApiCall) -> object:
        names = ("Name", "SPFVerified", "DKIMVerified", "WeakDKIM", "ReturnPathDomainVerified", "ID")
        listed = [{name: domain[name] for name in names} for domain in self.domains.values()]
        return {"TotalCount": len(listed), "Domains": _page(call, listed, 500)}

    def read_domain(self, _call: ApiCall, number: str) -> object:
        return self._known_domain(number)

    def create_domain(self, call: ApiCall) -> object:
        given = bodies.NewDomain.model_validate_json(call.body)
        if any(each["Name"].lower() == given.name.lower() for each in self.domains.values()):
            raise RefusedError(512, "This domain already exists.")
        _check_return_path(given.return_path_domain, given.name)
        return self.make_domain(given.name, given.return_path_domain or "")

    def edit_domain(self, call: ApiCall, number: str) -> object:
        domain = self._known_domain(number)
        given = bodies.EditDomain.model_validate_json(call.body)
        _check_return_path(given.return_path_domain, domain["Name"])
        if given.return_path_domain not in {None, domain["ReturnPathDomain"]}:
            domain |= {"ReturnPathDomain": given.return_path_domain, "ReturnPathDomainVerified": False}
        return domain

    def delete_domain(self, _call: ApiCall, number: str) -> object:
        domain = self._known_domain(number)
        del self.domains[domain["ID"]]
        return {"ErrorCode": 0, "Message": f"Domain {domain['Name']} removed."}

    def verify_dkim(self, _call: ApiCall, number: str) -> object:
        domain = self._known_domain(number)
        host, value = domain["DKIMPendingHost"], domain["DKIMPendingTextValue"]
        if host and self.dns.get((host, "TXT")) == value:
            if domain["DKIMHost"]:
                domain |= {"DKIMRevokedHost": domain["DKIMHost"], "DKIMRevokedTextValue": domain["DKIMTextValue"]}
                domain["SafeToRemoveRevokedKeyFromDNS"] = self.is_safe_at_once
            domain |= {"DKIMHost": host, "DKIMTextValue": value, "DKIMPendingHost": "", "DKIMPendingTextValue": ""}
            domain |= {"DKIMVerified": True, "DKIMUpdateStatus": "Verified"}
        return domain

    def verify_return_path(self, _call: ApiCall, number: str) -> object:
        domain = self._known_domain(number)
        seen = self.dns.get((domain["ReturnPathDomain"], "CNAME"))
        domain["ReturnPathDomainVerified"] = seen == domain["ReturnPathDomainCNAMEValue"]
        return domain

    def rotate_dkim(self, _call: ApiCall, number: str) -> object:
        domain = self._known_domain(number)
        if domain["DKIMPendingHost"]:
            raise RefusedError(505, "This DKIM is already being renewed.")
        domain |= self._pending(domain["Name"])
        hidden = ("SPFVerified", "SPFHost", "SPFTextValue", "ReturnPathDomain", "ReturnPathDomainVerified")
        return {name: each for name, each in domain.items() if name not in {*hidden, "ReturnPathDomainCNAMEValue"}}

    def _known_domain(self, number: str) -> Data:
        if not number.isdecimal() or int(number) not in self.domains:
            raise RefusedError(510, "This domain was not found.")
        return self.domains[int(number)]

    # Message streams

    def _stream(self, server: int, properties: Data) -> Data:
        kind = properties["MessageStreamType"]
        handling = {"UnsubscribeHandlingType": "Postmark" if kind == "Broadcasts" else "None"}
        return {
            "Description": None,
            "SubscriptionManagementConfiguration": handling,
            **properties,
            "ServerID": server,
            "CreatedAt": MOMENT,
            "UpdatedAt": None,
            "ArchivedAt": None,
            "ExpectedPurgeDate": None,
        }

    def list_streams(self, call: ApiCall, server: int) -> object:
        wanted = call.parameter("MessageStreamType") or "All"
        if wanted not in {"All", "Inbound", "Transactional", "Broadcasts"}:
            raise RefusedError(1221, "The MessageStreamType was invalid.")
        archived = (call.parameter("IncludeArchivedStreams") or "").lower() == "true"
        found = [
            each
            for each in self.streams[server].values()
            if wanted in {"All", each["MessageStreamType"]} and (archived or not each["ArchivedAt"])
        ]
        return {"MessageStreams": found, "TotalCount": len(found)}

    def read_stream(self, _call: ApiCall, server: int, stream: str) -> object:
        return self._known_stream(server, stream)

    def create_stream(self, call: ApiCall, server: int) -> object:
        given = bodies.NewStream.model_validate_json(call.body)
        if given.id in self.streams[server]:
            raise RefusedError(1230, "The ID provided already exists for this server.")
        if len(self.streams[server]) >= MOST_STREAMS:
            raise RefusedError(1225, "You have reached the maximum number of message streams for this server.")
        made = self._stream(server, given.given())
        self._check_handling(made)
        self.streams[server][given.id] = made
        return made

    def edit_stream(self, call: ApiCall, server: int, stream: str) -> object:
        found = self._known_stream(server, stream)
        edited = found | bodies.EditStream.model_validate_json(call.body).given()
        self._check_handling(edited)
        found |= edited | {"UpdatedAt": MOMENT}
        return found

    def archive_stream(self, _call: ApiCall, server: int, stream: str) -> object:
        found = self._known_stream(server, stream)
        if stream in DEFAULTS:
            raise RefusedError(1229, "You cannot archive the default transactional and inbound streams.")
        if found["ArchivedAt"]:
            raise RefusedError(1241, "Stream is unable to be archived at this time.")
        found |= {"ArchivedAt": MOMENT, "ExpectedPurgeDate": PURGE}
        return {"ID": stream, "ServerID": server, "ExpectedPurgeDate": PURGE}

    def unarchive_stream(self, _call: ApiCall, server: int, stream: str) -> object:
        found = self._known_stream(server, stream)
        found |= {"ArchivedAt": None, "ExpectedPurgeDate": None}
        return found

    def _check_handling(self, stream: Data) -> None:
        handling = stream["SubscriptionManagementConfiguration"]["UnsubscribeHandlingType"]
        if handling == "Custom" and not self.may_custom_unsubscribe:
            raise RefusedError(1238, "You do not have permission to use Custom Unsubscribe Handling for this stream.")
        if (handling == "None") is (stream["MessageStreamType"] == "Broadcasts"):
            raise RefusedError(1239, "The UnsubscribeHandlingType provided is not supported for this stream type.")

    def _known_stream(self, server: int, stream: str) -> Data:
        if stream not in self.streams[server]:
            raise RefusedError(1226, "The message stream for the provided ID was not found.")
        return self.streams[server][stream]

    # Webhooks

    def list_webhooks(self, call: ApiCall, server: int) -> object:
        stream = call.parameter("MessageStream")
        if stream is not None:
            self._known_stream(server, stream)
        return {
            "Webhooks": [each for each in self.webhooks[server].values() if stream in {None, each["MessageStream"]}]
        }

    def read_webhook(self, _call: ApiCall, server: int, number: str) -> object:
        return self._known_webhook(server, number)

    def create_webhook(self, call: ApiCall, server: int) -> object:
        given = bodies.NewWebhook.model_validate_json(call.body)
        if self._known_stream(server, given.message_stream)["ArchivedAt"]:
            raise RefusedError(1350, "Archived streams take no webhooks.")
        sent = given.given()
        sent.pop("Verify", None)
        number = self.number()
        made = {"ID": number, "MessageStream": "outbound", "HttpAuth": None, "HttpHeaders": [], **sent}
        made["Triggers"] = _merged(OFF, sent.get("Triggers", {}))
        made["Status"] = self._verified(verify=given.verify)
        self.webhooks[server][number] = made
        return made

    def edit_webhook(self, call: ApiCall, server: int, number: str) -> object:
        found = self._known_webhook(server, number)
        given = bodies.EditWebhook.model_validate_json(call.body)
        sent = given.given()
        sent.pop("Verify", None)
        status = self._verified(verify=given.verify)
        sent["Triggers"] = _merged(found["Triggers"], sent.get("Triggers", {}))
        found |= sent | {"Status": status}
        return found

    def delete_webhook(self, _call: ApiCall, server: int, number: str) -> object:
        found = self._known_webhook(server, number)
        del self.webhooks[server][found["ID"]]
        return {"ErrorCode": 0, "Message": f"Webhook {number} removed."}

    def verify_webhook(self, _call: ApiCall, server: int, number: str) -> object:
        found = self._known_webhook(server, number)
        if self.is_verifying_webhooks:
            found["Status"] = "verified"
        message = f"{5 if self.is_verifying_webhooks else 0}/5 triggers verified successfully"
        return {"Id": found["ID"], "Url": found["Url"], "Success": self.is_verifying_webhooks, "Message": message}

    def _verified(self, *, verify: bool) -> str:
        if verify and not self.is_verifying_webhooks:
            raise RefusedError(1364, "Webhook verification failed.")
        return "verified" if verify else "unverified"

    def _known_webhook(self, server: int, number: str) -> Data:
        if not number.isdecimal() or int(number) not in self.webhooks[server]:
            raise RefusedError(1352, "The webhook was not found.")
        return self.webhooks[server][int(number)]


def made_uuid(*seed: str) -> str:
    """Give a token of the shape that Postmark's have."""
    digits = made_up(32, *seed, letters="0123456789abcdef")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _page(call: ApiCall, items: list[Data], code: int) -> list[Data]:
    count, offset = call.parameter("count") or "", call.parameter("offset") or ""
    if not (count.isdecimal() and offset.isdecimal() and 0 < int(count) <= 500):
        raise RefusedError(code, "Parameters 'count', at most 500, and 'offset' are required.")
    return items[int(offset) : int(offset) + int(count)]


def _check_return_path(name: str | None, domain: str) -> None:
    if name and not name.lower().endswith(f".{domain.lower()}"):
        raise RefusedError(522, f"The 'ReturnPathDomain' must be a subdomain of '{domain}'.")


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> Data:
    return {name: {**old[name], **(new.get(name) or {})} for name in old}


ROUTES: Mapping[tuple[str, str, str], Callable[..., object]] = {
    ("GET", "/servers", ACCOUNT): Estate.list_servers,
    ("POST", "/servers", ACCOUNT): Estate.create_server,
    ("GET", "/servers/{id}", ACCOUNT): Estate.read_server,
    ("PUT", "/servers/{id}", ACCOUNT): Estate.edit_server,
    ("DELETE", "/servers/{id}", ACCOUNT): Estate.delete_server,
    ("GET", "/server", SERVER): Estate.own_server,
    ("PUT", "/server", SERVER): Estate.edit_own_server,
    ("GET", "/domains", ACCOUNT): Estate.list_domains,
    ("POST", "/domains", ACCOUNT): Estate.create_domain,
    ("GET", "/domains/{id}", ACCOUNT): Estate.read_domain,
    ("PUT", "/domains/{id}", ACCOUNT): Estate.edit_domain,
    ("DELETE", "/domains/{id}", ACCOUNT): Estate.delete_domain,
    ("PUT", "/domains/{id}/verifyDkim", ACCOUNT): Estate.verify_dkim,
    ("PUT", "/domains/{id}/verifyReturnPath", ACCOUNT): Estate.verify_return_path,
    ("POST", "/domains/{id}/rotatedkim", ACCOUNT): Estate.rotate_dkim,
    ("GET", "/message-streams", SERVER): Estate.list_streams,
    ("POST", "/message-streams", SERVER): Estate.create_stream,
    ("GET", "/message-streams/{id}", SERVER): Estate.read_stream,
    ("PATCH", "/message-streams/{id}", SERVER): Estate.edit_stream,
    ("POST", "/message-streams/{id}/archive", SERVER): Estate.archive_stream,
    ("POST", "/message-streams/{id}/unarchive", SERVER): Estate.unarchive_stream,
    ("GET", "/webhooks", SERVER): Estate.list_webhooks,
    ("POST", "/webhooks", SERVER): Estate.create_webhook,
    ("GET", "/webhooks/{id}", SERVER): Estate.read_webhook,
    ("PUT", "/webhooks/{id}", SERVER): Estate.edit_webhook,
    ("DELETE", "/webhooks/{id}", SERVER): Estate.delete_webhook,
    ("POST", "/webhooks/{id}/verify", SERVER): Estate.verify_webhook,
}
"""Method, path, and the header that holds the token."""


def body_of(call: ApiCall) -> object:
    """Give what a call sent."""
    return json.loads(call.body) if call.body else None
