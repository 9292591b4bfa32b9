"""The files for AWS: judged by AWS's own models, by cfn-lint, and by each other."""

import json
import re
from pathlib import Path

import pytest
from cfnlint.api import ManualArgs, lint

from sendspec.model.request import ANSWER, PLACEHOLDER

SETTINGS = "settings: {region: eu-west-1, configuration_set: northwind}"
SUPPORT_FROM = "from: Northwind Support <support@help.northwind.example>"
PRIMARY = "- {role: primary, via: smtp, esp: ses-eu}"
GOLDEN = Path(__file__).parent / "golden"
NUMBER = "012345678901"
MAIL = "mail.northwind.example"
KEY = f'{MAIL}: {{dkim: {{selector: s1, value: "p=QUJD", read: 2026-11-20}}}}'
EXTRA = (
    "extra: {configuration_set: {VdmOptions: {DashboardOptions: {EngagementMetrics: ENABLED}}, "
    "DeliveryOptions: {TlsPolicy: REQUIRE, MaxDeliverySeconds: 3600}}, identity: {Tags: [{Key: team, Value: mail}]}}"
)
GOV_CLOUD = (
    'settings: {region: us-gov-west-1, aws_account: "012345678901", mail_from: rp, behavior_on_mx_failure: reject, '
    "tracking_domain: links.mail.northwind.example, sending_pool: own}"
)
VARIANTS = {
    "as it is": (),
    "gov cloud, own names, tracking host, pool": (
        (
            SETTINGS,
            GOV_CLOUD,
        ),
    ),
    "no mail from, no dkim": ((SETTINGS, "settings: {region: eu-west-1, mail_from: null, dkim: none}"),),
    "own key": ((SETTINGS, "settings: {region: eu-west-1, dkim: byodkim}"),),
    "native options": ((SETTINGS, f"settings: {{region: eu-west-1, {EXTRA}}}"),),
    "two webhooks on one set": (
        (
            "{role: fallback, via: smtp, esp: ses-eu}",
            "{role: fallback, via: smtp, esp: ses-eu, events: {url: 'https://b.example/?a=1&b=%20#', types: [bounced]}}",
        ),
    ),
    "a set shared by two streams": (
        (
            "{role: fallback, via: smtp, esp: ses-eu}",
            "{role: fallback, via: smtp, esp: ses-eu, settings: {configuration_set: Shared_1}}",
        ),
        (PRIMARY, "- {role: primary, via: smtp, esp: ses-eu, settings: {configuration_set: Shared_1}}"),
    ),
    "an address with everything a local part may hold": (
        (SUPPORT_FROM, 'from: "Support <!#$%&\'*+-/=?^_`{|}~@help.northwind.example>"'),
    ),
    "many customers": ((SUPPORT_FROM, "senders: {" + ", ".join(f"c{n}: x@c-{n}.example" for n in range(90)) + "}"),),
}


@pytest.fixture(params=VARIANTS.values(), ids=VARIANTS)
def compiled(request, variant):
    lock = KEY if "byodkim" in str(request.param) else "{}"
    return variant(*request.param, lock=lock)


@pytest.fixture
def document(compiled):
    return json.loads(compiled.files()["sesv2-requests.json"])


def filled(value, answers):
    """Put answers in the place of placeholders, as whoever carries the requests out would."""
    if isinstance(value, dict):
        return {key: filled(part, answers) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, answers) for part in value]
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: answers.get(match[1], match[0]), value)
    return value


def carried_out(document):
    """Give the requests with every placeholder filled, and the placeholders that nothing had filled by then."""
    answers = {f"input:{each['id']}": "QUJD" for each in document.get("inputs", [])}
    open_ends, requests = [], []
    for request in document["requests"]:
        parameters = filled(request["parameters"], answers)
        open_ends += [
            name
            for name in PLACEHOLDER.findall(json.dumps(request["parameters"]))
            if (ANSWER.match(name) or name.startswith("input:")) and name not in answers
        ]
        requests.append((request["service"], request["operation"], parameters))
        answers |= {
            f"{request['resource']}#TopicArn": f"topic:{parameters.get('Name')}",
            f"{request['resource']}#Account": NUMBER,
        }
    return requests, open_ends


def test_botocores_models_accept_every_request(document, aws_problems):
    requests, _ = carried_out(document)
    assert [problem for request in requests for problem in aws_problems(*request)] == []


def test_every_placeholder_is_a_field_of_an_earlier_answer_or_an_input(document, aws_answer_fields):
    _, open_ends = carried_out(document)
    assert open_ends == []
    calls = {request["resource"]: (request["service"], request["operation"]) for request in document["requests"]}
    for name in PLACEHOLDER.findall(json.dumps(document["requests"])):
        match = ANSWER.match(name)
        if match:
            assert match["field"] in aws_answer_fields(*calls[match["resource"]])


