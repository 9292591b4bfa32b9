"""What Postmark would not take, seen over the whole account."""

from collections.abc import Iterator, Sequence

from sendspec.esp.postmark.endpoint import SMTP_TOKEN
from sendspec.esp.postmark.facts import DEFAULT_STREAMS, MAX_STREAMS
from sendspec.esp.postmark.resources import Leaving, own_message_streams, resources, routes_of
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.identity import Refusal
from sendspec.model.setup import Setup


def refusals(setup: Setup, account: Account) -> Iterator[Refusal]:
    """Give a server with more message streams than it may have, and SMTP tokens that should serve several."""
    total = len(own_message_streams(resources(setup, account))) + len(DEFAULT_STREAMS.value)
    if total > MAX_STREAMS.value:
        yield Refusal(
            account.id,
            account.origin.key("settings", "server"),
            f"{account.id}: {total} message streams, the default ones included; a server may have {MAX_STREAMS.value}",
            "put some streams on a second entry under `esps:` with a server of its own, or let several share one by "
            "`settings: {message_stream: ...}` on their routes",
        )
    for reference, streams in smtp_tokens(tuple(routes_of(setup, account))).items():
        if len(streams) > 1:
            yield Refusal(
                account.id,
                account.origin.key("credentials", SMTP_TOKEN[0]),
                f"{account.id}: the SMTP token kept at {reference} belongs to one message stream and cannot serve "
                f"{', '.join(streams)}",
                "give each route a token of its own under its `credentials:`, or use the server token",
            )


def smtp_tokens(leaving: Sequence[Leaving]) -> dict[str, list[str]]:
    """Give the message streams of each SMTP token by its reference, sorted."""
    found: dict[str, set[str]] = {}
    for each in leaving:
        user = each.route.endpoint.username
        if isinstance(user, Credential) and user.name == SMTP_TOKEN[0]:
            found.setdefault(user.reference, set()).add(each.message_stream)
    return {reference: sorted(streams) for reference, streams in sorted(found.items())}
