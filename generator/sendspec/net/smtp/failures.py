"""Which failure a reply code, a TLS error or an error of the socket is."""

import errno
import ssl

from sendspec.net.smtp.exchange import Failure, Phase

BUSY = 421
TEMPORARY, PERMANENT = range(400, 500), range(500, 600)

CERTIFICATE = {
    10: Failure.CERTIFICATE_EXPIRED,
    9: Failure.CERTIFICATE_EARLY,
    62: Failure.CERTIFICATE_NAME,
    64: Failure.CERTIFICATE_NAME,
    2: Failure.CERTIFICATE_AUTHORITY,
    18: Failure.CERTIFICATE_AUTHORITY,
    19: Failure.CERTIFICATE_AUTHORITY,
    20: Failure.CERTIFICATE_AUTHORITY,
    21: Failure.CERTIFICATE_AUTHORITY,
}
"""By OpenSSL's number (include/openssl/x509_vfy.h, X509_V_ERR_*): the same in 1.1.1 and 3."""
OLD_TLS = frozenset(
    {"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE"}
)
NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"})
PROTOCOL_VERSION = 70  # the alert of that name: RFC 8446 section 6
NO_WAY = frozenset({errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})

_TRANSACTION = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
_BY_CODE = {
    (Phase.BANNER, BUSY): Failure.BANNER_BUSY,
    (Phase.BANNER, 554): Failure.BANNER_NO_SERVICE,
    # RFC 4954 sections 4 and 6: a mechanism that is not known, too weak, or wants encryption.
    **{(Phase.AUTH, code): Failure.AUTH_MECHANISM for code in (504, 534, 538)},
    (Phase.AUTH, BUSY): Failure.AUTH_TEMPORARY,
    **{(phase, 530): Failure.AUTH_REQUIRED for phase in _TRANSACTION},
    # SES: `454 Throttling failure`, for a rate and for a day's quota (developer guide, troubleshoot-smtp).
    **{(phase, 454): Failure.QUOTA for phase in _TRANSACTION},
    # RFC 6647 section 2: greylisting answers RCPT with a temporary failure; 450 and 451 are what servers use.
    **{(Phase.RCPT, code): Failure.GREYLISTED for code in (450, 451)},
}
_BY_PHASE = {
    Phase.BANNER: (Failure.BANNER_OTHER, Failure.BANNER_OTHER),
    Phase.EHLO: (Failure.EHLO_REFUSED, Failure.EHLO_REFUSED),
    Phase.EHLO_TLS: (Failure.EHLO_REFUSED, Failure.EHLO_REFUSED),
    Phase.STARTTLS: (Failure.STARTTLS_REFUSED, Failure.STARTTLS_REFUSED),
    Phase.AUTH: (Failure.AUTH_TEMPORARY, Failure.AUTH_REFUSED),
    Phase.MAIL: (Failure.MAIL_DEFERRED, Failure.MAIL_REFUSED),
    Phase.RCPT: (Failure.RCPT_DEFERRED, Failure.RCPT_REFUSED),
    Phase.DATA: (Failure.DATA_DEFERRED, Failure.DATA_REFUSED),
    Phase.MESSAGE: (Failure.DATA_DEFERRED, Failure.DATA_REFUSED),
}
"""What a temporary and a permanent refusal are; a code that is neither is UNEXPECTED."""


def of_reply(phase: Phase, code: int) -> Failure:
    """Give the failure that a code is in a phase where it is not the one hoped for."""
    if (phase, code) in _BY_CODE:
        return _BY_CODE[phase, code]
    if code == BUSY:
        return Failure.CLOSING
    temporary, permanent = _BY_PHASE.get(phase, (Failure.UNEXPECTED, Failure.UNEXPECTED))
    if code in TEMPORARY:
        return temporary
    return permanent if code in PERMANENT else Failure.UNEXPECTED


def of_handshake(error: ssl.SSLError, *, plain: Failure) -> Failure:
    """Give the failure that ended a handshake; `plain` is what plain text in its place means here."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATE.get(error.verify_code, Failure.CERTIFICATE_OTHER)
    if error.reason in OLD_TLS:
        return Failure.TLS_VERSION
    return plain if error.reason in NOT_TLS else Failure.TLS_FAILED


def of_socket(error: OSError) -> Failure:
    """Give the failure that kept a connection from being made."""
    if isinstance(error, ConnectionRefusedError):
        return Failure.CONNECTION_REFUSED
    return Failure.NO_ROUTE if error.errno in NO_WAY else Failure.UNREACHABLE
