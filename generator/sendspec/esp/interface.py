"""What an ESP is to the rest of sendspec, and how to find one.

An ESP is a value (`ESP = Esp(...)` in its folder's `__init__.py`) composed of data and pure functions. Core code asks
the data; it never asks which ESP it is.
"""

import importlib
import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeAlias, TypeVar, cast

from pydantic import AfterValidator, BaseModel, JsonValue
from pydantic_core import PydanticCustomError

import sendspec.esp
from sendspec.model.access import AccessSheet
from sendspec.model.account import Account, Region
from sendspec.model.credential import Credential, Login
from sendspec.model.dns_record import DnsRecord, PendingRecord
from sendspec.model.fact import Fact
from sendspec.model.identity import Refusal, Use
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.model.resource import Resource
from sendspec.model.route import Delivery, Endpoint
from sendspec.model.secret import Secret
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Capability, Event, Role, StreamKind, Support, Tls, Via
from sendspec.plugins import load_plugin, plugin_ids
from sendspec.spec.concealment import NAMES_A_SECRET

if TYPE_CHECKING:  # what only live commands load
    from sendspec.model.account_state import AccountState, KeyInspection
    from sendspec.model.sending import Sending
    from sendspec.model.stand_in import StandInMaker
    from sendspec.net.http import Http

S = TypeVar("S", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)
I = TypeVar("I", bound=BaseModel)  # noqa: E741 - settings, route settings, issued


@dataclass(frozen=True, slots=True)
class EndpointRequest(Generic[S, R]):
    """What an ESP needs to know to name the endpoint of one route.

    `port` and `tls` are None where the spec leaves them open; the default is required STARTTLS on 587.
    `credentials` are those the route may use, by name; a name the spec does not declare is absent.
    """

    account_id: str
    settings: S
    route_settings: R
    stream_id: str
    stream_kind: StreamKind
    role: Role
    via: Via
    port: int | None
    tls: Tls | None
    tracks_opens: bool
    tracks_clicks: bool
    one_click_unsubscribe: bool
    credentials: Mapping[str, Credential]


@dataclass(frozen=True, slots=True)
class IdentityRequest(Generic[S, I]):
    """What an ESP needs to know to say which DNS records one From domain wants.

    `issued` is this identity's entry of the lock file, None when there is none. `origin` is the account in the spec,
    `issued_origin` the lock entry.
    """

    account_id: str
    settings: S
    domain: str
    uses: tuple[Use, ...]
    streams: tuple[str, ...]
    issued: I | None
    origin: Origin
    issued_origin: Origin


@dataclass(frozen=True, slots=True)
class IdentityDns:
    """DNS for one identity. `sendspec.model.identity.Identity` says what the names and flags mean."""

    records: tuple[DnsRecord, ...]
    pending: tuple[PendingRecord, ...]
    envelope_domain: str | None
    signing_domain: str | None
    has_own_key: bool = False
    stops_without_return_path: bool = False
    envelope_note: str = ""
    refused: tuple[Refusal, ...] = ()


OptionValue: TypeAlias = "str | int | Credential | Mapping[str, OptionValue] | tuple[OptionValue, ...]"
"""What a library's option may hold. A credential stands for the value that the environment brings."""


@dataclass(frozen=True, slots=True)
class ClientOption:
    """One option of a library's client, under the library's own name (`server_token`)."""

    name: str
    value: OptionValue


@dataclass(frozen=True, slots=True)
class Client:
    """How one library names this ESP's API.

    Attributes:
        title: The library's name for it: a class path, a transport, a scheme.
        options: What the client is told for one route.
        setting_prefix: Where the library keeps options in flat settings: `POSTMARK_` + upper-case option name.
        requirements: Packages to install.
        supported: NO or UNCONFIRMED when the library's own documents say so; `note` quotes them.
        imports: For a library whose configuration is source code: (module, names) it has to import.
        source_text: For such a library: the text that makes the client; `$name` stands for the option of that name.
            Options it does not name go with every message.
    """

    title: str
    options: Callable[[Endpoint, Delivery], tuple[ClientOption, ...]]
    source: str
    setting_prefix: str = ""
    requirements: tuple[str, ...] = ()
    supported: Support = Support.YES
    note: str = ""
    imports: tuple[tuple[str, tuple[str, ...]], ...] = ()
    source_text: str = ""


