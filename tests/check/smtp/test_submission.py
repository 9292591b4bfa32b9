"""What the check says of submission endpoints: each fault is its own finding, and nothing is said that was not seen."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from https_peers import server_context
from smtp_check import PASSWORD, SECRETS, SES_HOST, SPEC, USER, Look, look
from smtp_peers import QUICK, KnownHosts, KnownSecrets, dial_to, stand_in, world

from sendspec.check.run import live_kinds
from sendspec.check.smtp.kinds import KIND_OF, KINDS
from sendspec.check.smtp.submission import CHECK, ENVELOPES_A_SESSION, run
from sendspec.model.observation import Subject
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.net.dns.answer import Status
from sendspec.net.smtp.exchange import Failure, Patience, Phase
from sendspec.pipeline import compile_folder
from sendspec.rehearse.smtp_faults import SMTP_FAULTS, Act, SmtpFault, hang, say

WITH_A_MESSAGE_ONLY = {Failure.DATA_REFUSED, Failure.DATA_DEFERRED, Failure.DATA_LOST}


@pytest.fixture
def setup(tmp_path) -> Setup:
    return compiled(tmp_path, SPEC)


def compiled(folder, text: str) -> Setup:
    (folder / "spec.yaml").write_text(text)
    return compile_folder(folder).setup


def test_a_sound_endpoint_passes_and_gives_its_times(setup):
    seen = look(setup, addresses=("192.0.2.25", "192.0.2.26", "2001:db8::25"))
    assert seen.observations == []
    assert seen.passed == 4  # three sessions and one sender
    assert [each.route for each in seen.measurements] == ["receipts.primary"] * 3
    first = seen.measurements[0]
    assert first.endpoint == f"{SES_HOST}:587 (192.0.2.25)"
    assert [name for name, _ in first.phases][:5] == ["connect", "banner", "ehlo", "starttls", "tls"]
    assert 0 < first.round_trip_seconds < first.total_seconds
    assert seen.server.connections == 3


def test_no_message_is_ever_sent(setup):
    seen = look(setup)
    commands = {line.line.split()[0].upper() for line in seen.server.heard}
    assert commands == {"EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"}
    assert seen.server.received == []


def test_the_sender_is_the_streams_and_the_recipient_the_esps_own_test_address(setup):
    lines = [line.line for line in look(setup).server.heard]
    assert "MAIL FROM:<receipts@mail.northwind.example>" in lines
    assert "RCPT TO:<success@simulator.amazonses.com>" in lines


FOUND = {
    "banner-421": "live-smtp-banner-421",
    "banner-endless": "live-smtp-endless-reply",
    "no-starttls": "live-smtp-no-starttls",
    "starttls-injection": "live-smtp-starttls-injection",
    "no-auth": "live-smtp-no-auth",
    "auth-refused": "live-smtp-auth-refused",
    "auth-temporary": "live-smtp-auth-temporary",
    "mail-refused": "live-smtp-sender-refused",
    "rcpt-refused": "live-smtp-recipient-refused",
    "greylisting": "live-smtp-greylisted",
    "quota": "live-smtp-quota",
    "reset": "live-smtp-closed",
}


@pytest.mark.parametrize(("name", "kind"), FOUND.items())
def test_a_named_fault_is_its_own_finding(setup, name, kind):
    seen = look(setup, SMTP_FAULTS[name])
    assert (seen.known, seen.unknown) == ([kind], [])
    assert seen.only.answered_by == f"{SES_HOST}:587 (192.0.2.25)"
    assert PASSWORD not in repr(seen.seen)


def test_silence_is_unknown_and_says_where_it_began(setup):
    seen = look(setup, SMTP_FAULTS["hang"], patience=QUICK)
    assert (seen.known, seen.unknown) == ([], ["live-smtp-no-answer"])
    assert "(mail)" in seen.only.message


def expired() -> object:
    return server_context(SES_HOST, not_after=datetime.now(UTC) - timedelta(days=1))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (expired, "live-smtp-certificate-expired"),
        (lambda: server_context("other.example"), "live-smtp-certificate-wrong-name"),
        (lambda: server_context(SES_HOST, authority=trustme.CA()), "live-smtp-certificate-unknown-authority"),
    ],
)
def test_a_certificate_that_is_wrong_is_its_own_finding(setup, make, kind):
    assert look(setup, context=make()).known == [kind]


def test_a_certificate_that_ends_soon_is_a_warning_beside_everything_else_that_passes(setup):
    soon = server_context(SES_HOST, not_after=datetime.now(UTC) + timedelta(days=5, hours=1))
    seen = look(setup, context=soon)
    assert seen.known == ["live-smtp-certificate-ends-soon"]
    assert seen.only.seen == "5"
    assert seen.passed == 2


def test_a_login_offered_in_plain_text_is_a_warning(setup):
    seen = look(setup, SmtpFault(Act.OFFER, Phase.EHLO, "AUTH PLAIN LOGIN"))
    assert seen.known == ["live-smtp-auth-before-tls"]
    assert seen.only.kind.severity == "warning"
    assert seen.passed == 2


def test_slow_replies_are_a_warning(setup):
    patience = Patience(connect=15, reply=15, slow=0.2)
    seen = look(setup, SmtpFault(Act.TARPIT, Phase.MAIL, seconds=0.3), patience=patience)
    assert seen.known == ["live-smtp-slow"]
    assert "mail" in seen.only.message


def test_alike_at_several_addresses_is_said_once_and_what_differs_apart(setup):
    seen = look(setup, say(Phase.AUTH, "535 5.7.8 no", times=2), addresses=("192.0.2.1", "192.0.2.2", "192.0.2.3"))
    assert seen.known == ["live-smtp-auth-refused"]
    assert "at 2 of 3 addresses" in seen.only.message
    assert seen.only.count == 2
    assert "192.0.2.1, 192.0.2.2" in seen.only.answered_by


# Credentials


def test_without_a_credential_everything_before_the_login_is_looked_at(setup):
    secrets = KnownSecrets({"ses-eu.smtp_username": USER})
    seen = look(setup, secrets=secrets)
    assert (seen.known, seen.unknown) == ([], ["live-smtp-auth-refused"])
    assert "ses-eu.smtp_password is not set" in seen.only.message
    assert seen.only.fix == "set it"
    assert seen.passed == 1
    assert not [line for line in seen.server.heard if line.line.startswith("AUTH")]
    assert look(setup, SMTP_FAULTS["no-starttls"], secrets=secrets).known == ["live-smtp-no-starttls"]


def test_a_wrong_password_is_refused_and_shown_nowhere(setup):
    secrets = KnownSecrets(SECRETS | {"ses-eu.smtp_password": "another-value"})
    seen = look(setup, secrets=secrets)
    assert seen.known == ["live-smtp-auth-refused"]
    assert "another-value" not in repr(seen.seen)


# Addresses


def test_a_host_that_does_not_exist_is_an_error(setup):
    seen = look(setup, hosts=KnownHosts({}))
    assert seen.known == ["live-smtp-host-missing"]
    assert SES_HOST in seen.only.message
    assert seen.measurements == []


def test_a_host_without_an_address_is_another_one(setup):
    assert look(setup, hosts=KnownHosts({SES_HOST: ()})).known == ["live-smtp-host-without-address"]


def test_a_region_without_smtp_is_named_as_that(tmp_path):
    setup = compiled(tmp_path, SPEC.replace("eu-west-1", "af-south-1"))
    seen = look(setup, hosts=KnownHosts({}))
    assert seen.known == ["live-smtp-region-without-smtp"]


def test_a_host_that_cannot_be_looked_up_is_unknown(setup):
    seen = look(setup, hosts=KnownHosts({}, statuses={SES_HOST: Status.SERVFAIL}))
    assert seen.known == []
    assert seen.unknown == ["live-smtp-host-without-address"] * 2
    assert "SERVFAIL" in seen.observations[0].message


# Ports


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_a_port_that_refuses_names_those_that_answer(setup):
    def dial(port: int):
        return lambda _address, at: ("127.0.0.1", port if at == 2587 else closed_port())

    seen = look(setup, dial=dial)
    assert seen.known == ["live-smtp-connection-refused"]
    assert "2587 (starttls) answer" in seen.only.fix
    assert "465" not in seen.only.fix


def test_a_port_that_does_not_answer_is_blocked_where_another_one_does(setup):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        deaf = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", deaf))

        def dial(port: int):
            return lambda _address, at: ("127.0.0.1", port if at == 2587 else deaf)

        blocked = look(setup, dial=dial, patience=QUICK)
        unknown = look(setup, dial=lambda _port: lambda _address, _at: ("127.0.0.1", deaf), patience=QUICK)
        for client in waiting:
            client.close()
    assert blocked.known == ["live-smtp-port-blocked"]
    assert "set `port: 2587` and `tls: starttls`" in blocked.only.fix
    assert (unknown.known, unknown.unknown) == ([], ["live-smtp-no-connection"])


@pytest.mark.parametrize(("port", "served"), [(465, Tls.IMPLICIT), (587, Tls.STARTTLS)])
def test_the_wrong_mode_for_a_port_is_named_with_the_right_one(tmp_path, port, served):
    declared = Tls.STARTTLS if served is Tls.IMPLICIT else Tls.IMPLICIT
    route = f"esp: ses-eu, port: {port}, tls: {declared}}}"
    setup = compiled(tmp_path, SPEC.replace("esp: ses-eu}", route))
    seen = look(setup, tls=served, patience=Patience(connect=15, reply=1, slow=0.5))
    assert seen.known == ["live-smtp-tls-from-first-byte" if served is Tls.IMPLICIT else "live-smtp-plain-text"]
    assert f"set `tls: {served}`" in seen.only.fix


# Sharing


CUSTOMERS = """
  invoices:
    kind: transactional
    subdomain: mail.northwind.example
    senders: {%s}
    routes: [{role: primary, via: smtp, esp: ses-eu}]
