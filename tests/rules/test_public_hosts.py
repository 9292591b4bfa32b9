"""Servers that are known to deliver are told from those of a company's own."""

import pytest

from sendspec.esp.interface import esp_ids, load_esp
from sendspec.model.vocabulary import Via
from sendspec.pipeline import compile_folder
from sendspec.rules.public_hosts import owner_of


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("smtp.postmarkapp.com", "Postmark"),
        ("smtp-broadcasts.postmarkapp.com", "Postmark"),
        ("api.postmarkapp.com", "Postmark"),
        ("smtp.sendgrid.net", "Twilio SendGrid"),
        ("smtp.eu.sendgrid.net", "Twilio SendGrid"),
        ("email-smtp.us-east-1.amazonaws.com", "Amazon SES"),
        ("email.eu-west-1.amazonaws.com", "Amazon SES"),
        ("smtp.eu.mailgun.org", "an ESP"),
        ("live.smtp.mailtrap.io", "an ESP"),
        ("gmail-smtp-in.l.google.com", "a mailbox provider"),
        ("mx.gmail.com", "a mailbox provider"),
        ("shop-example.mail.protection.outlook.com", "a mailbox provider"),
    ],
)
def test_the_owner_of_a_server_that_delivers(host, owner):
    assert owner_of(host) == owner


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "mailpit", "10.0.0.5", "8.8.8.8", "mailpit.shop.example", "sandbox.smtp.mailtrap.io"),
        *("ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", "notgmail.com", "google.com.shop.example"),
    ],
)
def test_what_may_be_a_catcher(host):
    assert owner_of(host) == ""


@pytest.mark.parametrize("esp_id", esp_ids())
def test_every_esp_names_its_servers(esp_id):
    hosts = load_esp(esp_id).hosts
    assert hosts
    assert all(host == host.lower() and "{" not in host for host in hosts)


def test_every_endpoint_of_a_spec_is_a_server_that_its_esp_names(northwind):
    setup = compile_folder(northwind).setup
    found = [(setup.account(route.account).kind, route.endpoint) for _, route in setup.routes()]
    assert {endpoint.via for _, endpoint in found} == set(Via)
    assert all(endpoint.host in load_esp(kind).hosts for kind, endpoint in found)
