"""AWS as tests meet it, over real HTTP at one address: SES v2 of our own, every other service by moto's server.

It counts every call and can spoil any of them: `world.fail["sesv2.CreateEmailIdentity", 1] = Fault.RESET_AFTER`.
"""

import http.client
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from ses_stand_in import Answer, SesStandIn

REGION = "eu-west-1"
NUMBER = "123456789012"
"""The account that moto's server is."""
EMAIL = "/v2/email/"
START_SECONDS = 60
READING = re.compile(r"[\w-]+\.(?:Get|List|Describe)")


class Fault(Enum):
    """What becomes of one call."""

    THROTTLE = "too many calls"
    CONCURRENT = "somebody else changes it"
    BROKEN = "500"
    RESET_BEFORE = "the connection breaks before it is done"
    RESET_AFTER = "the connection breaks after it is done"
    DENIED = "no right to it"


@dataclass
class AwsWorld:
    """One AWS.

    Attributes:
        fail: (operation, its number from 1; 0 for each) -> fault. Operations are `sesv2.GetAccount`, `sns.CreateTopic`.
        answers: Operation -> what it answers with status 200, whatever is asked.
        calls: Every call in order; those that were spoilt too.
        seconds_between: SES takes no two calls of one operation within this time.
        has_confirmed: The endpoints of subscriptions have confirmed them; moto knows no other.
        is_changed: A call changed something that moto holds.
        signatures: ARN of a topic -> SignatureVersion, which moto forgets.
        elsewhere: Region -> its SES. Where none is named, all regions are one.
    """

    ses: SesStandIn = field(default_factory=SesStandIn)
    fail: dict[tuple[str, int], Fault] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    seconds_between: float = 0
    has_confirmed: bool = True
    is_changed: bool = False
    signatures: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, SesStandIn] = field(default_factory=dict)
    url: str = ""
    moto: tuple[str, int] = ("", 0)
    _counts: Counter[str] = field(default_factory=Counter)
    _last: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, operation: str) -> Fault | None:
        """Count a call and give what becomes of it."""
        with self._lock:
            self.calls.append(operation)
            self._counts[operation] += 1
            self.is_changed |= not operation.startswith("sesv2.") and READING.match(operation) is None
            now, before = time.monotonic(), self._last.get(operation, 0.0)
            if self.seconds_between and operation.startswith("sesv2.") and now - before < self.seconds_between:
                return Fault.THROTTLE
            self._last[operation] = now
            return self.fail.get((operation, self._counts[operation])) or self.fail.get((operation, 0))

    def changes(self) -> list[str]:
        """Give the calls that change something."""
        return [call for call in self.calls if not READING.match(call)]

    def forget_calls(self) -> None:
        """Start to count anew."""
        self.calls.clear()
        self._counts.clear()


