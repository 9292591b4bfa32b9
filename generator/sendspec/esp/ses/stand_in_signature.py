"""Check AWS Signature Version 4 as AWS does: compute it anew from the call as it came, and compare.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, read 2026-11-26.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sendspec.model.stand_in import ApiCall

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})\Z"
)
MOMENT = "%Y%m%dT%H%M%SZ"
SKEW = timedelta(minutes=5)
MISSING = ("MissingAuthenticationTokenException", "Missing Authentication Token")
UNKNOWN = ("UnrecognizedClientException", "The security token included in the request is invalid.")
WRONG = (
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided.",
)
REGION = ("InvalidSignatureException", "Credential should be scoped to a valid region.")
SERVICE = ("InvalidSignatureException", "Credential should be scoped to correct service: 'ses'.")
LATE = ("InvalidSignatureException", "Signature expired.")


def check(
    call: ApiCall, region: str, secrets: Mapping[str, str], now: datetime, service: str = "ses"
) -> tuple[str, str] | str:
    """Give the id of the key that signed a call; or (error name, message) where the signature does not hold."""
    match = AUTHORIZATION.match(call.headers.get("authorization", ""))
    if match is None:
        return MISSING
    if match["region"] != region or match["service"] != service:
        return REGION if match["region"] != region else SERVICE
    if match["key"] not in secrets:
        return UNKNOWN
    moment = call.headers.get("x-amz-date", "")
    if not _is_fresh(moment, match["day"], now):
        return LATE
    scope = f"{match['day']}/{region}/{service}/aws4_request"
    names = match["headers"].split(";")
    canonical = hashlib.sha256(_canonical(call, names).encode()).hexdigest()
    expected = _sign(secrets[match["key"]], (match["day"], region, service, "aws4_request"), moment, scope, canonical)
    is_right = "host" in names and hmac.compare_digest(expected, match["signature"])
    return match["key"] if is_right else WRONG


def _is_fresh(moment: str, day: str, now: datetime) -> bool:
    try:
        sent = datetime.strptime(moment, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return False
    return moment.startswith(day) and abs(now - sent) <= SKEW


def _canonical(call: ApiCall, names: list[str]) -> str:
    """Give the canonical request. The path is encoded once more than it came: only S3 is different."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in call.query)
    headers = "".join(f"{name}:{' '.join(call.headers.get(name, '').split())}\n" for name in names)
    return "\n".join(
        (
            call.method,
            quote(call.path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            headers,
            ";".join(names),
            hashlib.sha256(call.body).hexdigest(),
        )
    )


def _sign(secret: str, steps: tuple[str, ...], moment: str, scope: str, canonical: str) -> str:
    key = f"AWS4{secret}".encode()
    for step in steps:
        key = hmac.digest(key, step.encode(), "sha256")
    return hmac.new(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{canonical}".encode(), hashlib.sha256).hexdigest()
