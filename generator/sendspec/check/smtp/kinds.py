"""Which kind each failure of an exchange is."""

from collections.abc import Mapping
from types import MappingProxyType

from sendspec.check.smtp import connection_kinds as connection
from sendspec.check.smtp import submission_kinds as submission
from sendspec.check.smtp import tls_kinds as tls
from sendspec.model.observation import Kind
from sendspec.net.smtp.exchange import Failure

KIND_OF: Mapping[Failure, Kind] = MappingProxyType(
    {
        Failure.STOPPED: connection.NO_ANSWER,
        Failure.NO_ROUTE: connection.UNREACHABLE,
        Failure.UNREACHABLE: connection.UNREACHABLE,
        Failure.CONNECTION_REFUSED: connection.REFUSED,
        Failure.CONNECT_TIMEOUT: connection.NO_CONNECTION,
        Failure.CLOSED_BEFORE_BANNER: connection.CLOSED_BEFORE_BANNER,
        Failure.BANNER_BUSY: connection.BANNER_BUSY,
        Failure.BANNER_NO_SERVICE: connection.BANNER_NO_SERVICE,
        Failure.BANNER_OTHER: connection.BANNER_OTHER,
        Failure.EHLO_REFUSED: connection.EHLO_REFUSED,
        Failure.CLOSING: connection.CLOSING,
        Failure.CLOSED: connection.CLOSED,
        Failure.TIMEOUT: connection.NO_ANSWER,
        Failure.ENDLESS: connection.ENDLESS,
        Failure.MALFORMED: connection.MALFORMED,
        Failure.UNEXPECTED: connection.UNEXPECTED,
        Failure.TLS_EXPECTED: tls.TLS_EXPECTED,
        Failure.PLAIN_TEXT: tls.PLAIN_TEXT,
        Failure.STARTTLS_MISSING: tls.STARTTLS_MISSING,
        Failure.STARTTLS_REFUSED: tls.STARTTLS_REFUSED,
        Failure.STARTTLS_INJECTED: tls.STARTTLS_INJECTED,
        Failure.CERTIFICATE_EXPIRED: tls.CERTIFICATE_EXPIRED,
        Failure.CERTIFICATE_EARLY: tls.CERTIFICATE_EARLY,
        Failure.CERTIFICATE_NAME: tls.CERTIFICATE_NAME,
        Failure.CERTIFICATE_AUTHORITY: tls.CERTIFICATE_AUTHORITY,
        Failure.CERTIFICATE_OTHER: tls.CERTIFICATE_OTHER,
        Failure.TLS_VERSION: tls.TLS_VERSION,
        Failure.TLS_FAILED: tls.TLS_FAILED,
        Failure.AUTH_MISSING: submission.AUTH_MISSING,
        Failure.AUTH_MECHANISM: submission.AUTH_MECHANISM,
        Failure.AUTH_REFUSED: submission.AUTH_REFUSED,
        Failure.AUTH_TEMPORARY: submission.AUTH_TEMPORARY,
        Failure.AUTH_REQUIRED: submission.AUTH_REQUIRED,
        Failure.MAIL_REFUSED: submission.MAIL_REFUSED,
        Failure.MAIL_DEFERRED: submission.MAIL_DEFERRED,
        Failure.SMTPUTF8_MISSING: submission.SMTPUTF8_MISSING,
        Failure.RCPT_REFUSED: submission.RCPT_REFUSED,
        Failure.RCPT_DEFERRED: submission.RCPT_DEFERRED,
        Failure.GREYLISTED: submission.GREYLISTED,
        Failure.QUOTA: submission.QUOTA,
    }
)
"""Without what can only happen once a message is sent: no check sends one."""
OTHERS = (
    connection.HOST_MISSING,
    connection.REGION,
    connection.NO_ADDRESS,
    connection.PORT_BLOCKED,
    connection.SLOW,
    tls.CERTIFICATE_ENDS,
    tls.AUTH_BEFORE_TLS,
    submission.SIZE_TOO_SMALL,
)
KINDS = (*dict.fromkeys(KIND_OF.values()), *OTHERS)