class _Handler(BaseHTTPRequestHandler):
    world: AwsWorld
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is two writes: without this the second waits 40 ms

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = self._operation(body)
        fault = self.world.note(operation)
        if fault is Fault.RESET_BEFORE:
            self._reset()
            return
        if fault in ERRORS:
            status, name = ERRORS[fault]
            self._answer(_error(operation, status, name))
            return
        answer = Answer(200, self.world.answers[operation]) if operation in self.world.answers else self._ask(body)
        if fault is Fault.RESET_AFTER:
            self._reset()
            return
        self._answer(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - the names that http.server calls

    def _operation(self, body: bytes) -> str:
        if self.path.startswith(EMAIL):
            return f"sesv2.{self.world.ses.operation(self.command, self.path)}"
        target = self.headers.get("X-Amz-Target")
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        service = scope[1] if scope else "unknown"
        if target:
            return f"{service}.{target.rpartition('.')[2]}"
        action = parse_qs(body.decode("utf-8", "replace")).get("Action", [f"{self.command} {self.path}"])
        return f"{service}.{action[0]}"

    def _ask(self, body: bytes) -> Answer:
        if self.path.startswith(EMAIL):
            scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", self.headers.get("Authorization", ""))
            ses = self.world.elsewhere.get(scope[1] if scope else "", self.world.ses)
            return ses.call(self.command, self.path, body)
        there = http.client.HTTPConnection(*self.world.moto, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        there.request(self.command, self.path, body, headers)
        reply = there.getresponse()
        content = reply.read()
        there.close()
        skipped = {"content-length", "connection", "transfer-encoding", "server", "date"}
        content = _as_sns_does(self.world, body, content)
        kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in skipped]
        return Answer(reply.status, content, tuple(kept))

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        if self.connection.fileno() != -1:
            super().finish()

    def log_message(self, *_arguments: object) -> None:
        return


def _as_sns_does(world: AwsWorld, body: bytes, content: bytes) -> bytes:
    """Put right what moto 5.2 does otherwise than SNS: it keeps no SignatureVersion, and confirms at once."""
    given = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    action, text = given.get("Action"), content.decode("utf-8", "replace")
    if action == "CreateTopic":
        arn = re.search("<TopicArn>([^<]+)", text)
        names = [name for name, value in given.items() if value == "SignatureVersion"]
        for name in names if arn else ():
            world.signatures[arn[1]] = given[name.replace(".key", ".value")]
    elif action == "SetTopicAttributes" and given.get("AttributeName") == "SignatureVersion":
        world.signatures[given["TopicArn"]] = given["AttributeValue"]
    elif action == "GetTopicAttributes" and given.get("TopicArn") in world.signatures:
        entry = f"<entry><key>SignatureVersion</key><value>{world.signatures[given['TopicArn']]}</value></entry>"
        return text.replace("</Attributes>", f"{entry}</Attributes>").encode()
    elif action == "ListSubscriptionsByTopic" and not world.has_confirmed:
        return re.sub("<SubscriptionArn>[^<]+", "<SubscriptionArn>PendingConfirmation", text).encode()
    return content


ERRORS = {
    Fault.THROTTLE: (429, "TooManyRequestsException"),
    Fault.CONCURRENT: (500, "ConcurrentModificationException"),
    Fault.BROKEN: (500, "InternalFailure"),
    Fault.DENIED: (403, "AccessDeniedException"),
}
QUERY_NAMES = {
    "TooManyRequestsException": ("Throttling", 400),
    "ConcurrentModificationException": ("ConcurrentModification", 409),
    "AccessDeniedException": ("AccessDenied", 403),
}
"""The same in the query protocol of SNS, IAM and STS."""


def _error(operation: str, status: int, name: str) -> Answer:
    message = f"User is not authorized to perform: {operation}" if status == 403 else "no"
    if operation.partition(".")[0] in {"sns", "iam", "sts"}:
        code, status = QUERY_NAMES.get(name, (name, status))
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        return Answer(status, text.encode(), (("Content-Type", "text/xml"),))
    body = json.dumps({"message": message, "__type": name}).encode()
    return Answer(status, body, (("x-amzn-ErrorType", name), ("Content-Type", "application/json")))


@contextmanager
def aws_world() -> Iterator[AwsWorld]:
    """Serve an AWS that is empty."""
    with _moto() as place:
        world = AwsWorld(moto=place)
        handler: Any = type("Handler", (_Handler,), {"world": world})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        world.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield world
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def _moto() -> Iterator[tuple[str, int]]:
    """Start moto's server, as a process: its state belongs to a process, and other tests have servers in ours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError("moto's server did not start")
            time.sleep(0.05)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        server.wait(10)


def make_empty(world: AwsWorld) -> None:
    """Make it an AWS in which nothing exists and nothing fails."""
    world.ses, world.seconds_between, world.has_confirmed, world.is_changed = SesStandIn(), 0, True, False
    world.fail.clear()
    world.answers.clear()
    world.signatures.clear()
    world.elsewhere.clear()
    there = http.client.HTTPConnection(*world.moto, timeout=30)
    there.request("POST", "/moto-api/reset")
    there.getresponse().read()
    there.close()
    world.forget_calls()
