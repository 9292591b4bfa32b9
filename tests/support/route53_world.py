"""Route 53 as tests meet it: stateful, over HTTP, and as strict as the real one where moto is not.

Requests are read, and answers written, by botocore's own description of the service: what it does not name is refused.
The words of refusals are the real service's. Every value is in `Told` order: sets are sorted by their labels from the
last one on, pages hold `page` of them.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree  # noqa: ICN001 - its full name is said more often than a letter
from xml.sax.saxutils import escape

import boto3
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

MODEL = ServiceModel(Loader().load_service_model("route53", "service-2"), "route53")
VERSION, NAMESPACE = "/2013-04-01/", "https://route53.amazonaws.com/doc/2013-04-01/"
STRING = re.compile(r'"((?:[^"\\]|\\[0-3][0-7]{2}|\\.)*)"')
STRINGS = re.compile(rf"{STRING.pattern}(?: {STRING.pattern})*\Z")
HOST = re.compile(r"(?:[A-Za-z0-9_*-]|\\[0-3][0-7]{2}|\.)+\Z")
Raw = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - what the service says, no fault of the stand-in
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Reset(Exception):  # noqa: N818 - the connection ends
    pass


@dataclass
class HostedZone:
    id: str
    name: str
    is_private: bool = False
    sets: dict[tuple[str, str, str], Raw] = field(default_factory=dict)

    def put(self, name: str, record_type: str, ttl: int, *values: str, **others: Any) -> None:
        """Put a set there as somebody else would."""
        raw: Raw = {"Name": f"{name}.", "Type": record_type, **others}
        if values:
            raw |= {"TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}
        self.sets[raw["Name"], record_type, str(others.get("SetIdentifier", ""))] = raw

    def values(self, name: str, record_type: str) -> list[str]:
        raw = self.sets.get((f"{name}.", record_type, ""), {})
        return [record["Value"] for record in raw.get("ResourceRecords", ())]


@dataclass
class Route53World:
    """The account. `fail`: number of a call, from 1 -> what goes wrong with it."""

    zones: dict[str, HostedZone] = field(default_factory=dict)
    fail: dict[int, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    page: int = 300
    url: str = ""
    client: Any = None
    before_change: Any = None
    """Called once, right before the next change is looked at: somebody else at work."""

    def zone(self, name: str, zone_id: str = "Z0000000000000000001", *, is_private: bool = False) -> HostedZone:
        zone = self.zones[zone_id] = HostedZone(zone_id, f"{name}.", is_private)
        zone.put(name, "NS", 172_800, "ns-1.awsdns-00.example.", "ns-2.awsdns-00.example.")
        zone.put(name, "SOA", 900, "ns-1.awsdns-00.example. hostmaster.example. 1 7200 900 1209600 86400")
        return zone

    @property
    def changes(self) -> int:
        return self.calls.count("ChangeResourceRecordSets")

    def aws(self, service: str, region: str) -> Any:
        """Give what `HostDesk.aws` gives, with one try a call: what is tried again is tried by the code under test."""
        assert (service, region) == ("route53", "us-east-1")
        if self.client is None:
            self.client = self._client()
        return self.client

    def _client(self) -> Any:
        return boto3.client(
            "route53",
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="wJalrEXAMPLE",
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=1),
        )

    def answer_or_fail(self, fault: str, method: str, target: str, body: bytes) -> tuple[int, str]:
        if fault == "reset-before":
            raise Reset
        if fault in FAULTS:
            raise FAULTS[fault]
        found = self.answer(method, target, body)
        if fault == "reset-after":
            raise Reset
        return found

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str]:
        parts = urlsplit(target)
        path, query = unquote(parts.path).removeprefix(VERSION).strip("/"), dict(parse_qsl(parts.query))
        pieces = path.split("/")
        if method == "GET" and pieces == ["hostedzonesbyname"]:
            return 200, self._list_zones(query)
        if method == "GET" and pieces[0] == "hostedzone" and len(pieces) == 2:
            zone = self._zone(pieces[1])
            return 200, _write("GetHostedZone", {"HostedZone": _zone_data(zone)})
        if method == "GET" and pieces[0] == "hostedzone" and pieces[2:] == ["rrset"]:
            return 200, self._list_sets(self._zone(pieces[1]), query)
        if method == "POST" and pieces[0] == "hostedzone" and pieces[2:] == ["rrset"]:
            self.calls.append("ChangeResourceRecordSets")
            shape = MODEL.operation_model("ChangeResourceRecordSets").input_shape
            assert shape is not None
            return 200, self._change(self._zone(pieces[1]), _read(ElementTree.fromstring(body), shape))
        raise Refusal(404, "UnknownOperationException", path)

    def _zone(self, zone_id: str) -> HostedZone:
        if zone_id not in self.zones:
            raise Refusal(404, "NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}")
        return self.zones[zone_id]

    def _list_zones(self, query: Mapping[str, str]) -> str:
        self.calls.append("ListHostedZonesByName")
        _known(query, "dnsname", "hostedzoneid", "maxitems")
        zones = sorted(self.zones.values(), key=lambda zone: (_order(zone.name), zone.id))
        start = _order(query.get("dnsname", "").rstrip(".") + "."), query.get("hostedzoneid", "")
        found = [zone for zone in zones if (_order(zone.name), zone.id) >= start]
        size = min(int(query.get("maxitems", 100)), self.page)
        answer: Raw = {
            "HostedZones": [_zone_data(zone) for zone in found[:size]],
            "IsTruncated": len(found) > size,
            "MaxItems": str(size),
        }
        if len(found) > size:
            answer |= {"NextDNSName": found[size].name, "NextHostedZoneId": found[size].id}
        return _write("ListHostedZonesByName", answer)

    def _list_sets(self, zone: HostedZone, query: Mapping[str, str]) -> str:
        self.calls.append("ListResourceRecordSets")
        _known(query, "name", "type", "identifier", "maxitems")
        if ("identifier" in query and "type" not in query) or ("type" in query and "name" not in query):
            raise Refusal(400, "InvalidInput", "The input is not valid.")
        start = _order(query.get("name", "")), query.get("type", ""), query.get("identifier", "")
        found = sorted(
            (
                entry
                for entry in ((_order(key[0]), key[1], key[2], raw) for key, raw in zone.sets.items())
                if entry[:3] >= start
            ),
            key=lambda entry: entry[:3],
        )
        size = min(int(query.get("maxitems", 300)), 300, self.page)
        answer: Raw = {
            "ResourceRecordSets": [entry[3] for entry in found[:size]],
            "IsTruncated": len(found) > size,
            "MaxItems": str(size),
        }
        if len(found) > size:
            following = found[size][3]
            answer |= {"NextRecordName": following["Name"], "NextRecordType": following["Type"]}
            if "SetIdentifier" in following:
                answer["NextRecordIdentifier"] = following["SetIdentifier"]
        return _write("ListResourceRecordSets", answer)

    def _change(self, zone: HostedZone, asked: Raw) -> str:
        if self.before_change:
            work, self.before_change = self.before_change, None
            work()
        changes = asked["ChangeBatch"]["Changes"]
        values = [
            record["Value"]
            for each in changes
            for record in each["ResourceRecordSet"].get("ResourceRecords", ())
            for _ in range(1 + (each["Action"] == "UPSERT"))
        ]
        if len(values) > 1_000:
            raise Refusal(400, "InvalidChangeBatch", "Number of records limit of 1000 exceeded.")
        if sum(map(len, values)) > 32_000:
            raise Refusal(400, "InvalidChangeBatch", "Number of characters limit of 32000 exceeded.")
        sets = dict(zone.sets)
        complaints = [complaint for each in changes for complaint in _one(zone, sets, each)]
        complaints += list(_company(zone, sets))
        if complaints:
            raise Refusal(400, "InvalidChangeBatch", f"[{', '.join(complaints)}]")
        zone.sets = sets
        info = {"Id": "/change/C0000000000000000001", "Status": "PENDING", "SubmittedAt": "2026-11-26T14:00:00Z"}
        return _write("ChangeResourceRecordSets", {"ChangeInfo": info})


def _known(query: Mapping[str, str], *names: str) -> None:
    if set(query) - set(names):
        raise Refusal(400, "InvalidInput", f"unknown parameters: {sorted(set(query) - set(names))}")


def _order(name: str) -> list[str]:
    return name.lower().rstrip(".").split(".")[::-1] if name else []


def _zone_data(zone: HostedZone) -> Raw:
    return {
        "Id": f"/hostedzone/{zone.id}",
        "Name": zone.name,
        "CallerReference": zone.id,
        "Config": {"PrivateZone": zone.is_private},
    }


def _one(zone: HostedZone, sets: dict[tuple[str, str, str], Raw], change: Raw) -> Iterator[str]:
    raw = change["ResourceRecordSet"]
    name, record_type = raw["Name"].lower(), raw["Type"]
    raw["Name"], raw["TTL"] = name, int(raw["TTL"])
    key = name, record_type, ""
    there = sets.get(key)
    place = f"[name='{name}', type='{record_type}']"
    if not (name == zone.name or name.endswith(f".{zone.name}")):
        yield f"RRSet with DNS name {name} is not permitted in zone {zone.name}"
        return
    if change["Action"] == "DELETE":
        if there is None:
            yield f"Tried to delete resource record set {place} but it was not found"
        elif _content(there) != _content(raw):
            yield f"Tried to delete resource record set {place} but the values provided do not match the current values"
        else:
            del sets[key]
        return
    if any(other[:2] == key[:2] for other in sets) and change["Action"] == "CREATE":
        yield f"Tried to create resource record set {place} but it already exists"
        return
    yield from _syntax(raw)
    sets[key] = raw


def _content(raw: Raw) -> tuple[Any, list[str]]:
    return raw.get("TTL"), sorted(record["Value"] for record in raw.get("ResourceRecords", ()))


def _syntax(raw: Raw) -> Iterator[str]:
    values = [record["Value"] for record in raw["ResourceRecords"]]
    if len(set(values)) != len(values):
        yield f"Duplicate Resource Record: '{values[0]}'"
    if len(values) > 400:
        yield "Too many values"
    for value in values:
        if raw["Type"] == "TXT":
            if not STRINGS.match(value):
                yield f"Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '{value[:40]}''"
            elif any(len(string) > 255 for string in STRING.findall(value)):
                yield "Invalid Resource Record: 'FATAL problem: CharacterStringTooLong (Value is too long) encountered with '…''"
        elif raw["Type"] == "MX":
            preference, _, exchange = value.partition(" ")
            if not preference.isdecimal() or int(preference) > 65_535 or not (exchange == "." or HOST.match(exchange)):
                yield f"Invalid Resource Record: 'FATAL problem: MXRRDATAIllegal encountered with '{value}''"
        elif raw["Type"] == "CNAME" and (not HOST.match(value) or len(values) > 1):
            yield f"Invalid Resource Record: 'FATAL problem: DomainNameInvalid encountered with '{value}''"


def _company(zone: HostedZone, sets: Mapping[tuple[str, str, str], Raw]) -> Iterator[str]:
    for name, record_type, _ in sets:
        if record_type != "CNAME":
            continue
        if name == zone.name:
            yield f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone.name}"
        elif any(other[0] == name and other[1] != "CNAME" for other in sets):
            yield f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the same DNS name in zone {zone.name}"


def _read(element: ElementTree.Element, shape: Shape) -> Any:
    """Read XML by the model. Raises Refusal for what the model does not name."""
    if isinstance(shape, StructureShape):
        members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        found = {}
        for child in element:
            tag = child.tag.removeprefix(f"{{{NAMESPACE}}}")
            if tag not in members:
                raise Refusal(400, "MalformedInput", f"{tag} is not expected here")
            name, member = members[tag]
            found[name] = _read(child, member)
        return found
    if isinstance(shape, ListShape):
        return [_read(child, shape.member) for child in element]
    text = element.text or ""
    if len(text) > shape.metadata.get("max", len(text)) and shape.type_name == "string":
        raise Refusal(400, "InvalidInput", f"{element.tag} is longer than {shape.metadata['max']}")
    return text


def _write(operation: str, data: Raw) -> str:
    shape = MODEL.operation_model(operation).output_shape
    assert isinstance(shape, StructureShape)
    return (
        f'<?xml version="1.0"?><{operation}Response xmlns="{NAMESPACE}">{_members(data, shape)}</{operation}Response>'
    )


def _members(data: Raw, shape: StructureShape) -> str:
    return "".join(
        _element(shape.members[name].serialization.get("name", name), value, shape.members[name])
        for name, value in data.items()
    )


def _element(tag: str, value: Any, shape: Shape) -> str:
    if isinstance(shape, StructureShape):
        inner = _members(value, shape)
    elif isinstance(shape, ListShape):
        inner = "".join(
            _element(shape.member.serialization.get("name", "member"), each, shape.member) for each in value
        )
    else:
        inner = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{tag}>{inner}</{tag}>"


FAULTS = {
    "throttled": Refusal(400, "Throttling", "Rate exceeded"),
    "busy": Refusal(
        400,
        "PriorRequestNotComplete",
        "The request was rejected because Route 53 was still processing a prior request.",
    ),
    "broken": Refusal(500, "InternalFailure", "We encountered an internal error. Please try again."),
    "denied": Refusal(
        403,
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/x is not authorized to perform: route53:ChangeResourceRecordSets",
    ),
}


@contextmanager
def route53() -> Iterator[Route53World]:
    """Serve an account on loopback."""
    world, lock, count = Route53World(), threading.Lock(), iter(range(1, 1_000_000))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # an answer is several writes: without this the last waits 40 ms

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            with lock:
                fault = world.fail.get(next(count), "")
                try:
                    status, text = world.answer_or_fail(fault, self.command, self.path, body)
                except Refusal as refusal:
                    status = refusal.status
                    text = f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error><RequestId>r</RequestId></ErrorResponse>'
                except Reset:
                    self.close_connection = True
                    return
            octets = text.encode()
            self.send_response(status)
            self.send_header("content-type", "text/xml")
            self.send_header("content-length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        do_GET = do_POST = _handle  # noqa: N815 - http.server looks for these names

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    world.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
