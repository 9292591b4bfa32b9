"""A setup with one SES account, compiled from a small spec by the real stages."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.model import Shape
from botocore.validate import ParamValidator

from sendspec.compile.apps import compile_app
from sendspec.compile.identities import compile_identities
from sendspec.compile.secrets import read_credentials
from sendspec.compile.streams import Context, compile_stream
from sendspec.esp.interface import load_esp
from sendspec.model.dns_record import DnsRecord, PendingRecord
from sendspec.model.origin import Origin
from sendspec.model.setup import Account, Identity, Index, Resource, Setup
from sendspec.model.thresholds import DEFAULTS
from sendspec.spec.schema import Spec

ESP = load_esp("ses")
SESSION = botocore.session.get_session()
SPEC = """
version: 1
domains: {northwind.example: {}}
esps:
  ses-eu:
    kind: ses
    settings: {region: eu-west-1, configuration_set: northwind}
    credentials:
      smtp_username: {from: "aws-sm://prod/mail/ses#username", env: SES_SMTP_USERNAME}
      smtp_password: {from: "aws-sm://prod/mail/ses#password", env: SES_SMTP_PASSWORD}
streams:
  receipts:
    kind: transactional
    from: Northwind <receipts@mail.northwind.example>
    needs: [webhooks, templates]
    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [delivered, bounced, complained, clicked]}
    routes:
      - {role: primary, via: api, esp: ses-eu}
      - {role: fallback, via: smtp, esp: ses-eu}
  support:
    kind: support
    from: Northwind Support <support@help.northwind.example>
    routes:
      - {role: primary, via: smtp, esp: ses-eu}
apps:
  shop: {streams: [receipts]}
"""
LOCK = """
mail.northwind.example:
  dkim: {tokens: [t1, t2, t3], hosted_zone: dkim.amazonses.com, read: 2026-11-20}
"""


@dataclass(frozen=True)
class Compiled:
    setup: Setup
    account: Account

    @property
    def resources(self) -> tuple[Resource, ...]:
        return self.setup.resources

    def of_kind(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.kind == kind]

    def identity(self, domain: str) -> Identity:
        found = self.setup.identity(self.account.id, domain)
        assert found is not None
        return found

    def files(self) -> dict[str, str]:
        return {
            each.path.rpartition("/")[2]: each.content for each in ESP.files(self.setup, self.account, self.resources)
        }

    def records(self, domain: str) -> tuple[DnsRecord | PendingRecord, ...]:
        identity = self.identity(domain)
        return (*identity.records, *identity.pending)


def build(text: str, lock: str = "{}") -> Compiled:
    raw = yaml.safe_load(text)
    spec = Spec.model_validate(raw)
    settings = {name: ESP.settings_model.model_validate(entry.settings) for name, entry in spec.esps.items()}
    routes = {
        (stream, index): ESP.route_settings_model.model_validate(route.settings)
        for stream, entry in spec.streams.items()
        for index, route in enumerate(entry.routes)
    }
    accounts = {}
    for name, entry in spec.esps.items():
        origin = Origin(("esps", name))
        accounts[name] = Account(
            id=name,
            kind=ESP.id,
            title=ESP.title,
            settings=settings[name],
            region=ESP.region(settings[name], origin),
            credentials=tuple(read_credentials(name, name, entry.credentials, origin).values()),
            manage=(),
            capabilities=ESP.capabilities,
            limits=ESP.limits,
            retry=ESP.retry,
            managed="files",
            streams=tuple(sorted(spec.streams)),
            origin=origin,
        )
    streams = {
        name: compile_stream(name, stream, Context(accounts, {ESP.id: ESP}, routes, DEFAULTS))
        for name, stream in sorted(spec.streams.items())
    }
    account = next(iter(accounts.values()))
    issued = {
        (account.id, domain): ESP.issued_model.model_validate(entry) for domain, entry in yaml.safe_load(lock).items()
    }
    identities = compile_identities(streams.values(), accounts, {ESP.id: ESP}, issued)
    setup = Setup(
        domains=(),
        accounts=tuple(accounts.values()),
        streams=tuple(streams.values()),
        identities=identities,
        resources=(),
        apps=tuple(compile_app(name, app, streams, accounts, DEFAULTS) for name, app in spec.apps.items()),
        spf_trees=(),
        acceptances=(),
        index=Index(
            accounts=accounts,
            streams=streams,
            identities={(identity.account, identity.domain): identity for identity in identities},
        ),
    )
    return Compiled(replace(setup, resources=ESP.resources(setup, account)), account)


def change(text: str, old: str, new: str) -> str:
    """Replace something that must be there."""
    assert re.search(re.escape(old), text), old
    return text.replace(old, new)


@pytest.fixture
def compile_text() -> Callable[..., Compiled]:
    return build


@pytest.fixture
def northwind_ses() -> Compiled:
    return build(SPEC, LOCK)


@pytest.fixture
def variant() -> Callable[..., Compiled]:
    """Give a function that compiles the spec above with one text replaced by another, any number of times."""

    def make(*changes: tuple[str, str], lock: str = LOCK) -> Compiled:
        text = SPEC
        for old, new in changes:
            text = change(text, old, new)
        return build(text, lock)

    return make


def parse_template(text: str) -> dict[str, Any]:
    """Read a template with PyYAML alone; `!Ref X` becomes {"Ref": "X"}, as in CloudFormation's JSON."""

    class Loader(yaml.SafeLoader):
        pass

    for tag in ("Ref", "Sub", "GetAtt"):
        name = tag if tag == "Ref" else f"Fn::{tag}"
        Loader.add_constructor(f"!{tag}", lambda loader, node, name=name: {name: loader.construct_scalar(node)})
    return yaml.load(text, Loader)


