"""What goes with every message: in mailer.yaml where Symfony's own words can say it, else in a class."""

from collections.abc import Mapping
from dataclasses import dataclass

from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Via
from sendspec.targets.app_bindings import message_parts
from sendspec.targets.php import Value
from sendspec.targets.symfony.dsn import in_yaml
from sendspec.targets.symfony.transports import TAG, StreamTransports


@dataclass(frozen=True, slots=True)
class Messages:
    """What goes with every message of an app.

    Attributes:
        needs_class: Why YAML cannot say it; empty where it can.
        yaml_headers: For `headers:` of mailer.yaml, values as that file holds them; empty with a class.
        envelope_sender: For `envelope:`; only where all mail has one and no bridge takes it for From.
        senders: Stream to (address, name).
        headers: Stream, then transport as a listener sees it, then header.
        unsubscribe: Stream to its headers for one-click unsubscribe.
    """

    needs_class: str
    yaml_headers: tuple[tuple[str, str], ...]
    envelope_sender: str
    senders: Mapping[str, Value]
    headers: Mapping[str, Value]
    unsubscribe: Mapping[str, Value]


def messages_of(streams: tuple[StreamTransports, ...]) -> Messages:
    """Give what goes with every message of these streams."""
    why = _class_reason(streams)
    senders: dict[str, Value] = {}
    for stream in streams:
        sender = message_parts(stream.group.bindings[0]).sender
        if sender is not None:
            senders[stream.group.stream.id] = (sender.address, sender.display_name)
    return Messages(
        needs_class=why,
        yaml_headers=() if why or not streams else _yaml_headers(streams[0]),
        envelope_sender=_envelope_sender(streams),
        senders=senders,
        headers={stream.group.stream.id: _by_transport(stream) for stream in streams},
        unsubscribe={
            stream.group.stream.id: dict(stream.group.stream.unsubscribe_headers)
            for stream in streams
            if stream.group.stream.unsubscribe_headers
        },
    )


def _by_transport(stream: StreamTransports) -> Mapping[str, Value]:
    """Give the headers of each transport. Where a listener cannot tell two apart, those of the first hold for both."""
    found: dict[str, dict[str, Value]] = {}
    for transport in stream.written:
        for name, value in transport.headers:
            found.setdefault(transport.seen_as, {}).setdefault(name, value)
    return found


def _class_reason(streams: tuple[StreamTransports, ...]) -> str:
    """Say why `headers:` of mailer.yaml is not enough: it holds for all transports alike, as text."""
    if len(streams) > 1:
        return "`headers:` of this file would hold for all streams alike"
    for stream in streams:
        sender = message_parts(stream.group.bindings[0]).sender
        if sender is not None and not _survives(sender):
            return "Symfony would not read the display name of From back as it is"
        found = [header for transport in stream.written for header in transport.headers]
        if any(name == TAG for name, _ in found):
            return "Symfony takes a tag only as an object of its class TagHeader"
        if any(not value.isprintable() for _, value in found):
            return "a header's value holds what YAML cannot hold as it is"
        if len(dict(found)) < len(set(found)):
            return "the routes want different values of one header"
    return ""


def _survives(sender: Mailbox) -> bool:
    """Tell whether `Name <address>` comes back as it was from `Address::create` of Symfony Mime.

    It takes everything before the first `<` for the name and strips blanks and both quotes from its ends.
    """
    name = sender.display_name
    return name.isprintable() and "<" not in name and name.strip(" '\"") == name


def _yaml_headers(stream: StreamTransports) -> tuple[tuple[str, str], ...]:
    """Give the headers of the app's only stream. What the app has to fill in for each recipient is not among them."""
    sender = message_parts(stream.group.bindings[0]).sender
    headers: dict[str, str] = {}
    if sender is not None:
        headers["From"] = f"{sender.display_name} <{sender.address}>" if sender.display_name else sender.address
    for transport in stream.written:
        headers.update(transport.headers)
    unsubscribe = stream.group.stream.unsubscribe_headers
    if not any("{" in value for _, value in unsubscribe):
        headers.update(unsubscribe)
    return tuple((name, in_yaml(value)) for name, value in headers.items())


def _envelope_sender(streams: tuple[StreamTransports, ...]) -> str:
    """Give the sender for `envelope:`. The bridges for APIs take it for From, and it has no display name."""
    bindings = [binding for stream in streams for binding in stream.group.bindings]
    if len(streams) != 1 or any(binding.route.via is Via.API for binding in bindings):
        return ""
    return in_yaml(message_parts(bindings[0]).envelope_sender)
