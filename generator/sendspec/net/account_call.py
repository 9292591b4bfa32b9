"""Read calls to an ESP's API about an account, and what their answers mean whatever the ESP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pydantic import BaseModel

from sendspec.model.account_state import Access, AccountState
from sendspec.net.http import Http, Reply
from sendspec.net.json_reply import read_json

M = TypeVar("M", bound=BaseModel)
SAID_LENGTH = 160
LONGEST_WAIT = timedelta(days=31)
"""What a server asks for beyond that is no time to come back."""
BY_STATUS = {401: Access.REFUSED, 403: Access.FORBIDDEN, 429: Access.RATE_LIMITED}
OK, FIRST_SERVER_ERROR = 200, 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that was made, and what came of it."""

    url: str
    reply: Reply

    def read(self, model: type[M]) -> M | None:
        """Give the body of a good answer; None for any other answer, and for a body of another shape."""
        return read_json(self.reply.body, model) if self.reply.status == OK else None

    @property
    def access(self) -> Access:
        """Give what the status alone says."""
        status = self.reply.status
        if status is None:
            return Access.UNREACHABLE
        if status >= FIRST_SERVER_ERROR:
            return Access.BROKEN
        return BY_STATUS.get(status, Access.GOOD if status == OK else Access.UNEXPECTED)

    def state(
        self, hide: Callable[[str], str], access: Access | None = None, said: str = "", back_at: datetime | None = None
    ) -> AccountState:
        """Give what this call alone says of an account. `said` may hold anything: it is hidden and cut here."""
        reply = self.reply
        words = reply.detail if reply.trouble is not None else said
        return AccountState(
            access=self.access if access is None else access,
            asked=f"GET {self.url}",
            status=reply.status,
            trouble=reply.trouble,
            said=" ".join(hide(words).split())[:SAID_LENGTH],
            address=reply.address,
            certificate_days=reply.certificate_days,
            back_at=back_at,
        )

    def refusal(
        self, hide: Callable[[str], str], access: Access | None = None, said: str = "", back_at: datetime | None = None
    ) -> AccountState:
        """Give what an answer says that could not be read: a good status with another body is unexpected."""
        found = self.access if access is None else access
        return self.state(hide, Access.UNEXPECTED if found is Access.GOOD else found, said, back_at)

    def error(self, model: type[M]) -> M | None:
        """Give the body of an answer that is not good."""
        return read_json(self.reply.body, model) if self.reply.status not in {None, OK} else None


async def get(http: Http, url: str, headers: Sequence[tuple[str, str]]) -> Asked:
    """Read something with a key in `headers`."""
    return Asked(url, await http.call("GET", url, headers=(("Accept", "application/json"), *headers)))


def retry_after(reply: Reply, now: datetime) -> datetime | None:
    """Give the time in `Retry-After`: seconds or a date (RFC 9110 section 10.2.3); None without a sensible one."""
    text = reply.headers.get("retry-after", "")
    if text.isascii() and text.isdecimal():
        return sensible(now, int(text[:12]) + now.timestamp())
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return sensible(now, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def sensible(now: datetime, seconds: float) -> datetime | None:
    """Give a time told in Unix seconds, if it lies within the month to come."""
    if not now.timestamp() <= seconds <= (now + LONGEST_WAIT).timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)
