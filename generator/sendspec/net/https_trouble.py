"""What kept an https answer away, told from exceptions and from what DNS said."""

import ssl
from collections.abc import Iterator, Sequence

import httpcore

from sendspec.model.trouble import Trouble
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.http import Reply

DETAIL_LENGTH = 200
# x509_vfy.h of OpenSSL 3
EXPIRED = frozenset({9, 10})  # not yet valid, has expired
WRONG_NAME = frozenset({62, 63, 64})  # host name, e-mail, IP address mismatch


def trouble_of(error: BaseException, *, is_connected: bool) -> tuple[Trouble, str]:
    """Tell what an exception means, and give the words of whoever raised the innermost one."""
    chain = tuple(_causes(error))
    detail = next((str(each) for each in reversed(chain) if str(each)), type(error).__name__)
    for each in chain:
        if isinstance(each, ssl.SSLCertVerificationError):
            return _certificate_trouble(each), each.verify_message
        if isinstance(each, ssl.SSLError):
            return Trouble.TLS, each.reason or detail
    return _without_tls(error, detail, is_connected=is_connected)


def _without_tls(error: BaseException, detail: str, *, is_connected: bool) -> tuple[Trouble, str]:
    if isinstance(error, httpcore.LocalProtocolError):
        return Trouble.UNSENDABLE, "a header holds a character that HTTP does not allow"
    if isinstance(error, httpcore.TimeoutException):
        return Trouble.TIMEOUT, "connecting"
    if isinstance(error, httpcore.RemoteProtocolError):
        is_cut = "disconnected" in str(error) or "peer closed" in str(error)
        return (Trouble.RESET if is_cut else Trouble.MALFORMED), detail
    if isinstance(error, httpcore.ConnectError) and is_connected:
        return Trouble.TLS, "the connection was closed during the handshake"
    return (Trouble.RESET if is_connected else Trouble.UNREACHABLE), detail


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _certificate_trouble(error: ssl.SSLCertVerificationError) -> Trouble:
    if error.verify_code in EXPIRED:
        return Trouble.CERTIFICATE_EXPIRED
    return Trouble.CERTIFICATE_NAME if error.verify_code in WRONG_NAME else Trouble.CERTIFICATE_CHAIN


def unresolved(host: str, answers: Sequence[Answer]) -> Reply:
    """Give the reply for a host without any address: nobody told, or there is none."""
    if any(answer.status is Status.STOPPED for answer in answers):
        return Reply(None, Trouble.STOPPED, detail=answers[0].said)
    unknown = [answer for answer in answers if not answer.status.is_known]
    if unknown:
        return Reply(None, Trouble.UNRESOLVED, detail=f"{host}: {unknown[0].said}"[:DETAIL_LENGTH])
    return Reply(None, Trouble.NO_ADDRESS, detail=f"{host}: {answers[0].said}"[:DETAIL_LENGTH])
