"""SES events from an SQS queue, with moto's server as AWS."""

import asyncio
import json

import boto3
import pytest
from moto.server import ThreadedMotoServer
from smoke_posts import ses_record
from smoke_world import SES_API, as_json, plan, run, world

from sendspec.model.smoke import End
from sendspec.model.vocabulary import Event
from sendspec.smoke.events.queue import region_of
from sendspec.smoke.findings import observations


@pytest.fixture(scope="module")
def aws():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def queue(aws, monkeypatch, request):
    """Give the SQS client and the URL of a queue that a topic feeds, with that topic."""
    for name, value in {
        "AWS_ENDPOINT_URL": aws,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    sqs, sns = boto3.client("sqs", "eu-west-1"), boto3.client("sns", "eu-west-1")
    url = sqs.create_queue(QueueName=request.node.name[:60])["QueueUrl"]
    topic = sns.create_topic(Name=request.node.name[:60])["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return sqs, url, lambda text: sns.publish(TopicArn=topic, Message=text)


def smoke_by(setup, url, publish, *, wait_seconds=15.0):
    async def work():
        sites = {SES_API: lambda _call: as_json({"MessageId": "0102018f-0000-000000"})}
        async with world(setup, sites=sites) as there:
            planned = plan(setup, "support", queue=url, wait_seconds=wait_seconds)
            await asyncio.to_thread(publish, planned.marker)
            return await there.smoke(planned), there.https.calls

    return run(work())


def test_an_event_is_read_from_the_queue_and_others_are_left(setup, queue):
    sqs, url, publish = queue

    def events(marker):
        publish(ses_record("somebody-else", message_id="0102018f-1111-000000"))
        publish("no event at all")
        publish(ses_record(marker, "Send"))
        publish(ses_record(marker, "Bounce"))

    smoke, calls = smoke_by(setup, url, events)
    assert smoke.event.event is Event.BOUNCED
    assert smoke.is_through
    assert smoke.event.by == "from the queue"
    attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attributes)["Attributes"]
    assert sum(map(int, left.values())) == 2
    body = json.loads(calls[0].body)
    assert body["EmailTags"] == [{"Name": "sendspec-smoke", "Value": smoke.plan.marker}]


def test_a_queue_that_stays_empty_means_a_missing_event(setup, queue):
    _, url, _ = queue
    smoke, _ = smoke_by(setup, url, lambda _marker: None, wait_seconds=1.0)
    assert smoke.event.end is End.FAILED
    assert [seen.kind.id for seen in observations(smoke)] == ["live-smoke-event-missing"]


def test_a_queue_that_is_not_there_leaves_the_event_unknown(setup, queue):
    _, url, _ = queue
    smoke, _ = smoke_by(setup, f"{url}-not-there", lambda _marker: None)
    assert smoke.event.end is End.UNKNOWN
    assert "QueueDoesNotExist" in smoke.event.missing or "NonExistentQueue" in smoke.event.missing


def test_no_aws_credentials_leave_the_event_unknown(setup, queue, monkeypatch):
    _, url, _ = queue
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    smoke, _ = smoke_by(setup, url, lambda _marker: None)
    assert smoke.event.missing == "the queue cannot be read: NoCredentialsError"


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/smoke", "eu-west-1"),
        ("https://eu-west-1.queue.amazonaws.com/123456789012/smoke", "eu-west-1"),
        ("http://127.0.0.1:5000/123456789012/smoke", ""),
    ],
)
def test_a_queue_says_its_region(url, region):
    assert region_of(url) == region