def test_cfn_lint_finds_nothing_in_a_template(compiled):
    arguments = ManualArgs(regions=[compiled.account.settings.region])
    for name, text in compiled.files().items():
        if name.endswith(".yaml"):
            assert [f"{found.rule.id} {found.message}" for found in lint(text, config=arguments)] == []


def wanted_by_template(template):
    """Give what a template brings about, with names and ARNs in the place of references."""
    resources = template["Resources"]

    def known(value):
        if isinstance(value, dict) and set(value) == {"Ref"}:
            return referenced(value["Ref"])
        if isinstance(value, dict) and set(value) == {"Fn::Sub"}:
            text = value["Fn::Sub"].replace("${AWS::AccountId}", NUMBER)
            return re.sub(r"\$\{!", "${", text)
        if isinstance(value, dict):
            return {key: known(part) for key, part in value.items()}
        return [known(part) for part in value] if isinstance(value, list) else value

    def referenced(name):
        if name == "AWS::AccountId":
            return NUMBER
        if name in resources:
            properties = resources[name]["Properties"]
            topic = f"topic:{properties.get('TopicName')}"
            return topic if resources[name]["Type"] == "AWS::SNS::Topic" else properties["Name"]
        parameter = template["Parameters"][name]
        return parameter.get("Default", "QUJD")

    found = {}
    for resource in resources.values():
        found.setdefault(resource["Type"], []).append(known(resource["Properties"]))
    policies = {
        arn: each["PolicyDocument"] for each in found.get("AWS::SNS::TopicPolicy", []) for arn in each["Topics"]
    }
    return {
        "sets": sorted_by(found["AWS::SES::ConfigurationSet"]),
        "topics": sorted_by(
            {**each, "Policy": policies[f"topic:{each['TopicName']}"]} for each in found.get("AWS::SNS::Topic", [])
        ),
        "subscriptions": sorted_by(found.get("AWS::SNS::Subscription", [])),
        "destinations": sorted_by(found.get("AWS::SES::ConfigurationSetEventDestination", [])),
        "identities": sorted_by(found["AWS::SES::EmailIdentity"]),
        "policies": sorted_by(
            {"name": each["ManagedPolicyName"], "document": each["PolicyDocument"]}
            for each in found["AWS::IAM::ManagedPolicy"]
        ),
    }


def sorted_by(found):
    return sorted(found, key=lambda each: json.dumps(each, sort_keys=True))


def wanted_by_requests(requests):
    """Give what the requests bring about, in the words of CloudFormation."""
    found = {"sets": [], "topics": [], "subscriptions": [], "destinations": [], "policies": []}
    identities = {}
    for _, operation, parameters in requests:
        given = dict(parameters)
        if operation == "CreateConfigurationSet":
            found["sets"].append({"Name": given.pop("ConfigurationSetName"), **given})
        elif operation == "CreateTopic":
            attributes = given["Attributes"]
            policy = json.loads(attributes["Policy"])
            topic = {"TopicName": given["Name"], "SignatureVersion": attributes["SignatureVersion"], "Policy": policy}
            found["topics"].append(topic)
        elif operation == "Subscribe":
            assert given.pop("ReturnSubscriptionArn") is True
            found["subscriptions"].append(given)
        elif operation == "CreateConfigurationSetEventDestination":
            destination = {"Name": given["EventDestinationName"], **given["EventDestination"]}
            destination["SnsDestination"] = {"TopicARN": destination["SnsDestination"]["TopicArn"]}
            wanted = {"ConfigurationSetName": given["ConfigurationSetName"], "EventDestination": destination}
            found["destinations"].append(wanted)
        elif operation == "CreatePolicy":
            document = json.loads(given["PolicyDocument"])
            found["policies"].append({"name": given["PolicyName"], "document": document})
        elif operation == "CreateEmailIdentity":
            if "ConfigurationSetName" in given:
                given["ConfigurationSetAttributes"] = {"ConfigurationSetName": given.pop("ConfigurationSetName")}
            identities[given["EmailIdentity"]] = given
        elif operation.startswith("PutEmailIdentity"):
            group = operation.removeprefix("PutEmailIdentity")
            identities[given.pop("EmailIdentity")][group] = given
    return {**{name: sorted_by(each) for name, each in found.items()}, "identities": sorted_by(identities.values())}


def test_the_template_and_the_requests_want_the_same(compiled, document, read_template):
    template = read_template(compiled.files()["cloudformation.yaml"])
    assert wanted_by_template(template) == wanted_by_requests(carried_out(document)[0])


