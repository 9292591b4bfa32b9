"""Postmark's resources as the calls that bring them about, in order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast
from urllib.parse import quote

from sendspec.esp.postmark.facts import API_HOST, DEFAULT_STREAMS, DOCS, OWN_UNSUBSCRIBE
from sendspec.esp.postmark.refusals import smtp_tokens
from sendspec.esp.postmark.resources import Leaving, own_message_streams, routes_of
from sendspec.esp.postmark.settings import Settings
from sendspec.json_text import json_text
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.model.request import Request, answer, asked, secret
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup

BASE = f"https://{API_HOST.value}"
PATHS = {"server": "/servers", "domain": "/domains", "message-stream": "/message-streams", "webhook": "/webhooks"}
ABOUT = (
    "Calls in the order to send them; each says why, and with `unless` how to see that it was done before.",
    "${KIND/ID#FIELD} was kept from the answer of an earlier call, as its `keep` says; ${input:NAME} only you can give.",
    "${secret:REFERENCE} is read from the secret store when the call is made, and never written into a file.",
    "`store` names a secret that the answer shows: put it where the spec says it is kept.",
)
ACCOUNT_LEVEL = frozenset({"server", "domain"})
FIXED_STREAM_FIELDS = frozenset({"ID", "Name", "MessageStreamType"})


def files(setup: Setup, account: Account, found: Sequence[Resource]) -> Iterable[OutputFile]:
    """Give `esps/<account>/requests.json`: every call with its reason, ready for any HTTP client."""
    calls = [*_creating(account, found), *_verifying(account, found)]
    document = {
        "generated_by": "sendspec from @SPEC@; edit the spec",
        "account": account.id,
        "provider": account.title,
        "api": BASE,
        "about": list(ABOUT),
        "inputs": [{"id": name, "why": why} for name, why in sorted(_inputs(account))],
        "notes": list(_notes(tuple(routes_of(setup, account)), found)),
        "requests": [call.to_data(step) for step, call in enumerate(calls, start=1)],
    }
    yield OutputFile(
        path=f"esps/{account.id}/requests.json",
        content=json_text(document),
        origins=(account.origin,),
        why=f"the calls that set up {account.title} as the spec says, in order, for review or for any HTTP client",
    )


def _creating(account: Account, found: Sequence[Resource]) -> Iterator[Request]:
    for resource in found:
        if resource.kind == "message-stream" and resource.id in DEFAULT_STREAMS.value:
            yield _update_default_stream(account, resource)
        else:
            yield _create(account, resource)


def _create(account: Account, resource: Resource) -> Request:
    keep, store = {}, {}
    if resource.kind in ACCOUNT_LEVEL:
        keep = {f"{resource.key}#ID": "/ID"}
    if resource.kind == "server" and (token := account.credential("server_token")):
        store = {token.reference: "/ApiTokens/0"}
    return Request(
        resource=resource.key,
        method="POST",
        url=BASE + PATHS[resource.kind],
        headers=_headers(account, at_account=resource.kind in ACCOUNT_LEVEL),
        body=dict(resource.properties),
        why=resource.why,
        source=resource.source,
        unless=_unless(resource),
        keep=keep,
        store=store,
    )


def _unless(resource: Resource) -> str:
    """Say how to find what is already there, and what to send then: creating twice makes two, or fails."""
    match resource.kind:
        case "server":
            found = f"GET /servers?count=100&offset=0&name={quote(resource.id)} lists the name"
            instead = "PUT /servers/{ID} with this body less DeliveryType, and keep that ID"
        case "domain":
            found = "GET /domains?count=500&offset=0 lists the name"
            instead = "PUT /domains/{ID} with ReturnPathDomain only, and keep that ID"
        case "message-stream":
            found = f"GET /message-streams/{resource.id} answers 200"
            instead = "PATCH it with this body less ID and MessageStreamType, which cannot change"
        case _:
            found = f"GET /webhooks?MessageStream={resource.properties['MessageStream']} lists the Url"
            instead = "PUT /webhooks/{ID} with this body less MessageStream"
    return f"{found}: then {instead}"


def _update_default_stream(account: Account, resource: Resource) -> Request:
    """The default streams exist on every server: only what may change is sent."""
    body = {name: value for name, value in resource.properties.items() if name not in FIXED_STREAM_FIELDS}
    return Request(
        resource=resource.key,
        method="PATCH",
        url=f"{BASE}/message-streams/{resource.id}",
        headers=_headers(account, at_account=False),
        body=body,
        why=f"{resource.why}; every server has this stream from the start",
        source=resource.source,
    )


def _verifying(account: Account, found: Sequence[Resource]) -> Iterator[Request]:
    settings = cast("Settings", account.settings)
    checks = ["verifyReturnPath"] if settings.dkim == "none" else ["verifyDkim", "verifyReturnPath"]
    for resource in found:
        if resource.kind != "domain":
            continue
        for check in checks:
            record = "DKIM key" if check == "verifyDkim" else "return-path"
            yield Request(
                resource=resource.key,
                method="PUT",
                url=f"{BASE}/domains/{answer(resource.key, 'ID')}/{check}",
                headers=_headers(account, at_account=True, has_body=False),
                body=None,
                why=f"makes Postmark look up the {record} of {resource.id} and start using it",
                source=f"{DOCS}/api/domains-api",
                after=f"the {record} record of {resource.id} is published (see README.md for what is pending)",
            )


def _headers(account: Account, *, at_account: bool, has_body: bool = True) -> tuple[tuple[str, str], ...]:
    name, header = (
        ("account_token", "X-Postmark-Account-Token") if at_account else ("server_token", "X-Postmark-Server-Token")
    )
    content = (("Content-Type", "application/json"),) if has_body else ()
    return (("Accept", "application/json"), *content, (header, _token(account, name)))


def _token(account: Account, name: str) -> str:
    credentials: tuple[Credential, ...] = (*account.manage, *account.credentials)
    return next((secret(each.reference) for each in credentials if each.name == name), asked(name))


def _inputs(account: Account) -> Iterator[tuple[str, str]]:
    if _token(account, "account_token") == asked("account_token"):
        yield "account_token", "the account API token (account owner, API Tokens tab), or name it in `manage:`"
    if _token(account, "server_token") == asked("server_token"):
        yield "server_token", "the token that the answer of the first call shows in ApiTokens"
    if not any(each.name == "webhook_password" for each in account.manage):
        yield (
            "webhook_password",
            (
                "choose one, keep it in the secret store and give it to the receiver, or name it as `manage.webhook_password`"
            ),
        )


def _notes(leaving: Sequence[Leaving], found: Sequence[Resource]) -> Iterator[str]:
    if any(each.kind == "webhook" for each in found):
        yield (
            "Postmark does not sign its webhooks: the receiver must check the basic auth (answer 401; a 403 stops "
            "retries) and Postmark's published address list"
        )
    own = own_message_streams(found)
    if any("Custom" in str(each.properties.get("SubscriptionManagementConfiguration")) for each in own):
        yield f"before the calls with UnsubscribeHandlingType Custom: {OWN_UNSUBSCRIBE.value}"
    yield from _own_tokens(leaving)
    mixed = [
        each.message_stream
        for each in leaving
        if each.stream.kind.is_bulk is not _is_broadcast(each.message_stream, found)
    ]
    for message_stream in sorted(set(mixed)):
        yield f"message stream {message_stream} carries bulk and other mail: give each its own"


def _is_broadcast(message_stream: str, found: Sequence[Resource]) -> bool:
    kinds = {each.id: each.properties["MessageStreamType"] for each in found if each.kind == "message-stream"}
    return kinds[message_stream] == "Broadcasts"


def _own_tokens(leaving: Sequence[Leaving]) -> Iterator[str]:
    for name, streams in smtp_tokens(leaving).items():
        yield f"the SMTP token {name}, of {', '.join(streams)}, is made in the dashboard: server, stream, Settings"
