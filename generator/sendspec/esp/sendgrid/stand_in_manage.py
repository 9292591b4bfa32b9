"""What SendGrid's stand-in does when an account is managed: it keeps state, and refuses what SendGrid refuses."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from sendspec.esp.sendgrid.account import GIVEN_TO_ALL
from sendspec.esp.sendgrid.stand_in_mail import errors_of
from sendspec.esp.sendgrid.stand_in_requests import (
    Body,
    DomainNew,
    DomainPatch,
    KeyNew,
    KeyPut,
    LinkNew,
    LinkPatch,
    SubuserNew,
    SubuserPatch,
    Switch,
    WebhookBody,
)
from sendspec.esp.sendgrid.stand_in_user import ALL_SCOPES, User, make_domain, make_link, profile_of, public_key
from sendspec.model.stand_in import ApiAnswer, ApiCall, json_answer, made_up

B = TypeVar("B", bound=Body)
Answer = Callable[[User, ApiCall, tuple[str, ...]], ApiAnswer]
MOST_KEYS = 100
TAKEN = "taken"
"""A subuser's name that somebody else has."""
DOMAINS, LINKS = "/v3/whitelabel/domains", "/v3/whitelabel/links"
WEBHOOKS, KEYS = "/v3/user/webhooks/event/settings", "/v3/api_keys"


class _RefusedError(Exception):
    def __init__(self, answer: ApiAnswer) -> None:
        super().__init__(str(answer.status))
        self.answer = answer


def refusal(status: int, message: str, **more: str) -> ApiAnswer:
    """Give an error as SendGrid words it."""
    return json_answer(status, {"errors": [{"message": message, **more}]})


