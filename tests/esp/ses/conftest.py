"""A setup with one SES account, compiled from a small spec by the real stages."""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import botocore.session
import pytest
import yaml
from aws_world import AwsWorld, aws_world, make_empty
from botocore.model import Shape
from botocore.validate import ParamValidator
from ses_managing import MAIL, Managed, OneTry
from ses_managing import SPEC as MANAGED_SPEC

from sendspec.esp.interface import load_esp
from sendspec.esp.ses import manage_calls as calls
from sendspec.model.account import Account
from sendspec.model.dns_record import DnsRecord, PendingRecord
from sendspec.model.identity import Identity
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup

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


def change(text: str, old: str, new: str) -> str:
    """Replace something that must be there."""
    assert re.search(re.escape(old), text), old
    return text.replace(old, new)


@pytest.fixture
def compile_text(compile_spec: Callable[..., Setup]) -> Callable[..., Compiled]:
    """Give a function from a spec, and the lock entries of its SES account, to what the pipeline makes of them."""

    def compile_(text: str, lock: str = "{}") -> Compiled:
        entries = yaml.safe_dump({"version": 1, "issued": {"ses-eu": yaml.safe_load(lock)}})
        setup = compile_spec(text, entries)
        return Compiled(setup, setup.account("ses-eu"))

    return compile_


@pytest.fixture
def northwind_ses(compile_text: Callable[..., Compiled]) -> Compiled:
    return compile_text(SPEC, LOCK)


@pytest.fixture
def variant(compile_text: Callable[..., Compiled]) -> Callable[..., Compiled]:
    """Give a function that compiles the spec above with one text replaced by another, any number of times."""

    def make(*changes: tuple[str, str], lock: str = LOCK) -> Compiled:
        text = SPEC
        for old, new in changes:
            text = change(text, old, new)
        return compile_text(text, lock)

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


@pytest.fixture(scope="session")
def served():
    with aws_world() as world:
        yield world, OneTry(world.url)


@pytest.fixture
def world(served, monkeypatch, request) -> AwsWorld:
    """Give an AWS that is empty, or as it was made once; pauses before another try are short."""
    monkeypatch.setattr(calls, "FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(calls, "MOST_SECONDS", 5.0)
    found, _ = served
    if "made" not in request.fixturenames or not _MADE or found.is_changed:
        make_empty(found)
        _MADE.clear()
    found.fail.clear()
    found.answers.clear()
    found.has_confirmed = True
    found.forget_calls()
    return found


_MADE: dict[str, Any] = {}
"""SES, lock entries and native ids of an account that was made; empty once moto holds something else."""


@pytest.fixture
def managed(world, served, compile_spec):
    """Give a function from changes to the spec to the account under management."""

    def make(*changes: tuple[str, str]) -> Managed:
        text = MANAGED_SPEC
        for old, new in changes:
            text = change(text, old, new)
        return Managed(compile_spec, text, served[1])

    return make


@pytest.fixture
def made(world, managed) -> Managed:
    """Give an account that is as the spec says, DNS included."""
    account = managed()
    if not _MADE:
        world.ses.wants_verified = False
        account.make()
        world.ses.see_dns(MAIL)
        _MADE.update(ses=world.ses, issued=account.issued, native_ids=account.native_ids)
        world.forget_calls()
        world.is_changed = False
    world.ses = deepcopy(_MADE["ses"])
    account.issued, account.native_ids = deepcopy(_MADE["issued"]), dict(_MADE["native_ids"])
    return account
