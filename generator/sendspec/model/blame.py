"""Whose fault it is that a message was not taken: what decides on failover."""

from dataclasses import dataclass
from enum import StrEnum


class Blame(StrEnum):
    """The three classes of failures. Only the first one may send the message through another route."""

    ACCOUNT_OR_ENDPOINT = "account-or-endpoint"
    RECIPIENT_OR_CONTENT = "recipient-or-content"
    NOBODY_KNOWS = "nobody-knows"

    @property
    def fails_over(self) -> bool:
        """Tell whether the message may go through the next route."""
        return self is Blame.ACCOUNT_OR_ENDPOINT

    @property
    def meaning(self) -> str:
        """Say what the class means, and what follows from it."""
        return _MEANINGS[self]


_MEANINGS = {
    Blame.ACCOUNT_OR_ENDPOINT: "the account or the endpoint is at fault: fail over",
    Blame.RECIPIENT_OR_CONTENT: "the recipient or the content is at fault: never send it through another route",
    Blame.NOBODY_KNOWS: "nobody knows whether it was taken: never send it again automatically, it may arrive twice",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose fault a failure is, and why.

    Attributes:
        rule: What decides, in words: `550 to RCPT`.
        retried_first: An application tries this route again, with backoff, before it fails over.
        may_duplicate: Sending it again can deliver it twice, even where the class allows it.
        source: The standard or the provider's page.
    """

    blame: Blame
    rule: str
    retried_first: bool = False
    may_duplicate: bool = False
    source: str = ""
