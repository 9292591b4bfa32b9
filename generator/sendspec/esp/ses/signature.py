"""AWS Signature Version 4 for one JSON call, with keys that the spec names.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, read 2026-11-26; a test
compares it with botocore's.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from sendspec.model.secret import Secret

ALGORITHM, SERVICE, TERMINAL = "AWS4-HMAC-SHA256", "ses", "aws4_request"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An AWS key; `token` belongs to temporary ones."""

    id: Secret
    secret: Secret
    token: Secret | None = None


def signing_headers(
    method: str, url: str, body: bytes, *, region: str, key: SigningKey, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Give the headers that sign a call: `X-Amz-Date`, `Authorization`, and the token of temporary keys.

    The URL has no query.
    """
    parts = urlsplit(url)
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    named = {"content-type": "application/json", "host": parts.netloc, "x-amz-date": moment}
    if key.token is not None:
        named["x-amz-security-token"] = key.token.reveal()
    signed = ";".join(named)
    canonical = "\n".join(
        (
            method,
            quote(parts.path or "/", safe="/-_.~"),
            "",
            "".join(f"{name}:{value}\n" for name, value in named.items()),
            signed,
            hashlib.sha256(body).hexdigest(),
        )
    )
    scope = f"{moment[:8]}/{region}/{SERVICE}/{TERMINAL}"
    to_sign = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    *_, derived = _derive(key.secret, moment[:8], region)
    signature = hmac.new(derived, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={key.id.reveal()}/{scope}, SignedHeaders={signed}, Signature={signature}"
    token = () if key.token is None else (("X-Amz-Security-Token", key.token.reveal()),)
    return (("X-Amz-Date", moment), ("Authorization", f"{ALGORITHM} {credential}"), *token)


def _derive(key: Secret, day: str, region: str) -> Iterator[bytes]:
    """Yield the keys derived one from the other; the last one signs."""
    derived = f"AWS4{key.reveal()}".encode()
    for part in (day, region, SERVICE, TERMINAL):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
        yield derived
