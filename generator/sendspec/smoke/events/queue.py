"""Read events from an SQS queue that the ESP's SNS topic feeds.

Only the message that is about the test is deleted. Every other one is left for whoever reads the queue, and is seen by
them a little later: a queue of its own for smoke tests is the better way.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from sendspec.model.sending import Posted, Sending
from sendspec.smoke.events.sought import Blind, Came, Sought

T = TypeVar("T")
POLL_SECONDS = 2
"""Of long polling: short enough that the end of the wait is not far away."""
HIDDEN_SECONDS = 30
"""How long what was not ours stays hidden: no shorter, or the same messages would come again at once."""
REGION = re.compile(r"sqs\.([a-z0-9-]+)\.amazonaws\.|(?:^|\.)([a-z0-9-]+)\.queue\.amazonaws\.")


class _Client(Protocol):
    """What of boto3's SQS client is used; it has no types of its own."""

    def receive_message(self, **arguments: object) -> dict[str, list[dict[str, str]]]:
        """Receive messages."""

    def delete_message(self, **arguments: object) -> object:
        """Delete one."""


class Queue:
    """One queue. Credentials are the ambient ones of AWS; AWS_ENDPOINT_URL is honoured, as by every AWS client."""

    def __init__(
        self, url: str, region: str, sources: Sequence[tuple[Sending, tuple[str, ...]]], sought: Sought
    ) -> None:
        self._url, self._sources, self._sought = url, sources, sought
        self._region = region_of(url) or region
        self._client: _Client | None = None

    @property
    def accounts(self) -> tuple[str, ...]:
        """Give the accounts whose events may be here."""
        return tuple(account for _, accounts in self._sources for account in accounts)

    async def next_events(self) -> tuple[Came, ...] | Blind:
        """Wait for what comes next about the message."""
        while True:
            try:
                found = await _in_thread(self._poll)
            except _ClientError as error:
                return Blind(self.accounts, f"the queue cannot be read: {error}")
            if found:
                return found

    def _poll(self) -> tuple[Came, ...]:
        """Receive once, in a thread: the client blocks."""
        try:
            if self._client is None:
                self._client = _open(self._region)
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=POLL_SECONDS,
                VisibilityTimeout=HIDDEN_SECONDS,
            )
            came = []
            for message in answer.get("Messages", []):
                ours = self._read(message.get("Body", ""))
                if ours:
                    self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                came.extend(ours)
        except Exception as error:  # noqa: BLE001 - named and passed on
            # boto3 raises classes made at run time, and its texts may hold parts of keys: the name says enough
            raise _ClientError(_named(error)) from None
        return tuple(came)

    def _read(self, body: str) -> list[Came]:
        for sending, accounts in self._sources:
            events = sending.read_events(Posted({}, body.encode("utf-8", "replace")))
            if events is not None:
                return [Came(seen, accounts, "from the queue") for seen in events if self._sought.fits(seen)]
        return []


class _ClientError(Exception):
    """Why the queue cannot be read."""


def region_of(url: str) -> str:
    """Give the region that a queue's URL names; empty for one that names none."""
    match = REGION.search(urlsplit(url).hostname or "")
    return (match[1] or match[2]) if match else ""


def _open(region: str) -> _Client:
    import boto3  # takes a quarter of a second
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=POLL_SECONDS + 10, retries={"max_attempts": 2})
    # a session of its own: boto3's shared one is not for threads
    client: _Client = boto3.session.Session().client("sqs", region_name=region or None, config=config)
    return client


def _named(error: Exception) -> str:
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return str(code or type(error).__name__)[:80]


async def _in_thread(work: Callable[[], T]) -> T:
    """Run what blocks in a daemon thread: whoever stops waiting does not wait for it to end."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(found: T | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found)  # type: ignore[arg-type]  # without an error there is a result

    def run() -> None:
        found, problem = None, None
        try:
            found = work()
        except _ClientError as error:
            problem = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(partial(settle, found, problem))

    Thread(target=run, name="queue", daemon=True).start()
    return await answer