@pytest.fixture
def read_template() -> Callable[[str], dict[str, Any]]:
    return parse_template


def problems(service: str, operation: str, parameters: Mapping[str, Any]) -> list[str]:
    """botocore checks names, types and shortest length; enumerations, patterns and limits stand in the same model."""
    shape = SESSION.get_service_model(service).operation_model(operation).input_shape
    if shape is None:
        return [f"{operation} takes nothing"] if parameters else []
    report = ParamValidator().validate(parameters, shape)
    return [report.generate_report()] if report.has_errors() else list(_constraints(parameters, shape, operation))


def answer_fields(service: str, operation: str) -> set[str]:
    shape = SESSION.get_service_model(service).operation_model(operation).output_shape
    return set(shape.members) if shape else set()


def _constraints(value: Any, shape: Shape, where: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from _constraints(part, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list":
        for index, part in enumerate(value):
            yield from _constraints(part, shape.member, f"{where}[{index}]")
    elif shape.type_name == "map":
        for name, part in value.items():
            yield from _constraints(part, shape.value, f"{where}.{name}")
    elif shape.type_name == "string":
        yield from _text_constraints(value, shape, where)
    elif shape.type_name in {"integer", "long"} and value > shape.metadata.get("max", value):
        yield f"{where}: more than {shape.metadata['max']}"


def _text_constraints(value: str, shape: Shape, where: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{where}: {value} is none of {shape.enum}"
    if "pattern" in shape.metadata and not re.fullmatch(shape.metadata["pattern"], value):
        yield f"{where}: {value} does not match {shape.metadata['pattern']}"
    if len(value) > shape.metadata.get("max", len(value)):
        yield f"{where}: longer than {shape.metadata['max']}"


@pytest.fixture(scope="session")
def aws_problems() -> Callable[[str, str, dict[str, Any]], list[str]]:
    """Give a function from service, operation and parameters to what AWS's own model has against them."""
    return problems


@pytest.fixture(scope="session")
def aws_answer_fields() -> Callable[[str, str], set[str]]:
    """Give a function from service and operation to the fields of its answer."""
    return answer_fields
