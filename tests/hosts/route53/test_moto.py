"""The same code against moto, which somebody else wrote; and that our validation refuses what moto lets pass."""

import asyncio

import boto3
import pytest
from host_desks import ZONE, cname, desk, gone, meaning, mx, to, txt, zone
from moto.server import ThreadedMotoServer

from sendspec.hosts.interface import load_host
from sendspec.model.dns_record import Mx
from sendspec.model.live import Failure
from sendspec.net.aws import AwsClients

MAIL = f"mail.{ZONE}"
HOST = load_host("route53")


@pytest.fixture(scope="module")
def moto_url():
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def clients(moto_url, monkeypatch):
    """Give the clients that commands make, led to moto as any AWS tool is."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalr")
    clients = AwsClients()
    client = boto3.client("route53", region_name="us-east-1")
    made = client.create_hosted_zone(Name=ZONE, CallerReference=f"{id(clients)}")["HostedZone"]["Id"]
    yield clients
    sets = client.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]
    changes = [{"Action": "DELETE", "ResourceRecordSet": each} for each in sets if each["Type"] not in {"NS", "SOA"}]
    if changes:
        client.change_resource_record_sets(HostedZoneId=made, ChangeBatch={"Changes": changes})
    client.delete_hosted_zone(Id=made)


def read(clients):
    return asyncio.run(HOST.read(desk(zone("route53"), aws=clients), ()))


def apply(clients, live, *changes):
    return asyncio.run(HOST.apply(desk(zone("route53"), aws=clients), live, changes))


def test_a_zone_is_filled_changed_and_emptied(clients):
    wanted = [
        txt(ZONE, "v=spf1 -all", "x" * 700, 'say "hi"'),
        mx(MAIL, Mx(0, "")),
        cname(f"k.{MAIL}", "k.dkim.example"),
    ]
    live = read(clients)
    assert [outcome.failure for outcome in apply(clients, live, *(to(live, each) for each in wanted))] == [None] * 3
    live = read(clients)
    assert [meaning(live.rrsets[each.name, each.type]) for each in wanted] == [meaning(each) for each in wanted]
    changed = txt(ZONE, "v=spf1 include:a.example -all", "x" * 700, ttl=60)
    outcomes = apply(clients, live, to(live, changed), gone(live, MAIL, "MX"))
    assert [outcome.failure for outcome in outcomes] == [None, None]
    live = read(clients)
    assert meaning(live.rrsets[ZONE, "TXT"]) == meaning(changed)
    assert (MAIL, "MX") not in live.rrsets


def test_moto_takes_a_cname_beside_other_data_and_we_do_not(clients):
    live = read(clients)
    apply(clients, live, to(live, txt(MAIL, "a")))
    live = read(clients)
    wanted = cname(MAIL, "x.example")
    client = clients("route53", "us-east-1")
    (outcome,) = apply(clients, live, to(live, wanted))
    assert outcome.failure is Failure.REFUSED
    change = {
        "Action": "CREATE",
        "ResourceRecordSet": {
            "Name": f"{MAIL}.",
            "Type": "CNAME",
            "TTL": 60,
            "ResourceRecords": [{"Value": "x.example."}],
        },
    }
    client.change_resource_record_sets(HostedZoneId=live.native_id, ChangeBatch={"Changes": [change]})
    assert (MAIL, "CNAME") in read(clients).rrsets