def test_a_template_refers_to_nothing_that_it_does_not_hold(compiled, read_template):
    template = read_template(compiled.files()["cloudformation.yaml"])
    text = json.dumps(template)
    names = set(re.findall(r'"Ref": "([^"]+)"', text)) | set(re.findall(r"\$\{(Identity[A-Za-z0-9]+)\.", text))
    assert names <= {*template["Resources"], *template.get("Parameters", {}), "AWS::AccountId"}


def test_an_event_destination_waits_for_the_policy_that_lets_ses_publish(variant, read_template):
    resources = read_template(variant().files()["cloudformation.yaml"])["Resources"]
    [destination] = [
        each for each in resources.values() if each["Type"] == "AWS::SES::ConfigurationSetEventDestination"
    ]
    assert resources[destination["DependsOn"]]["Type"] == "AWS::SNS::TopicPolicy"


def test_the_private_key_of_byodkim_is_asked_for_and_in_no_file(variant, read_template):
    files = variant((SETTINGS, "settings: {region: eu-west-1, dkim: byodkim}"), lock=KEY).files()
    parameter = read_template(files["cloudformation.yaml"])["Parameters"]["DkimKeyMailNorthwindExample"]
    assert parameter["NoEcho"] is True
    assert "Default" not in parameter
    document = json.loads(files["sesv2-requests.json"])
    assert [each["id"] for each in document["inputs"]] == [f"dkim-private-key-{MAIL}"]


def test_thousands_of_customer_domains_are_split_into_stacks_that_aws_takes(variant, read_template):
    senders = ", ".join(f"c{number}: x@customer-{number}.example" for number in range(1000))
    files = variant((SUPPORT_FROM, f"senders: {{{senders}}}")).files()
    templates = {name: read_template(text) for name, text in files.items() if name.endswith(".yaml")}
    assert list(templates)[:2] == ["cloudformation.yaml", "cloudformation-2.yaml"]
    for name, text in files.items():
        assert len(text.encode()) < 1_000_000 or name.endswith(".json")
    for template in templates.values():
        assert len(template["Resources"]) <= 500
        assert len(template.get("Outputs", {})) <= 200
        assert len(template.get("Parameters", {})) <= 200
    identities = [
        each["Properties"]["EmailIdentity"]
        for template in templates.values()
        for each in template["Resources"].values()
        if each["Type"] == "AWS::SES::EmailIdentity"
    ]
    assert len(identities) == len(set(identities)) == 1001
    assert "--s3-bucket" in files["cloudformation-2.yaml"]


def test_names_that_differ_only_in_punctuation_keep_ids_of_their_own(variant, read_template):
    senders = "senders: {a: x@a-b.c.example, b: x@a.b-c.example, c: x@a.b.c.example}"
    files = variant((SUPPORT_FROM, senders)).files()
    resources = read_template(files["cloudformation.yaml"])["Resources"]
    assert sum(each["Type"] == "AWS::SES::EmailIdentity" for each in resources.values()) == 4


def test_no_file_holds_more_than_a_name_of_a_secret(compiled):
    for text in compiled.files().values():
        assert "aws-sm://" not in text
        assert "SES_SMTP_PASSWORD" not in text


def test_the_files_say_where_they_come_from_and_every_request_says_why(compiled, document):
    for name, text in compiled.files().items():
        first = text.splitlines()[0 if name.endswith(".yaml") else 1]
        assert "generated" in first
        assert "@SPEC@; edit the spec" in first
        assert text.endswith("\n")
    assert all(request["why"] and request["source"] for request in document["requests"])


@pytest.mark.parametrize("name", ["cloudformation.yaml", "sesv2-requests.json"])
def test_the_files_of_a_two_stream_account_are_the_reviewed_ones(northwind_ses, name, check_golden):
    check_golden(GOLDEN / name, northwind_ses.files()[name])


def test_the_reviewed_files_hold_what_a_deliverability_engineer_expects(read_template, aws_problems):
    template = read_template((GOLDEN / "cloudformation.yaml").read_text(encoding="utf-8"))
    document = json.loads((GOLDEN / "sesv2-requests.json").read_text(encoding="utf-8"))
    requests, open_ends = carried_out(document)
    assert open_ends == []
    assert [problem for request in requests for problem in aws_problems(*request)] == []
    wanted = wanted_by_template(template)
    assert wanted == wanted_by_requests(requests)
    assert {each["Name"] for each in wanted["sets"]} == {"northwind-receipts", "northwind-support"}
    mail = {each["EmailIdentity"]: each for each in wanted["identities"]}[MAIL]
    assert mail["MailFromAttributes"] == {
        "MailFromDomain": f"bounce.{MAIL}",
        "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    }
    assert mail["ConfigurationSetAttributes"] == {"ConfigurationSetName": "northwind-receipts"}
