"""Certificates for a rehearsal: an authority that lives as long as it does, and the ways in which a certificate is wrong."""

import ssl
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OTHER_NAME = "somebody-else.invalid"
DAY = timedelta(days=1)
LIFETIME = 60 * DAY
SOON = 5 * DAY


class Flaw(StrEnum):
    """What is wrong with a certificate."""

    NONE = "nothing"
    EXPIRED = "expired"
    WRONG_NAME = "for another name"
    UNKNOWN_AUTHORITY = "from an authority that nobody trusts"
    EXPIRES_SOON = "expires within days"


class Authority:
    """An authority. `pem` is its certificate, for clients to trust. Keys never leave memory but for ssl, which reads files."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("rehearsal authority")
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - LIFETIME - DAY)
            .not_valid_after(now + LIFETIME + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server_context(self, hosts: Sequence[str], flaw: Flaw = Flaw.NONE) -> ssl.SSLContext:
        """Give the TLS settings of a server that is called all of these hosts, at least one."""
        issuer = Authority() if flaw is Flaw.UNKNOWN_AUTHORITY else self
        named = [OTHER_NAME] if flaw is Flaw.WRONG_NAME else list(hosts)
        now = datetime.now(UTC)
        ends = {Flaw.EXPIRED: now - DAY, Flaw.EXPIRES_SOON: now + SOON}.get(flaw, now + LIFETIME)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = issuer.sign(key.public_key(), named, now - LIFETIME, ends)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            private = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            Path(file.name).write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
            context.load_cert_chain(file.name)
        return context

    def sign(
        self, key: ec.EllipticCurvePublicKey, hosts: Sequence[str], starts: datetime, ends: datetime
    ) -> x509.Certificate:
        """Give a server's certificate."""
        return (
            x509.CertificateBuilder()
            .subject_name(_name("rehearsal"))
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(starts)
            .not_valid_after(ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
