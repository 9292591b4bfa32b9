"""Facts carry their proof, and agree with what AWS ships as data."""

import json
from importlib.resources import files
from types import ModuleType

import botocore.session
import pytest

from sendspec.esp.ses import clients, facts
from sendspec.model.fact import Fact
from sendspec.model.vocabulary import Event


def facts_of(module: ModuleType) -> dict[str, Fact]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Fact)}


@pytest.mark.parametrize("module", [facts, clients])
def test_every_fact_has_a_source_and_a_date(module):
    found = facts_of(module)
    assert found
    for name, fact in found.items():
        assert fact.source, name
        assert fact.verified.year >= 2025, name


def test_the_regions_are_those_of_botocores_endpoint_data():
    partitions = json.loads(files("botocore").joinpath("data/endpoints.json").read_text())["partitions"]
    found = {
        (region, partition["partition"], partition["dnsSuffix"])
        for partition in partitions
        for region, entry in partition["services"].get("email", {"endpoints": {}})["endpoints"].items()
        if not entry.get("deprecated")
    }
    assert {region for region, _, _ in found} == set(facts.REGIONS.value)
    for region, partition, suffix in found:
        assert (facts.partition(region), facts.endpoint_suffix(region)) == (partition, suffix)


def test_a_region_has_smtp_or_has_not_but_never_both():
    with_smtp, without = set(facts.REGIONS_WITH_SMTP.value), set(facts.REGIONS_WITHOUT_SMTP.value)
    assert with_smtp | without <= set(facts.REGIONS.value)
    assert not with_smtp & without


def test_event_names_are_those_of_the_api():
    model = botocore.session.get_session().get_service_model("sesv2")
    named = {name for names in facts.EVENT_NAMES.value.values() for name in names}
    assert named == set(model.shape_for("EventType").enum) - {"SEND"}
    assert set(facts.EVENT_NAMES.value) == set(Event)


def test_bounced_asks_for_what_never_bounces_because_it_never_leaves():
    refused = {"REJECT", "RENDERING_FAILURE"}
    assert set(facts.EVENT_NAMES.value[Event.REJECTED]) == refused
    assert set(facts.EVENT_NAMES.value[Event.BOUNCED]) == {"BOUNCE"} | refused


def test_statuses_to_retry_and_never_to_retry_do_not_overlap_and_cover_the_errors_of_sending():
    model = botocore.session.get_session().get_service_model("sesv2")
    statuses = {
        shape.metadata["error"]["httpStatusCode"]
        for operation in ("SendEmail", "SendBulkEmail")
        for shape in model.operation_model(operation).error_shapes
    }
    retry, never = set(facts.RETRY_STATUS.value), set(facts.NEVER_STATUS.value)
    assert not retry & never
    assert statuses <= retry | never
