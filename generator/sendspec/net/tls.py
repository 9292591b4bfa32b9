"""The one TLS context of a run."""

import ssl


def verifying_context(authorities: str = "") -> ssl.SSLContext:
    """Give a context that verifies chain and name and takes TLS 1.2 or newer (RFC 8997, RFC 9325 section 3.1.1).

    `authorities` is PEM text to trust instead of the system's, which OpenSSL finds itself (SSL_CERT_FILE changes where).
    Making it reads every authority of the system, ten times the work of a whole SMTP session: make one for a run.
    """
    context = ssl.create_default_context(cadata=authorities or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
