"""What every ESP owes the rest of sendspec. ESPs are found by discovery; each brings `tests/esp/<id>/conformance.yaml`."""

import dataclasses
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
import yaml
from pydantic import ValidationError

import sendspec.esp
from sendspec.esp.interface import Client, esp_ids, load_esp
from sendspec.model.credential import Credential
from sendspec.model.dns_record import PendingRecord
from sendspec.model.fact import Fact
from sendspec.model.vocabulary import Capability, Event, StreamKind, Support, Tls, Via

DOMAIN = "mail.northwind.example"
ACCOUNT = "account-1"
PROBE = "probe-value"
HEADER_NAME = re.compile(r"[!-9;-~]+\Z")
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+\Z")
EVENTS = "[bounced, clicked, complained, delivered, opened]"

pytestmark = pytest.mark.parametrize("esp_id", esp_ids())


def case_of(esp_id):
    file = Path(__file__).parent / esp_id / "conformance.yaml"
    assert file.is_file(), f"write {file.relative_to(Path(__file__).parent)}: settings, credentials, extra, issued"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def spec_of(esp_id, *, extra=False):
    """One stream of every kind, by SMTP and by API."""
    case = case_of(esp_id)
    settings = case["settings"] | ({"extra": case["extra"]} if extra else {})
    route_settings = {"extra": case["route_extra"]} if extra else {}
    streams = {
        f"{kind.value}-{via.value}": {
            "kind": kind.value,
            "from": f"Northwind <x@{DOMAIN}>",
            "unsubscribe": {"one_click": "https://northwind.example/u"},
            "events": {"url": "https://hooks.northwind.example/{kind}", "types": yaml.safe_load(EVENTS)},
            "routes": [{"role": "primary", "via": via.value, "esp": ACCOUNT, "settings": route_settings}],
        }
        for kind in StreamKind
        for via in Via
    }
    return yaml.safe_dump(
        {
            "version": 1,
            "domains": {"northwind.example": {}},
            "esps": {ACCOUNT: {"kind": esp_id, "settings": settings, "credentials": case["credentials"]}},
            "streams": streams,
            "apps": {"shop": {"streams": sorted(streams)}},
        }
    )


def lock_of(esp_id):
    return yaml.safe_dump({"version": 1, "issued": {ACCOUNT: {DOMAIN: case_of(esp_id)["issued"]}}})


@pytest.fixture
def setup(esp_id, compile_spec):
    return compile_spec(spec_of(esp_id))


@pytest.fixture
def filled(esp_id, compile_spec):
    return compile_spec(spec_of(esp_id), lock_of(esp_id))


def facts_in(value: object) -> Iterator[Fact[object]]:
    if isinstance(value, Fact):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from facts_in(getattr(value, field.name))
    elif isinstance(value, dict):
        for each in value.values():
            yield from facts_in(each)


def test_every_fact_says_where_it_is_from_and_when_it_was_read(esp_id):
    package = importlib.import_module(f"{sendspec.esp.__name__}.{esp_id.replace('-', '_')}")
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]
    found = [fact for module in modules for value in vars(module).values() for fact in facts_in(value)]
    assert found
    for fact in found:
        assert fact.source.strip()
        assert isinstance(fact.verified, date)
        assert fact.verified.year >= 2024
    assert load_esp(esp_id).retry.source


def test_settings_routes_and_issued_values_refuse_what_they_do_not_know(esp_id):
    esp, case = load_esp(esp_id), case_of(esp_id)
    for model, value in (
        (esp.settings_model, case["settings"]),
        (esp.route_settings_model, {}),
        (esp.issued_model, json.loads(json.dumps(case["issued"], default=str))),
    ):
        model.model_validate(value)
        with pytest.raises(ValidationError, match="surprise"):
            model.model_validate(value | {"surprise": 1})


def test_settings_cannot_change_after_they_were_read(esp_id):
    settings = load_esp(esp_id).settings_model.model_validate(case_of(esp_id)["settings"])
    with pytest.raises(ValidationError, match="frozen"):
        settings.extra = {}


def test_settings_describe_themselves_to_editors(esp_id):
    esp = load_esp(esp_id)
    for model in (esp.settings_model, esp.route_settings_model):
        properties = model.model_json_schema()["properties"]
        assert "extra" in properties
        assert all("title" in each or "$ref" in each or "anyOf" in each for each in properties.values())


def test_an_smtp_endpoint_is_served_and_has_a_login(esp_id, setup):
    declared = set(case_of(esp_id)["credentials"])
    for stream, route in setup.routes():
        found = route.endpoint
        if route.via is not Via.SMTP:
            continue
        assert HOST.match(found.host), stream.id
        assert found.port == 587
        assert found.port in found.ports[Tls.STARTTLS]
        assert found.tls is Tls.STARTTLS
        assert found.username is not None
        assert isinstance(found.password, Credential)
        assert set(found.needs_credentials) <= declared
        assert found.source


def test_an_api_endpoint_is_reached_over_tls(setup):
    for _, route in setup.routes():
        if route.via is Via.API:
            found = route.endpoint
            assert found.base_url == f"https://{found.host}"
            assert (found.port, found.tls) == (443, Tls.IMPLICIT)
            assert found.headers == ()
            assert found.source


