"""Change batches are what the Route 53 API takes, by botocore's model and by the limits its documents state."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from sendspec.hosts.route53.text import absolute
from sendspec.model.dns_record import Mx

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=700)


@pytest.fixture(scope="session")
def request_shape() -> Shape:
    model = ServiceModel(Loader().load_service_model("route53", "service-2"), "route53")
    shape = model.operation_model("ChangeResourceRecordSets").input_shape
    assert shape is not None
    return shape


def _complaints(shape: Shape, value: object, path: str = "") -> list[str]:
    """Check what botocore's validator leaves out: enumerations and greatest lengths and numbers."""
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict)
        return [each for name in value for each in _complaints(shape.members[name], value[name], f"{path}.{name}")]
    found = []
    size = len(value) if isinstance(value, str | list) else value
    if "max" in shape.metadata and size > shape.metadata["max"]:
        found.append(f"{path}: {size} is more than {shape.metadata['max']}")
    if isinstance(shape, ListShape):
        return found + [each for item in value for each in _complaints(shape.member, item, f"{path}[]")]
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        found.append(f"{path}: {value!r} is none of {shape.enum}")
    return found


@pytest.fixture(scope="session")
def check_batch(request_shape):
    """Give a function that raises when the API would refuse a file."""

    def check(file) -> None:
        batch = json.loads(file.content)
        parameters = {"HostedZoneId": "Z00000000000000000000", "ChangeBatch": batch}
        assert ParamValidator().validate(parameters, request_shape).generate_report() == ""
        assert _complaints(request_shape, parameters) == []
        records = [record for change in batch["Changes"] for record in change["ResourceRecordSet"]["ResourceRecords"]]
        # Both are counted twice for UPSERT.
        assert 2 * len(records) <= 1000
        assert 2 * sum(len(record["Value"]) for record in records) <= 32_000

    return check


def test_the_api_takes_every_kind_of_record(example_rrsets, render_zone, check_batch):
    [file] = render_zone("route53", example_rrsets)
    check_batch(file)
    assert file.path == "dns/northwind.example/route53.json"


@given(text=TEXTS)
def test_any_text_is_quoted_split_and_escaped_as_route_53_wants(
    text, make_rrset, render_zone, check_batch, read_route53, expected
):
    rrsets = [make_rrset("t.northwind.example", "TXT", text)]
    [file] = render_zone("route53", rrsets)
    check_batch(file)
    assert read_route53([file]) == expected(rrsets)


def test_escapes_are_octal(make_rrset, render_zone):
    [file] = render_zone("route53", [make_rrset("t.northwind.example", "TXT", 'a "b" \\ é\t')])
    [change] = json.loads(file.content)["Changes"]
    assert change["ResourceRecordSet"]["ResourceRecords"] == [{"Value": r'"a \"b\" \134 \303\251\011"'}]


def test_octal_escapes_stand_in_names_too():
    assert absolute("f\u00fc.example") == r"f\303\274.example."
    assert absolute("*.example") == "*.example."


@pytest.mark.parametrize(("values", "count"), [(["x"] * 1200, 3), (["y" * 1000] * 40, 3), (["z"] * 500, 1)])
def test_a_big_zone_is_split_into_numbered_batches_that_the_api_takes(
    values, count, make_rrset, render_zone, check_batch, read_route53, expected
):
    rrsets = [make_rrset(f"n{number}.northwind.example", "TXT", value) for number, value in enumerate(values)]
    files = render_zone("route53", rrsets)
    assert [Path(file.path).name for file in files] == ["route53.json", "route53-2.json", "route53-3.json"][:count]
    for file in files:
        check_batch(file)
    assert read_route53(files) == expected(rrsets)


def test_values_of_one_set_are_never_in_two_batches(make_rrset, render_zone, read_route53, expected):
    rrsets = [
        make_rrset(f"n{number}.northwind.example", "MX", *(Mx(n, f"mx{n}.test") for n in range(300)))
        for number in range(3)
    ]
    files = render_zone("route53", rrsets)
    assert len(files) == 3
    assert read_route53(files) == expected(rrsets)


def test_the_comment_says_what_is_pending_and_stays_short(example_rrsets, make_pending, render_zone, check_batch):
    pending = tuple(make_pending(f"s{number}.northwind.example") for number in range(10_000))
    [file] = render_zone("route53", example_rrsets, pending=pending)
    check_batch(file)
    assert "10000 records are pending" in json.loads(file.content)["Comment"]


def test_a_zone_where_all_is_pending_has_no_batch(make_pending, render_zone):
    # The API refuses a batch without changes.
    assert render_zone("route53", [], pending=(make_pending("s1.northwind.example"),)) == []


def test_cloudformations_linter_finds_nothing_wrong_with_the_values(example_rrsets, make_rrset, render_zone, tmp_path):
    # Its pattern does not know the escaped quotation mark that AWS documents; everything else it reads.
    odd = make_rrset("odd.northwind.example", "TXT", "a ; \\ é", "x" * 700)
    [file] = render_zone("route53", [*example_rrsets, odd])
    sets = [change["ResourceRecordSet"] for change in json.loads(file.content)["Changes"]]
    for each in sets:
        each["ResourceRecords"] = [record["Value"] for record in each["ResourceRecords"]]
        each["TTL"] = str(each["TTL"])
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Records": {
                "Type": "AWS::Route53::RecordSetGroup",
                "Properties": {"HostedZoneName": "northwind.example.", "RecordSets": sets},
            }
        },
    }
    path = tmp_path / "records.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    linter = Path(sys.executable).parent / "cfn-lint"
    done = subprocess.run([str(linter), "--", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "")
