"""What Postmark would issue for a domain, made up for a rehearsal, in the shape of the lock file."""

from sendspec.esp.postmark.settings import Settings

SELECTOR = "20260101000000pm"
"""The day and time of creation and `pm`, as in the example of the Domains API."""


def issue(_domain: str, settings: Settings, public_key: str) -> dict[str, dict[str, object]]:
    """Give the parts of the lock entry, without the day. `public_key` is base64."""
    if settings.dkim == "none":
        return {}
    return {"dkim": {"selector": SELECTOR, "value": f"k=rsa; p={public_key}"}}
