"""What Django itself cannot express, as dictionaries of the settings module that workers and tasks read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sendspec.model.app import App, Binding
from sendspec.model.vocabulary import Via
from sendspec.targets.app_bindings import by_stream, fixed_sender, route_names
from sendspec.targets.app_notes import UNSUBSCRIBE
from sendspec.targets.django.literals import Value


@dataclass(frozen=True, slots=True)
class Data:
    """A dictionary of the settings module: what it is for, its entries by stream or by mailer, and what some are from."""

    name: str
    why: str
    entries: tuple[tuple[str, Value], ...]
    reasons: Mapping[str, str] = field(default_factory=dict)


def data_of(app: App) -> Iterator[Data]:
    """Give the dictionaries of an app, in the order they are written."""
    names = route_names(app)
    groups = by_stream(app)
    routes = [(names[binding.route.id], binding) for binding in app.bindings]
    yield Data(
        "MAIL_FROM",
        "From of each stream: the domain its ESPs sign for. With any other From the mail fails DMARC.",
        tuple(
            (group.stream.id, mailbox.to_text())
            for group in groups
            if (mailbox := fixed_sender(group.stream)) is not None
        ),
    )
    yield Data(
        "MAIL_HEADERS",
        "Headers by which an ESP knows the stream. Django has none for a whole mailer, so give them with each message.",
        tuple((name, dict(binding.route.endpoint.headers)) for name, binding in routes),
    )
    unsubscribe = [(group.stream.id, dict(group.stream.unsubscribe_headers)) for group in groups]
    if any(headers for _, headers in unsubscribe):
        yield Data("MAIL_UNSUBSCRIBE", UNSUBSCRIBE, tuple((name, headers) for name, headers in unsubscribe if headers))
    yield Data(
        "MAIL_ROUTES",
        "Mailers of each stream, in the order to try them.",
        tuple((group.stream.id, tuple(names[binding.route.id] for binding in group.bindings)) for group in groups),
    )
    yield Data(
        "MAIL_LIMITS",
        "For the workers that send: how many at once, how many a second (0: no limit), and how much in one go.",
        tuple((name, _limits(binding)) for name, binding in routes),
        {name: "; ".join(binding.route.delivery.because) for name, binding in routes},
    )
    yield Data(
        "MAIL_RETRY",
        "Full jitter: before try n+1 wait random.uniform(0, min(cap_seconds, base_seconds * 2**n)).",
        tuple((name, _retry(binding)) for name, binding in routes),
    )


def _limits(binding: Binding) -> Mapping[str, Value]:
    delivery = binding.route.delivery
    return {
        "workers": delivery.connections,
        "per_second": delivery.rate_per_second,
        "batch_size": delivery.batch_size,
        "messages_per_connection": delivery.messages_per_connection,
    }


def _retry(binding: Binding) -> Mapping[str, Value]:
    """Give the numbers of a route's retries; HTTP statuses and headers only where there is HTTP."""
    retry = binding.route.delivery.retry
    numbers: dict[str, Value] = {
        "attempts": retry.attempts,
        "base_seconds": retry.base_seconds,
        "cap_seconds": retry.cap_seconds,
    }
    if binding.route.via is Via.API:
        numbers["statuses"] = retry.retry_status
        numbers["never_statuses"] = retry.never_status
        numbers["retry_after_header"] = retry.retry_after_header
        numbers["idempotency_header"] = retry.idempotency_header
    return {name: value for name, value in numbers.items() if value not in {"", ()}}