"""


def test_routes_with_one_login_share_sessions_and_every_sender_is_tried_once(tmp_path):
    names = [f"c{number}@mail.northwind.example" for number in range(ENVELOPES_A_SESSION + 5)]
    customers = ", ".join(f'c{number}: "{name}"' for number, name in enumerate(names))
    setup = compiled(tmp_path, SPEC + CUSTOMERS % customers)
    seen = look(setup, addresses=("192.0.2.1", "192.0.2.2"), may_send=lambda _user, sender: sender != names[7])
    assert seen.known == ["live-smtp-sender-refused"]
    assert names[7] in seen.only.message
    assert "c7" in seen.only.at.to_text()
    assert seen.server.connections == 2 + 2  # two addresses, and two more sessions for the other senders
    tried = [line.line for line in seen.server.heard if line.line.startswith("MAIL")]
    assert len(set(tried)) == len(names) + 1
    assert {each.route for each in seen.measurements} == {"receipts.primary", "invoices.primary"}


def test_two_routes_that_share_an_endpoint_are_both_named(tmp_path):
    second = SPEC.split("streams:")[1].replace("receipts", "alerts")
    setup = compiled(tmp_path, SPEC + second)
    seen = look(setup, SMTP_FAULTS["auth-refused"])
    assert seen.known == ["live-smtp-auth-refused"]
    assert [origin.to_text() for origin, _ in seen.only.related] == ["streams.receipts.routes[0]"]


def test_the_needs_of_attachments_are_compared_with_size(tmp_path, setup):
    small = SmtpFault(Act.OFFER, Phase.EHLO_TLS, "SIZE 1000000")
    attaching = compiled(
        tmp_path, SPEC.replace("    kind: transactional\n", "    kind: transactional\n    needs: [attachments]\n")
    )
    assert look(setup, small).known == []
    seen = look(attaching, small)
    assert seen.known == ["live-smtp-size-too-small"]
    assert seen.only.seen == "SIZE 1000000"
    for fine in ("SIZE", "SIZE 0", "SIZE 99999999999", "SIZE lots"):
        assert look(attaching, SmtpFault(Act.OFFER, Phase.EHLO_TLS, fine)).known == []


# The run


def test_after_the_deadline_everything_is_unknown_at_once(setup):
    seen = look(
        setup, hang(Phase.BANNER), addresses=("192.0.2.1", "192.0.2.2"), patience=Patience(), deadline_seconds=0.5
    )
    assert (seen.known, seen.unknown) == ([], ["live-smtp-no-answer"])
    assert "0.5 s" in seen.only.message


def test_routes_over_the_api_are_not_looked_at(tmp_path):
    setup = compiled(tmp_path, SPEC.replace("via: smtp", "via: api"))
    assert look(setup).seen == []
    assert CHECK.size(setup) == 0


def test_every_failure_has_a_kind_and_every_kind_is_reachable():
    assert set(Failure) - set(KIND_OF) == WITH_A_MESSAGE_ONLY
    assert CHECK.kinds == KINDS
    assert len({kind.id for kind in KINDS}) == len(KINDS)
    assert set(KINDS) <= set(live_kinds())
    assert CHECK.subject is Subject.SMTP


def test_every_kind_starts_with_its_subject_and_has_a_source():
    for kind in KINDS:
        assert kind.id.startswith("live-smtp-")
        assert kind.source
        assert kind.summary.endswith(".")


def test_the_example_of_the_repository_is_sound_where_its_endpoints_are(repository):
    setup = compile_folder(repository / "specs").setup
    hosts = KnownHosts({SES_HOST: ("192.0.2.1", "2001:db8::1"), "smtp.postmarkapp.com": ("192.0.2.2",)})
    secrets = KnownSecrets(SECRETS | {"postmark-main.server_token": "tok-en"})

    async def go() -> Look:
        context = server_context(SES_HOST, "smtp.postmarkapp.com")
        async with stand_in(context=context, logins={(USER, PASSWORD), ("tok-en", "tok-en")}) as (_, port):
            net = world(dial=dial_to(port), hosts=hosts, secrets=secrets)
            return Look([seen async for seen in run(setup, net)])

    seen = asyncio.run(go())
    assert seen.observations == []
    assert seen.passed == 8  # four sessions and four senders
