"""Routes as clients of an SDK: the text that makes one, and what goes into every message through it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formataddr
from string import Template

from sendspec.esp.interface import Client, OptionValue, load_esp
from sendspec.model.app import App, Binding
from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Support, Via
from sendspec.targets.app_bindings import fixed_sender, obstacle, route_names
from sendspec.targets.app_notes import CUSTOMERS_SEND

SENDER, FIELDS, UNSAID = "sender", "fields", "unsaid"
"""Options that are not the client's: field and form of From, what goes into every message, what the app sets itself."""


@dataclass(frozen=True, slots=True)
class SdkClient:
    """One route. `lines` make the client; without them `notes` say why. `fields` go into every message."""

    name: str
    title: str
    notes: tuple[str, ...]
    lines: tuple[str, ...] = ()
    imports: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fields: tuple[tuple[str, OptionValue], ...] = ()


def clients_of(app: App, library: str, spell: Callable[[OptionValue], str]) -> tuple[SdkClient, ...]:
    """Give a client for each route of an app, streams as declared, primary first."""
    names = route_names(app)
    return tuple(_client(names[binding.route.id], binding, library, spell) for binding in app.bindings)


def _client(name: str, binding: Binding, library: str, spell: Callable[[OptionValue], str]) -> SdkClient:
    route, stream = binding.route, binding.stream
    title = f"{stream.id} ({stream.kind}), {route.role}: {binding.account.id} over {route.via}"
    problem = obstacle(binding)
    if problem:
        return SdkClient(name, title, (f"{name} is not written; pending: {problem}",))
    if route.via is Via.SMTP:
        note = f"{name} goes over SMTP, which is no SDK's: the variables {binding.prefix}_* of mail.sdk.env say how"
        return SdkClient(name, title, (note,))
    client = load_esp(binding.account.kind).clients.get(library)
    if client is None or client.supported is Support.NO:
        return SdkClient(name, title, (f"{name} is not written; no SDK of {binding.account.title} is known here",))
    options = {option.name: option.value for option in client.options(route.endpoint, route.delivery)}
    text = Template(client.source_text)
    used = set(text.get_identifiers())
    fields = options.get(FIELDS)
    return SdkClient(
        name,
        title,
        tuple(_notes(binding, client, options)),
        tuple(text.substitute({field: spell(options[field]) for field in used}).split("\n")),
        client.imports,
        (*_sender(binding, options.get(SENDER)), *(fields.items() if isinstance(fields, Mapping) else ())),
    )


def _notes(binding: Binding, client: Client, options: dict[str, OptionValue]) -> Iterator[str]:
    yield f"needs {', '.join(client.requirements)}"
    yield client.note
    if options.get(UNSAID):
        yield f"the app sets these itself, as the spec says them in the ESP's words: {options[UNSAID]}"
    if fixed_sender(binding.stream) is None:
        yield f"{binding.stream.id} has {CUSTOMERS_SEND}"


def _sender(binding: Binding, option: object) -> tuple[tuple[str, OptionValue], ...]:
    """Give From as the SDK wants it; nothing where the app gives it."""
    mailbox = fixed_sender(binding.stream)
    if mailbox is None or not isinstance(option, Mapping):
        return ()
    return ((option["field"], FORMS[option["form"]](mailbox)),)


FORMS: dict[str, Callable[[Mailbox], OptionValue]] = {
    "encoded": lambda mailbox: formataddr((mailbox.display_name, mailbox.address)),
    "text": Mailbox.to_text,
    "parts": lambda mailbox: (
        {"email": mailbox.address} | ({"name": mailbox.display_name} if mailbox.display_name else {})
    ),
}
"""How From can stand in a field: with encoded words (RFC 2047), as text, or in parts."""
