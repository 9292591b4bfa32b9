"""What to probe: endpoints of routes, webhooks, and DNS records. One probe is one scrape target."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.account import Account
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Role, Tls, Via

SHOWN_STREAMS = 5
"""Of streams that share a probe; a platform has thousands, and a label goes with every sample."""


class Watched(StrEnum):
    """The kinds of probe; each has its scrape job, its file of targets and its alerts."""

    SMTP = "smtp"
    API = "api"
    DNS = "dns"
    WEBHOOK = "webhook"


class Module(StrEnum):
    """Modules of the blackbox exporter that do not depend on what is probed; DNS records have one each."""

    SMTP_STARTTLS = "smtp_starttls"
    SMTP_IMPLICIT = "smtp_implicit_tls"
    API = "api_answers"
    WEBHOOK = "webhook_answers"


Shared = tuple[Watched, str, str, Role, Via | None, str, str]
"""What probes share: kind, module, address, role, protocol (None where it is the same for both), account, host."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One target.

    Attributes:
        address: What is probed: `host:port`, a URL, or the name of a DNS record.
        labels: What alerts show and choose by, in the order to write them; none is empty.
    """

    watched: Watched
    module: str
    address: str
    labels: tuple[tuple[str, str], ...]
    origins: tuple[Origin, ...]


def endpoint_probes(setup: Setup) -> tuple[Probe, ...]:
    """Give a probe for each endpoint, account and role, and one for each webhook, sorted by kind, address and labels.

    Streams that leave the same way share one, so that no ESP is asked the same a hundred times a minute. An API whose
    ESP names no path that answers without a key is not probed.
    """
    shared: dict[Shared, list[tuple[Stream, Route]]] = {}
    for stream, route in setup.routes():
        for key in _wanted(route, setup.account(route.account)):
            shared.setdefault(key, []).append((stream, route))
    return tuple(sorted(_probes(shared), key=lambda probe: (probe.watched, probe.address, probe.labels)))


def _wanted(route: Route, account: Account) -> Iterator[Shared]:
    endpoint, path = route.endpoint, account.limits.probe_path
    who = (route.role, route.via, account.id, endpoint.host)
    if route.via is Via.SMTP:
        module = Module.SMTP_STARTTLS if endpoint.tls is Tls.STARTTLS else Module.SMTP_IMPLICIT
        yield (Watched.SMTP, module, f"{endpoint.host}:{endpoint.port}", *who)
    elif path is not None:
        yield (Watched.API, Module.API, f"{endpoint.base_url}{path.value}", *who)
    if route.events is not None:
        url = route.events.url
        host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
        yield Watched.WEBHOOK, Module.WEBHOOK, url, route.role, None, account.id, host


def _probes(
    shared: dict[Shared, list[tuple[Stream, Route]]],
) -> Iterator[Probe]:
    for (watched, module, address, role, via, account, host), uses in shared.items():
        labels = (
            ("check", watched),
            ("stream", joined(stream.id for stream, _ in uses)),
            ("role", role),
            *((("via", via.value),) if via is not None else ()),
            ("esp", account),
            ("host", host),
        )
        yield Probe(watched, module, address, labels, tuple(dict.fromkeys(route.origin for _, route in uses)))


def joined(names: Iterable[str]) -> str:
    """Give names for a label: `password-reset,receipts`; of many the first few and how many more there are."""
    known = sorted(set(names))
    more = f" and {len(known) - SHOWN_STREAMS} more" if len(known) > SHOWN_STREAMS else ""
    return ",".join(known[:SHOWN_STREAMS]) + more
