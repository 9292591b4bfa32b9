"""What an ESP publishes about itself: limits, and which answers mean what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sendspec.model.fact import Fact
from sendspec.model.vocabulary import Tls

NO_PORTS: Mapping[Tls, tuple[int, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Limits:
    """What an ESP publishes about itself; None where it publishes nothing.

    `batch_size` counts messages per API call, `batch_needs_template` says that batching works with ESP-held templates
    only; `quota_from` names where an account's granted rate can be read; `smtp_ports` are the submission ports by TLS.
    `bulk_apart` says why bulk mail wants an account of its own; `dedicated_ip_floor` counts messages a month.
    `spf_include` is what SPF at a return-path holds for it, `dkim_bits` the longest RSA key it makes or takes.
    `bounce_limit` and `complaint_limit` are the shares (0.05 is 5 %) from which on it reviews or stops an account;
    `bounce_metric` and `complaint_metric` name them where an exporter that teams run gives them to Prometheus.
    `probe_path` is a path of the API that answers GET without a key by 401 or 403: it is up, and nothing happens.
    """

    max_message_bytes: Fact[int] | None = None
    max_recipients: Fact[int] | None = None
    max_connections: Fact[int] | None = None
    max_messages_per_connection: Fact[int] | None = None
    batch_size: Fact[int] | None = None
    batch_needs_template: bool = False
    requests_per_second: Fact[int] | None = None
    quota_from: str = ""
    spf_include: Fact[str] | None = None
    dkim_bits: Fact[int] | None = None
    smtp_ports: Mapping[Tls, tuple[int, ...]] = field(default_factory=lambda: NO_PORTS)
    bulk_apart: Fact[str] | None = None
    dedicated_ip_floor: Fact[int] | None = None
    bounce_limit: Fact[float] | None = None
    complaint_limit: Fact[float] | None = None
    bounce_metric: Fact[str] | None = None
    complaint_metric: Fact[str] | None = None
    probe_path: Fact[str] | None = None


@dataclass(frozen=True, slots=True)
class RetryFacts:
    """Which answers of an ESP mean what, for retry and failover."""

    retry_status: tuple[int, ...]
    never_status: tuple[int, ...]
    retry_after_header: str = ""
    idempotency_header: str = ""
    notes: tuple[str, ...] = ()
    source: str = ""
