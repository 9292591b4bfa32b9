"""What SES, or its keys, would not take: seen over the whole account."""

from collections.abc import Iterator

from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.resources import PRIVATE_KEY_CREDENTIAL
from sendspec.model.account import Account
from sendspec.model.identity import Refusal
from sendspec.model.setup import Setup


def refusals(setup: Setup, account: Account) -> Iterator[Refusal]:
    """Yield one place for the private DKIM keys of several domains: each would overwrite the one before."""
    if settings_of(account).dkim != "byodkim":
        return
    domains = [identity.domain for identity in setup.identities if identity.account == account.id]
    for credential in account.manage:
        if credential.name == PRIVATE_KEY_CREDENTIAL and "{domain}" not in credential.reference and len(domains) > 1:
            message = (
                f"{len(domains)} domains have a DKIM key of their own at {account.id}, and one place for all of them"
            )
            fix = "put the domain into the reference, as in aws-sm://prod/mail/dkim#{domain}"
            yield Refusal(account.id, credential.origin, message, fix)
