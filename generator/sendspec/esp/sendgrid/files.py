"""SendGrid's resources as the calls that bring them about, in order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast
from urllib.parse import quote

from sendspec.esp.sendgrid.calling import (
    DOMAIN,
    KEY,
    LINKS,
    MANAGEMENT_KEY,
    PATHS,
    SIGNATURE,
    SUBUSER,
    WEBHOOK,
    base_url,
    body_to_create,
    call_headers,
)
from sendspec.esp.sendgrid.facts import (
    DMARC_PROPOSAL,
    EU,
    EU_NEEDS_SUBUSER,
    EU_WEBHOOK_DATA,
    MANAGE_SCOPES,
    ON_BEHALF_OF,
)
from sendspec.esp.sendgrid.resources import sending_keys
from sendspec.esp.sendgrid.settings import Settings
from sendspec.json_text import json_text
from sendspec.model.account import Account
from sendspec.model.output_file import OutputFile
from sendspec.model.request import Request, answer, asked, secret
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup

ABOUT = (
    "Calls in the order to send them; each says why, and with `unless` how to see that it was done before.",
    "${KIND/ID#FIELD} was kept from the answer of an earlier call, as its `keep` says; ${input:NAME} only you can give.",
    "${secret:REFERENCE} is read from the secret store when the call is made, and never written into a file.",
    "`store` names a secret that the answer shows: put it where the spec says it is kept.",
)
VALIDATED = {DOMAIN: "domain authentication", LINKS: "link branding"}


def files(setup: Setup, account: Account, found: Sequence[Resource]) -> Iterable[OutputFile]:
    """Give `esps/<account>/requests.json`: every call with its reason, ready for any HTTP client."""
    keys = {f"{KEY}/{key.id}": key.reference for key in sending_keys(setup, account)}
    calls = [_create(account, resource, keys) for resource in found]
    calls += [_validate(account, resource) for resource in found if resource.kind in VALIDATED]
    document = {
        "generated_by": "sendspec from @SPEC@; edit the spec",
        "account": account.id,
        "provider": account.title,
        "api": base_url(account, as_parent=False),
        "about": list(ABOUT),
        "inputs": [{"id": name, "why": why} for name, why in sorted(_inputs(account))],
        "notes": list(_notes(account, found)),
        "requests": [call.to_data(step) for step, call in enumerate(calls, start=1)],
    }
    yield OutputFile(
        path=f"esps/{account.id}/requests.json",
        content=json_text(document),
        origins=(account.origin,),
        why=f"the calls that set up {account.title} as the spec says, in order, for review or for any HTTP client",
    )


def _settings(account: Account) -> Settings:
    return cast("Settings", account.settings)


def _management_key(account: Account) -> str:
    named = (secret(each.reference) for each in account.manage if each.name == MANAGEMENT_KEY)
    return next(named, asked("management_key"))


def _create(account: Account, resource: Resource, keys: Mapping[str, str]) -> Request:
    method, path = PATHS[resource.kind]
    signs = resource.kind == SIGNATURE
    path = path.replace("{id}", answer(f"{WEBHOOK}/{resource.id}", "id") if signs else resource.id)
    is_subuser = resource.kind == SUBUSER
    return Request(
        resource=resource.key,
        method=method,
        url=base_url(account, as_parent=is_subuser) + path,
        headers=call_headers(account, _management_key(account), as_parent=is_subuser, has_body=True),
        body=body_to_create(resource),
        why=resource.why,
        source=resource.source,
        unless=_unless(resource),
        keep=_kept(resource),
        store={keys[resource.key]: "/api_key"} if resource.key in keys else {},
    )


def _kept(resource: Resource) -> Mapping[str, str]:
    if resource.kind in {DOMAIN, LINKS, WEBHOOK}:
        return {f"{resource.key}#id": "/id"}
    if resource.kind == SIGNATURE:
        return {f"{resource.key}#public_key": "/public_key"}
    return {}


def _unless(resource: Resource) -> str:
    """Say how to find what is already there, and what to do then: creating twice makes two, or fails."""
    match resource.kind:
        case "subuser":
            return f"GET /v3/subusers?username={quote(resource.id)} lists it: then go on with the next call"
        case "authenticated-domain":
            query = f"GET /v3/whitelabel/domains?domain={resource.id}"
            return f"{query} lists it: then keep its id; subdomain, security and region cannot change"
        case "link-branding":
            return "GET /v3/whitelabel/links lists domain and subdomain: then keep its id; they cannot change"
        case "event-webhook":
            return "GET /v3/user/webhooks/event/settings/all lists the url: then PATCH that id with this body"
        case "api-key":
            return (
                "GET /v3/api_keys lists the name and the secret store holds the key: then PUT /v3/api_keys/{api_key_id} "
                "with this body; names need not be unique, a second call makes a second key"
            )
        case _:
            return ""


def _validate(account: Account, resource: Resource) -> Request:
    path = PATHS[resource.kind][1]
    what = VALIDATED[resource.kind]
    return Request(
        resource=resource.key,
        method="POST",
        url=f"{base_url(account, as_parent=False)}{path}/{answer(resource.key, 'id')}/validate",
        headers=call_headers(account, _management_key(account), as_parent=False, has_body=False),
        body=None,
        why=f"makes SendGrid look up the records and switch the {what} on; a record that is not found answers 200 too: "
        "read `valid` and `validation_results`",
        source=resource.source,
        after=f"the records of {resource.id} from the answer's `dns` are in the lock file and published",
    )


def _notes(account: Account, found: Sequence[Resource]) -> Iterator[str]:
    settings = _settings(account)
    if settings.region == EU:
        yield f"{EU_NEEDS_SUBUSER.value}; {EU_NEEDS_SUBUSER.note}"
    if settings.subuser:
        yield f"{ON_BEHALF_OF.value}: {ON_BEHALF_OF.note}"
    if any(each.kind == DOMAIN for each in found):
        yield f"{DMARC_PROPOSAL.value}; {DMARC_PROPOSAL.note}. Do not publish it"
    webhooks = [each for each in found if each.kind == WEBHOOK]
    if webhooks:
        yield "give each webhook's public_key to its receiver: it is public, and changes if signing is switched off"
        if settings.region == EU:
            yield EU_WEBHOOK_DATA.value
    if len(webhooks) > 1:
        yield (
            "event webhooks cannot filter by stream: every address gets the events of all streams of this user, and "
            "how many webhooks there may be depends on the plan (`max_allowed` of GET .../event/settings/all)"
        )


def _inputs(account: Account) -> Iterator[tuple[str, str]]:
    settings = _settings(account)
    if _management_key(account) == asked("management_key"):
        yield (
            "management_key",
            (
                f"a key of the {'parent ' if settings.subuser else ''}account with the scopes "
                f"{', '.join(MANAGE_SCOPES.value)}; made in the app, or named as `manage.api_key`"
            ),
        )
    if settings.subuser:
        yield "subuser_email", "an address of yours; SendGrid writes there about this subuser"
        yield "subuser_password", "for the web login only: a long random one, kept in the secret store"
        yield (
            "subuser_ip",
            (
                f"an IPv4 address of the account in region {settings.region}: "
                f"GET {base_url(account, as_parent=True)}/v3/send_ips/ips?region={settings.region} lists them"
            ),
        )
