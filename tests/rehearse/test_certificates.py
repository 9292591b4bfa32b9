"""Certificates of a rehearsal: ssl itself says what is wrong with each."""

import asyncio
import ssl

import pytest

from sendspec.net.tls import verifying_context
from sendspec.rehearse.certificates import Authority, Flaw

HOSTS = ["smtp.shop.example", "api.shop.example"]


def shake_hands(flaw: Flaw, host: str, *, context: ssl.SSLContext | None = None) -> str:
    """Give what a client says that trusts the authority: nothing, or why it does not."""

    async def run() -> str:
        authority = Authority()
        trusting = context or verifying_context(authority.pem)
        server = await asyncio.start_server(
            lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=authority.server_context(HOSTS, flaw)
        )
        port = server.sockets[0].getsockname()[1]
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        else:
            writer.close()
            await writer.wait_closed()
            return ""
        finally:
            server.close()
            await server.wait_closed()

    return asyncio.run(run())


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("flaw", [Flaw.NONE, Flaw.EXPIRES_SOON])
def test_a_sound_certificate_is_taken_for_each_of_its_names(flaw, host):
    assert shake_hands(flaw, host) == ""


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        (Flaw.EXPIRED, "certificate has expired"),
        (Flaw.WRONG_NAME, "Hostname mismatch"),
        (Flaw.UNKNOWN_AUTHORITY, "unable to get local issuer certificate"),
    ],
)
def test_each_flaw_is_the_one_that_ssl_sees(flaw, said):
    assert said in shake_hands(flaw, HOSTS[0])


def test_the_system_trusts_no_rehearsal():
    assert shake_hands(Flaw.NONE, HOSTS[0], context=verifying_context()) != ""


def test_one_context_verifies_chain_and_name_and_takes_no_old_tls():
    context = verifying_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
