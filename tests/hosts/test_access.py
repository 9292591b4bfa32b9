"""What sendspec asks for at DNS hosts: what the code uses, for the zones of the spec."""

import ast
import json
import re
from dataclasses import replace
from importlib import import_module

import boto3
import pytest
from botocore import xform_name

from sendspec.hosts.interface import host_ids, load_host
from sendspec.pipeline import compile_folder

# Each package has a function of the same name in this module's place.
route53, cloudflare = (import_module(f"sendspec.hosts.{name}.access") for name in ("route53", "cloudflare"))


@pytest.fixture
def zone(northwind):
    return compile_folder(northwind).setup.domains[0].zone


def named_operations(folder):
    """Give every operation of Route 53 that the code of a folder names."""
    client = boto3.client("route53", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    known = {xform_name(name): f"route53:{name}" for name in client.meta.service_model.operation_names}
    found = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in known:
                found.add(known[node.value])
    return found


def test_route53_is_asked_for_nothing_but_what_is_allowed(repository):
    used = named_operations(repository / "generator" / "sendspec" / "hosts" / "route53")
    assert used == {*route53.LIST, *route53.READ, *route53.CHANGE}


def test_what_only_looks_changes_nothing(zone):
    look = json.dumps(route53.access([zone]).documents["route53-policy-look.json"])
    assert "ChangeResourceRecordSets" not in look


def test_names_below_the_zones_alone_may_be_changed(zone):
    [*_, change] = route53.access([zone]).documents["route53-policy-apply.json"]["Statement"]
    patterns = change["Condition"]["ForAllValues:StringLike"][route53.NAMES]
    assert patterns == ["northwind.example", "*.northwind.example"]
    names = [rrset.name.replace("*", r"\052") for rrset in zone.rrsets]
    assert names
    for name in names:
        assert any(re.fullmatch(re.escape(each).replace(r"\*", ".*"), name) for each in patterns)
    types = change["Condition"]["ForAllValues:StringEquals"][route53.TYPES]
    assert {str(rrset.type) for rrset in zone.rrsets} <= set(types)


def test_a_zone_whose_id_the_spec_says_is_the_only_one_that_may_be_read(zone):
    documents = route53.access([replace(zone, zone_id="Z123")]).documents
    read = documents["route53-policy-look.json"]["Statement"][1]
    assert read["Resource"] == ["arn:aws:route53:::hostedzone/Z123"]


def test_thousands_of_zones_find_no_room_and_the_sheet_says_so(zone):
    many = [replace(zone, name=f"customer-{number}.example") for number in range(1000)]
    sheet = route53.access(many)
    text = json.dumps(sheet.documents["route53-policy-apply.json"], separators=(",", ":"))
    assert len(text) <= route53.MAX_CHARACTERS
    assert any("no room" in limit for limit in sheet.managers[1].limits)


def test_a_token_of_cloudflare_is_limited_to_the_zones(zone):
    sheet = cloudflare.access([zone])
    assert [each.rights for each in sheet.managers] == [cloudflare.READS, cloudflare.CHANGES]
    assert all("northwind.example" in each.limits[0] for each in sheet.managers)


def test_what_the_host_says_of_its_rights_when_they_are_missing_is_the_same_list():
    from sendspec.hosts.cloudflare import api as cloudflare_api
    from sendspec.hosts.route53 import api as route53_api

    for action in (*route53.LIST, *route53.READ, *route53.CHANGE):
        assert action in route53_api.RIGHTS
    for permission in cloudflare.CHANGES:
        assert permission in cloudflare_api.RIGHTS


def test_only_a_host_that_is_changed_by_hand_asks_for_no_rights(zone):
    silent = {each for each in host_ids() if not load_host(each).access([zone]).managers}
    assert silent == {each for each in host_ids() if load_host(each).apply is None}