def manage(answer: Answer, user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer one call. Never raises."""
    try:
        return answer(user, call, parts)
    except _RefusedError as refused:
        return refused.answer


def _body(call: ApiCall, model: type[B]) -> B:
    if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _RefusedError(refusal(415, "Content-Type should be application/json."))
    try:
        return model.model_validate_json(call.body)
    except ValidationError as error:
        raise _RefusedError(json_answer(400, {"errors": errors_of(error)})) from None


def _page(user: User, call: ApiCall, items: list[dict[str, object]], default: int) -> list[dict[str, object]]:
    """Give one page; what was just made may be missing for some lists yet."""
    limit, offset = call.parameter("limit") or str(default), call.parameter("offset") or "0"
    if not (limit.isdecimal() and offset.isdecimal()):
        raise _RefusedError(refusal(400, "limit and offset must be integers"))
    visible = []
    for item in items:
        name = str(item.get("id") or item.get("api_key_id"))
        if user.hidden.get(name, 0) > 0:
            user.hidden[name] -= 1
        else:
            visible.append(item)
    return visible[int(offset) : int(offset) + int(limit)]


def _number(user: User) -> int:
    user.next_id += 1
    return user.next_id


def _hide(user: User, name: object) -> None:
    if user.lag:
        user.hidden[str(name)] = user.lag


def _of_id(items: list[dict[str, object]], native_id: str, message: str) -> dict[str, object]:
    found = next((item for item in items if str(item["id"]) == native_id), None)
    if found is None:
        raise _RefusedError(refusal(404, message))
    return found


def list_subusers(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/subusers`: the filter finds names that start alike."""
    found = [user.profile] if user.profile else []
    wanted = call.parameter("username") or ""
    shown = [dict(each) for each in found if str(each["username"]).startswith(wanted)]
    if call.parameter("include_region") != "true":
        for each in shown:
            each.pop("region")
    return json_answer(200, _page(user, call, shown, 100))


def make_subuser(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `POST /v3/subusers`. A subuser has the name that the account's setup gives it."""
    asked = _body(call, SubuserNew)
    if user.profile is not None or asked.username == TAKEN:
        return refusal(400, "username exists")
    user.profile = profile_of(asked.username, asked.region, asked.email)
    _hide(user, user.profile["id"])
    answer = {"username": asked.username, "user_id": user.profile["id"], "email": asked.email}
    answer["credit_allocation"] = {"type": "unlimited"}
    return json_answer(200, answer | ({"region": asked.region} if asked.include_region else {}))


def change_subuser(user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `PATCH /v3/subusers/{name}`."""
    asked = _body(call, SubuserPatch)
    if user.profile is None or user.profile["username"] != parts[0]:
        return refusal(400, "invalid username")
    user.profile["disabled"] = asked.disabled
    return ApiAnswer(204)


def remove_subuser(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `DELETE /v3/subusers/{name}`: all that lies in it goes along."""
    if user.profile is None or user.profile["username"] != parts[0]:
        return refusal(404, "not found")
    user.profile = None
    for held in (user.domains, user.links, user.webhooks):
        held.clear()
    for secret in set(user.keys) - user.managing:
        del user.keys[secret], user.names[secret]
    return ApiAnswer(204)


def list_domains(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/whitelabel/domains`."""
    gone = [item for item, _ in user.ghosts]
    user.ghosts = [(item, lists - 1) for item, lists in user.ghosts if lists > 1]
    return json_answer(200, _page(user, call, [*user.domains, *gone], 50))


def make_a_domain(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `POST /v3/whitelabel/domains`. The same domain may be there again with another host."""
    asked = _body(call, DomainNew)
    if asked.custom_spf and asked.automatic_security:
        return refusal(400, "custom SPF is only available with manual security", field="custom_spf")
    made = make_domain(_number(user), asked.model_dump(), asked.username or user.subuser or "parent")
    if any((each["domain"], each.get("subdomain")) == (asked.domain, made["subdomain"]) for each in user.domains):
        return refusal(400, "A whitelabel for this domain already exists", field="domain")
    user.domains.append(made)
    _hide(user, made["id"])
    return json_answer(201, made)


def read_domain(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/whitelabel/domains/{id}`."""
    return json_answer(200, _of_id(user.domains, parts[0], "Not Found"))


def change_domain(user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `PATCH /v3/whitelabel/domains/{id}`: nothing but `default` and `custom_spf`."""
    asked = _body(call, DomainPatch)
    domain = _of_id(user.domains, parts[0], "Not Found")
    if asked.custom_spf and domain["automatic_security"]:
        return refusal(400, "custom SPF is only available with manual security", field="custom_spf")
    domain.update(asked.model_dump(exclude_none=True))
    return json_answer(200, [domain])


def remove_domain(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `DELETE /v3/whitelabel/domains/{id}`: mail from it is refused from now on."""
    domain = _of_id(user.domains, parts[0], "Not Found")
    user.domains.remove(domain)
    if user.lag:
        user.ghosts.append((domain, user.lag))
    if all(each["domain"] != domain["domain"] for each in user.domains):
        user.senders.discard(str(domain["domain"]))
    return ApiAnswer(204)


def validate_domain(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `POST /v3/whitelabel/domains/{id}/validate`."""
    domain = _of_id(user.domains, parts[0], "Not Found")
    answer = _validate(user, domain)
    if domain["valid"]:
        user.senders.add(str(domain["domain"]))
    return answer


def list_links(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/whitelabel/links`."""
    return json_answer(200, _page(user, call, user.links, 50))


def make_links(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `POST /v3/whitelabel/links`."""
    asked = _body(call, LinkNew)
    made = make_link(_number(user), asked.model_dump(), user.subuser or "parent")
    host = (asked.domain, made["subdomain"])
    if any((each["domain"], each.get("subdomain")) == host for each in (*user.links, *user.domains)):
        return refusal(400, "A link whitelabel with this URL already exists", field="subdomain")
    user.links.append(made)
    _hide(user, made["id"])
    return json_answer(201, made)


def read_links(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/whitelabel/links/{id}`."""
    return json_answer(200, _of_id(user.links, parts[0], "Not Found"))


def change_links(user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `PATCH /v3/whitelabel/links/{id}`."""
    asked = _body(call, LinkPatch)
    links = _of_id(user.links, parts[0], "Not Found")
    links["default"] = asked.default
    return json_answer(200, links)


def remove_links(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `DELETE /v3/whitelabel/links/{id}`."""
    user.links.remove(_of_id(user.links, parts[0], "Not Found"))
    return ApiAnswer(204)


def validate_links(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `POST /v3/whitelabel/links/{id}/validate`."""
    return _validate(user, _of_id(user.links, parts[0], "Not Found"))


def _validate(user: User, item: dict[str, object]) -> ApiAnswer:
    """Look at DNS, as far as there is one. A record that is not found answers 200 too."""
    is_valid = item["domain"] not in user.unseen
    dns = item["dns"]
    results: dict[str, object] = {}
    for name, record in dns.items() if isinstance(dns, dict) else ():
        record["valid"] = is_valid
        if name != "dmarc":
            reason = None if is_valid else f'Expected {record["type"].upper()} for "{record["host"]}" but found none.'
            results[name] = {"valid": is_valid, "reason": reason}
    item["valid"] = is_valid
    return json_answer(200, {"id": item["id"], "valid": is_valid, "validation_results": results})


def list_webhooks(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/user/webhooks/event/settings/all`."""
    return json_answer(200, {"max_allowed": user.max_webhooks, "webhooks": _page(user, call, user.webhooks, 1000)})


def make_webhook(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `POST /v3/user/webhooks/event/settings`."""
    asked = _body(call, WebhookBody)
    _refuse_known_url(user, asked.url, "")
    if len(user.webhooks) >= user.max_webhooks:
        return refusal(400, "You have reached the maximum number of webhooks per your current billing plan.")
    webhook_id = f"77d4a5da-7015-11ed-a1eb-{_number(user):012d}"
    webhook = asked.model_dump(exclude={"oauth_client_secret"}, exclude_none=True) | {"id": webhook_id}
    user.webhooks.append(webhook)
    _hide(user, webhook_id)
    return json_answer(201, webhook)


def read_webhook(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/user/webhooks/event/settings/{id}`."""
    return json_answer(200, _of_id(user.webhooks, parts[0], "Invalid id provided."))


def change_webhook(user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `PATCH /v3/user/webhooks/event/settings/{id}`."""
    asked = _body(call, WebhookBody)
    webhook = _of_id(user.webhooks, parts[0], "Invalid id provided.")
    _refuse_known_url(user, asked.url, parts[0])
    webhook.update(asked.model_dump(exclude={"oauth_client_secret"}, exclude_unset=True))
    return json_answer(200, webhook)


def _refuse_known_url(user: User, url: str, own_id: str) -> None:
    other = next((each for each in user.webhooks if each["url"] == url and each["id"] != own_id), None)
    if other is not None:
        message = f"Webhook at '{url}' already exists. Please provide a unique URL."
        raise _RefusedError(refusal(400, message, id=str(other["id"]), url=url))


def remove_webhook(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `DELETE /v3/user/webhooks/event/settings/{id}`."""
    user.webhooks.remove(_of_id(user.webhooks, parts[0], "Invalid id provided."))
    user.signing.pop(parts[0], None)
    return ApiAnswer(204)


def sign_webhook(user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `PATCH /v3/user/webhooks/event/settings/signed/{id}`: off deletes the key pair, on again makes another."""
    asked = _body(call, Switch)
    webhook = _of_id(user.webhooks, parts[0], "Invalid id provided.")
    if not asked.enabled:
        user.signing.pop(parts[0], None)
    elif parts[0] not in user.signing:
        user.signing[parts[0]] = ec.generate_private_key(ec.SECP256R1())
    webhook["public_key"] = public_key(user.signing.get(parts[0]))
    return json_answer(200, {"id": parts[0], "public_key": webhook["public_key"]})


def list_keys(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/api_keys`: names and ids, of the subuser where one is asked for."""
    named: list[dict[str, object]] = [
        {"api_key_id": _key_id(secret), "name": user.names[secret]}
        for secret in user.keys
        if not (user.subuser and secret in user.managing)
    ]
    return json_answer(200, {"result": _page(user, call, named, 100_000)})


def make_key(user: User, call: ApiCall, _parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `POST /v3/api_keys`: the one time that the secret is shown."""
    asked = _body(call, KeyNew)
    if len(user.keys) >= MOST_KEYS:
        return refusal(403, "Cannot create more than 100 API Keys")
    number = str(_number(user))
    secret = f"SG.{made_up(22, user.account, number, 'id')}.{made_up(43, user.account, number, 'key')}"
    user.keys[secret], user.names[secret] = frozenset(asked.scopes or ALL_SCOPES), asked.name
    _hide(user, _key_id(secret))
    return json_answer(201, {"api_key": secret, **_key(user, secret)})


def read_key(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/api_keys/{id}`."""
    return json_answer(200, _key(user, _secret_of(user, parts[0])))


def put_key(user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `PUT /v3/api_keys/{id}`."""
    asked, secret = _body(call, KeyPut), _secret_of(user, parts[0])
    user.keys[secret], user.names[secret] = frozenset(asked.scopes), asked.name
    return json_answer(200, {"api_key_id": parts[0], "name": asked.name})


def remove_key(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `DELETE /v3/api_keys/{id}`."""
    secret = _secret_of(user, parts[0])
    del user.keys[secret], user.names[secret]
    return ApiAnswer(204)


def _key_id(secret: str) -> str:
    return secret.split(".")[1] if secret.count(".") == 2 else secret  # noqa: PLR2004 - SG.ID.SECRET


def _secret_of(user: User, key_id: str) -> str:
    found = next((secret for secret in user.keys if _key_id(secret) == key_id), None)
    if found is None:
        raise _RefusedError(refusal(404, "unable to find API Key"))
    return found


def _key(user: User, secret: str) -> dict[str, object]:
    """Give a key with the scopes that SendGrid adds to every one."""
    scopes = sorted({*user.keys[secret], *GIVEN_TO_ALL.value[:2]})
    return {"api_key_id": _key_id(secret), "name": user.names[secret], "scopes": scopes}


def read_tracking(user: User, _call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `GET /v3/tracking_settings/{click,open}`: on until somebody switches it off."""
    return json_answer(200, _switch(user, parts[0]))


def set_tracking(user: User, call: ApiCall, parts: tuple[str, ...]) -> ApiAnswer:
    """Answer `PATCH /v3/tracking_settings/{click,open}`."""
    user.tracking[parts[0]] = _body(call, Switch).enabled
    return json_answer(200, _switch(user, parts[0]))


def _switch(user: User, name: str) -> dict[str, object]:
    switch: dict[str, object] = {"enabled": user.tracking.get(name, True)}
    return switch | ({"enable_text": False} if name == "click" else {})


ONE, SIGNED = f"{WEBHOOKS}/{{id}}", f"{WEBHOOKS}/signed/{{id}}"
SETTINGS = "user.webhooks.event.settings"
ROUTES: Mapping[tuple[str, str], tuple[str, Answer]] = {
    ("GET", "/v3/subusers"): ("subusers.read", list_subusers),
    ("POST", "/v3/subusers"): ("subusers.create", make_subuser),
    ("PATCH", "/v3/subusers/{name}"): ("subusers.update", change_subuser),
    ("DELETE", "/v3/subusers/{name}"): ("subusers.delete", remove_subuser),
    ("GET", DOMAINS): ("whitelabel.read", list_domains),
    ("POST", DOMAINS): ("whitelabel.create", make_a_domain),
    ("GET", f"{DOMAINS}/{{id}}"): ("whitelabel.read", read_domain),
    ("PATCH", f"{DOMAINS}/{{id}}"): ("whitelabel.update", change_domain),
    ("DELETE", f"{DOMAINS}/{{id}}"): ("whitelabel.delete", remove_domain),
    ("POST", f"{DOMAINS}/{{id}}/validate"): ("whitelabel.update", validate_domain),
    ("GET", LINKS): ("whitelabel.read", list_links),
    ("POST", LINKS): ("whitelabel.create", make_links),
    ("GET", f"{LINKS}/{{id}}"): ("whitelabel.read", read_links),
    ("PATCH", f"{LINKS}/{{id}}"): ("whitelabel.update", change_links),
    ("DELETE", f"{LINKS}/{{id}}"): ("whitelabel.delete", remove_links),
    ("POST", f"{LINKS}/{{id}}/validate"): ("whitelabel.update", validate_links),
    ("GET", f"{WEBHOOKS}/all"): (f"{SETTINGS}.read", list_webhooks),
    ("POST", WEBHOOKS): (f"{SETTINGS}.create", make_webhook),
    ("PATCH", SIGNED): (f"{SETTINGS}.update", sign_webhook),
    ("GET", ONE): (f"{SETTINGS}.read", read_webhook),
    ("PATCH", ONE): (f"{SETTINGS}.update", change_webhook),
    ("DELETE", ONE): (f"{SETTINGS}.delete", remove_webhook),
    ("GET", KEYS): ("api_keys.read", list_keys),
    ("POST", KEYS): ("api_keys.create", make_key),
    ("GET", f"{KEYS}/{{id}}"): ("api_keys.read", read_key),
    ("PUT", f"{KEYS}/{{id}}"): ("api_keys.update", put_key),
    ("DELETE", f"{KEYS}/{{id}}"): ("api_keys.delete", remove_key),
    ("GET", "/v3/tracking_settings/{id}"): ("tracking_settings.{id}.read", read_tracking),
    ("PATCH", "/v3/tracking_settings/{id}"): ("tracking_settings.{id}.update", set_tracking),
}
"""Method, path; the scope that a key needs, and who answers. The first that fits is meant."""
OF_THE_PARENT = "/v3/subusers"
"""Calls that the account which owns subusers makes for itself, at the global host."""
