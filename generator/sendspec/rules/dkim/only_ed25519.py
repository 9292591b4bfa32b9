"""Only an Ed25519 key signs.

Why it matters: not every receiver verifies Ed25519; for the others this mail is unsigned.
Do instead: sign twice, with an RSA key of 2048 bits beside it.
Source: RFC 8463 sections 3 and 4
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.published import PublishedKey
from sendspec.model.setup import Setup
from sendspec.rules.dkim_keys import is_ed25519, signer
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each identity whose keys are all Ed25519; a CNAME leads to keys that only the ESP knows."""
    by_identity: dict[tuple[str, str], list[PublishedKey]] = {}
    for published in setup.index.dkim_keys:
        identity = signer(setup, published)
        if identity:
            by_identity.setdefault((identity.account, identity.domain), []).append(published)
    for (account_id, domain), keys in by_identity.items():
        identity = setup.identity(account_id, domain)
        purposes = [record.purpose for record in identity.records] if identity else []
        purposes += [record.purpose for record in identity.pending] if identity else []
        others = purposes.count(Purpose.DKIM) - len(keys)
        if not others and all(is_ed25519(found) for found in keys):
            message = f"{domain}: {account_id} signs with Ed25519 only"
            yield Problem(at=keys[0].record.origin, message=message)


RULE = Rule(id="dkim-only-ed25519", severity=Severity.WARNING, find=find)