def test_headers_and_options_are_one_line_each(setup):
    for _, route in setup.routes():
        for name, value in route.endpoint.headers:
            assert HEADER_NAME.match(name)
            assert value.isascii()
            assert value.isprintable()
        for name, value in route.endpoint.options.items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
            assert value.isprintable()


def test_implicit_tls_is_served_exactly_where_the_capability_says_so(esp_id, setup):
    has = Capability.IMPLICIT_TLS in load_esp(esp_id).capabilities
    assert all((Tls.IMPLICIT in route.endpoint.ports) is has for _, route in setup.routes() if route.via is Via.SMTP)


@pytest.mark.parametrize("state", ["setup", "filled"])
def test_records_lie_below_the_identity_and_say_why(esp_id, request, state):
    for identity in request.getfixturevalue(state).identities:
        assert identity.signing_domain == identity.domain == DOMAIN
        assert identity.envelope_domain is None or identity.envelope_domain.endswith(f".{DOMAIN}")
        for record in (*identity.records, *identity.pending):
            assert record.name.endswith(f".{DOMAIN}")
            assert record.name == record.name.lower().rstrip(".")
            assert record.why
            assert record.breaks
            assert record.source
            assert record.account == ACCOUNT
            assert record.streams == identity.streams


def test_what_is_pending_says_how_to_fill_it_with_an_entry_to_paste(setup):
    pending: list[PendingRecord] = [record for identity in setup.identities for record in identity.pending]
    assert pending
    for record in pending:
        assert "‹" in record.name + str(record.value)
        assert "sendspec pull" in record.cure
        entry = yaml.safe_load(record.lock_entry)
        assert list(entry["issued"][ACCOUNT]) == [DOMAIN]


def test_a_filled_lock_leaves_nothing_pending(filled):
    for identity in filled.identities:
        assert identity.pending == ()
        assert "‹" not in "".join(record.name for record in identity.records)


def test_resources_are_plain_data_in_an_order_that_works(setup):
    seen: set[str] = set()
    for resource in setup.resources:
        assert resource.account == ACCOUNT
        assert resource.key not in seen
        assert set(resource.depends_on) <= seen
        assert json.loads(json.dumps(resource.properties, allow_nan=False)) == json.loads(
            json.dumps(dict(resource.properties))
        )
        assert resource.why
        assert resource.source
        seen.add(resource.key)
    assert seen


def test_files_stay_in_the_folder_of_the_account_and_name_their_spec(setup, read_files):
    files = read_files(setup, ACCOUNT)
    assert files
    for path, content in files.items():
        parts = PurePosixPath(path).parts
        assert parts[:2] == ("esps", ACCOUNT)
        assert ".." not in parts
        assert content.endswith("\n")
        assert "@SPEC@" in content
        if path.endswith(".json"):
            json.loads(content)


def test_the_same_spec_gives_the_same_files(esp_id, compile_spec, read_files):
    text, lock = spec_of(esp_id), lock_of(esp_id)
    assert read_files(compile_spec(text, lock), ACCOUNT) == read_files(compile_spec(text, lock), ACCOUNT)


def test_native_options_pass_through_to_what_the_esp_takes(esp_id, compile_spec, setup, read_files):
    with_extra = compile_spec(spec_of(esp_id, extra=True))
    assert PROBE in "".join(read_files(with_extra, ACCOUNT).values())
    assert PROBE not in "".join(read_files(setup, ACCOUNT).values())


def test_a_routes_native_options_reach_its_endpoint_or_its_resources(esp_id, compile_spec, setup):
    def text(compiled):
        endpoints = [(route.endpoint.headers, dict(route.endpoint.options)) for _, route in compiled.routes()]
        return str(endpoints) + str([dict(resource.properties) for resource in compiled.resources])

    assert text(compile_spec(spec_of(esp_id, extra=True))).count(PROBE) > 1
    assert PROBE not in text(setup)


def test_events_are_named_where_events_are_a_capability(esp_id):
    esp = load_esp(esp_id)
    assert Capability.EVENTS in esp.capabilities
    assert {Event.DELIVERED, Event.BOUNCED, Event.COMPLAINED} <= set(esp.event_names)
    assert all(names and all(names) for names in esp.event_names.values())


def test_no_answer_is_both_retried_and_never_retried(esp_id):
    retry = load_esp(esp_id).retry
    assert not set(retry.retry_status) & set(retry.never_status)
    assert 429 in retry.retry_status
    assert retry.notes


def test_a_client_quotes_the_library_where_it_is_not_supported(esp_id):
    clients: dict[str, Client] = dict(load_esp(esp_id).clients)
    assert "django-anymail" in clients
    for client in clients.values():
        assert client.title
        assert client.source
        assert client.supported is Support.YES or client.note


def leaves(value):
    if isinstance(value, Mapping):
        return [leaf for key, each in value.items() for leaf in (*leaves(key), *leaves(each))]
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, tuple) else [value]


def test_client_options_hold_references_and_plain_values_only(esp_id, setup):
    for client in load_esp(esp_id).clients.values():
        for _, route in setup.routes():
            if route.via is not Via.API:
                continue
            names = [option.name for option in client.options(route.endpoint, route.delivery)]
            assert len(names) == len(set(names))
            for option in client.options(route.endpoint, route.delivery):
                assert {type(each) for each in leaves(option.value)} <= {str, int, bool, Credential}