@dataclass(frozen=True, slots=True)
class UnsignedEvent:
    """An event as this ESP posts it, about a made-up message, without the proof that it comes from the ESP.

    Attributes:
        refuse_with: The status to refuse it with.
        gives_up_after: Refusals that make the ESP give up at once where it would try again after others: bad for a real
            event that the receiver takes for a forged one.
        answer_within_seconds: How long the ESP waits for an answer; None where it does not say.
        protection: How posts are told from forged ones, for an ESP that signs nothing; else empty.
    """

    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    refuse_with: int = 401
    gives_up_after: tuple[int, ...] = ()
    answer_within_seconds: Fact[int] | None = None
    protection: str = ""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """How an ESP takes mail and delivers none of it.

    Attributes:
        endpoint: The endpoint of a route, changed so that nothing reaches people; None: this ESP has no such thing there.
        reason: Why there is none.
        source: Where the ESP says so.
    """

    endpoint: Endpoint | None
    reason: str = ""
    source: str = ""


def _no_sandbox(_endpoint: Endpoint) -> Sandbox:
    return Sandbox(None, "sendspec knows of no sandbox there")


@dataclass(frozen=True, slots=True)
class Esp(Generic[S, R, I]):
    """One ESP.

    Attributes:
        id: Folder name, and `kind:` in the spec.
        settings_model, route_settings_model: Validate `settings:` of the account and of a route (extra="forbid",
            except for the key `extra`).
        issued_model: Validates this ESP's entries of the lock file.
        event_names: The ESP's own subscription names for each event it knows; an event it lacks is absent.
        region: The region the settings name, or None for an ESP without regions.
        refusals: What this ESP would not take, seen over the whole account; a rule reports it.
        endpoint, identity_dns, resources, files: Pure. `files` turns resources into what the ESP takes.
        clients: By library id (`django-anymail`).
        unsigned_event: What a webhook has to refuse.
        sandbox: Pure; an endpoint of this ESP in its sandbox.
        hosts: The names of its servers, in lowercase: where it takes mail and calls, in every region.
        access: Pure; which credential may do what, and what sendspec itself needs.
    """

    id: str
    title: str
    capabilities: frozenset[Capability]
    settings_model: type[S]
    route_settings_model: type[R]
    issued_model: type[I]
    limits: Limits
    retry: RetryFacts
    event_names: Mapping[Event, tuple[str, ...]]
    region: Callable[[S, Origin], Region | None]
    endpoint: Callable[[EndpointRequest[S, R]], Endpoint]
    identity_dns: Callable[[IdentityRequest[S, I]], IdentityDns]
    resources: Callable[[Setup, Account], tuple[Resource, ...]]
    files: Callable[[Setup, Account, Sequence[Resource]], Iterable[OutputFile]]
    refusals: Callable[[Setup, Account], Iterable[Refusal]] = lambda _setup, _account: ()
    clients: Mapping[str, Client] = field(default_factory=dict)
    unsigned_event: UnsignedEvent | None = None
    sandbox: Callable[[Endpoint], Sandbox] = _no_sandbox
    hosts: frozenset[str] = frozenset()
    access: Callable[[Setup, Account], AccessSheet] = lambda _setup, _account: AccessSheet()


AnyEsp = Esp[Any, Any, Any]


