"""A From domain as one ESP knows it."""

from dataclasses import dataclass

from sendspec.model.dns_record import DnsRecord, PendingRecord
from sendspec.model.origin import Origin
from sendspec.model.vocabulary import Role, Via


@dataclass(frozen=True, slots=True)
class Use:
    """A stream's use of an identity."""

    stream: str
    role: Role
    via: Via


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something an ESP would refuse, or that its lock entry must not ask for: only that ESP's code can see it."""

    account: str
    at: Origin
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A From domain as one ESP knows it.

    Attributes:
        uses: Which streams leave here, in which role; sorted.
        envelope_domain: The MAIL FROM domain this ESP uses for it; None: the ESP's own domain, so SPF cannot align.
            Where the ESP issues part of the name it carries single angle quotes: `em‹n›.news.northwind.example`.
        signing_domain: `d=` of the signature that can align; None: nobody signs for this domain.
        has_own_key: The key pair is the user's, not made by the ESP.
        stops_without_return_path: The ESP refuses mail while it cannot see the return-path in DNS.
        envelope_note: What the ESP does with the envelope sender when something fails; empty where nothing is known.
    """

    domain: str
    account: str
    uses: tuple[Use, ...]
    envelope_domain: str | None
    signing_domain: str | None
    records: tuple[DnsRecord, ...]
    pending: tuple[PendingRecord, ...]
    origin: Origin
    has_own_key: bool = False
    stops_without_return_path: bool = False
    envelope_note: str = ""
    refused: tuple[Refusal, ...] = ()

    @property
    def streams(self) -> tuple[str, ...]:
        """Give the ids of the streams that use it, sorted, each once."""
        return tuple(sorted({use.stream for use in self.uses}))
