"""AWS Signature Version 4 for one JSON call, with keys that the spec names.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, read 2026-11-26; a test
compares it with botocore's.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from sendspec.model.secret import Secret

ALGORITHM, SERVICE, TERMINAL = "AWS4-HMAC-SHA256", "ses", "aws4_request"


def signing_headers(
    method: str, url: str, body: bytes, *, region: str, key_id: Secret, key: Secret, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Give the headers that sign a call: `X-Amz-Date` and `Authorization`. The URL has no query."""
    parts = urlsplit(url)
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = "content-type;host;x-amz-date"
    canonical = "\n".join(
        (
            method,
            quote(parts.path or "/", safe="/-_.~"),
            "",
            f"content-type:application/json\nhost:{parts.netloc}\nx-amz-date:{moment}\n",
            signed,
            hashlib.sha256(body).hexdigest(),
        )
    )
    scope = f"{moment[:8]}/{region}/{SERVICE}/{TERMINAL}"
    to_sign = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    *_, derived = _derive(key, moment[:8], region)
    signature = hmac.new(derived, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={key_id.reveal()}/{scope}, SignedHeaders={signed}, Signature={signature}"
    return (("X-Amz-Date", moment), ("Authorization", f"{ALGORITHM} {credential}"))


def _derive(key: Secret, day: str, region: str) -> Iterator[bytes]:
    """Yield the keys derived one from the other; the last one signs."""
    derived = f"AWS4{key.reveal()}".encode()
    for part in (day, region, SERVICE, TERMINAL):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
        yield derived
