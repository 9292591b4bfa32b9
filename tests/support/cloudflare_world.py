"""Cloudflare's API as tests meet it: stateful, one object for each value, and strict about everything it is sent.

Written from https://developers.cloudflare.com/api/resources/dns/subresources/records/ and
https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/, read 2026-11-26. The real API
ignores members that it does not know; this one refuses them, because each is a mistake of ours.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sendspec.model.stand_in import ApiAnswer, ApiCall

HOST, BASE = "api.cloudflare.com", "/client/v4"
TOKEN = "cf-token-of-tests"
STRING = r'"(?:[^"\\]|\\[0-9]{3}|\\[^0-9])*"'
QUOTED = re.compile(rf"{STRING}(?:\s+{STRING})*\Z")
MEMBERS = frozenset({"name", "type", "content", "ttl", "priority", "proxied", "comment", "tags", "settings"})
NAME = re.compile(r"(?:[a-z0-9_*-]+\.)*[a-z0-9_-]+\Z")
ADDRESSES = {"A", "AAAA", "CNAME"}
Raw = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - what the API says, no fault of the stand-in
    def __init__(self, status: int, code: int, message: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@dataclass
class CloudflareZone:
    id: str
    name: str
    status: str = "active"
    plan_records: int = 200
    flattens: bool = False
    records: dict[str, Raw] = field(default_factory=dict)

    def values(self, name: str, record_type: str) -> list[str]:
        return [
            each["content"] for each in self.records.values() if (each["name"], each["type"]) == (name, record_type)
        ]


@dataclass
class CloudflareWorld:
    """The account. `fail`: number of a call, from 1 -> what goes wrong with it."""

    zones: dict[str, CloudflareZone] = field(default_factory=dict)
    tokens: dict[str, frozenset[str]] = field(default_factory=lambda: {TOKEN: frozenset({"read", "edit", "settings"})})
    fail: dict[int, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    before_change: Callable[[], object] | None = None
    """Called once, right before the next batch is looked at: somebody else at work."""
    largest_page: int = 5_000

    def zone(self, name: str, zone_id: str = "", **others: Any) -> CloudflareZone:
        zone = CloudflareZone(zone_id or self._new_id(), name, **others)
        self.zones[zone.id] = zone
        return zone

    def put(self, zone: CloudflareZone, name: str, record_type: str, content: str, **others: Any) -> str:
        """Put a record there as somebody else would, by the dashboard: nothing of it is looked at."""
        record = {"proxied": False, "ttl": 1, "comment": None, "tags": [], "settings": {}, **others}
        record |= {"id": self._new_id(), "name": name, "type": record_type, "content": content}
        zone.records[record["id"]] = record
        return str(record["id"])

    @property
    def batches(self) -> int:
        return sum(call.endswith("/batch") for call in self.calls)

    def _new_id(self) -> str:
        return f"{next(self.ids):032x}"

    def answer(self, call: ApiCall) -> ApiAnswer:
        """Answer a call. Raises ConnectionResetError where the connection is to end without an answer."""
        path = call.path.removeprefix(BASE)
        self.calls.append(f"{call.method} {path}")
        fault = self.fail.get(len(self.calls), "")
        try:
            if fault == "reset-before":
                raise ConnectionResetError
            self._fail(fault)
            result, info = self._route(call, path)
            if fault == "reset-after":
                raise ConnectionResetError
        except Refusal as refusal:
            errors = [{"code": refusal.code, "message": refusal.message}]
            body: Raw = {"success": False, "errors": errors, "messages": [], "result": None}
            return ApiAnswer(refusal.status, refusal.headers, json.dumps(body).encode())
        body = {"success": True, "errors": [], "messages": [], "result": result}
        if info is not None:
            body["result_info"] = info
        return ApiAnswer(200, (("Content-Type", "application/json"),), json.dumps(body).encode())

    def _fail(self, fault: str) -> None:
        if fault == "busy":
            raise Refusal(429, 971, "Please wait and consider throttling your request speed", (("Retry-After", "0"),))
        if fault == "blocked":
            raise Refusal(429, 971, "Please wait and consider throttling your request speed", (("Retry-After", "300"),))
        if fault == "broken":
            raise Refusal(500, 10013, "An unknown error has occurred")
        if fault == "overloaded":
            raise Refusal(503, 10014, "The service is temporarily unavailable")

    def _route(self, call: ApiCall, path: str) -> tuple[Any, Raw | None]:
        rights = self._rights(call)
        pieces = path.strip("/").split("/")
        if call.method == "GET" and pieces == ["zones"]:
            query = _query(call, "name", "page", "per_page")
            zones = [z for z in self.zones.values() if "name" not in query or z.name == query["name"]]
            return self._page([_zone_data(zone) for zone in zones], query, range(5, 51))
        if pieces[0] != "zones" or len(pieces) < 2:
            raise Refusal(404, 7000, "No route for that URI")
        zone = self.zones.get(pieces[1])
        if zone is None:
            raise Refusal(
                404, 7003, f"Could not route to /zones/{pieces[1]}, perhaps your object identifier is invalid?"
            )
        match call.method, pieces[2:]:
            case "GET", []:
                return _zone_data(zone), None
            case "GET", ["dns_settings"]:
                _need(rights, "settings")
                return {"flatten_all_cnames": zone.flattens, "ns_ttl": 86_400}, None
            case "GET", ["dns_records"]:
                query = _query(call, "order", "direction", "page", "per_page")
                records = sorted(zone.records.values(), key=lambda each: str(each.get(query.get("order", "id"))))
                return self._page(records, query, range(1, self.largest_page + 1))
            case "POST", ["dns_records", "batch"]:
                _need(rights, "edit")
                if self.before_change:
                    work, self.before_change = self.before_change, None
                    work()
                return self._batch(zone, json.loads(call.body)), None
        raise Refusal(405, 10000, "Method not allowed")

    def _rights(self, call: ApiCall) -> frozenset[str]:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            raise Refusal(400, 6003, "Invalid request headers")
        if token not in self.tokens:
            raise Refusal(403, 9109, "Invalid access token")
        if call.method != "GET" and call.headers.get("content-type") != "application/json":
            raise Refusal(415, 6000, "Unsupported media type")
        return self.tokens[token]

    def _page(self, entries: list[Any], query: Mapping[str, str], sizes: range) -> tuple[Any, Raw]:
        page, size = int(query.get("page", 1)), int(query.get("per_page", 20))
        if size not in sizes or page < 1:
            raise Refusal(400, 1002, f"per_page must be from {sizes.start} to {sizes.stop - 1}")
        found = entries[(page - 1) * size : page * size]
        pages = -(-len(entries) // size)
        info = {"page": page, "per_page": size, "count": len(found), "total_count": len(entries), "total_pages": pages}
        return found, info

    def _batch(self, zone: CloudflareZone, body: Raw) -> Raw:
        if set(body) - {"deletes", "patches", "puts", "posts"} or not any(body.values()):
            raise Refusal(400, 9207, f"Request body is invalid: {sorted(body)}")
        if sum(map(len, body.values())) > zone.plan_records:
            raise Refusal(400, 81_050, f"a batch may hold {zone.plan_records} records")
        before = copy.deepcopy(zone.records)
        try:
            return {
                "deletes": [self._delete(zone, each) for each in body.get("deletes", ())],
                "patches": [self._patch(zone, each) for each in body.get("patches", ())],
                "posts": [self._post(zone, each) for each in body.get("posts", ())],
            }
        except Refusal:
            zone.records = before
            raise

    def _delete(self, zone: CloudflareZone, asked: Raw) -> Raw:
        if asked.get("id") not in zone.records:
            raise Refusal(404, 81_044, "Record does not exist.")
        return zone.records.pop(asked["id"])

    def _patch(self, zone: CloudflareZone, asked: Raw) -> Raw:
        if asked.get("id") not in zone.records:
            raise Refusal(404, 81_044, "Record does not exist.")
        record = zone.records.pop(asked["id"])
        changed = {**record, **{name: value for name, value in asked.items() if name != "id"}}
        if changed["type"] != record["type"]:
            raise Refusal(400, 9046, "The type of a record cannot be changed.")
        return self._keep(zone, asked["id"], changed, asked)

    def _post(self, zone: CloudflareZone, asked: Raw) -> Raw:
        defaults: Raw = {"ttl": 1, "proxied": False, "comment": None, "tags": [], "settings": {}}
        return self._keep(zone, self._new_id(), defaults | asked, asked)

    def _keep(self, zone: CloudflareZone, record_id: str, record: Raw, asked: Raw) -> Raw:
        if set(asked) - MEMBERS - {"id"}:
            raise Refusal(400, 9207, f"unknown members: {sorted(set(asked) - MEMBERS)}")
        record["name"] = record["name"].lower()
        _check(zone, record)
        if record["type"] == "TXT":
            record["content"] = _cut(record["content"])
        for other in zone.records.values():
            if other["name"] != record["name"]:
                continue
            if (other["type"], other["content"], other.get("priority")) == (
                record["type"],
                record["content"],
                record.get("priority"),
            ):
                raise Refusal(400, 81_058, "An identical record already exists.")
            if "CNAME" in {other["type"], record["type"]}:
                code = 81_054 if other["type"] == "CNAME" else 81_053
                raise Refusal(400, code, "An A, AAAA, or CNAME record with that host already exists.")
        record["id"] = record_id
        zone.records[record_id] = record
        return record


def _zone_data(zone: CloudflareZone) -> Raw:
    return {"id": zone.id, "name": zone.name, "status": zone.status, "paused": False, "type": "full"}


def _query(call: ApiCall, *names: str) -> dict[str, str]:
    if {name for name, _ in call.query} - set(names):
        raise Refusal(400, 1001, f"unknown parameters in {call.query}")
    return dict(call.query)


def _need(rights: frozenset[str], right: str) -> None:
    if right not in rights:
        raise Refusal(403, 10_000, "Authentication error")


def _check(zone: CloudflareZone, record: Raw) -> None:
    name, record_type, content = record["name"], record["type"], record["content"]
    if not (name == zone.name or name.endswith(f".{zone.name}")) or not NAME.match(name):
        raise Refusal(400, 9000, f"DNS name is invalid: {name}")
    ttl = record["ttl"]
    if type(ttl) is not int or not (ttl == 1 or 60 <= ttl <= 86_400):
        raise Refusal(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
    if record.get("proxied") and (record_type not in ADDRESSES or ttl != 1):
        raise Refusal(400, 9004, "This record type cannot be proxied.")
    if record_type == "TXT":
        if content.count('"') and not QUOTED.match(content):
            raise Refusal(400, 9207, "Content for TXT record must be valid quoted strings.")
        if len(content) > 4_096:
            raise Refusal(400, 9207, "Content for TXT record is too long.")
    elif record_type == "MX":
        if type(record.get("priority")) is not int or not (content == "." or NAME.match(content)):
            raise Refusal(400, 9101, "priority is a required field.")
    elif record_type == "CNAME" and not NAME.match(content):
        raise Refusal(400, 9007, "Content for CNAME record is invalid.")


def _cut(content: str) -> str:
    """Cut strings that are too long, as Cloudflare does; what has no quotation marks stays as it is."""
    found = []
    for string in re.findall(STRING, content):
        characters = re.findall(r"\\[0-9]{3}|\\.|[^\\]", string[1:-1], re.DOTALL)
        found += ["".join(characters[at : at + 255]) for at in range(0, len(characters) or 1, 255)]
    return " ".join(f'"{string}"' for string in found) if found else content
