"""A key is tried as apps use it; what cannot be tried is neither good nor bad, and then nothing is revoked or kept."""

import asyncio
from dataclasses import replace

import pytest
from https_peers import KnownHosts, server_context
from rotation_bench import Shelf
from smtp_peers import QUICK, stand_in, world

from sendspec.model.rotation import Trial
from sendspec.model.secret import Secret
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Status
from sendspec.pipeline import compile_folder
from sendspec.rehearse.smtp_faults import SMTP_FAULTS
from sendspec.trial import try_out

HOST = "email-smtp.eu-west-1.amazonaws.com"
SPEC = """
version: 1
domains: {northwind.example: {}}
esps:
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    credentials:
      smtp_username: {from: "env://USER", env: USER_}
      smtp_password: {from: "env://PASSWORD", env: PASSWORD}
streams:
  support:
    kind: support
    from: Northwind Support <support@help.northwind.example>
    routes: [{role: primary, via: smtp, esp: ses-eu}]
"""
GOOD = {"ses-eu.smtp_username": Secret("AKIANEW"), "ses-eu.smtp_password": Secret("n3w-password")}


def tried(setup, *faults, values=GOOD, held=None, statuses=None, spec_of=lambda account: account.credentials) -> Trial:
    async def go() -> Trial:
        logins = {("AKIANEW", "n3w-password")}
        async with stand_in(context=server_context(HOST), logins=logins) as (server, port):
            server.faults = tuple(faults)
            net = world(
                dial=lambda _there, _at: ("127.0.0.1", port),
                hosts=KnownHosts({HOST: ("192.0.2.25",)}, statuses or {}),
                patience=QUICK if faults else replace(QUICK, connect=10, reply=10),
            )
            return await try_out(setup, net, Shelf(dict(held or {})), spec_of(setup.account("ses-eu")), values)

    return asyncio.run(go())


@pytest.fixture
def compile_text(tmp_path):
    def compile_(text: str) -> Setup:
        (tmp_path / "spec.yaml").write_text(text)
        return compile_folder(tmp_path).setup

    return compile_


@pytest.fixture
def setup(compile_text):
    return compile_text(SPEC)


def test_a_login_that_is_taken_is_good(setup):
    assert tried(setup) == Trial(1)


def test_what_the_store_holds_is_tried_where_nothing_stands_in_for_it(setup):
    held = {"env://USER": "AKIANEW", "env://PASSWORD": "n3w-password"}
    assert tried(setup, values={}, held=held) == Trial(1)


def test_a_login_that_is_refused_is_bad_and_is_not_shown(setup):
    trial = tried(setup, values={**GOOD, "ses-eu.smtp_password": Secret("wr0ng-password")})
    assert trial.refused
    assert not trial.is_good
    assert "wr0ng" not in repr(trial)


def test_what_cannot_be_tried_is_neither(setup):
    for trial in (
        tried(setup, SMTP_FAULTS["no-starttls"]),
        tried(setup, SMTP_FAULTS["auth-temporary"]),
        tried(setup, statuses={HOST: Status.TIMEOUT}),
        tried(setup, values={}),
    ):
        assert trial.unknown
        assert not trial.refused
        assert not trial.is_good


def test_a_credential_that_nothing_sends_with_is_not_tried(compile_text):
    setup = compile_text(SPEC.replace("via: smtp", "via: api"))
    trial = tried(setup)
    assert trial == Trial()
    assert trial.is_good