class KeyPurpose(StrEnum):
    """What a key is for."""

    SEND = "sending"
    MANAGE = "managing"


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Credentials that together make one key, which can ask the ESP about its account.

    `at` is where the spec names it, `streams` those that it sends; sorted.
    """

    credentials: tuple[Credential, ...]
    purpose: KeyPurpose
    at: Origin
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountQuestion:
    """Everything an ESP's code needs to ask about one account with one key.

    Attributes:
        values: By the name of each credential of the key.
        hide: Takes out of a text whatever is secret in it.
    """

    setup: Setup
    account: Account
    key: AccountKey
    values: Mapping[str, Secret]
    http: "Http"
    hide: Callable[[str], str]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class EspAccount:
    """How an ESP's accounts are read.

    Attributes:
        keys: Every distinct key of an account that can ask; those that only open an SMTP session cannot.
        read: Asks. Reads only, never raises for what the world does.
        inspect: Finds out what whoever sends with a key may do, where the ESP tells that to the managing key alone: the
            question is asked with the managing key, about the key that is the second argument, whose name has that
            value. None: each key tells about itself, or nobody does.
        inspected: The keys that `inspect` is for, each with the credential that names it.
    """

    keys: Callable[[Setup, Account], tuple[AccountKey, ...]]
    read: Callable[[AccountQuestion], Awaitable["AccountState"]]
    inspect: Callable[[AccountQuestion, AccountKey, Secret], Awaitable["KeyInspection"]] | None = None
    inspected: Callable[[Setup, Account], tuple[AccountKey, ...]] = lambda _setup, _account: ()


def _finite(value: JsonValue) -> JsonValue:
    """Refuse what JSON cannot hold: `.nan` and `.inf` of YAML."""
    if isinstance(value, float) and not math.isfinite(value):
        problem = {"message": "this number is not finite", "fix": "write a finite number"}
        raise PydanticCustomError("syntax", "{message}", problem)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _finite(part)
    return value


def _no_secret(value: JsonValue) -> JsonValue:
    """Refuse text below a key such as `Password`: what stands in `extra:` is written into the output as it is."""
    for key, part in value.items() if isinstance(value, dict) else ():
        if isinstance(part, str) and NAMES_A_SECRET.match(key) and not FILLED_IN_LATER.match(part):
            message = f"`{key}` holds a secret, and `extra` is written out as it stands (the value is not shown)"
            fix = 'write a placeholder: "${secret:op://vault/item/field}", or "${input:NAME}" for what a person gives'
            raise PydanticCustomError("syntax", "{message}", {"message": message, "fix": fix})
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _no_secret(part)
    return value


FILLED_IN_LATER = re.compile(r"\$\{(?:secret|input):[^${}]+\}\Z")
Native = Annotated[dict[str, Annotated[JsonValue, AfterValidator(_finite)]], AfterValidator(_no_secret)]
"""What `extra:` holds: fields in the ESP's own spelling, passed through untouched."""


def with_native(ours: Mapping[str, object], native: Mapping[str, object]) -> dict[str, object]:
    """Lay native fields over ours, mapping by mapping; lists and single values are replaced."""
    result = dict(ours)
    for name, value in native.items():
        mine = result.get(name)
        result[name] = with_native(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return result


@cache
def esp_ids() -> tuple[str, ...]:
    """Give the ids of all ESPs, sorted, without importing them."""
    return plugin_ids(sendspec.esp)


@cache
def load_esp(esp_id: str) -> AnyEsp:
    """Import one ESP. Raises KeyError for an id that no folder has."""
    if esp_id not in esp_ids():
        raise KeyError(esp_id)
    return cast("AnyEsp", load_plugin(sendspec.esp, esp_id, "ESP"))


@cache
def load_account(esp_id: str) -> EspAccount:
    """Import how an ESP's accounts are read; with it come the network libraries. Raises KeyError as `load_esp` does."""
    return cast("EspAccount", _part(esp_id, "account", "ACCOUNT"))


@cache
def load_sending(esp_id: str) -> "Sending":
    """Import how a message goes through an ESP's API, and how its events are read. Raises KeyError as `load_esp` does."""
    return cast("Sending", _part(esp_id, "sending", "SENDING"))


@cache
def load_stand_in(esp_id: str) -> "StandInMaker":
    """Import what stands in for an ESP's API. Raises KeyError as `load_esp` does."""
    return cast("StandInMaker", _part(esp_id, "stand_in", "STAND_IN"))


def _part(esp_id: str, module: str, attribute: str) -> object:
    load_esp(esp_id)
    return getattr(importlib.import_module(_module(esp_id, module)), attribute)


def optional_part(esp_id: str, module: str, attribute: str) -> object | None:
    """Import a part that not every ESP has; None without it. Raises KeyError as `load_esp` does."""
    try:
        return _part(esp_id, module, attribute)
    except ModuleNotFoundError as error:
        if error.name != _module(esp_id, module):
            raise
        return None


def _module(esp_id: str, module: str) -> str:
    return f"{sendspec.esp.__name__}.{esp_id.replace('-', '_')}.{module}"


__all__ = [
    "AccountKey",
    "AccountQuestion",
    "AnyEsp",
    "Client",
    "ClientOption",
    "EndpointRequest",
    "Esp",
    "EspAccount",
    "IdentityDns",
    "IdentityRequest",
    "KeyPurpose",
    "Login",
    "Native",
    "OptionValue",
    "Sandbox",
    "UnsignedEvent",
    "esp_ids",
    "load_account",
    "load_esp",
    "load_sending",
    "load_stand_in",
    "optional_part",
    "with_native",
]
