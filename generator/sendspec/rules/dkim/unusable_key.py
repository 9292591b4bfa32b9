"""DKIM key record holds no key that verifiers can use.

Why it matters: every signature made with it fails, so DMARC hangs on SPF alone.
Do instead: copy the value again as the ESP shows it: base64 of an RSA SubjectPublicKeyInfo, or the bare 32 octets of Ed25519.
Source: RFC 6376 section 3.6.1, RFC 8463 section 4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.published import PublishedKey
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each key record that cannot be read, is not for mail, or whose bytes are not what `k=` says."""
    for published in setup.index.dkim_keys:
        reason = _reason(published)
        if reason:
            yield Problem(at=published.record.origin, message=f"{published.record.name}: {reason}")


def _reason(published: PublishedKey) -> str:
    if published.key is None:
        return published.error
    if not published.key.signs_mail:
        return f"s={':'.join(published.key.services)} is not for mail; leave s= out or write s=email"
    if published.key.is_revoked:
        return ""  # a rule of its own
    return published.error


RULE = Rule(id="dkim-unusable-key", severity=Severity.ERROR, find=find)
