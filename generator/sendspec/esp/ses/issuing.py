"""What SES would issue for an identity, made up for a rehearsal, in the shape of the lock file."""

import hashlib

from sendspec.esp.ses.facts import DKIM_TOKENS, SIGNING_ZONE_PARENT
from sendspec.esp.ses.settings import Settings

TOKEN_CHARACTERS = 32


def issue(domain: str, settings: Settings, public_key: str) -> dict[str, dict[str, object]]:
    """Give the parts of the lock entry, without the day. `public_key` is base64, for a key of our own."""
    if settings.dkim == "none":
        return {}
    if settings.dkim == "byodkim":
        return {"dkim": {"selector": "rehearsal", "value": f"p={public_key}"}}
    tokens = [
        hashlib.sha256(f"{settings.region} {domain} {number}".encode()).hexdigest()[:TOKEN_CHARACTERS]
        for number in range(DKIM_TOKENS.value)
    ]
    return {"dkim": {"tokens": tokens, "hosted_zone": f"dkim.{SIGNING_ZONE_PARENT.value}"}}
